// Consumers and projections over the embedded log on SQLite: what fails is isolated, the rest
// happens exactly once and in order, and a member that was replaced changes nothing.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "platform/events/consumer.h"
#include "platform/events/dead_letters.h"
#include "platform/events/outbox.h"
#include "support/engines.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using testing::eventually;
using testing::must;

// One store, its outbox, and an embedded log over one topic and its dead letters.
class Workbench {
 public:
  Workbench() {
    must(store_->write([&](Transaction& t) {
      return t.execute("CREATE TABLE effect (id " + store_->dialect("{{identity}}") +
                       ", topic TEXT NOT NULL, partition_number BIGINT NOT NULL, "
                       "event_offset BIGINT NOT NULL, event_key TEXT NOT NULL)");
    }));
    next_topic();
  }

  void next_topic() {
    topic_ = testing::unique_name("t");
    log_ = new_log("log-1");
  }
  std::unique_ptr<EventLog> new_log(const std::string& log_id) {
    return make_embedded_log({{Topic{topic_}, &*store_, wakeup_, log_id},
                              {Topic{dead_letter_topic(topic_)}, &*store_, wakeup_, log_id}});
  }

  Event event(const std::string& key, int partition, std::optional<std::string> body) const {
    Event event;
    event.topic = topic_;
    event.key = key;
    event.partition = partition;
    event.revision = {1, 1};
    event.type = "uncac.test.v1.Thing";
    event.source = "/tests";
    event.subject = "KEN";
    event.time = "2026-01-02T03:04:05.000006Z";
    event.body = std::move(body);
    return event;
  }
  // `count` events on partitions in turn; those whose number is in `poison` cannot be handled.
  void append(int count, const std::set<int>& poison = {}, const std::string& stem = "e") {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      events.push_back(event(stem + std::to_string(i), (i * 3) % kPartitions,
                             poison.contains(i) ? "poison" : "good"));
    }
    append(events);
  }
  void append(const std::vector<Event>& events) {
    must(store_->write([&](Transaction& t) { return outbox_.append(t, events); }));
  }

  std::vector<Record> read_all(const std::string& topic) {
    auto reader = must(log_->read(topic, must(log_->start(topic))));
    return must(reader->poll(10'000, milliseconds(0), {}));
  }
  std::vector<std::string> effects() {
    const Rows rows = must(store_->read([&](Transaction& t) {
      return t.query("SELECT event_key FROM effect WHERE topic = $1 ORDER BY id", {topic_});
    }));
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < rows.size(); ++i) keys.push_back(rows.text(i, 0));
    return keys;
  }
  bool effects_in_order() {
    const Rows rows = must(store_->read([&](Transaction& t) {
      return t.query(
          "SELECT partition_number, event_offset FROM effect WHERE topic = $1 ORDER BY id",
          {topic_});
    }));
    std::map<std::int64_t, std::int64_t> last;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::int64_t& before = last.try_emplace(rows.integer(i, 0), -1).first->second;
      if (rows.integer(i, 1) <= before) return false;
      before = rows.integer(i, 1);
    }
    return true;
  }
  ConsumerOptions options(std::size_t batch = 500) const {
    ConsumerOptions options;
    options.name = "group";
    options.topic = topic_;
    options.batch = batch;
    options.attempts = 3;
    options.first_backoff = milliseconds(1);
    options.longest_backoff = milliseconds(4);
    return options;
  }

  testing::FreshStore store_{"sqlite"};
  SystemClock clock_;
  Metrics metrics_;
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  Outbox outbox_{wakeup_};
  std::string topic_;
  std::unique_ptr<EventLog> log_;
};

class Writer final : public Handler {
 public:
  Status handle(Transaction& transaction, std::span<const Record> batch) override {
    for (const Record& record : batch) {
      if (record.event.body == "poison" && !cured_) {
        ++poison_seen_;
        return make_error(Reason::kInvalidInput, "cannot be read");
      }
      if (record.event.body == "away" && away_-- > 0) {
        return make_error(Reason::kUnavailable, "try again");
      }
      UNCAC_TRY(transaction.execute(
          "INSERT INTO effect (topic, partition_number, event_offset, event_key) "
          "VALUES ($1, $2, $3, $4)",
          {record.event.topic, static_cast<std::int64_t>(record.event.partition), record.offset,
           record.event.key}));
    }
    return {};
  }
  std::atomic<int> away_ = 0;
  std::atomic<int> poison_seen_ = 0;
  std::atomic<bool> cured_ = false;
};

