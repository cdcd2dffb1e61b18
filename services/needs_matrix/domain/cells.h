// Which cells of a State a coordinate of type, compliance, challenge and need state picks out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "needs_matrix/domain/question.h"
#include "needs_matrix/domain/standing.h"

namespace uncac::needs_matrix {

struct CellCoordinate {
  std::optional<std::uint32_t> types;
  std::optional<std::uint8_t> compliance;
  std::vector<std::uint16_t> challenges;
  std::optional<std::uint8_t> need_states;

  // What the filters say, and with one more code named.
  static CellCoordinate of(const Selection& selection);
  CellCoordinate with(Dimension dimension, Code code) const;

  // Types that count as needs here.
  std::uint32_t need_types() const { return types.value_or(~0U); }

  // The cells with a need of these types here: what `needs_stated` and lists of needs count. None
  // when need states are named and STATED is not among them: a need is STATED and nothing else.
  ItemSet stating(const StateStanding& state, const ItemSet& all, const ItemSet& visible) const;
  // The cells by which a State counts in `states_stating`: those above, and "where a question names
  // need_state … the States with at least one State × provision (× type, if named) in it".
  // `asked` is what the question ranges over, `visible` what of it the reader may see.
  ItemSet hits(const StateStanding& state, const ItemSet& all, const ItemSet& asked,
               const ItemSet& visible) const;

 private:
  bool names(NeedState state) const {
    return !need_states || ((*need_states >> static_cast<int>(state)) & 1) != 0;
  }
  ItemSet narrowed(const StateStanding& state, const ItemSet& all, ItemSet visible) const;
  ItemSet needing(const StateStanding& state) const;
};

}  // namespace uncac::needs_matrix
