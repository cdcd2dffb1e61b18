#include "needs_matrix/domain/cells.h"

namespace uncac::needs_matrix {

CellCoordinate CellCoordinate::of(const Selection& selection) {
  return {selection.types, selection.compliance, selection.challenges, selection.need_states};
}

CellCoordinate CellCoordinate::with(Dimension dimension, Code code) const {
  CellCoordinate out = *this;
  const std::uint32_t bit = std::uint32_t{1} << code;
  if (dimension == Dimension::kType) out.types = need_types() & bit;
  if (dimension == Dimension::kCompliance) {
    out.compliance = static_cast<std::uint8_t>(compliance.value_or(0xff) & bit);
  }
  if (dimension == Dimension::kChallenge) {
    out.challenges.push_back(static_cast<std::uint16_t>(bit));
  }
  if (dimension == Dimension::kNeedState) {
    out.need_states = static_cast<std::uint8_t>(need_states.value_or(0xff) & bit);
  }
  return out;
}

ItemSet CellCoordinate::narrowed(const StateStanding& state, const ItemSet& all,
                                 ItemSet visible) const {
  if (compliance) {
    ItemSet any;
    for (std::size_t c = 0; c < state.compliance.size(); ++c) {
      if (*compliance >> c & 1) any |= state.compliance[c];
    }
    // "`compliance` NOT_ANSWERED is the same set": of the need state, so not what was not asked.
    if (*compliance >> static_cast<int>(Compliance::kNotAnswered) & 1) {
      any |= state.not_answered(all);
    }
    visible &= any;
  }
  for (const auto challenge : challenges) {
    ItemSet any;
    for (std::size_t c = 0; c < state.challenged.size(); ++c) {
      if (challenge >> c & 1) any |= state.challenged[c];
    }
    visible &= any;
  }
  return visible;
}

ItemSet CellCoordinate::needing(const StateStanding& state) const {
  if (!types) return state.stated;
  ItemSet any;
  for (std::size_t t = 0; t < state.needed.size(); ++t) {
    if (*types >> t & 1) any |= state.needed[t];
  }
  return any;
}

ItemSet CellCoordinate::stating(const StateStanding& state, const ItemSet& all,
                                const ItemSet& visible) const {
  if (!names(NeedState::kStated)) return {};
  return narrowed(state, all, visible) & needing(state);
}

ItemSet CellCoordinate::hits(const StateStanding& state, const ItemSet& all, const ItemSet& asked,
                             const ItemSet& visible) const {
  if (!need_states) return stating(state, all, visible);
  if (types && *types == 0)
    return {};  // filters that leave no type leave no State × provision × type
  const ItemSet here = narrowed(state, all, visible);
  ItemSet out;
  if (names(NeedState::kStated)) out |= here & needing(state);
  if (names(NeedState::kNoneStated)) {
    if (!types) {
      out |= (here & state.answered).minus(state.stated);
    } else {
      // State × provision × type: some type named here is not needed.
      ItemSet every = state.answered;
      for (std::size_t t = 0; t < state.needed.size(); ++t) {
        if (*types >> t & 1) every &= state.needed[t];
      }
      out |= (here & state.answered).minus(every);
    }
  }
  if (names(NeedState::kNotAnswered)) out |= here & state.not_answered(all);
  if (names(NeedState::kNotAsked)) out |= here & state.not_asked;
  // "`withheld` covers every cell not shared, whatever it holds": so it has no compliance and no
  // challenge that a reader could ask for, but it is withheld for every type.
  if (names(NeedState::kWithheld) && !compliance && challenges.empty()) {
    out |= asked.minus(visible);
  }
  return out;
}

}  // namespace uncac::needs_matrix
