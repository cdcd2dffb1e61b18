// The cache in memory and single flight. On a real Redis: tests/contract/cache_contract_test.cc.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <semaphore>
#include <thread>

#include "platform/cache/cache.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;

class TurnedClock final : public Clock {
 public:
  Moment now() const override { return Moment{}; }
  Instant steady_now() const override { return Instant{} + elapsed; }
  milliseconds elapsed{0};
};

TEST(PlatformMemoryCache, ForgetsExactlyWhenTheTimeIsOver) {
  TurnedClock clock;
  const auto cache = make_memory_cache(1000, clock);
  cache->put("k", "v", milliseconds(10));
  clock.elapsed = milliseconds(9);
  EXPECT_EQ(cache->get("k"), "v");
  clock.elapsed = milliseconds(10);
  EXPECT_FALSE(cache->get("k"));
}

TEST(PlatformMemoryCache, TheLeastRecentlyUsedLeavesFirst) {
  TurnedClock clock;
  const auto cache = make_memory_cache(30, clock);
  for (const char* key : {"a", "b", "c"}) cache->put(key, std::string(9, 'x'), milliseconds(10));
  EXPECT_TRUE(cache->get("a"));
  cache->put("d", std::string(9, 'x'), milliseconds(10));
  EXPECT_TRUE(cache->get("a"));
  EXPECT_FALSE(cache->get("b"));
  EXPECT_TRUE(cache->get("c"));
  EXPECT_TRUE(cache->get("d"));
}

TEST(PlatformMemoryCache, WhatDoesNotFitTakesTheOldAnswerWithIt) {
  TurnedClock clock;
  const auto cache = make_memory_cache(10, clock);
  cache->put("k", "old", milliseconds(10));
  cache->put("other", "v", milliseconds(10));
  cache->put("k", std::string(100, 'x'), milliseconds(10));
  EXPECT_FALSE(cache->get("k"));
  EXPECT_TRUE(cache->get("other")) << "and nothing else";
  cache->put("other", "w", milliseconds(0));
  EXPECT_FALSE(cache->get("other"));
}

RC_GTEST_PROP(PlatformMemoryCache, NeverGivesWhatWasNotPutLastAndStaysWithinItsBytes, ()) {
  TurnedClock clock;
  constexpr std::size_t kBytes = 50;
  const auto cache = make_memory_cache(kBytes, clock);
  std::map<std::string, std::string> last;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 6), rc::gen::inRange(0, 60)));
  for (const auto& [key, length] : steps) {
    const std::string name = "k" + std::to_string(key);
    const std::string value(static_cast<std::size_t>(length),
                            static_cast<char>('a' + last.size() % 26));
    cache->put(name, value, milliseconds(10));
    last[name] = value;
    if (name.size() + value.size() <= kBytes) RC_ASSERT(cache->get(name) == value);
    std::size_t held = 0;
    for (const auto& [known, put] : last) {
      if (const auto got = cache->get(known)) {
        RC_ASSERT(*got == put);
        held += known.size() + got->size();
      }
    }
    RC_ASSERT(held <= kBytes);
  }
}

class PlatformCachedAnswers : public ::testing::Test {
 protected:
  TurnedClock clock_;
  Metrics metrics_;
  std::unique_ptr<Cache> cache_ = make_memory_cache(1 << 20, clock_);
  static Result<std::string> text(std::string value) { return value; }
  double count(const std::string& what) {
    return metrics_.counter("uncac_cache_" + what + "_total", "", {{"cache", "test"}}).value();
  }
};

TEST_F(PlatformCachedAnswers, ComputesOnceAndThenKnows) {
  CachedAnswers answers(*cache_, metrics_, "test");
  int computed = 0;
  for (int i = 0; i < 3; ++i) {
    const auto answer = answers.get("q", milliseconds(10), [&] {
      ++computed;
      return text("a");
    });
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, "a");
  }
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(count("hits"), 2);
  EXPECT_EQ(count("misses"), 1);
}

