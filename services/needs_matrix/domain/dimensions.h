// The dimensions and measures of the matrix: their codes, and the codes along each.
//
// There is no measure or option by which States could be put in order: along `state` they come by
// name, and nothing else orders them anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "needs_matrix/domain/items.h"

namespace uncac::needs_matrix {

using reference::Language;

enum class Dimension : std::uint8_t {
  kState,
  kRegionalGroup,
  kSubregion,
  kStateSet,  // of the State
  kChapter,
  kArticle,
  kProvision,
  kObligation,    // of the provision
  kUntocArticle,  // that its article serves too: see serves()
  kType,
  kCompliance,
  kChallenge,
  kNeedState,  // of what stands in a State × provision
  kRound,      // which responses count at all
};
inline constexpr std::size_t kDimensionCount = 14;

enum class Axis : std::uint8_t { kState, kProvision, kCell, kRound };
Axis axis_of(Dimension dimension);

enum class Measure : std::uint8_t {
  kStatesStating,
  kNeedsStated,
  kShareOfRespondents,
  kResponseRate
};
// Both are fractions, empty without a base.
inline bool is_share(Measure measure) {
  return measure == Measure::kShareOfRespondents || measure == Measure::kResponseRate;
}

enum class NeedState : std::uint8_t { kStated, kNoneStated, kNotAnswered, kWithheld, kNotAsked };

std::string_view code(Dimension dimension);
std::string_view code(Measure measure);
std::optional<Dimension> parse_dimension(std::string_view code);
std::optional<Measure> parse_measure(std::string_view code);
// Known by name, but told apart from a mistyped one: `coverage`, `provider`, and the measures of
// assistance given, which need the donors' log.
bool is_dimension_of_donors(std::string_view code);
bool is_measure_of_donors(std::string_view code);
std::vector<std::string> dimension_codes();
std::vector<std::string> measure_codes();

// A code along a dimension as a number: the index of the reference data, the value of the enum (of
// a need state, compliance, group, obligation), the year of a round.
using Code = std::uint16_t;

struct Header {
  std::string code;
  std::string name;  // in the language asked for
  bool operator==(const Header&) const = default;
};

// The synergy view: "UNCAC needs beside the UNTOC provisions they also serve". Read as the pairs of
// articles that the crosswalk calls equivalent or overlapping; related ones hold another duty. An
// item may serve several; whatever is counted over several of them counts once.
inline bool serves(const reference::CrosswalkPair& pair) {
  return pair.relation != reference::Relation::kRelated;
}

// Every code of the dimension in treaty, checklist or definition order; States by their names in
// the language. Of chapter, article and provision those that some checklist asks about; none of
// `round`, whose codes depend on the answers.
std::vector<Code> codes_of(const Items& items, Dimension dimension, Language language);
std::optional<Code> parse_code(const Items& items, Dimension dimension, std::string_view text);
std::string code_text(const Items& items, Dimension dimension, Code code);
Header header_of(const Items& items, Dimension dimension, Code code, Language language);

// At most three of `candidates` that a person may have meant by `text`, nearest first.
std::vector<std::string> suggestions(std::string_view text,
                                     const std::vector<std::string>& candidates);

}  // namespace uncac::needs_matrix
