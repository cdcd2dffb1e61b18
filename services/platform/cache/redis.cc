#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "platform/cache/cache.h"
#include "platform/cache/redis_connection.h"
#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

using Failure = RedisConnection::Failure;
using Fault = RedisConnection::Fault;

// A value in Redis: "UNC1", the first 16 bytes of SHA-256 over key and value, the value. With the
// key in the sum, a value that got under a foreign key (a copy, a rename, a restored dump) is a
// miss too.
constexpr std::string_view kMagic = "UNC1";
constexpr std::size_t kSumBytes = 16;
constexpr std::size_t kHeaderBytes = kMagic.size() + kSumBytes;

std::string checksum(const std::string& key, std::string_view value) {
  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const std::string length = std::to_string(key.size()) + ":";  // where the key ends
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  if (context == nullptr || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), length.data(), length.size()) != 1 ||
      EVP_DigestUpdate(context.get(), key.data(), key.size()) != 1 ||
      EVP_DigestUpdate(context.get(), value.data(), value.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), sum.data(), nullptr) != 1) {
    return {};  // matches no stored sum, so everything is a miss
  }
  return {reinterpret_cast<const char*>(sum.data()), kSumBytes};
}

// Who may ask Redis: everyone; after a fault nobody for a while; then one, whose luck decides for
// all.
class Breaker {
 public:
  Breaker(std::chrono::milliseconds bypass, const Clock& clock) : bypass_(bypass), clock_(clock) {}

  enum class Pass { kAsk, kProbe, kBypass };
  Pass enter() {
    const std::lock_guard guard(mutex_);
    if (!open_) return Pass::kAsk;
    if (probing_ || clock_.steady_now() < closed_until_) return Pass::kBypass;
    probing_ = true;
    return Pass::kProbe;
  }
  // Each enter() but a bypass is followed by one of these. True when the state changed.
  bool succeeded(Pass pass) {
    const std::lock_guard guard(mutex_);
    // Who was let in before the fault proves nothing about now.
    if (pass != Pass::kProbe) return false;
    probing_ = false;
    return std::exchange(open_, false);
  }
  bool failed(Pass pass) {
    const std::lock_guard guard(mutex_);
    if (pass == Pass::kProbe) probing_ = false;
    closed_until_ = clock_.steady_now() + bypass_;
    return !std::exchange(open_, true);
  }
  bool is_open() {
    const std::lock_guard guard(mutex_);
    return open_;
  }

 private:
  const std::chrono::milliseconds bypass_;
  const Clock& clock_;
  std::mutex mutex_;
  bool open_ = false;
  bool probing_ = false;
  Instant closed_until_{};
};

// At most `limit` connections, the one given back last used first.
class Pool {
 public:
  explicit Pool(std::size_t limit) : limit_(std::max<std::size_t>(limit, 1)) {}

  // Waits for a place until `deadline` or until `give_up` says so after a wake-up.
  template <class GiveUp>
  bool take_place(Instant deadline, const GiveUp& give_up) {
    std::unique_lock guard(mutex_);
    freed_.wait_until(guard, deadline, [&] { return used_ < limit_ || give_up(); });
    if (used_ >= limit_) return false;
    ++used_;
    return true;
  }
  std::unique_ptr<RedisConnection> idle() {
    const std::lock_guard guard(mutex_);
    if (idle_.empty()) return nullptr;
    std::unique_ptr<RedisConnection> connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  // After a fault the others are most likely as dead.
  void drop_idle() {
    std::vector<std::unique_ptr<RedisConnection>> dropped;
    const std::lock_guard guard(mutex_);
    dropped.swap(idle_);
  }
  void leave_place(std::unique_ptr<RedisConnection> connection) {
    const std::lock_guard guard(mutex_);
    --used_;
    if (connection) idle_.push_back(std::move(connection));
    freed_.notify_one();
  }
  // So that those who wait for a place ask again whether to give up.
  void wake_all() {
    const std::lock_guard guard(mutex_);
    freed_.notify_all();
  }

 private:
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<RedisConnection>> idle_;
};

class RedisCache final : public Cache {
 public:
  RedisCache(RedisOptions options, const Clock& clock, Metrics& metrics)
      : options_(std::move(options)),
        breaker_(options_.bypass, clock),
        pool_(options_.connections),
        errors_(metrics.counter("uncac_cache_errors_total", "faults of the cache",
                                {{"cache", "redis"}})),
        bypassed_(metrics.counter("uncac_cache_bypassed_total",
                                  "look-ups and stores not tried after a fault",
                                  {{"cache", "redis"}})) {}