void run_until(Workbench& bench, Handler& handler, const ConsumerOptions& options,
               const std::function<bool()>& done) {
  Consumer consumer(*bench.log_, *bench.store_, bench.outbox_, bench.clock_, bench.metrics_,
                    handler, options);
  const std::jthread thread([&](std::stop_token stop) { consumer.run(stop); });
  EXPECT_TRUE(eventually(done));
}

TEST(ConsumerOnEmbeddedLog, OnlyThePoisonGoesToTheDeadLetters) {
  Workbench bench;
  Writer writer;
  bench.append(100, {37});
  run_until(bench, writer, bench.options(), [&] { return bench.effects().size() >= 99; });
  const auto keys = bench.effects();
  EXPECT_EQ(keys.size(), 99U);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 99U);
  EXPECT_TRUE(bench.effects_in_order());
  const auto letters = bench.read_all(dead_letter_topic(bench.topic_));
  ASSERT_EQ(letters.size(), 1U);
  const Event& letter = letters[0].event;
  const Record original = bench.read_all(bench.topic_)[37];
  EXPECT_EQ(letter.key, "e37");
  EXPECT_EQ(letter.body, "poison");
  EXPECT_EQ(letter.partition, original.event.partition);
  EXPECT_EQ(letter.revision, original.event.revision);
  EXPECT_EQ(letter.type, original.event.type);
  EXPECT_EQ(letter.extensions.at("dlq-reason"), "INVALID_INPUT: cannot be read");
  EXPECT_EQ(letter.extensions.at("dlq-topic"), bench.topic_);
  EXPECT_EQ(letter.extensions.at("dlq-partition"), std::to_string(original.event.partition));
  EXPECT_EQ(letter.extensions.at("dlq-offset"), std::to_string(original.offset));
  EXPECT_EQ(
      bench.metrics_
          .counter("uncac_dead_letters_total", "", {{"consumer", "group"}, {"topic", bench.topic_}})
          .value(),
      1);
}

TEST(ConsumerOnEmbeddedLog, ALonePoisonIsTriedAsOftenAsAsked) {
  Workbench bench;
  Writer writer;
  bench.append(1, {0});
  run_until(bench, writer, bench.options(),
            [&] { return !bench.read_all(dead_letter_topic(bench.topic_)).empty(); });
  EXPECT_EQ(writer.poison_seen_, 3);
}

// A log with one record that did not come from us, as the Kafka adapter gives it.
class Foreign final : public EventLog {
 public:
  explicit Foreign(std::string topic) : topic_(std::move(topic)) {}
  Result<std::unique_ptr<LogReader>> read(const std::string&, const Position&) override {
    return make_error(Reason::kInternal, "not asked for");
  }
  Result<std::unique_ptr<LogReader>> join(const std::string&, const std::string&,
                                          Assignment& assignment) override {
    return std::unique_ptr<LogReader>(std::make_unique<Reader>(topic_, assignment));
  }
  Result<Position> start(const std::string&) override { return nowhere(); }
  Result<Position> end(const std::string&) override { return nowhere(); }
  Completion completion(const std::string&) override { return {}; }
  Result<std::string> log_id(const std::string&) override { return nowhere().log_id; }

 private:
  static Position nowhere() { return {"log-1", std::vector<std::int64_t>(kPartitions, 0)}; }
  class Reader final : public LogReader {
   public:
    Reader(std::string topic, Assignment& assignment)
        : topic_(std::move(topic)), assignment_(assignment) {}
    Result<std::vector<Record>> poll(std::size_t max, milliseconds, std::stop_token) override {
      if (max == 0 || done_) return std::vector<Record>{};
      done_ = true;
      UNCAC_TRY(assignment_.begin({2}));
      Record record;
      record.offset = 5;
      record.event.topic = topic_;
      record.event.key = "whose";
      record.event.partition = 2;
      record.event.body = "?";
      record.event.extensions["malformed"] = "no ce_id";
      return std::vector<Record>{record};
    }
    Position position() const override { return nowhere(); }

   private:
    std::string topic_;
    Assignment& assignment_;
    bool done_ = false;
  };
  std::string topic_;
};

TEST(ConsumerOnEmbeddedLog, ARecordThatCameFromElsewhereIsADeadLetterWithoutAskingTheHandler) {
  Workbench bench;
  Foreign foreign(bench.topic_);
  Writer writer;
  Consumer consumer(foreign, *bench.store_, bench.outbox_, bench.clock_, bench.metrics_, writer,
                    bench.options());
  {
    const std::jthread thread([&](std::stop_token stop) { consumer.run(stop); });
    EXPECT_TRUE(
        eventually([&] { return !bench.read_all(dead_letter_topic(bench.topic_)).empty(); }));
  }
  const auto letters = bench.read_all(dead_letter_topic(bench.topic_));
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].event.id(), "whose@0.5");
  EXPECT_EQ(letters[0].event.extensions.at("dlq-reason"), "INVALID_INPUT: malformed: no ce_id");
  EXPECT_TRUE(bench.effects().empty());
}

