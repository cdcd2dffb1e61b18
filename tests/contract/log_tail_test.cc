// Whether a store and its topic on Kafka still belong together, on a real broker and PostgreSQL.
#include "platform/events/log_tail.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "platform/events/relay.h"
#include "support/engines.h"
#include "support/plain_event.h"

namespace uncac::platform {
namespace {

using testing::eventually;
using testing::FreshStore;
using testing::must;
using Verdict = LogComparison::Verdict;

class LogTail : public ::testing::Test {
 protected:
  LogTail() {
    options_.bootstrap = testing::kafka().bootstrap();
    options_.client_id = "tail";
    topic_.name = testing::unique_name("tail") + ".v1";
    must(make_kafka_topics(options_, std::vector<KafkaTopic>{{topic_.name, {}}}, 1));
    log_ = must(make_kafka_log(options_));
    must(read_identity(*store_, ids_));
  }

  // Writes and publishes, until the outbox is empty.
  void publish(FreshStore& store, int from, int to) {
    auto wakeup = std::make_shared<Wakeup>();
    Outbox outbox(wakeup);
    std::vector<Event> events;
    for (int i = from; i < to; ++i) {
      Event event = testing::plain_event(topic_.name, "K" + std::to_string(i), i);
      event.partition = i % kPartitions;
      events.push_back(event);
    }
    must(store->write([&](Transaction& t) { return outbox.append(t, events); }));
    Relay relay(*store, wakeup, clock_, metrics_, sealer_, {options_, "tail", 100});
    const std::jthread running([&](std::stop_token stop) { relay.run(stop); });
    EXPECT_TRUE(eventually([&] { return count(store, "SELECT count(*) FROM outbox") == 0; },
                           std::chrono::seconds(30)));
  }
  static std::int64_t count(FreshStore& store, const char* sql) {
    return must(store->read([&](Transaction& t) -> Result<std::int64_t> {
      UNCAC_ASSIGN(const Rows rows, t.query(sql));
      return rows.integer(0, 0);
    }));
  }
  LogComparison compare(FreshStore& store) {
    return must(compare_with_log(*store, *log_, {&topic_, 1}, sealer_));
  }

  SystemClock clock_;
  SystemIds ids_;
  Metrics metrics_;
  const Sealer sealer_ = must(Sealer::create(std::string(Sealer::kKeyBytes, 'k'), ids_));
  FreshStore store_{"postgresql"};
  KafkaOptions options_;
  Topic topic_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(LogTail, AnUntouchedPairIsInStep) {
  EXPECT_EQ(compare(store_).verdict, Verdict::kInStep) << "nothing was written yet";
  EXPECT_TRUE(compare(store_).store_is_new);
  publish(store_, 0, 40);
  EXPECT_EQ(compare(store_).verdict, Verdict::kInStep);
  EXPECT_FALSE(compare(store_).store_is_new);
  // Confirmed by Kafka, and the relay died before it could say so: the rows are still there.
  must(store_->write([&](Transaction& t) -> Status {
    UNCAC_TRY(t.execute("DELETE FROM relay_mark"));
    UNCAC_TRY(t.execute(
        "INSERT INTO outbox (topic, partition_number, event_key, epoch, counter, event_type, "
        "source, subject, event_time, traceparent, extensions, body) VALUES "
        "('other', 0, 'K', 1, 1, 't', '', '', '', '', $1, $1)",
        {Bytes{}}));
    return {};
  }));
  EXPECT_EQ(compare(store_).verdict, Verdict::kInStep);
}

// As after pg_restore: the table of marks is of the hour of the copy, and so are the row ids.
TEST_F(LogTail, AnOlderCopyOfTheStoreIsBehindUntilItHasANewEpoch) {
  publish(store_, 0, 16);
  const Rows marks = must(store_->read([](Transaction& t) {
    return t.query("SELECT topic, partition_number, outbox_id FROM relay_mark");
  }));
  publish(store_, 16, 32);
  must(store_->write([&](Transaction& t) -> Status {
    for (std::size_t i = 0; i < marks.size(); ++i) {
      UNCAC_TRY(t.execute(
          "UPDATE relay_mark SET outbox_id = $1 WHERE topic = $2 AND partition_number = $3",
          {marks.integer(i, 2), marks.text(i, 0), marks.integer(i, 1)}));
    }
    return {};
  }));
  const LogComparison found = compare(store_);
  EXPECT_EQ(found.verdict, Verdict::kStoreBehind);
  EXPECT_FALSE(found.store_is_new);
  must(store_->write([&](Transaction& t) -> Status {
    UNCAC_TRY(raise_epoch(t, ids_, clock_.now()));
    UNCAC_TRY(t.execute("DELETE FROM relay_mark"));
    return {};
  }));
  EXPECT_EQ(compare(store_).verdict, Verdict::kInStep) << "what it had before is known as its own";
  publish(store_, 32, 48);
  EXPECT_EQ(compare(store_).verdict, Verdict::kInStep);
}

// A replica starts, and compares, while another one's relay publishes.
TEST_F(LogTail, ARelayAtWorkIsInStepAtEveryMoment) {
  std::atomic<bool> done = false;
  std::jthread publishing([&] {
    for (int i = 0; i < 40; ++i) publish(store_, 100 * i, 100 * (i + 1));
    done = true;
  });
  int comparisons = 0;
  while (!done) {
    const LogComparison found = compare(store_);
    EXPECT_EQ(found.verdict, Verdict::kInStep) << found.evidence;
    ++comparisons;
  }
  EXPECT_GT(comparisons, 5);
}

TEST_F(LogTail, AnEmptyDatabaseBeforeAFullTopicIsNew) {
  publish(store_, 0, 8);
  FreshStore other("postgresql");
  must(read_identity(*other, ids_));
  const LogComparison found = compare(other);
  EXPECT_EQ(found.verdict, Verdict::kStoreBehind);
  EXPECT_TRUE(found.store_is_new);
  EXPECT_NE(found.evidence.find(topic_.name), std::string::npos);
}

TEST_F(LogTail, ALogThatLostWhatItConfirmedIsBehind) {
  publish(store_, 0, 16);
  // Another broker under the same address, say: a topic of the same name without records.
  const std::string full = topic_.name;
  topic_.name = testing::unique_name("empty") + ".v1";
  must(make_kafka_topics(options_, std::vector<KafkaTopic>{{topic_.name, {}}}, 1));
  must(store_->write([&](Transaction& t) {
    return t.execute("UPDATE relay_mark SET topic = $1 WHERE topic = $2", {topic_.name, full});
  }));
  EXPECT_EQ(compare(store_).verdict, Verdict::kLogBehind);
  // One that ends earlier.
  topic_.name = full;
  must(store_->write([&](Transaction& t) -> Status {
    UNCAC_TRY(t.execute("DELETE FROM relay_mark"));
    UNCAC_TRY(t.execute(
        "INSERT INTO relay_mark (topic, partition_number, outbox_id) VALUES ($1, 3, 1000)",
        {full}));
    return {};
  }));
  const LogComparison found = compare(store_);
  EXPECT_EQ(found.verdict, Verdict::kLogBehind);
  EXPECT_EQ(found.evidence, full + " 3");
}

TEST_F(LogTail, TheNewestOfEachKeyIsFoundWithoutItsBody) {
  publish(store_, 0, 5);
  publish(store_, 3, 5);
  const std::vector<Record> newest = must(newest_on_log(*log_, {&topic_, 1}));
  ASSERT_EQ(newest.size(), 5U);
  for (const Record& record : newest) EXPECT_EQ(record.event.body, "");
}

}  // namespace
}  // namespace uncac::platform
