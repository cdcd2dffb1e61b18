#include "needs_matrix/domain/telling.h"

#include <algorithm>

namespace uncac::needs_matrix {

Told Telling::tell(const Change& change) {
  std::int64_t& passed = passed_[static_cast<std::size_t>(change.partition)];
  if (change.number <= passed) return Told::kNothing;
  passed = change.number;
  if (change.visible) {
    kept_.erase(change.need);
    return Told::kStated;
  }
  // Told once, or never sent: either way he is told nothing more of it until it is shared again.
  if (!kept_.insert(change.need).second) return Told::kNothing;
  return change.visible_before ? Told::kRemoved : Told::kNothing;
}

void Telling::skip(int partition, std::int64_t number) {
  std::int64_t& passed = passed_[static_cast<std::size_t>(partition)];
  passed = std::max(passed, number);
}

}  // namespace uncac::needs_matrix
