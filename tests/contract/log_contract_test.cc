// What every event log must do: the outbox tables themselves on SQLite, and Apache Kafka behind a
// relay from PostgreSQL. Events enter the same way in both, through Outbox::append.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "platform/events/consumer.h"
#include "platform/events/event_log.h"
#include "platform/events/outbox.h"
#include "platform/events/relay.h"
#include "support/engines.h"
#include "support/gate.h"
#include "support/plain_event.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using testing::eventually;
using testing::FreshStore;
using testing::must;

constexpr const char* kSource = "/tests";

// A store with its outbox, and the log that reads it.
class Log {
 public:
  // Without a `bootstrap` on the broker that all tests share.
  explicit Log(const std::string& kind, const std::string& bootstrap = {})
      : kind_(kind), store_(kind == "kafka" ? "postgresql" : "sqlite") {
    topic_ = testing::unique_name("contract") + ".v1";
    const StoreIdentity identity = must(read_identity(*store_, ids_));
    if (kind == "kafka") {
      KafkaOptions options;
      options.bootstrap = bootstrap.empty() ? testing::kafka().bootstrap() : bootstrap;
      options.client_id = "contract";
      testing::make_topic(options, topic_);
      log_ = must(make_kafka_log(options));
      relay_ = std::make_unique<Relay>(*store_, wakeup_, clock_, metrics_, sealer_,
                                       RelayOptions{options, "contract-relay", 2000});
      relaying_ = std::jthread([this](std::stop_token stop) { relay_->run(stop); });
    } else {
      log_ = make_embedded_log(
          {{Topic{topic_, Retention::kForever}, &*store_, wakeup_, identity.store_id},
           {Topic{dead_letter_topic(topic_), Retention::kForever}, &*store_, wakeup_,
            identity.store_id}});
    }
  }
  ~Log() {
    if (relaying_.joinable()) {
      relaying_.request_stop();
      wakeup_->notify();
    }
  }

  void append(std::vector<Event> events) {
    must(store_->write([&](Transaction& t) { return outbox_.append(t, events); }));
  }
  Event event(const std::string& state, const std::string& key, std::int64_t counter,
              std::optional<std::string> body) const {
    Event event;
    event.topic = topic_;
    event.key = key;
    event.partition = partition_of(state);
    event.revision = {1, counter};
    event.type = "uncac.test.v1.Thing";
    event.source = kSource;
    event.subject = state;
    event.time = "2026-01-02T03:04:05.000006Z";
    event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    event.body = std::move(body);
    return event;
  }
  // Reads until `count` records have come.
  std::vector<Record> read(const std::string& topic, const Position& from, std::size_t count) {
    auto reader = must(log_->read(topic, from));
    std::vector<Record> all;
    eventually([&] {
      auto batch = reader->poll(1000, milliseconds(50), {});
      if (batch) all.insert(all.end(), batch->begin(), batch->end());
      return all.size() >= count;
    });
    return all;
  }

  std::string kind_;
  FreshStore store_;
  SystemClock clock_;
  SystemIds ids_;
  const Sealer sealer_ = must(Sealer::create(std::string(Sealer::kKeyBytes, 'k'), ids_));
  Metrics metrics_;
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  Outbox outbox_{wakeup_};
  std::string topic_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<Relay> relay_;
  std::jthread relaying_;
};

class LogContract : public ::testing::TestWithParam<std::string> {
 protected:
  LogContract() : log_(GetParam()) {}
  Log log_;
};

