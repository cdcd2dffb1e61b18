// Days and moments. Time is always given in, never taken from the machine, outside `SystemClock`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/result.h"

namespace uncac::platform {

// A calendar day in UTC.
using Day = std::chrono::sys_days;
// A moment in UTC, microseconds.
using Moment = std::chrono::sys_time<std::chrono::microseconds>;
// A point of the steady clock, for deadlines and durations only.
using Instant = std::chrono::steady_clock::time_point;

// `2007-11-30`; only this form, a real day of the years 1900 to 9999.
Result<Day> parse_day(std::string_view text);
std::string format_day(Day day);
// `2007-11-30T09:05:00.000000Z` (RFC 3339).
std::string format_moment(Moment moment);
inline Day day_of(Moment moment) { return std::chrono::floor<std::chrono::days>(moment); }

// Safe for concurrent use.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment now() const = 0;
  virtual Instant steady_now() const { return std::chrono::steady_clock::now(); }
};

class SystemClock final : public Clock {
 public:
  Moment now() const override;
};

// Says the time it is told; for tests. Not for concurrent setting.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(Moment moment) : moment_(moment) {}
  Moment now() const override { return moment_; }
  void set(Moment moment) { moment_ = moment; }

 private:
  Moment moment_;
};

// Random bytes and ids. Safe for concurrent use.
class Ids {
 public:
  virtual ~Ids() = default;
  // `bytes` random bytes, raw.
  virtual std::string random(std::size_t bytes) = 0;
  // 32 lower-case hexadecimal digits.
  std::string next();
};

// From the operating system's generator.
class SystemIds final : public Ids {
 public:
  std::string random(std::size_t bytes) override;
};

std::string to_hex(std::string_view bytes);

}  // namespace uncac::platform