TEST(ConsumerOnEmbeddedLog, ARetryableErrorIsTriedForEver) {
  Workbench bench;
  Writer writer;
  writer.away_ = 20;
  bench.append(
      {bench.event("a", 1, "good"), bench.event("b", 1, "away"), bench.event("c", 1, "good")});
  run_until(bench, writer, bench.options(), [&] { return bench.effects().size() >= 3; });
  EXPECT_EQ(bench.effects(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(bench.read_all(dead_letter_topic(bench.topic_)).empty());
}

TEST(ConsumerOnEmbeddedLog, AStopEndsTheRetries) {
  Workbench bench;
  Writer writer;
  writer.away_ = 1'000'000;
  bench.append({bench.event("a", 1, "away")});
  ConsumerOptions options = bench.options();
  options.first_backoff = options.longest_backoff = std::chrono::hours(1);
  Consumer consumer(*bench.log_, *bench.store_, bench.outbox_, bench.clock_, bench.metrics_, writer,
                    options);
  std::jthread thread([&](std::stop_token stop) { consumer.run(stop); });
  ASSERT_TRUE(eventually([&] { return writer.away_ < 1'000'000; }));
  thread.request_stop();
  thread.join();  // hangs for an hour when the back-off does not listen
  EXPECT_TRUE(bench.effects().empty());
}

TEST(ConsumerOnEmbeddedLog, TwoMembersThatDoNotKnowOfEachOtherDoNothingTwice) {
  Workbench bench;
  Writer writer;
  Writer other_writer;
  // A log of its own knows no group of the other: the zombie and its successor.
  const auto other_log = bench.new_log("log-1");
  Consumer one(*bench.log_, *bench.store_, bench.outbox_, bench.clock_, bench.metrics_, writer,
               bench.options(7));
  Consumer two(*other_log, *bench.store_, bench.outbox_, bench.clock_, bench.metrics_, other_writer,
               bench.options(11));
  {
    const std::jthread first([&](std::stop_token stop) { one.run(stop); });
    const std::jthread second([&](std::stop_token stop) { two.run(stop); });
    for (int i = 0; i < 10; ++i) bench.append(40, {}, "r" + std::to_string(i) + "-");
    EXPECT_TRUE(eventually([&] { return bench.effects().size() >= 400; }));
  }
  const auto keys = bench.effects();
  EXPECT_EQ(keys.size(), 400U);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 400U);
  EXPECT_TRUE(bench.effects_in_order());
}

TEST(ConsumerOnEmbeddedLog, StartsOverWhenTheLogIsAnother) {
  Workbench bench;
  Writer writer;
  bench.append(20);
  run_until(bench, writer, bench.options(), [&] { return bench.effects().size() >= 20; });
  bench.log_ = bench.new_log("log-2");
  run_until(bench, writer, bench.options(), [&] { return bench.effects().size() >= 40; });
  EXPECT_EQ(bench.effects().size(), 40U);
  const Position stored = must(bench.store_->read(
      [&](Transaction& t) { return stored_position(t, "group", bench.topic_); }));
  EXPECT_EQ(stored.log_id, "log-2");
  EXPECT_TRUE(stored.covers(must(bench.log_->end(bench.topic_))));
}

// What the log lost and wrote anew lies below the position; the event there tells.
TEST(ConsumerOnEmbeddedLog, APartitionWhoseLastEventIsAnotherOneIsReadFromItsStart) {
  Workbench bench;
  Writer writer;
  bench.append(40);
  run_until(bench, writer, bench.options(), [&] { return bench.effects().size() >= 40; });
  must(bench.store_->write([&](Transaction& t) {
    return t.execute(
        "UPDATE consumer_position SET last_event = 'lost@1.1' WHERE topic = $1 AND "
        "partition_number = 3",
        {bench.topic_});
  }));
  run_until(bench, writer, bench.options(), [&] { return bench.effects().size() >= 45; });
  bench.append(8, {}, "later");
  run_until(bench, writer, bench.options(), [&] { return bench.effects().size() >= 53; });
  const auto keys = bench.effects();
  EXPECT_EQ(keys.size(), 53U) << "40, the five of partition 3 again, eight later ones";
  std::map<std::string, int> times;
  for (const std::string& key : keys) ++times[key];
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(times["e" + std::to_string(i)], (i * 3) % kPartitions == 3 ? 2 : 1) << i;
  }
}