TEST_P(LogContract, AnEventComesBackWithEveryHeaderAndByte) {
  std::string body;
  for (int i = 0; i < 256; ++i) body += static_cast<char>(i);
  Event sent = log_.event("KEN", "KEN/a", 7, body);
  sent.extensions["dlq-reason"] = "r\xC3\xA9sum\xC3\xA9";
  log_.append({sent, log_.event("KEN", "KEN/b", 8, std::nullopt),
               log_.event("KEN", "KEN/c", 9, std::string())});
  const auto records = log_.read(log_.topic_, must(log_.log_->start(log_.topic_)), 3);
  ASSERT_EQ(records.size(), 3U);
  const Event& got = records[0].event;
  EXPECT_EQ(got.topic, sent.topic);
  EXPECT_EQ(got.key, sent.key);
  EXPECT_EQ(got.partition, sent.partition);
  EXPECT_EQ(got.revision, sent.revision);
  EXPECT_EQ(got.id(), "KEN/a@1.7");
  EXPECT_EQ(got.type, sent.type);
  EXPECT_EQ(got.source, sent.source);
  EXPECT_EQ(got.subject, sent.subject);
  EXPECT_EQ(got.time, sent.time);
  EXPECT_EQ(got.traceparent, sent.traceparent);
  EXPECT_EQ(got.extensions, sent.extensions);
  EXPECT_EQ(got.origin.empty(), GetParam() != "kafka") << "only a relay says whose it is";
  EXPECT_EQ(got.body, sent.body);
  EXPECT_FALSE(records[1].event.body.has_value()) << "a tombstone";
  ASSERT_TRUE(records[2].event.body.has_value()) << "empty is not a tombstone";
  EXPECT_EQ(*records[2].event.body, "");
}

TEST_P(LogContract, AnUndoneTransactionLeavesNoEvent) {
  const Status undone = log_.store_->write([&](Transaction& t) -> Status {
    const Event event = log_.event("KEN", "KEN/never", 1, "x");
    UNCAC_TRY(log_.outbox_.append(t, {&event, 1}));
    return make_error(Reason::kForbidden, "no");
  });
  ASSERT_FALSE(undone);
  log_.append({log_.event("KEN", "KEN/kept", 1, "x")});
  const auto records = log_.read(log_.topic_, must(log_.log_->start(log_.topic_)), 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].event.key, "KEN/kept");
}

TEST_P(LogContract, ABodyOverTheLimitIsRefusedWhereItEnters) {
  const Event event = log_.event("KEN", "KEN/big", 1, std::string(kMaxEventBody + 1, 'x'));
  const Status refused = log_.store_->write([&](Transaction& t) {
    return log_.outbox_.append(t, {&event, 1});
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kTooLarge);
  log_.append({log_.event("KEN", "KEN/fits", 1, std::string(kMaxEventBody, 'x'))});
  EXPECT_EQ(log_.read(log_.topic_, must(log_.log_->start(log_.topic_)), 1).size(), 1U);
}

TEST_P(LogContract, OrderPerKeyHoldsAmongManyWriters) {
  constexpr int kWriters = 6;
  constexpr int kEach = 60;
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < kWriters; ++w) {
      writers.emplace_back([&, w] {
        const std::string key = "S" + std::to_string(w % 3);
        for (int i = 0; i < kEach; ++i) {
          must(log_.store_->write([&](Transaction& t) -> Status {
            UNCAC_TRY(t.lock(key));
            UNCAC_ASSIGN(const Rows rows,
                         t.query("SELECT count(*) FROM idempotency WHERE actor = $1", {key}));
            const std::int64_t counter = rows.integer(0, 0) + 1;
            UNCAC_ASSIGN([[maybe_unused]] const auto changed,
                         t.execute("INSERT INTO idempotency VALUES ($1, $2, '', '', $3, 0)",
                                   {key, std::to_string(counter), Bytes{}}));
            const Event event = log_.event(key, key, counter, std::to_string(counter));
            return log_.outbox_.append(t, {&event, 1});
          }));
        }
      });
    }
  }
  const auto records = log_.read(log_.topic_, must(log_.log_->start(log_.topic_)),
                                 static_cast<std::size_t>(kWriters) * kEach);
  ASSERT_EQ(records.size(), static_cast<std::size_t>(kWriters * kEach));
  std::map<std::string, std::int64_t> last;
  for (const Record& record : records) {
    EXPECT_EQ(record.event.revision.counter, ++last[record.event.key]) << record.event.key;
  }
}

