#include "bench/stopwatch.h"

#include <algorithm>
#include <cmath>

namespace uncac::bench {

nlohmann::json summary(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(
        std::lround(share * static_cast<double>(times.size() - 1)))];
  };
  return {{"median", at(0.5)}, {"p10", at(0.1)}, {"p90", at(0.9)}, {"count", times.size()}};
}

}  // namespace uncac::bench