  std::optional<std::string> get(const std::string& key) override {
    const std::string name = options_.prefix + key;
    // GETRANGE, not GET: of a giant somebody else put under our key we read no more than we would
    // have stored ourselves.
    const std::string last = std::to_string(options_.max_value + kHeaderBytes);
    const std::optional<RedisReply> reply = ask({"GETRANGE", name, "0", last});
    if (!reply || !reply->error.empty()) return std::nullopt;
    const std::string_view stored = reply->text;
    if (stored.size() < kHeaderBytes || !stored.starts_with(kMagic)) return std::nullopt;
    const std::string_view value = stored.substr(kHeaderBytes);
    if (stored.substr(kMagic.size(), kSumBytes) != checksum(name, value)) return std::nullopt;
    return std::string(value);
  }

  void put(const std::string& key, const std::string& value,
           std::chrono::milliseconds lasts) override {
    const std::string name = options_.prefix + key;
    if (value.size() > options_.max_value || lasts.count() <= 0) {
      // As in memory: what was there is not the answer any more.
      ask({"UNLINK", name});
      return;
    }
    const std::string sum = checksum(name, value);
    if (sum.empty()) return;
    std::string stored;
    stored.reserve(kHeaderBytes + value.size());
    stored.append(kMagic).append(sum).append(value);
    // Redis refuses an end beyond its calendar.
    const auto kept = std::min<std::chrono::milliseconds>(lasts, std::chrono::days(30));
    ask({"PSETEX", name, std::to_string(kept.count()), stored});
  }

 private:
  std::optional<RedisReply> ask(const std::vector<std::string_view>& words) {
    const Breaker::Pass pass = breaker_.enter();
    if (pass == Breaker::Pass::kBypass) {
      bypassed_.add();
      return std::nullopt;
    }
    // Real time, not the injected clock: it bounds system calls.
    const Instant start = std::chrono::steady_clock::now();
    const Instant end = start + options_.connect + options_.command;
    if (!pool_.take_place(start + options_.command, [&] { return breaker_.is_open(); })) {
      bypassed_.add();
      // Not Redis' fault: there are more askers than connections. A probe that got no place has
      // learned nothing; the next one tries.
      if (pass == Breaker::Pass::kProbe) breaker_.failed(pass);
      return std::nullopt;
    }
    if (pass == Breaker::Pass::kAsk && breaker_.is_open()) {
      // The fault came while this caller waited for a place: one bounded delay is enough.
      pool_.leave_place(nullptr);
      bypassed_.add();
      return std::nullopt;
    }
    Failure failure{Fault::kLost, ""};
    std::unique_ptr<RedisConnection> connection = pool_.idle();
    std::optional<RedisReply> reply;
    if (connection) {
      reply = connection->ask(words, in_time(options_.command, end), failure);
      if (!reply) {
        connection.reset();
        pool_.drop_idle();
      }
    }
    // Also after an old connection broke: Redis may just have started again. Asking twice is
    // harmless.
    if (!reply && failure.fault == Fault::kLost) {
      connection = RedisConnection::open(options_.host, options_.port, options_.password,
                                         in_time(options_.connect, end), failure);
      if (connection) reply = connection->ask(words, in_time(options_.command, end), failure);
      if (!reply) connection.reset();
    }
    settle(pass, reply, failure);
    pool_.leave_place(std::move(connection));
    return reply;
  }

  static Instant in_time(std::chrono::milliseconds limit, Instant end) {
    return std::min(std::chrono::steady_clock::now() + limit, end);
  }

  void settle(Breaker::Pass pass, const std::optional<RedisReply>& reply, const Failure& failure) {
    // These say something about one key or one kind of command; every other refusal (no permission,
    // still loading) is the same for all.
    constexpr std::array<std::string_view, 5> kHarmless{"WRONGTYPE", "OOM", "READONLY", "MISCONF",
                                                        "NOREPLICAS"};
    if (reply && reply->error.empty()) {
      if (breaker_.succeeded(pass)) log::info("redis answers again");
      return;
    }
    errors_.add();
    if (reply && std::find(kHarmless.begin(), kHarmless.end(), reply->error) != kHarmless.end()) {
      if (breaker_.succeeded(pass)) log::info("redis answers again");
      return;
    }
    if (breaker_.failed(pass)) {
      pool_.wake_all();
      log::warning("redis bypassed", {{"why", reply ? "refused: " + reply->error : failure.why}});
    }
  }

  const RedisOptions options_;
  Breaker breaker_;
  Pool pool_;
  Metrics::Counter& errors_;
  Metrics::Counter& bypassed_;
};

}  // namespace

std::unique_ptr<Cache> make_redis_cache(RedisOptions options, const Clock& clock,
                                        Metrics& metrics) {
  return std::make_unique<RedisCache>(std::move(options), clock, metrics);
}

}  // namespace uncac::platform
