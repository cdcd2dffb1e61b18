// How one need came to be: the days on which its standing answer began to say something else.
#pragma once

#include <optional>
#include <vector>

#include "needs_matrix/domain/needs.h"

namespace uncac::needs_matrix {

// What holds from one day on.
struct NeedStep {
  Day day;
  bool stated = false;
  Priority state_priority = Priority::kNone;  // only where it is stated
  // The version in which the answer stands; nothing when no answer stands any more.
  std::optional<VersionKey> source;
  bool exercise = false;
  bool operator==(const NeedStep&) const = default;
};

// Oldest first, from the first day on which it was stated up to `today`. A version that says of
// this need what the one before it in its response said gives no step, so nobody learns here of
// amendments to what he may not see; the same need in another response, of another round, does. By
// the standing answers of each day, hence by what is on record now: of a void response nothing is
// left. Whoever may read it; the caller asks visible_items() first.
std::vector<NeedStep> need_history(const Snapshot& snapshot, const NeedKey& need, Day today);

}  // namespace uncac::needs_matrix