TEST_P(LogContract, GoesOnFromAPosition) {
  log_.append({log_.event("KEN", "KEN/1", 1, "1"), log_.event("FRA", "FRA/1", 1, "1")});
  ASSERT_EQ(log_.read(log_.topic_, must(log_.log_->start(log_.topic_)), 2).size(), 2U);
  const Position middle = must(log_.log_->end(log_.topic_));
  EXPECT_EQ(must(decode_position(encode(middle))), middle);
  log_.append({log_.event("FRA", "FRA/2", 1, "2"), log_.event("KEN", "KEN/2", 1, "2")});
  const auto later = log_.read(log_.topic_, middle, 2);
  ASSERT_EQ(later.size(), 2U);
  std::set<std::string> keys;
  for (const Record& record : later) keys.insert(record.event.key);
  EXPECT_EQ(keys, (std::set<std::string>{"FRA/2", "KEN/2"}));
  EXPECT_TRUE(eventually([&] { return must(log_.log_->end(log_.topic_)).covers(middle); }));
}

TEST_P(LogContract, APositionOfAnotherLogIsRefused) {
  Position foreign = must(log_.log_->start(log_.topic_));
  foreign.log_id = "another";
  const auto reader = log_.log_->read(log_.topic_, foreign);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().reason, Reason::kPositionExpired);
}

// Adds each body to a table, so that an effect that happened twice or not at all is seen.
class Adder final : public Handler {
 public:
  Status handle(Transaction& transaction, std::span<const Record> batch) override {
    for (const Record& record : batch) {
      if (record.event.body == "poison") {
        return make_error(Reason::kInvalidInput, "cannot be read");
      }
      if (record.event.body == "away" && transient_failures_-- > 0) {
        return make_error(Reason::kUnavailable, "try again");
      }
      UNCAC_ASSIGN(
          [[maybe_unused]] const auto changed,
          transaction.execute("INSERT INTO effect (event_id) VALUES ($1)", {record.event.id()}));
    }
    return {};
  }
  std::atomic<int> transient_failures_ = 0;
};

class ConsumerContract : public LogContract {
 protected:
  ConsumerContract() {
    must(log_.store_->write([&](Transaction& t) {
      return t.execute("CREATE TABLE effect (id " + log_.store_->dialect("{{identity}}") +
                       ", event_id TEXT NOT NULL)");
    }));
    options_.name = testing::unique_name("group");
    options_.topic = log_.topic_;
    options_.attempts = 2;
    options_.first_backoff = milliseconds(5);
    options_.longest_backoff = milliseconds(20);
  }
  std::vector<std::string> effects() {
    const Rows rows = must(log_.store_->read(
        [](Transaction& t) { return t.query("SELECT event_id FROM effect ORDER BY id"); }));
    std::vector<std::string> all;
    for (std::size_t i = 0; i < rows.size(); ++i) all.push_back(rows.text(i, 0));
    return all;
  }
  bool all_once(std::size_t count) {
    const auto all = effects();
    return all.size() == count && std::set<std::string>(all.begin(), all.end()).size() == count;
  }
  // Runs one member until `until` holds.
  void consume(Adder& adder, const std::function<bool()>& until) {
    Consumer consumer(*log_.log_, *log_.store_, log_.outbox_, log_.clock_, log_.metrics_, adder,
                      options_);
    std::jthread thread([&](std::stop_token stop) { consumer.run(stop); });
    EXPECT_TRUE(eventually(until, std::chrono::seconds(40)));
  }
  std::vector<Event> many(int count, const std::string& stem) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      const std::string state = "S" + std::to_string(i % 11);
      events.push_back(log_.event(state, state + "/" + stem + std::to_string(i), 1, "x"));
    }
    return events;
  }
  ConsumerOptions options_;
};

