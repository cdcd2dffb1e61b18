// What every cache must do, in memory and on a real Redis.
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <atomic>
#include <thread>

#include "platform/cache/cache.h"
#include "support/engines.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using testing::must;

RedisOptions redis_options(const testing::RedisServer& server) {
  RedisOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.prefix = testing::unique_name("cache") + ":";
  return options;
}

class CacheContract : public ::testing::TestWithParam<std::string> {
 protected:
  CacheContract() {
    cache_ = GetParam() == "redis"
                 ? make_redis_cache(redis_options(testing::redis()), clock_, metrics_)
                 : make_memory_cache(1 << 20, clock_);
  }
  SystemClock clock_;
  Metrics metrics_;
  std::unique_ptr<Cache> cache_;
};

TEST_P(CacheContract, GivesBackWhatWasPutByteForByte) {
  std::string value;
  for (int i = 0; i < 256; ++i) value += static_cast<char>(i);
  EXPECT_FALSE(cache_->get("key"));
  cache_->put("key", value, milliseconds(60'000));
  EXPECT_EQ(cache_->get("key"), value);
  EXPECT_FALSE(cache_->get("key2"));
  cache_->put("key", "", milliseconds(60'000));
  EXPECT_EQ(cache_->get("key"), "");
}

TEST_P(CacheContract, ForgetsWhenTheTimeIsOver) {
  cache_->put("short", "value", milliseconds(30));
  EXPECT_TRUE(testing::eventually([&] { return !cache_->get("short"); }));
}

TEST_P(CacheContract, ManyThreadsSeeWholeValues) {
  std::atomic<int> torn = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 200; ++k) {
        const std::string key = "k" + std::to_string(k % 7);
        if ((i + k) % 2 == 0) {
          cache_->put(key, std::string(1000, static_cast<char>('a' + k % 7)), milliseconds(60'000));
        } else if (const auto value = cache_->get(key)) {
          if (*value != std::string(1000, static_cast<char>('a' + k % 7))) ++torn;
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(torn, 0);
}

TEST_P(CacheContract, ManyAskersComputeOnce) {
  CachedAnswers answers(*cache_, metrics_, "test");
  std::atomic<int> computed = 0;
  std::atomic<int> arrived = 0;
  std::atomic<int> wrong = 0;
  constexpr int kAskers = 8;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kAskers; ++i) {
    threads.emplace_back([&] {
      ++arrived;
      const auto answer =
          answers.get("question", milliseconds(60'000), [&]() -> Result<std::string> {
            ++computed;
            // Held open until all have come, so that they truly ask at once.
            testing::eventually([&] { return arrived == kAskers; });
            return std::string("answer");
          });
      if (!answer || *answer != "answer") ++wrong;
    });
  }
  threads.clear();
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(wrong, 0);
}

TEST_P(CacheContract, AnErrorReachesTheAskerAndIsNotKept) {
  CachedAnswers answers(*cache_, metrics_, "test");
  const auto failed = answers.get("q", milliseconds(60'000), []() -> Result<std::string> {
    return make_error(Reason::kUnavailable, "away");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, Reason::kUnavailable);
  const auto again = answers.get("q", milliseconds(60'000),
                                 []() -> Result<std::string> { return std::string("now"); });
  EXPECT_EQ(must(again), "now");
}

INSTANTIATE_TEST_SUITE_P(Adapters, CacheContract, ::testing::Values("memory", "redis"),
                         [](const auto& parameter) { return parameter.param; });

TEST(CacheInMemory, StaysWithinItsBytes) {
  const SystemClock clock;
  const auto cache = make_memory_cache(10'000, clock);
  for (int i = 0; i < 100; ++i) {
    cache->put("k" + std::to_string(i), std::string(900, 'x'), milliseconds(60'000));
  }
  int kept = 0;
  for (int i = 0; i < 100; ++i) kept += cache->get("k" + std::to_string(i)).has_value() ? 1 : 0;
  EXPECT_LE(kept * 900, 10'000);
  EXPECT_GE(kept, 1);
  EXPECT_TRUE(cache->get("k99")) << "the newest stays";
  EXPECT_FALSE(cache->get("k0")) << "the oldest left first";
}

TEST(CacheOnRedis, GarbageUnderOurKeyIsAMiss) {
  const SystemClock clock;
  Metrics metrics;
  const RedisOptions options = redis_options(testing::redis());
  const auto cache = make_redis_cache(options, clock, metrics);
  cache->put("key", "right", milliseconds(60'000));
  redisContext* context = redisConnect("127.0.0.1", options.port);
  ASSERT_NE(context, nullptr);
  ASSERT_EQ(context->err, 0) << context->errstr;
  freeReplyObject(redisCommand(context, "SET %s %s", (options.prefix + "key").c_str(), "garbage"));
  redisFree(context);
  EXPECT_FALSE(cache->get("key"));
}

TEST(CacheOnRedis, APausedRedisCostsABoundedDelayOnceThenIsBypassed) {
  auto server = must(testing::RedisServer::start());
  const SystemClock clock;
  Metrics metrics;
  RedisOptions options = redis_options(*server);
  options.bypass = milliseconds(60'000);
  const auto cache = make_redis_cache(options, clock, metrics);
  cache->put("key", "value", milliseconds(60'000));
  ASSERT_EQ(cache->get("key"), "value");
  server->pause();
  const auto before = clock.steady_now();
  EXPECT_FALSE(cache->get("key"));
  const auto first = clock.steady_now() - before;
  EXPECT_LT(first, options.connect + options.command + milliseconds(300));
  const auto start = clock.steady_now();
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(cache->get("key"));
  EXPECT_LT(clock.steady_now() - start, milliseconds(100)) << "bypassed, not waited for";
  server->resume();
}

TEST(CacheOnRedis, ComesBackByItselfAfterRedisWasAway) {
  auto server = must(testing::RedisServer::start());
  const SystemClock clock;
  Metrics metrics;
  RedisOptions options = redis_options(*server);
  options.bypass = milliseconds(50);
  const auto cache = make_redis_cache(options, clock, metrics);
  server->kill9();
  cache->put("key", "lost", milliseconds(60'000));
  EXPECT_FALSE(cache->get("key"));
  must(server->restart());
  EXPECT_TRUE(testing::eventually([&] {
    cache->put("key", "kept", milliseconds(60'000));
    return cache->get("key") == "kept";
  }));
}

}  // namespace
}  // namespace uncac::platform
