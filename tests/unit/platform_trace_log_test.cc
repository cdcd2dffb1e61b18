// Trace context, log lines and metrics: what other programs read of ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "platform/runtime/log.h"
#include "platform/runtime/metrics.h"
#include "platform/runtime/trace.h"
#include "platform/runtime/utf8.h"

namespace uncac::platform {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// ---- trace ------------------------------------------------------------------------------------

TEST(PlatformTrace, GoesOnInTheCallersTraceWithASpanOfItsOwn) {
  SystemIds ids;
  const TraceContext here = continue_trace(kParent, ids);
  EXPECT_EQ(here.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(here.span_id, "b7ad6b7169203331");
  EXPECT_TRUE(here.sampled);
  const TraceContext below = here.child(ids);
  EXPECT_EQ(below.trace_id, here.trace_id);
  EXPECT_NE(below.span_id, here.span_id);
  EXPECT_EQ(continue_trace(here.traceparent(), ids).trace_id, here.trace_id);
  EXPECT_FALSE(
      continue_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02", ids).sampled);
}

TEST(PlatformTrace, StartsANewTraceOnAnythingMalformed) {
  SystemIds ids;
  const std::string good(kParent);
  std::vector<std::string> bad{"",
                               "garbage",
                               good + "-more",
                               good + "x",
                               good.substr(0, 54),
                               "ff" + good.substr(2),
                               "0G" + good.substr(2),
                               "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                               "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                               "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                               "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
  for (const std::string& one : bad) {
    const TraceContext fresh = continue_trace(one, ids);
    EXPECT_NE(fresh.trace_id, "0af7651916cd43dd8448eb211c80319c") << one;
    EXPECT_EQ(fresh.traceparent().size(), 55u);
  }
}

TEST(PlatformTrace, ReadsALaterVersionByWhatItKnows) {
  SystemIds ids;
  const std::string later = "cc" + std::string(kParent).substr(2);
  EXPECT_EQ(continue_trace(later, ids).trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(continue_trace(later + "-what", ids).trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(continue_trace(later + ".what", ids).trace_id, "0af7651916cd43dd8448eb211c80319c");
}

TEST(PlatformTrace, AnIdIsNeverAllZeros) {
  class Zeros final : public Ids {
    std::string random(std::size_t bytes) override { return std::string(bytes, '\0'); }
  } zeros;
  const TraceContext fresh = continue_trace("", zeros);
  EXPECT_EQ(continue_trace(fresh.traceparent(), zeros).trace_id, fresh.trace_id);
}

// ---- UTF-8 ------------------------------------------------------------------------------------

TEST(PlatformUtf8, KeepsWhatIsWellFormedAndReplacesTheRest) {
  const std::string good = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8C\x8D";
  EXPECT_EQ(safe_utf8(good), good);
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(safe_utf8("a\xFFz"), "a" + mark + "z");
  EXPECT_EQ(safe_utf8("\xC0\xAF"), mark + mark) << "overlong";
  EXPECT_EQ(safe_utf8("\xED\xA0\x80"), mark + mark + mark) << "a surrogate";
  EXPECT_EQ(safe_utf8("\xF4\x90\x80\x80"), mark + mark + mark + mark) << "above U+10FFFF";
  EXPECT_EQ(safe_utf8("\xE2\x82"), mark + mark) << "cut off";
}

TEST(PlatformUtf8, CutsBetweenCharacters) {
  EXPECT_EQ(safe_utf8("abcdef", 6), "abcdef");
  EXPECT_EQ(safe_utf8("abcdefg", 6), "abc\xE2\x80\xA6");
  EXPECT_EQ(safe_utf8("a\xE2\x82\xAC\xE2\x82\xAC", 6), "a\xE2\x80\xA6");
  EXPECT_EQ(safe_utf8("abc", 2), "");
}

RC_GTEST_PROP(PlatformUtf8, AnyBytesBecomeReadableWithinTheLimit, (const std::string& bytes)) {
  const auto limit = *rc::gen::inRange<std::size_t>(0, 64);
  const std::string safe = safe_utf8(bytes, limit);
  RC_ASSERT(safe.size() <= limit);
  // dump() throws on malformed UTF-8.
  nlohmann::json(safe).dump();
  RC_ASSERT(safe_utf8(safe) == safe);
}

// ---- log --------------------------------------------------------------------------------------

class PlatformLog : public ::testing::Test {
 protected:
  ~PlatformLog() override { log::configure(log::Level::kInfo, "uncac"); }
  template <class Writes>
  std::vector<nlohmann::json> lines(const Writes& writes) {
    ::testing::internal::CaptureStderr();
    writes();
    std::istringstream text(::testing::internal::GetCapturedStderr());
    std::vector<nlohmann::json> all;
    for (std::string line; std::getline(text, line);) all.push_back(nlohmann::json::parse(line));
    return all;
  }
};

TEST_F(PlatformLog, ALineIsOneJsonObject) {
  log::configure(log::Level::kInfo, "needs-matrix");
  const auto all = lines([] {
    const log::TraceScope trace("0af7651916cd43dd8448eb211c80319c");
    log::info("folded", {{"rows", "12"}});
  });
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["level"], "info");
  EXPECT_EQ(all[0]["service"], "needs-matrix");
  EXPECT_EQ(all[0]["event"], "folded");
  EXPECT_EQ(all[0]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(all[0]["fields"]["rows"], "12");
  EXPECT_TRUE(parse_day(all[0]["time"].get<std::string>().substr(0, 10)));
}

TEST_F(PlatformLog, NothingInAFieldBreaksTheLine) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
  const auto all = lines([&] {
    log::warning("{} \"quoted\"\n%s", {{"a\"b\n", all_bytes}, {"path", "C:\\x\r\n{\"y\":1}"}});
  });
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["event"], "{} \"quoted\"\n%s");
  EXPECT_EQ(all[0]["fields"]["path"], "C:\\x\r\n{\"y\":1}");
  EXPECT_TRUE(all[0]["fields"].contains("a\"b\n"));
}

TEST_F(PlatformLog, LeavesOutWhatIsBelowTheLeastLevel) {
  const auto writes = [] {
    log::write(log::Level::kDebug, "d");
    log::info("i");
    log::warning("w");
    log::error("e");
  };
  log::configure(log::Level::kDebug, "t");
  EXPECT_EQ(lines(writes).size(), 4u);
  log::configure(log::Level::kWarning, "t");
  const auto all = lines(writes);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["level"], "warning");
  EXPECT_EQ(all[1]["level"], "error");
}

TEST_F(PlatformLog, ATraceBelongsToItsThreadAndScope) {
  const auto all = lines([] {
    const log::TraceScope outer("outer");
    {
      const log::TraceScope inner("inner");
      log::info("a");
    }
    log::info("b");
    std::thread([] { log::info("c"); }).join();
  });
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["trace_id"], "inner");
  EXPECT_EQ(all[1]["trace_id"], "outer");
  EXPECT_FALSE(all[2].contains("trace_id"));
}

TEST_F(PlatformLog, LinesOfManyThreadsStayWhole) {
  const auto all = lines([] {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([] {
        for (int k = 0; k < 50; ++k) log::info("line", {{"text", std::string(500, 'x')}});
      });
    }
  });
  EXPECT_EQ(all.size(), 400u);
}

// ---- metrics ----------------------------------------------------------------------------------

TEST(PlatformMetrics, TheSameNameAndLabelsAreTheSameSeries) {
  Metrics metrics;
  metrics.counter("uncac_tries_total", "tries", {{"kind", "a"}}).add();
  metrics.counter("uncac_tries_total", "tries", {{"kind", "a"}}).add(2);
  metrics.counter("uncac_tries_total", "tries", {{"kind", "b"}}).add(5);
  metrics.gauge("uncac_lag", "lag").set(-1.5);
  EXPECT_EQ(metrics.counter("uncac_tries_total", "tries", {{"kind", "a"}}).value(), 3);
  EXPECT_EQ(metrics.gauge("uncac_lag", "lag").value(), -1.5);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# HELP uncac_tries_total tries"));
  EXPECT_THAT(text, HasSubstr("# TYPE uncac_tries_total counter"));
  EXPECT_THAT(text, HasSubstr("uncac_tries_total{kind=\"a\"} 3"));
  EXPECT_THAT(text, HasSubstr("uncac_tries_total{kind=\"b\"} 5"));
  EXPECT_THAT(text, HasSubstr("uncac_lag -1.5"));
}

TEST(PlatformMetrics, BucketsReachFrom100MicrosecondsTo10Seconds) {
  Metrics metrics;
  auto& seconds = metrics.histogram("uncac_seconds", "time");
  seconds.observe(0.00005);
  seconds.observe(7);
  seconds.observe(100);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("uncac_seconds_bucket{le=\"0.0001\"} 1"));
  EXPECT_THAT(text, HasSubstr("uncac_seconds_bucket{le=\"5\"} 1"));
  EXPECT_THAT(text, HasSubstr("uncac_seconds_bucket{le=\"10\"} 2"));
  EXPECT_THAT(text, HasSubstr("uncac_seconds_count 3"));
}