TEST_P(ConsumerContract, EachEventHasItsEffectOnceAcrossRestarts) {
  Adder adder;
  log_.append(many(300, "a"));
  consume(adder, [&] { return effects().size() >= 300; });
  log_.append(many(200, "b"));
  consume(adder, [&] { return effects().size() >= 500; });
  // A third member finds nothing to do; the newest event shows that it looked.
  log_.append(many(1, "c"));
  consume(adder, [&] { return effects().size() >= 501; });
  EXPECT_TRUE(all_once(501));
}

TEST_P(ConsumerContract, ThePoisonEventGoesAloneToTheDeadLetters) {
  auto events = many(40, "a");
  events[17].body = "poison";
  Adder adder;
  log_.append(events);
  consume(adder, [&] { return effects().size() >= 39; });
  EXPECT_TRUE(all_once(39));
  const std::string dead = dead_letter_topic(log_.topic_);
  const auto letters = log_.read(dead, must(log_.log_->start(dead)), 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].event.key, events[17].key);
  EXPECT_EQ(letters[0].event.body, "poison");
  EXPECT_NE(letters[0].event.extensions.at("dlq-reason").find("cannot be read"), std::string::npos);
}

TEST_P(ConsumerContract, ARetryableErrorIsTriedUntilItGoesAway) {
  auto events = many(5, "a");
  events[2].body = "away";
  Adder adder;
  adder.transient_failures_ = 12;  // more than `attempts`: it must not become a dead letter
  log_.append(events);
  consume(adder, [&] { return effects().size() >= 5; });
  EXPECT_TRUE(all_once(5));
}

INSTANTIATE_TEST_SUITE_P(Adapters, LogContract, ::testing::Values("embedded", "kafka"),
                         [](const auto& parameter) { return parameter.param; });
INSTANTIATE_TEST_SUITE_P(Adapters, ConsumerContract, ::testing::Values("embedded", "kafka"),
                         [](const auto& parameter) { return parameter.param; });

// Two members of one group over the real broker, one of them leaving in the middle.
class ConsumersOnKafka : public ConsumerContract {};
TEST_P(ConsumersOnKafka, ARebalanceInTheMiddleLosesAndDoublesNothing) {
  Adder first_adder;
  Adder second_adder;
  options_.batch = 20;
  Consumer first(*log_.log_, *log_.store_, log_.outbox_, log_.clock_, log_.metrics_, first_adder,
                 options_);
  Consumer second(*log_.log_, *log_.store_, log_.outbox_, log_.clock_, log_.metrics_, second_adder,
                  options_);
  std::jthread one([&](std::stop_token stop) { first.run(stop); });
  log_.append(many(400, "a"));
  ASSERT_TRUE(eventually([&] { return effects().size() >= 20; }, std::chrono::seconds(40)));
  std::jthread two([&](std::stop_token stop) { second.run(stop); });
  log_.append(many(400, "b"));
  ASSERT_TRUE(eventually([&] { return effects().size() >= 500; }, std::chrono::seconds(40)));
  one.request_stop();
  one.join();
  log_.append(many(400, "c"));
  ASSERT_TRUE(eventually([&] { return effects().size() >= 1200; }, std::chrono::seconds(60)));
  EXPECT_TRUE(all_once(1200));
}

// From the start of every partition.
class FromTheStart final : public Assignment {
 public:
  Result<std::vector<std::int64_t>> begin(const std::vector<int>& partitions) override {
    return std::vector<std::int64_t>(partitions.size(), 0);
  }
  void lost(const std::vector<int>& /*partitions*/) override {}
};

