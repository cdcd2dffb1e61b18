// The standing answers of every State × provision on a day, as dense columns.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "needs_matrix/domain/snapshot.h"

namespace uncac::needs_matrix {

// The rounds whose responses count, ascending; nothing: all of them.
using Rounds = std::optional<std::vector<std::uint16_t>>;

// One State's column. Immutable; shared by all tables for which it is the same object.
struct StateStanding {
  // Sets of items, for the pivot.
  ItemSet answered;   // has a standing answer
  ItemSet stated;     // of these, with at least one need
  ItemSet not_asked;  // "the State has a standing response, but none to a checklist with that
                      // provision"
  ItemSet exercise;   // of the answered, invented for an exercise
  std::array<ItemSet, 3> compliance;  // YES, IN_PART, NO
  std::vector<ItemSet> needed;        // by type; empty for NO_ASSISTANCE_REQUIRED
  std::vector<ItemSet> challenged;    // by challenge
  // By item, meaningless without an answer.
  std::vector<std::uint32_t> needs;  // bit per type, NO_ASSISTANCE_REQUIRED left out
  std::vector<std::uint64_t> priorities;
  std::vector<std::uint16_t> challenges;
  std::vector<std::uint16_t> source;  // which of `sources`
  // The standing responses, oldest first by the order of domain.md.
  std::vector<std::shared_ptr<const Version>> sources;

  // NOT_ANSWERED, both as compliance and as need state.
  ItemSet not_answered(const ItemSet& all) const { return all.minus(answered).minus(not_asked); }
};

// The newest version up to `day` of each (checklist, round), without withdrawn and void ones, in
// the order in which answers replace one another: submitted_on, round, rank of the checklist.
std::vector<std::shared_ptr<const Version>> standing_responses(const Items& items,
                                                               const StateResponses& responses,
                                                               Day day, const Rounds& rounds);
StateStanding stand(const Items& items, const StateResponses& responses, Day day,
                    const Rounds& rounds);

struct StandingTable {
  std::vector<std::shared_ptr<const StateStanding>> states;  // by State, never null
  std::vector<std::shared_ptr<const StateResponses>> built_from;
};

// The columns of some States.
struct StandingColumns {
  StandingColumns() = default;
  StandingColumns(StandingColumns&&) = default;  // a copy would point into the first one

  std::vector<const StateStanding*> columns;  // of the States asked for, in their order
  // What the pointers point into: one or the other.
  std::shared_ptr<const StandingTable> table;
  std::vector<StateStanding> made;
};

// Tables by (day, rounds), the least lately used ones forgotten. Safe for concurrent use: the lock
// is held to look up and to put back, never while a table is computed, so two callers may compute
// the same one at once. A table is brought up to a snapshot by computing the changed States only.
class StandingTables {
 public:
  explicit StandingTables(std::size_t bound = 32) : bound_(bound) {}
  std::shared_ptr<const StandingTable> at(const Snapshot& snapshot, Day day, const Rounds& rounds);
  // Of these States alone. While they are few and no table at hand has them, only they are computed
  // and nothing is kept: so a question about one State costs the same however many States there
  // are.
  StandingColumns of(const Snapshot& snapshot, Day day, const Rounds& rounds,
                     std::span<const StateIndex> states);

 private:
  using Key = std::pair<Day, Rounds>;
  struct Entry {
    std::shared_ptr<const StandingTable> table;
    std::uint64_t used = 0;
  };
  std::shared_ptr<const StandingTable> at_hand(const Key& key);  // of any snapshot; may be null

  std::mutex mutex_;
  std::map<Key, Entry> entries_;
  std::uint64_t clock_ = 0;
  const std::size_t bound_;
};

}  // namespace uncac::needs_matrix
