// Waiting that ends at once when stop is asked; for back-offs.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace uncac::platform {

inline void pause(const std::stop_token& stop, std::chrono::milliseconds limit) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, limit, [] { return false; });
}

// Waits longer after each failure in a row. Used by one thread.
class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest), next_(first) {}
  void wait(const std::stop_token& stop) {
    pause(stop, next_);
    next_ = std::min(next_ * 2, longest_);
  }
  void reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_, longest_, next_;
};

}  // namespace uncac::platform