// Paused, what was fetched already is fetched again: from the right place, also where nothing had
// been read yet, and again and again.
TEST_P(ConsumersOnKafka, AMemberThatWaitedGoesOnWhereItWas) {
  FromTheStart assignment;
  auto reader = must(log_.log_->join(log_.topic_, options_.name, assignment));
  std::vector<Record> all;
  const auto poll = [&](std::size_t most) {
    auto batch = must(reader->poll(most, milliseconds(200), {}));
    EXPECT_LE(batch.size(), most);
    std::move(batch.begin(), batch.end(), std::back_inserter(all));
  };
  for (int round = 0; round < 5; ++round) {
    log_.append(many(1'000, std::to_string(round) + "-"));
    const std::size_t some = static_cast<std::size_t>(round) * 1'000 + 100;
    EXPECT_TRUE(eventually([&] { return poll(7), all.size() >= some; }, std::chrono::seconds(40)));
    for (int wait = 0; wait < 20; ++wait)
      EXPECT_TRUE(must(reader->poll(0, milliseconds(0), {})).empty());
  }
  EXPECT_TRUE(eventually([&] { return poll(500), all.size() >= 5'000; }, std::chrono::seconds(40)));
  EXPECT_EQ(all.size(), 5'000U);
  std::map<int, std::int64_t> last;
  for (const Record& record : all) {
    const auto before = last.try_emplace(record.event.partition, -1).first;
    EXPECT_EQ(record.offset, before->second + 1) << "of partition " << record.event.partition;
    before->second = record.offset;
  }
}
INSTANTIATE_TEST_SUITE_P(Adapters, ConsumersOnKafka, ::testing::Values("kafka"),
                         [](const auto& parameter) { return parameter.param; });

// Back-pressure, seen between reader and broker: while a member waits, no record comes to it,
// however many are there, and others are given theirs. When it goes on, it is given all.
TEST(LogOnKafka, AMemberThatWaitsFetchesNothing) {
  testing::Gate gate;
  const auto broker = must(testing::KafkaServer::start(
      {"advertised.listeners=PLAINTEXT://127.0.0.1:" + std::to_string(gate.port())}));
  gate.lead_to(broker->port());
  Log log("kafka", broker->bootstrap());
  FromTheStart assignment;
  const auto waiting = must(log.log_->join(log.topic_, "waiting", assignment));
  std::vector<Record> given;
  const auto poll = [&](std::size_t most) {
    auto batch = must(waiting->poll(most, milliseconds(200), {}));
    std::move(batch.begin(), batch.end(), std::back_inserter(given));
  };
  log.append({log.event("KEN", "KEN/0", 1, "small")});
  ASSERT_TRUE(eventually([&] { return poll(1), given.size() == 1; }, std::chrono::seconds(40)));
  poll(0);

  // Less than a reader takes ahead, in one partition, and nothing that could be compressed.
  constexpr std::size_t kCount = 15;
  constexpr std::size_t kAll = kCount * kMaxEventBody;
  const std::uint64_t before = gate.replied();
  std::minstd_rand random(7);
  for (std::size_t i = 1; i <= kCount; ++i) {
    std::string body(kMaxEventBody, '\0');
    std::generate(body.begin(), body.end(), [&] { return static_cast<char>(random() >> 8); });
    log.append({log.event("KEN", "KEN/" + std::to_string(i), 1, std::move(body))});
  }
  // Two others, one after the other, have read it all: time enough.
  const Position start = must(log.log_->start(log.topic_));
  for (int reader = 0; reader < 2; ++reader) {
    EXPECT_EQ(log.read(log.topic_, start, kCount + 1).size(), kCount + 1);
    poll(0);
  }
  const std::uint64_t theirs = gate.replied() - before;
  EXPECT_GE(theirs, 2 * kAll) << "the gate counts what is fetched";
  // Each answer of the broker also has the beginning of a record that it has no room for, here a
  // sixth more; and a request that was under way when the member began to wait brings one record.
  // All that the member could have fetched would be as much again as one of the others did.
  EXPECT_LT(theirs, 3 * kAll - kAll / 4);
  EXPECT_EQ(given.size(), 1U);

  EXPECT_TRUE(
      eventually([&] { return poll(500), given.size() >= kCount + 1; }, std::chrono::seconds(40)));
  ASSERT_EQ(given.size(), kCount + 1);
  for (std::size_t i = 0; i < given.size(); ++i) {
    EXPECT_EQ(given[i].event.key, "KEN/" + std::to_string(i));
  }
  EXPECT_GE(gate.replied() - before, theirs + kAll - kAll / 4);
}

// Services start side by side, so one may ask for a topic before its owner has made it.
TEST(LogOnKafka, ATopicMadeAfterItWasAskedForIsFound) {
  KafkaOptions options;
  options.bootstrap = testing::kafka().bootstrap();
  options.client_id = "early";
  const Topic topic{testing::unique_name("late") + ".v1", Retention::kForever};
  const auto log = must(make_kafka_log(options));
  const auto early = log->end(topic.name);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, Reason::kUnavailable);
  testing::make_topic(options, topic.name);
  EXPECT_TRUE(eventually([&] { return log->end(topic.name).ok(); }, std::chrono::seconds(15)));
  EXPECT_TRUE(log->start(topic.name).ok());
}

// The relay: its outbox ends empty, a broker that is away loses nothing, two relays double nothing
// that a revision guard would not drop.
TEST(RelayOnKafka, EmptiesTheOutboxThroughABrokerRestart) {
  auto broker = must(testing::KafkaServer::start());
  FreshStore store("postgresql");
  SystemClock clock;
  SystemIds ids;
  Metrics metrics;
  auto wakeup = std::make_shared<Wakeup>();
  Outbox outbox(wakeup);
  KafkaOptions options;
  options.bootstrap = broker->bootstrap();
  options.client_id = "relay-test";
  const Topic topic{"relay.v1", Retention::kForever};
  testing::make_topic(options, topic.name);
  const auto append = [&](int from, int to) {
    std::vector<Event> events;
    for (int i = from; i < to; ++i) {
      Event event = testing::plain_event(topic.name, "K" + std::to_string(i % 13), i);
      event.partition = partition_of(event.key);
      events.push_back(event);
    }
    must(store->write([&](Transaction& t) { return outbox.append(t, events); }));
  };
  const auto depth = [&] {
    return must(store->read([](Transaction& t) -> Result<std::int64_t> {
      UNCAC_ASSIGN(const Rows rows, t.query("SELECT count(*) FROM outbox"));
      return rows.integer(0, 0);
    }));
  };
  must(read_identity(*store, ids));
  const Sealer sealer = must(Sealer::create(std::string(Sealer::kKeyBytes, 'k'), ids));
  Relay first(*store, wakeup, clock, metrics, sealer, {options, "first", 100});
  Relay second(*store, wakeup, clock, metrics, sealer, {options, "second", 100});
  std::jthread one([&](std::stop_token stop) { first.run(stop); });
  std::jthread two([&](std::stop_token stop) { second.run(stop); });
  append(0, 500);
  ASSERT_TRUE(eventually([&] { return depth() == 0; }, std::chrono::seconds(30)));
  broker->kill9();
  append(500, 1000);
  EXPECT_GE(depth(), 1);
  must(broker->restart());
  ASSERT_TRUE(eventually([&] { return depth() == 0; }, std::chrono::seconds(60)));
  auto log = must(make_kafka_log(options));
  auto reader = must(log->read(topic.name, must(log->start(topic.name))));
  std::map<std::string, std::set<std::int64_t>> seen;
  std::map<std::string, std::int64_t> highest;
  std::size_t distinct = 0;
  eventually([&] {
    auto batch = reader->poll(1000, milliseconds(50), {});
    if (!batch) return false;
    for (const Record& record : *batch) {
      auto& high = highest.try_emplace(record.event.key, -1).first->second;
      if (seen[record.event.key].insert(record.event.revision.counter).second) {
        ++distinct;
        EXPECT_GT(record.event.revision.counter, high) << "first sight is in order";
      }
      high = std::max(high, record.event.revision.counter);
    }
    return distinct >= 1000;
  });
  EXPECT_EQ(distinct, 1000U);
}

}  // namespace
}  // namespace uncac::platform