TEST(ConsumerOnEmbeddedLog, ALetterSentAgainIsHandledOnceItsCauseIsGone) {
  Workbench bench;
  Writer writer;
  bench.append(4, {1, 2});
  const auto letters = [&] {
    return must(
        bench.store_->read([](Transaction& t) { return list_dead_letters(t, 0, true, 100); }));
  };
  const auto resend = [&](std::int64_t id) {
    return bench.store_->write([&](Transaction& t) { return send_again(t, id); });
  };
  run_until(bench, writer, bench.options(), [&] { return letters().size() == 2; });
  ASSERT_EQ(letters().size(), 2U);
  const DeadLetter first = letters()[0];
  EXPECT_EQ(first.record.event.topic, bench.topic_);
  EXPECT_EQ(first.record.event.body, "poison");
  EXPECT_EQ(first.reason, "INVALID_INPUT: cannot be read");
  EXPECT_EQ(first.state, DeadLetter::State::kWaiting);
  EXPECT_EQ(first.tries, 1);

  // The cause is still there: it waits again, and says how often it failed.
  must(resend(first.id));
  EXPECT_EQ(resend(first.id).error().reason, Reason::kFailedPrecondition) << "sent already";
  run_until(bench, writer, bench.options(), [&] { return letters()[0].tries == 2; });
  EXPECT_EQ(letters()[0].state, DeadLetter::State::kWaiting);
  EXPECT_EQ(letters()[0].record.event.body, "poison");

  writer.cured_ = true;
  must(resend(first.id));
  run_until(bench, writer, bench.options(),
            [&] { return letters()[0].state == DeadLetter::State::kHandled; });
  const auto keys = bench.effects();
  EXPECT_EQ(std::count(keys.begin(), keys.end(), first.record.event.key), 1);
  EXPECT_EQ(keys.size(), 3U) << "the other letter was not sent";
  EXPECT_FALSE(letters()[0].record.event.body) << "what it held is not kept";
  EXPECT_EQ(resend(first.id).error().reason, Reason::kFailedPrecondition) << "handled";
  EXPECT_EQ(resend(4711).error().reason, Reason::kNotFound);
  EXPECT_EQ(must(bench.store_->read([](Transaction& t) {
              return list_dead_letters(t, 0, false, 100);
            })).size(),
            1U)
      << "handled ones only when asked for";
}

TEST(ConsumerOnEmbeddedLog, AConsumerThatStartsOverKeepsOneLetterOfAnEvent) {
  Workbench bench;
  Writer writer;
  bench.append(1, {0});
  const auto letters = [&] {
    return must(
        bench.store_->read([](Transaction& t) { return list_dead_letters(t, 0, true, 100); }));
  };
  run_until(bench, writer, bench.options(), [&] { return letters().size() == 1; });
  bench.log_ = bench.new_log("log-2");
  run_until(bench, writer, bench.options(), [&] { return letters()[0].tries == 2; });
  EXPECT_EQ(letters().size(), 1U);
}

RC_GTEST_PROP(ConsumerOnEmbeddedLog, AnySetOfPoisonIsSeparatedFromTheRest, ()) {
  static Workbench bench;  // a topic of its own for each case; the store is the costly part
  bench.next_topic();
  const int count = *rc::gen::inRange(1, 40);
  const auto poison = *rc::gen::container<std::set<int>>(rc::gen::inRange(0, count));
  const auto batch = *rc::gen::inRange<std::size_t>(1, 50);
  Writer writer;
  bench.append(count, poison);
  const std::size_t good = static_cast<std::size_t>(count) - poison.size();
  run_until(bench, writer, bench.options(batch), [&] {
    return bench.effects().size() >= good &&
           bench.read_all(dead_letter_topic(bench.topic_)).size() >= poison.size();
  });
  std::multiset<std::string> expected;
  std::multiset<std::string> expected_letters;
  for (int i = 0; i < count; ++i) {
    (poison.contains(i) ? expected_letters : expected).insert("e" + std::to_string(i));
  }
  const auto keys = bench.effects();
  RC_ASSERT(std::multiset<std::string>(keys.begin(), keys.end()) == expected);
  RC_ASSERT(bench.effects_in_order());
  std::multiset<std::string> letters;
  for (const Record& letter : bench.read_all(dead_letter_topic(bench.topic_))) {
    letters.insert(letter.event.key);
  }
  RC_ASSERT(letters == expected_letters);
}

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
