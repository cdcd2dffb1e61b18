// Answers kept for the next who asks the same. A cache never fails: a fault is a miss.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "platform/result.h"
#include "platform/runtime/metrics.h"
#include "platform/time.h"

namespace uncac::platform {

// Safe for concurrent use.
class Cache {
 public:
  virtual ~Cache() = default;
  virtual std::optional<std::string> get(const std::string& key) = 0;
  // Kept at most `lasts`, maybe shorter.
  virtual void put(const std::string& key, const std::string& value,
                   std::chrono::milliseconds lasts) = 0;
};

// Bounded by bytes of keys and values; the least recently used leaves first.
std::unique_ptr<Cache> make_memory_cache(std::size_t max_bytes, const Clock& clock);

struct RedisOptions {
  std::string host;
  int port = 6379;
  std::string password;  // never printed
  std::string prefix = "uncac:";
  std::chrono::milliseconds connect{200};
  std::chrono::milliseconds command{100};
  // After a fault Redis is bypassed this long, then asked again by one caller.
  std::chrono::milliseconds bypass{2'000};
  std::size_t connections = 8;
  std::size_t max_value = 4 << 20;  // larger values are not stored
};
// Never waits longer than connect + command; connects on demand and reconnects by itself. Values
// carry a checksum, so garbage under our keys is a miss.
std::unique_ptr<Cache> make_redis_cache(RedisOptions options, const Clock& clock, Metrics& metrics);

// Look up, compute once per key however many ask at once, store. Safe for concurrent use.
class CachedAnswers {
 public:
  // Who waits for another's computation gives up after `longest_wait` with kDeadlineExceeded.
  CachedAnswers(Cache& cache, Metrics& metrics, std::string name,
                std::chrono::milliseconds longest_wait = std::chrono::seconds(30));
  ~CachedAnswers();
  // Errors of `compute` go to everyone who waited for it and are not stored. One that throws is an
  // error kInternal for all of them.
  Result<std::string> get(const std::string& key, std::chrono::milliseconds lasts,
                          const std::function<Result<std::string>()>& compute);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uncac::platform
