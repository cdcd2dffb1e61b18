#include "needs_matrix/domain/snapshot.h"

#include <set>

namespace uncac::needs_matrix {

ItemSet visible_items(const Snapshot& snapshot, StateIndex state, const access::Scope& scope) {
  if (scope.reads_all_of(snapshot.items->reference().states()[state].iso3)) {
    return snapshot.items->all();
  }
  ItemSet visible;
  for (const auto& group : snapshot.sharing[state]->groups) {
    if (scope.reads_shared(group.audience, group.named)) visible |= group.items;
  }
  return visible;
}

std::vector<std::uint16_t> rounds_filed(const Snapshot& snapshot) {
  std::set<std::uint16_t> rounds;
  for (const auto& state : snapshot.responses) {
    for (const auto& version : state->versions) rounds.insert(version->key.round);
  }
  return {rounds.begin(), rounds.end()};
}

}  // namespace uncac::needs_matrix
