#include "platform/time.h"

#include <openssl/rand.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace uncac::platform {
namespace {

// -1 unless all are digits.
int number(std::string_view digits) {
  int value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

Result<Day> parse_day(std::string_view text) {
  const auto wrong = [&] {
    return make_error(Reason::kInvalidInput,
                      "\"" + std::string(text.substr(0, 40)) + "\" is not a day as YYYY-MM-DD");
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong();
  const int year = number(text.substr(0, 4));
  const int month = number(text.substr(5, 2));
  const int day = number(text.substr(8, 2));
  if (year < 1900 || month < 1 || day < 1) return wrong();
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return wrong();
  return Day{date};
}

std::string format_day(Day day) {
  const std::chrono::year_month_day date{day};
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string format_moment(Moment moment) {
  const Day day = day_of(moment);
  const auto micros = (moment - day).count();
  std::array<char, 40> text{};
  const int length = std::snprintf(text.data(), text.size(), "T%02lld:%02lld:%02lld.%06lldZ",
                                   static_cast<long long>(micros / 3'600'000'000),
                                   static_cast<long long>(micros / 60'000'000 % 60),
                                   static_cast<long long>(micros / 1'000'000 % 60),
                                   static_cast<long long>(micros % 1'000'000));
  return format_day(day) + std::string(text.data(), static_cast<std::size_t>(length));
}

Moment SystemClock::now() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string Ids::next() { return to_hex(random(16)); }

std::string SystemIds::random(std::size_t bytes) {
  std::string out(bytes, '\0');
  // Without random bytes no id and no salt would be safe to use; there is no way to go on.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes)) != 1) {
    std::abort();
  }
  return out;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto value = static_cast<unsigned char>(c);
    out += kDigits[value >> 4];
    out += kDigits[value & 15];
  }
  return out;
}

}  // namespace uncac::platform