TEST(PlatformMetrics, ALabelsValueIsEscaped) {
  Metrics metrics;
  metrics.counter("uncac_odd_total", "odd", {{"v", "a\"b\\c\nd"}}).add();
  EXPECT_THAT(metrics.text(), HasSubstr("{v=\"a\\\"b\\\\c\\nd\"}"));
}

TEST(PlatformMetrics, ANameThatCannotBeIsHiddenAndDoesNotStopTheService) {
  Metrics metrics;
  metrics.counter("uncac_taken", "a counter").add();
  ::testing::internal::CaptureStderr();
  metrics.counter("not a name", "x").add(2);
  metrics.gauge("uncac_taken", "and a gauge").set(3);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("metric refused"));
  EXPECT_EQ(metrics.counter("not a name", "x").value(), 2);
  EXPECT_EQ(metrics.gauge("uncac_taken", "and a gauge").value(), 3);
  EXPECT_THAT(metrics.text(), Not(HasSubstr("not a name")));
}

TEST(PlatformMetrics, ManyThreadsLoseNothing) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 1000; ++k) {
          metrics.counter("uncac_n_total", "n", {{"k", std::to_string(k % 5)}}).add();
        }
      });
    }
  }
  for (int k = 0; k < 5; ++k) {
    EXPECT_EQ(metrics.counter("uncac_n_total", "n", {{"k", std::to_string(k)}}).value(), 1600);
  }
}

}  // namespace
}  // namespace uncac::platform
