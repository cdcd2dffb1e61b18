// What a follower of the needs is told of each change, so that it ends with what it may see and
// nothing more.
//
// The log is told at least once: after a failure its writer sends the last records again, in their
// order and with the numbers they had. Told by what is decided today, a record that comes again
// could count as one that never reached the follower, and its end would then be kept from him who
// holds it. So each number counts once.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

namespace uncac::needs_matrix {

// One record of the feed, as one follower sees it.
struct Change {
  const std::string& need;
  int partition = 0;
  std::int64_t number = 0;      // of the partition, rising with each record that is no repetition
  bool visible = false;         // stated, under an audience that reached him then and does today
  bool visible_before = false;  // what stood before was told under an audience that reached him
};

enum class Told { kNothing, kStated, kRemoved };

class Telling {
 public:
  // `passed`: by partition, the highest number of what he has been told of or kept from.
  explicit Telling(std::vector<std::int64_t> passed) : passed_(std::move(passed)) {}

  Told tell(const Change& change);
  // A change of what he did not ask for.
  void skip(int partition, std::int64_t number);
  // He is given the newest state of all needs, and not this one.
  void keep(const std::string& need) { kept_.insert(need); }
  const std::vector<std::int64_t>& passed() const { return passed_; }

 private:
  std::vector<std::int64_t> passed_;
  // Needs of which he holds nothing, as far as seen. A removal of what was never sent would tell
  // that it was there.
  std::unordered_set<std::string> kept_;
};

}  // namespace uncac::needs_matrix
