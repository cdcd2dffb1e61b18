// Consumers over the embedded log on SQLite: what fails is isolated, the rest
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
#include "unit/platform_workbench.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using testing::eventually;
using testing::must;

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

// A group whose member gets a partition with seven records waiting, is thrown out, joins again, and
// is told of no partition any more.
class ThrownOut final : public EventLog {
 public:
  Result<std::unique_ptr<LogReader>> read(const std::string&, const Position&) override {
    return make_error(Reason::kInternal, "not asked for");
  }
  Result<std::unique_ptr<LogReader>> join(const std::string&, const std::string&,
                                          Assignment& assignment) override {
    return std::unique_ptr<LogReader>(std::make_unique<Reader>(*this, assignment));
  }
  Result<Position> start(const std::string&) override { return at(0); }
  Result<Position> end(const std::string&) override {
    ++measured_;
    return at(7);
  }
  Completion completion(const std::string&) override { return {}; }
  Result<std::string> log_id(const std::string&) override { return at(0).log_id; }
  std::atomic<int> measured_ = 0;
  std::atomic<int> polls_of_second_ = 0;

 private:
  static Position at(std::int64_t offset) {
    Position position{"log-1", std::vector<std::int64_t>(kPartitions, 0)};
    position.next[2] = offset;
    return position;
  }
  class Reader final : public LogReader {
   public:
    Reader(ThrownOut& log, Assignment& assignment) : log_(log), assignment_(assignment) {}
    Result<std::vector<Record>> poll(std::size_t, milliseconds, std::stop_token) override {
      if (log_.thrown_out_) {
        ++log_.polls_of_second_;
      } else if (assigned_) {
        log_.thrown_out_ = true;
        return make_error(Reason::kPositionExpired, "thrown out");
      } else {
        UNCAC_TRY(assignment_.begin({2}));
        assigned_ = true;
      }
      return std::vector<Record>{};
    }
    Position position() const override { return at(0); }

   private:
    ThrownOut& log_;
    Assignment& assignment_;
    bool assigned_ = false;
  };
  bool thrown_out_ = false;
};

// Each look finds two seconds gone: whatever is done once a second is done each time.
class Hurried final : public Clock {
 public:
  Moment now() const override { return clock_.now(); }
  Instant steady_now() const override {
    return clock_.steady_now() + std::chrono::seconds(2) * ++looks_;
  }

 private:
  SystemClock clock_;
  mutable std::atomic<int> looks_ = 0;
};

TEST(ConsumerOnEmbeddedLog, AMemberThatWaitsForItsPartitionsIsNotAtTheEnd) {
  Workbench bench;
  ThrownOut log;
  Writer writer;
  const Hurried clock;
  Consumer consumer(log, *bench.store_, bench.outbox_, clock, bench.metrics_, writer,
                    bench.options());
  {
    const std::jthread thread([&](std::stop_token stop) { consumer.run(stop); });
    EXPECT_TRUE(eventually([&] { return log.polls_of_second_ > 3 && log.measured_ > 3; }));
  }
  EXPECT_EQ(bench.metrics_
                .gauge("uncac_consumer_lag", "", {{"consumer", "group"}, {"topic", bench.topic_}})
                .value(),
            7);
}

// A store that answers until it is silenced; each question then costs the whole time-out.
class Silenced final : public Store {
 public:
  explicit Silenced(Store& real) : real_(real) {}
  std::string dialect(std::string_view sql) const override { return real_.dialect(sql); }
  std::string engine() const override { return real_.engine(); }
  Status backup_to(const std::string& file) override { return real_.backup_to(file); }
  std::atomic<bool> silent_ = false;
  std::atomic<int> asked_ = 0;  // in vain
  std::function<void()> on_asking_;

 private:
  Status run(Mode mode, const std::function<Status(Transaction&)>& work) override {
    if (!silent_) return mode == Mode::kRead ? real_.read(work) : real_.write(work);
    ++asked_;
    on_asking_();
    return make_error(Reason::kUnavailable, "nobody answers");
  }
  Store& real_;
};

TEST(ConsumerOnEmbeddedLog, WhoIsAskedToStopAsksASilentStoreNothingMore) {
  for (const bool in_a_batch : {false, true}) {
    Workbench bench;
    Silenced store(*bench.store_);
    Writer writer;
    const Hurried clock;
    Consumer consumer(*bench.log_, store, bench.outbox_, clock, bench.metrics_, writer,
                      bench.options());
    std::jthread thread([&](std::stop_token stop) { consumer.run(stop); });
    bench.append(1);
    ASSERT_TRUE(eventually([&] { return bench.effects().size() == 1; }));
    store.on_asking_ = [&] { thread.request_stop(); };
    store.silent_ = true;
    if (in_a_batch) bench.append(1, {}, "later");
    thread.join();
    EXPECT_EQ(store.asked_, 1) << (in_a_batch ? "in a batch" : "between batches");
  }
}

TEST(Outbox, RefusesWhatNoStoreOrTopicWouldTake) {
  Workbench bench;
  const auto refused = [&](const Event& event) {
    const Status done = bench.store_->write([&](Transaction& t) {
      return bench.outbox_.append(t, {&event, 1});
    });
    return !done && done.error().reason == Reason::kTooLarge;
  };
  EXPECT_FALSE(refused(bench.event(std::string(kMaxEventKey, 'k'), 1, "good")));
  EXPECT_TRUE(refused(bench.event(std::string(kMaxEventKey + 1, 'k'), 1, "good")));
  EXPECT_TRUE(refused(bench.event("k", 1, std::string(kMaxEventBody + 1, 'b'))));
  Event headers = bench.event("k", 1, "good");
  headers.extensions["long"] = std::string(kMaxEventHeaders + 10'000, 'h');
  EXPECT_TRUE(refused(headers));
}

TEST(ConsumerOnEmbeddedLog, WhatFollowsFromALetterCommitsWithIt) {
  class Closing final : public Handler {
   public:
    Status handle(Transaction& /*transaction*/, std::span<const Record> /*batch*/) override {
      return make_error(Reason::kInvalidInput, "cannot be read");
    }
    Status buried(Transaction& transaction, const Record& record) override {
      if (away_-- > 0) return make_error(Reason::kUnavailable, "not yet");
      UNCAC_TRY(transaction.execute(
          "INSERT INTO effect (topic, partition_number, event_offset, event_key) "
          "VALUES ($1, 0, 0, $2)",
          {record.event.topic, record.event.key}));
      return {};
    }
    int away_ = 2;
  };
  Workbench bench;
  Closing closing;
  bench.append({bench.event("a", 1, "unreadable")});
  run_until(bench, closing, bench.options(),
            [&] { return !bench.read_all(dead_letter_topic(bench.topic_)).empty(); });
  EXPECT_EQ(bench.effects(), (std::vector<std::string>{"a"}));
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

}  // namespace
}  // namespace uncac::platform
