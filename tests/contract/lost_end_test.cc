// A broker comes back without what it confirmed last, and its log has grown again before anybody
// looks: readers and relay, on a real broker and PostgreSQL.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "platform/events/log_tail.h"
#include "platform/events/relay.h"
#include "support/engines.h"
#include "support/plain_event.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::eventually;
using testing::must;

class LostEnd : public ::testing::Test {
 protected:
  LostEnd() {
    options_.bootstrap = broker_->bootstrap();
    options_.client_id = "lost-end";
    testing::make_topic(options_, topic_.name);
    log_ = must(make_kafka_log(options_));
    must(read_identity(*store_, ids_));
    begin_relay();
  }

  // In the place of the one before. Returns when it would send.
  void begin_relay() {
    relaying_ = {};
    RelayOptions options{options_, "lost-end", 2000};
    options.before_sending = [this]() -> Status {
      UNCAC_ASSIGN(const LogComparison found,
                   compare_with_log(*store_, *log_, {&topic_, 1}, sealer_));
      if (found.verdict == LogComparison::Verdict::kLogBehind) ++losses_;
      ++comparisons_;
      return {};
    };
    const int before = comparisons_;
    relay_ = std::make_unique<Relay>(*store_, wakeup_, clock_, metrics_, sealer_, options);
    relaying_ = std::jthread([this](std::stop_token stop) { relay_->run(stop); });
    EXPECT_TRUE(eventually([&] { return comparisons_ > before; }, seconds(30)));
  }

  // All of one partition.
  void append(int from, int to) {
    std::vector<Event> events;
    for (int i = from; i < to; ++i) {
      events.push_back(testing::plain_event(topic_.name, "K" + std::to_string(i), i));
    }
    must(store_->write([&](Transaction& t) { return outbox_.append(t, events); }));
  }
  bool all_sent() {
    return must(store_->read([](Transaction& t) -> Result<bool> {
      UNCAC_ASSIGN(const Rows rows, t.query("SELECT 1 FROM outbox LIMIT 1"));
      return rows.empty();
    }));
  }
  void publish(int from, int to) {
    append(from, to);
    EXPECT_TRUE(eventually([&] { return all_sent(); }, seconds(60)));
  }
  // The keys that are read, until there are `most` of them or an error.
  static Status read(LogReader& reader, std::vector<std::string>& keys, std::size_t most) {
    Status failed;
    EXPECT_TRUE(eventually(
        [&] {
          auto batch = reader.poll(100, milliseconds(100), {});
          if (!batch) {
            failed = batch.error();
            return true;
          }
          for (const Record& record : *batch) keys.push_back(record.event.key);
          return keys.size() >= most;
        },
        seconds(60)));
    return failed;
  }
  // After what `reader` has read so far, two more are read and lost, and four others come.
  void lose_and_grow(LogReader& reader, std::vector<std::string>& keys) {
    must(broker_->lose([&] {
      publish(3, 5);
      must(read(reader, keys, 5));
    }));
    publish(5, 9);
    // The library hears of it and fetches on, before we ask it again.
    eventually([] { return false; }, seconds(2));
  }

  SystemClock clock_;
  SystemIds ids_;
  Metrics metrics_;
  const Sealer sealer_ = must(Sealer::create(std::string(Sealer::kKeyBytes, 'k'), ids_));
  // Its session is short: back soon enough for a batch that waits.
  const std::unique_ptr<testing::KafkaServer> broker_ = must(testing::KafkaServer::start(
      {"broker.session.timeout.ms=600", "broker.heartbeat.interval.ms=200"}));
  testing::FreshStore store_{"postgresql"};
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  Outbox outbox_{wakeup_};
  KafkaOptions options_;
  const Topic topic_{"lost.v1", Retention::kForever};
  std::unique_ptr<EventLog> log_;
  std::atomic<int> comparisons_ = 0, losses_ = 0;
  std::unique_ptr<Relay> relay_;
  std::jthread relaying_;
};

TEST_F(LostEnd, AReaderAloneIsGivenNothingOfWhatGrewAgain) {
  publish(0, 3);
  const auto reader = must(log_->read(topic_.name, must(log_->start(topic_.name))));
  std::vector<std::string> keys;
  must(read(*reader, keys, 3));
  lose_and_grow(*reader, keys);
  const std::vector<std::string> before = keys;
  const Status failed = read(*reader, keys, before.size() + 1);
  ASSERT_FALSE(failed) << "read on with " << keys.back();
  EXPECT_EQ(failed.error().reason, Reason::kUnavailable);
  EXPECT_EQ(keys, before);
  EXPECT_FALSE(read(*reader, keys, before.size() + 1)) << "also when it is asked again";
}

// Where a member begins, and how often it was asked.
class Beginning final : public Assignment {
 public:
  Result<std::vector<std::int64_t>> begin(const std::vector<int>& partitions) override {
    ++times;
    return std::vector<std::int64_t>(partitions.size(), offset);
  }
  void lost(const std::vector<int>& /*partitions*/) override {}
  std::int64_t offset = 0;
  int times = 0;
};

TEST_F(LostEnd, AMemberOfASilentBrokerIsClosedSoon) {
  publish(0, 3);
  Beginning beginning;
  auto member = must(log_->join(topic_.name, "silent", beginning));
  std::vector<std::string> keys;
  must(read(*member, keys, 3));
  broker_->pause();
  // It tells its group every five seconds how far it is, and leaving waits for the answer.
  eventually(
      [&] {
        static_cast<void>(member->poll(1, milliseconds(100), {}));
        return false;
      },
      seconds(6));
  const Instant before = std::chrono::steady_clock::now();
  member.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(8));
  broker_->resume();
}

TEST_F(LostEnd, AMemberBeginsAgainAtItsPosition) {
  publish(0, 3);
  Beginning beginning;
  const auto member = must(log_->join(topic_.name, "members", beginning));
  std::vector<std::string> keys;
  must(read(*member, keys, 3));
  lose_and_grow(*member, keys);
  ASSERT_EQ(beginning.times, 1);
  beginning.offset = 4;
  const std::vector<std::string> before = keys;
  ASSERT_FALSE(read(*member, keys, before.size() + 1)) << "read on with " << keys.back();
  EXPECT_EQ(keys, before);
  keys.clear();
  // The offset of K4 that was lost has K6 now: that is what shows the loss to the consumer.
  eventually([&] { return read(*member, keys, 3).ok() && keys.size() >= 3; }, seconds(60));
  EXPECT_EQ(keys, (std::vector<std::string>{"K6", "K7", "K8"}));
  EXPECT_GE(beginning.times, 2);
}

TEST_F(LostEnd, TheRelayNoticesItInTheMiddleOfABatch) {
  publish(0, 3);
  must(broker_->lose([&] {
    publish(3, 5);
    begin_relay();  // with a producer that the broker will have forgotten too
    broker_->pause();
    append(5, 9);
    // They are handed over to a broker that does not answer any more.
    eventually([] { return false; }, milliseconds(300));
  }));
  EXPECT_TRUE(eventually([&] { return all_sent(); }, seconds(60)));
  EXPECT_TRUE(eventually([&] { return losses_ > 0; }, seconds(10)));
}

}  // namespace
}  // namespace uncac::platform
