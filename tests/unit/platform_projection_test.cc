// Projections over the embedded log on SQLite: whole when they say so, and started over when the
// log is another one or has lost its end.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "unit/platform_workbench.h"

namespace uncac::platform {
namespace {

// Collects what it is given.
class Collected final : public Projection {
 public:
  void start_over(const Position& start) override {
    const std::lock_guard guard(mutex_);
    position_ = start;
    started_ += 1;
  }
  void caught_up() override {
    const std::lock_guard guard(mutex_);
    whole_.push_back(keys_.size());
  }
  void apply(std::span<const Record> batch, const Position& position) override {
    const std::lock_guard guard(mutex_);
    for (const Record& record : batch) keys_.push_back(record.event.key);
    position_ = position;
  }
  std::vector<std::string> keys() {
    const std::lock_guard guard(mutex_);
    return keys_;
  }
  Position position() {
    const std::lock_guard guard(mutex_);
    return position_;
  }
  int started() {
    const std::lock_guard guard(mutex_);
    return started_;
  }
  // How many records had been applied whenever all was.
  std::vector<std::size_t> whole() {
    const std::lock_guard guard(mutex_);
    return whole_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> keys_;
  std::vector<std::size_t> whole_;
  int started_ = 0;
  Position position_;
};

TEST(ProjectionReaderOnEmbeddedLog, IsCaughtUpWhenAllThatWasThereIsApplied) {
  Workbench bench;
  bench.append(7'000);
  Collected collected;
  ProjectionReader reader(*bench.log_, bench.metrics_, collected, bench.topic_);
  EXPECT_FALSE(reader.wait_caught_up(milliseconds(0)));
  const std::jthread thread([&](std::stop_token stop) { reader.run(stop); });
  ASSERT_TRUE(reader.wait_caught_up(std::chrono::seconds(20)));
  EXPECT_EQ(collected.keys().size(), 7'000U);
  EXPECT_EQ(collected.position(), must(bench.log_->end(bench.topic_)));
  const Instant confirmed = reader.complete_until();
  EXPECT_GT(confirmed, Instant{});
  bench.append(3, {}, "later");
  EXPECT_TRUE(eventually([&] { return collected.keys().size() == 7'003U; }));
  EXPECT_TRUE(eventually([&] { return reader.complete_until() > confirmed; }));
}

TEST(ProjectionReaderOnEmbeddedLog, AnEmptyTopicIsCaughtUp) {
  Workbench bench;
  Collected collected;
  ProjectionReader reader(*bench.log_, bench.metrics_, collected, bench.topic_);
  const std::jthread thread([&](std::stop_token stop) { reader.run(stop); });
  EXPECT_TRUE(reader.wait_caught_up(std::chrono::seconds(20)));
  EXPECT_EQ(collected.position().log_id, "log-1");
}

// Becomes another log when told to. Readers of the one before then find it unavailable.
class Swapping final : public EventLog {
 public:
  Swapping(std::unique_ptr<EventLog> first, std::unique_ptr<EventLog> second)
      : logs_{std::move(first), std::move(second)} {}
  Result<std::unique_ptr<LogReader>> read(const std::string& topic, const Position& from) override {
    UNCAC_ASSIGN(auto reader, logs_[now_]->read(topic, from));
    return std::unique_ptr<LogReader>(std::make_unique<Reader>(std::move(reader), now_));
  }
  Result<std::unique_ptr<LogReader>> join(const std::string& topic, const std::string& group,
                                          Assignment& assignment) override {
    return logs_[now_]->join(topic, group, assignment);
  }
  Result<Position> start(const std::string& topic) override { return logs_[now_]->start(topic); }
  Result<Position> end(const std::string& topic) override { return logs_[now_]->end(topic); }
  Completion completion(const std::string& topic) override {
    Completion completion = logs_[now_]->completion(topic);
    completion.confirmed.assign(kPartitions, confirmed_);
    return completion;
  }
  Result<std::string> log_id(const std::string& topic) override {
    return logs_[now_]->log_id(topic);
  }
  std::atomic<std::size_t> now_ = 0;
  std::atomic<std::int64_t> confirmed_ = 0;  // what the writer says was there

 private:
  class Reader final : public LogReader {
   public:
    Reader(std::unique_ptr<LogReader> reader, const std::atomic<std::size_t>& now)
        : reader_(std::move(reader)), now_(now), mine_(now) {}
    Result<std::vector<Record>> poll(std::size_t max, milliseconds wait,
                                     std::stop_token stop) override {
      if (now_ != mine_) return make_error(Reason::kUnavailable, "the broker went away");
      return reader_->poll(max, wait, std::move(stop));
    }
    Position position() const override { return reader_->position(); }

   private:
    const std::unique_ptr<LogReader> reader_;
    const std::atomic<std::size_t>& now_;
    const std::size_t mine_;
  };
  std::unique_ptr<EventLog> logs_[2];
};

TEST(ProjectionReaderOnEmbeddedLog, StartsOverWhenTheLogBecomesAnother) {
  Workbench bench;
  bench.append(3);
  Swapping log(bench.new_log("log-1"), bench.new_log("log-2"));
  Collected collected;
  ProjectionReader reader(log, bench.metrics_, collected, bench.topic_);
  const std::jthread thread([&](std::stop_token stop) { reader.run(stop); });
  ASSERT_TRUE(reader.wait_caught_up(std::chrono::seconds(20)));
  log.now_ = 1;
  EXPECT_TRUE(eventually([&] { return collected.keys().size() == 6U; }));
  EXPECT_TRUE(eventually([&] { return collected.position().log_id == "log-2"; }));
  EXPECT_TRUE(eventually([&] { return collected.whole() == std::vector<std::size_t>{3, 6}; }));
  EXPECT_EQ(collected.started(), 2);
}

TEST(ProjectionReaderOnEmbeddedLog, StartsOverWhenTheLogHasLostItsEnd) {
  Workbench bench;
  bench.append(5);
  Workbench shorter;
  shorter.topic_ = bench.topic_;
  shorter.append(2);
  Swapping log(bench.new_log("log-1"), shorter.new_log("log-1"));
  Collected collected;
  ProjectionReader reader(log, bench.metrics_, collected, bench.topic_);
  const std::jthread thread([&](std::stop_token stop) { reader.run(stop); });
  ASSERT_TRUE(reader.wait_caught_up(std::chrono::seconds(20)));
  log.now_ = 1;
  EXPECT_TRUE(eventually([&] { return collected.whole() == std::vector<std::size_t>{5, 7}; }));
  EXPECT_EQ(collected.started(), 2);
}

TEST(ProjectionReaderOnEmbeddedLog, IsNotCompleteWhereTheLogLacksWhatItsWriterConfirmed) {
  Workbench bench;
  bench.append(16);
  Swapping log(bench.new_log("log-1"), bench.new_log("log-1"));
  log.confirmed_ = must(log.end(bench.topic_)).next[0] + 100;
  Collected collected;
  ProjectionReader reader(log, bench.metrics_, collected, bench.topic_);
  const std::jthread thread([&](std::stop_token stop) { reader.run(stop); });
  ASSERT_TRUE(reader.wait_caught_up(std::chrono::seconds(20)));
  EXPECT_EQ(reader.complete_until(), Instant{});
  log.confirmed_ = 0;
  EXPECT_TRUE(eventually([&] { return reader.complete_until() > Instant{}; }));
}

// By the time it is there again it is longer than it was: nothing in its length tells.
TEST(ProjectionReaderOnEmbeddedLog, StartsOverWhenTheLogHasLostItsEndAndGrownAgain) {
  Workbench bench;
  bench.append(16);
  Workbench grown;
  grown.topic_ = bench.topic_;
  grown.append(8);
  grown.append(16, {}, "new");
  Swapping log(bench.new_log("log-1"), grown.new_log("log-1"));
  Collected collected;
  ProjectionReader reader(log, bench.metrics_, collected, bench.topic_);
  const std::jthread thread([&](std::stop_token stop) { reader.run(stop); });
  ASSERT_TRUE(reader.wait_caught_up(std::chrono::seconds(20)));
  log.now_ = 1;
  EXPECT_TRUE(eventually([&] { return collected.whole() == std::vector<std::size_t>{16, 40}; }));
  EXPECT_EQ(collected.started(), 2);
}

// The same log after a while without it: goes on, and what is read once more is not told again.
TEST(ProjectionReaderOnEmbeddedLog, GoesOnWhereItWasWhenTheLogIsBack) {
  Workbench bench;
  bench.append(16);
  Swapping log(bench.new_log("log-1"), bench.new_log("log-1"));
  Collected collected;
  ProjectionReader reader(log, bench.metrics_, collected, bench.topic_);
  const std::jthread thread([&](std::stop_token stop) { reader.run(stop); });
  ASSERT_TRUE(reader.wait_caught_up(std::chrono::seconds(20)));
  log.now_ = 1;
  bench.append(3, {}, "later");
  EXPECT_TRUE(eventually([&] { return collected.keys().size() == 19U; }));
  const Instant complete = reader.complete_until();
  EXPECT_TRUE(eventually([&] { return reader.complete_until() > complete; }));
  EXPECT_EQ(collected.keys().size(), 19U);
  EXPECT_EQ(collected.started(), 1);
}

}  // namespace
}  // namespace uncac::platform