// Starts `waiters` threads that ask "q" while `leader` computes it, lets it go on when all wait,
// and gives back what each waiter got.
template <class Compute>
std::vector<Result<std::string>> ask_while(CachedAnswers& answers, const Compute& leader,
                                           int waiters, std::binary_semaphore& computing,
                                           std::binary_semaphore& go_on) {
  std::jthread first([&] {
    const auto ignored = answers.get("q", milliseconds(10), leader);
    static_cast<void>(ignored.ok());
  });
  computing.acquire();
  std::vector<std::future<Result<std::string>>> pending;
  std::atomic<int> asked = 0;
  for (int i = 0; i < waiters; ++i) {
    pending.push_back(std::async(std::launch::async, [&] {
      ++asked;
      return answers.get("q", milliseconds(10), [] { return Result<std::string>("own"); });
    }));
  }
  while (asked < waiters) std::this_thread::yield();
  go_on.release();
  std::vector<Result<std::string>> got;
  for (auto& one : pending) {
    EXPECT_EQ(one.wait_for(std::chrono::seconds(20)), std::future_status::ready) << "hung";
    got.push_back(one.get());
  }
  return got;
}

TEST_F(PlatformCachedAnswers, WhoAsksMeanwhileGetsTheSameAnswer) {
  CachedAnswers answers(*cache_, metrics_, "test");
  std::binary_semaphore computing(0), go_on(0);
  const auto got = ask_while(
      answers,
      [&] {
        computing.release();
        go_on.acquire();
        return text("shared");
      },
      6, computing, go_on);
  for (const auto& one : got) EXPECT_EQ(*one, "shared");
}

TEST_F(PlatformCachedAnswers, AComputationThatThrowsHangsNobody) {
  CachedAnswers answers(*cache_, metrics_, "test");
  std::binary_semaphore computing(0), go_on(0);
  const auto got = ask_while(
      answers,
      [&]() -> Result<std::string> {
        computing.release();
        go_on.acquire();
        throw std::runtime_error("broken");
      },
      6, computing, go_on);
  for (const auto& one : got) {
    // Who came after it had thrown computed for himself; who waited was told.
    if (one) {
      EXPECT_EQ(*one, "own");
    } else {
      EXPECT_EQ(one.error().reason, Reason::kInternal);
      EXPECT_EQ(one.error().message.find("broken"), std::string::npos);
    }
  }
  EXPECT_EQ(*answers.get("q", milliseconds(10), [] { return text("again"); }),
            cache_->get("q").value_or("again"));
}

TEST_F(PlatformCachedAnswers, NobodyWaitsForEver) {
  CachedAnswers answers(*cache_, metrics_, "test", milliseconds(20));
  std::binary_semaphore computing(0), go_on(0);
  std::jthread first([&] {
    const auto late = answers.get("q", milliseconds(10), [&] {
      computing.release();
      go_on.acquire();
      return text("late");
    });
    EXPECT_EQ(*late, "late");
  });
  computing.acquire();
  const auto given_up = answers.get("q", milliseconds(10), [] { return text("own"); });
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().reason, Reason::kDeadlineExceeded);
  go_on.release();
}

TEST_F(PlatformCachedAnswers, AQuestionThatAsksItselfIsToldAtOnce) {
  CachedAnswers answers(*cache_, metrics_, "test", std::chrono::hours(1));
  const auto answer = answers.get("q", milliseconds(10), [&] {
    return answers.get("q", milliseconds(10), [] { return text("inner"); });
  });
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, Reason::kInternal);
}

TEST_F(PlatformCachedAnswers, DifferentQuestionsDoNotWaitForEachOther) {
  CachedAnswers answers(*cache_, metrics_, "test");
  const auto outer = answers.get("a", milliseconds(10), [&] {
    return answers.get("b", milliseconds(10), [] { return text("inner"); });
  });
  EXPECT_EQ(*outer, "inner");
}

}  // namespace
}  // namespace uncac::platform
