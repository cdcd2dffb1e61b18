// The embedded log alone: order across partitions, waking, groups, compaction.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "platform/events/event_log.h"
#include "platform/events/outbox.h"
#include "support/engines.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using testing::must;

class EmbeddedLogTest : public ::testing::Test {
 protected:
  Event event(const std::string& topic, const std::string& key, int partition,
              std::optional<std::string> body, const std::string& time = "2026-03-01") const {
    Event event;
    event.topic = topic;
    event.key = key;
    event.partition = partition;
    event.revision = {1, 1};
    event.type = "t";
    event.source = "/tests";
    event.subject = "KEN";
    event.time = time + "T00:00:00.000000Z";
    event.body = std::move(body);
    return event;
  }
  void append(std::vector<Event> events) {
    must(store_->write([&](Transaction& t) { return outbox_.append(t, events); }));
  }
  std::vector<std::string> keys_from(const std::string& topic, const Position& from) {
    auto reader = must(log_->read(topic, from));
    std::vector<std::string> keys;
    for (const Record& record : must(reader->poll(1'000, milliseconds(0), {}))) {
      keys.push_back(record.event.key);
    }
    return keys;
  }
  static Moment at(const std::string& day) { return Moment(must(parse_day(day))); }

  testing::FreshStore store_{"sqlite"};
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  Outbox outbox_{wakeup_};
  std::unique_ptr<EventLog> log_ = make_embedded_log(
      {{Topic{"a"}, &*store_, wakeup_, "log"}, {Topic{"b"}, &*store_, wakeup_, "log"}});
};

TEST_F(EmbeddedLogTest, RespectsEachPartitionsOffset) {
  append({event("a", "1", 0, "x"), event("b", "other", 0, "x"), event("a", "2", 1, "x"),
          event("a", "3", 0, "x")});
  const Position end = must(log_->end("a"));
  EXPECT_EQ(must(log_->end("b")).next[0], must(log_->start("b")).next[0] + 1);
  EXPECT_EQ(keys_from("a", must(log_->start("a"))), (std::vector<std::string>{"1", "2", "3"}));
  Position mixed = end;
  mixed.next[1] = 0;
  EXPECT_EQ(keys_from("a", mixed), (std::vector<std::string>{"2"}));
  EXPECT_TRUE(keys_from("a", end).empty());
}

TEST_F(EmbeddedLogTest, PollsBitByBitInOrder) {
  std::vector<Event> events;
  for (int i = 0; i < 321; ++i) {
    events.push_back(event("a", std::to_string(i), (i * 5) % kPartitions, "x"));
  }
  append(events);
  auto reader = must(log_->read("a", must(log_->start("a"))));
  int next = 0;
  while (next < 321) {
    const auto records = must(reader->poll(130, milliseconds(0), {}));
    ASSERT_FALSE(records.empty());
    ASSERT_LE(records.size(), 130U);
    for (const Record& record : records) EXPECT_EQ(record.event.key, std::to_string(next++));
  }
  EXPECT_EQ(reader->position(), must(log_->end("a")));
}

TEST_F(EmbeddedLogTest, AnEmptyTopicStartsWhereItEnds) {
  EXPECT_EQ(must(log_->start("a")), must(log_->end("a")));
  EXPECT_EQ(log_->end("unknown").error().reason, Reason::kNotFound);
}

TEST_F(EmbeddedLogTest, ACommitOrAStopEndsTheWait) {
  auto reader = must(log_->read("a", must(log_->start("a"))));
  {
    const std::jthread writer([&] { append({event("a", "1", 3, "x")}); });
    // An hour: only being woken ends it in the time a test has.
    EXPECT_EQ(must(reader->poll(10, std::chrono::hours(1), {})).size(), 1U);
  }
  std::stop_source stop;
  const std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_TRUE(must(reader->poll(10, std::chrono::hours(1), stop.get_token())).empty());
}

class Nothing final : public Assignment {
 public:
  Result<std::vector<std::int64_t>> begin(const std::vector<int>& partitions) override {
    begun_ = partitions;
    return std::vector<std::int64_t>(partitions.size(), 0);
  }
  void lost(const std::vector<int>&) override {}
  std::vector<int> begun_;
};

TEST_F(EmbeddedLogTest, AGroupHasOneMemberInAProcess) {
  Nothing assignment;
  append({event("a", "1", 7, "x")});
  auto member = must(log_->join("a", "g", assignment));
  EXPECT_EQ(log_->join("a", "g", assignment).error().reason, Reason::kFailedPrecondition);
  EXPECT_TRUE(log_->join("b", "g", assignment).ok()) << "another topic is another group";
  EXPECT_EQ(must(member->poll(10, milliseconds(0), {})).size(), 1U);
  EXPECT_EQ(assignment.begun_.size(), static_cast<std::size_t>(kPartitions));
  member.reset();
  EXPECT_TRUE(log_->join("a", "g", assignment).ok());
}

TEST_F(EmbeddedLogTest, CompactionKeepsTheNewestOfEachKeyAndYoungTombstones) {
  append({event("a", "k1", 0, "old", "2026-01-01"),         //
          event("a", "k1", 0, "new", "2026-01-02"),         // newest of k1
          event("a", "k2", 0, "old", "2026-01-01"),         //
          event("a", "k2", 0, std::nullopt, "2026-01-02"),  // an old tombstone
          event("a", "k3", 0, "young", "2026-02-20"),       // superseded, not long enough ago
          event("a", "k3", 0, std::nullopt, "2026-02-21"),  // a young tombstone
          event("a", "k4", 0, "x", "2026-02-22"),           //
          event("b", "k1", 0, "old", "2026-01-01"),         // another topic
          event("b", "k1", 0, "new", "2026-01-02")});
  const Position end = must(log_->end("a"));
  EXPECT_EQ(must(compact_embedded(*store_, "a", at("2026-02-01"), at("2026-02-01"))), 3);
  EXPECT_EQ(keys_from("a", must(log_->start("a"))),
            (std::vector<std::string>{"k1", "k3", "k3", "k4"}));
  EXPECT_EQ(keys_from("b", must(log_->start("b"))).size(), 2U);
  EXPECT_EQ(must(log_->end("a")), end);
  Position zero = end;
  std::fill(zero.next.begin(), zero.next.end(), 0);
  EXPECT_EQ(keys_from("a", zero).size(), 4U) << "an offset that is gone goes on at the oldest kept";
}

// A reader who resumes needs what he was away for, so superseded rows may be kept longer than
// tombstones, or shorter: each bound is for its own.
TEST_F(EmbeddedLogTest, CompactionKeepsSupersededRowsAsLongAsAsked) {
  append({event("a", "k1", 0, "old", "2026-01-10"),  //
          event("a", "k1", 0, "mid", "2026-01-20"),  //
          event("a", "k1", 0, "new", "2026-02-01"),
          event("a", "k2", 0, std::nullopt, "2026-01-20"),  // nothing of its key before it
          event("a", "k3", 0, "x", "2026-02-02")});
  const auto keys = [&] { return keys_from("a", must(log_->start("a"))); };
  EXPECT_EQ(must(compact_embedded(*store_, "a", at("2026-01-10"), at("2026-01-10"))), 0);
  EXPECT_EQ(must(compact_embedded(*store_, "a", at("2026-01-15"), at("2026-01-01"))), 1);
  EXPECT_EQ(keys(), (std::vector<std::string>{"k1", "k1", "k2", "k3"}));
  EXPECT_EQ(must(compact_embedded(*store_, "a", at("2026-01-15"), at("2026-02-03"))), 1);
  EXPECT_EQ(keys(), (std::vector<std::string>{"k1", "k1", "k3"})) << "k1 of 20 January is young";
  EXPECT_EQ(must(compact_embedded(*store_, "a", at("2026-02-03"), at("2026-01-01"))), 1);
  EXPECT_EQ(keys(), (std::vector<std::string>{"k1", "k3"})) << "the newest of each stays";
}

TEST_F(EmbeddedLogTest, CompactionNeverBringsAKeyBackNorMovesTheEnd) {
  append({event("a", "k", 0, "shared", "2026-02-20"),
          event("a", "k", 0, std::nullopt, "2026-01-02"),  // its clock was behind
          event("a", "last", 0, std::nullopt, "2026-01-02")});
  const Position end = must(log_->end("a"));
  EXPECT_EQ(must(compact_embedded(*store_, "a", at("2026-02-01"), at("2026-02-01"))), 0);
  EXPECT_EQ(must(log_->end("a")), end);
}

}  // namespace
}  // namespace uncac::platform
