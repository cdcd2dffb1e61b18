// A clock for tests of what lasts: a minute passes when the test says so.
#pragma once

#include <chrono>

#include "platform/time.h"

namespace uncac::testing {

// Its two clocks can be set apart, as those of a machine can be. Not for concurrent setting.
class TwoClocks final : public platform::Clock {
 public:
  platform::Moment now() const override { return moment_; }
  platform::Instant steady_now() const override { return instant_; }
  void advance(std::chrono::seconds time) {
    moment_ += time;
    instant_ += time;
  }
  void set(platform::Moment moment) { moment_ = moment; }

 private:
  platform::Moment moment_ =
      std::chrono::sys_days{std::chrono::year{2026} / std::chrono::March / 10};
  platform::Instant instant_{std::chrono::hours(1)};
};

}  // namespace uncac::testing
