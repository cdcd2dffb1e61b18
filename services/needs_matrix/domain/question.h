// A question to the matrix or to the list of needs, checked: what may be asked, in numbers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "needs_matrix/domain/dimensions.h"
#include "needs_matrix/domain/standing.h"
#include "platform/result.h"

namespace uncac::needs_matrix {

// As it came in.
struct Filter {
  std::string dimension;
  std::vector<std::string> values;  // any of them
};
struct RawQuestion {
  std::string rows;
  std::string columns;        // may be empty
  std::string measure;        // empty: states_stating
  std::vector<Filter> where;  // all of them
  std::string as_of;          // empty: today
  std::string language = {};  // of names and of the order of States; empty: en
  std::string order_by = {};  // empty or "name"; "figure"
};

// What the filters leave.
struct Selection {
  std::vector<bool> states;  // by State
  bool states_named = false;
  ItemSet items;
  bool provisions_named = false;
  std::optional<std::uint32_t> types;       // bit per type
  std::optional<std::uint8_t> compliance;   // bit per Compliance
  std::vector<std::uint16_t> challenges;    // bits per filter; an answer has one of each
  std::optional<std::uint8_t> need_states;  // bit per NeedState
  Rounds rounds;
  // By dimension: the codes in every filter on it, ascending; nothing without a filter.
  std::array<std::optional<std::vector<Code>>, kDimensionCount> named;

  // Does a table list this code: "every code of its dimension that the filters allow". A code of
  // the State or the provision is allowed when the filters leave a State or provision of it; one of
  // what stands there when the filters on its own dimension name it.
  bool allows(const Items& items, Dimension dimension, Code code) const;
};

// One immutable question; safe to share.
struct Question {
  Dimension rows = Dimension::kState;
  std::optional<Dimension> columns;
  Measure measure = Measure::kStatesStating;
  Day as_of;
  Language language = Language::kEnglish;
  bool by_figure = false;  // rows by their figure, largest first
  Selection selection;
  // The same for every way of writing the same question: for the cache's key.
  std::string text;
};

// What a list of needs is asked by.
struct NeedsQuestion {
  Day as_of;
  Language language = Language::kEnglish;  // of the order of States
  Selection selection;
};

// kInvalidInput with one problem per mistake; `column` is the dimension, or the field where it is
// no dimension. Rules: unknown-dimension, dimension-not-available, same-dimension,
// missing-dimension, unknown-measure, measure-not-available, unknown-value, not-in-any-checklist,
// missing-value, invalid-day, as-of-in-future, unknown-language, unknown-order, no-ranking.
platform::Result<Question> parse_question(const Items& items, const RawQuestion& raw, Day today);
platform::Result<NeedsQuestion> parse_needs_question(const Items& items,
                                                     const std::vector<Filter>& where,
                                                     const std::string& as_of,
                                                     const std::string& language, Day today);

// The States of a code of a State's dimension, and the items of one of a provision's.
bool is_state_in(const Items& items, Dimension dimension, Code code, StateIndex state);
// As a row or column "`uncac/44` is that item alone, as a filter all below it too".
ItemSet items_of_row(const Items& items, Dimension dimension, Code code);
ItemSet items_of_filter(const Items& items, Dimension dimension, Code code);

}  // namespace uncac::needs_matrix
