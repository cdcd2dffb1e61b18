// The relay when its lease, its broker or its store is not what it was: on a real broker and
// PostgreSQL.
#include "platform/events/relay.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/engines.h"
#include "support/plain_event.h"
#include "support/servers.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::eventually;
using testing::must;

class RelayTest : public ::testing::Test {
 protected:
  RelayTest() {
    kafka_.bootstrap = broker_->bootstrap();
    kafka_.client_id = "relay-test";
    testing::make_topic(kafka_, topic_);
    must(read_identity(*store_, ids_));
  }

  // One process's relay, until it goes out of scope.
  struct Running {
    Running(RelayTest& test, const std::string& holder, KafkaOptions kafka)
        : relay(*test.store_, test.wakeup_, test.clock_, metrics, test.sealer_,
                options(std::move(kafka), holder)),
          thread([this](std::stop_token stop) { relay.run(stop); }) {}
    RelayOptions options(KafkaOptions kafka, const std::string& holder) {
      RelayOptions all{std::move(kafka), holder, 2000};
      all.before_sending = [this]() -> Status {
        ++comparisons;
        return {};
      };
      all.after_late_send = [this]() -> Status {
        if (++repairs == 1) return make_error(Reason::kUnavailable, "not yet");
        return {};
      };
      return all;
    }
    Metrics metrics;
    std::atomic<int> comparisons = 0, repairs = 0;
    Relay relay;
    std::jthread thread;
  };

  void append(const std::string& key) {
    const Event event = testing::plain_event(topic_, key);
    must(store_->write([&](Transaction& t) { return outbox_.append(t, {&event, 1}); }));
  }
  void append_many(const std::string& word, int count) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      events.push_back(testing::plain_event(topic_, word + std::to_string(i)));
    }
    must(store_->write([&](Transaction& t) { return outbox_.append(t, events); }));
  }
  std::string one(const char* sql) {
    return must(store_->read([&](Transaction& t) -> Result<std::string> {
      UNCAC_ASSIGN(const Rows rows, t.query(sql));
      return rows.empty() ? std::string() : rows.text(0, 0);
    }));
  }
  void run(const char* sql) {
    must(store_->write([&](Transaction& t) -> Status {
      UNCAC_TRY(t.execute(sql));
      return {};
    }));
  }
  bool all_sent() { return one("SELECT event_key FROM outbox LIMIT 1").empty(); }
  void publish(const std::string& key) {
    append(key);
    EXPECT_TRUE(eventually([&] { return all_sent(); }, seconds(30)));
  }
  // A row that was handed to the broker, which has not answered yet.
  void hand_over(const std::string& key) {
    broker_->pause();
    append(key);
    eventually([] { return false; }, milliseconds(500));
  }

  SystemClock clock_;
  SystemIds ids_;
  const Sealer sealer_ = must(Sealer::create(std::string(Sealer::kKeyBytes, 'k'), ids_));
  const std::unique_ptr<testing::KafkaServer> broker_ = must(testing::KafkaServer::start());
  testing::FreshStore store_{"postgresql"};
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  Outbox outbox_{wakeup_};
  KafkaOptions kafka_;
  const std::string topic_ = "relayed.v1";
};

// One replica alone is cut off from Kafka, and it is the one that holds the lease.
TEST_F(RelayTest, WhoCannotPublishLeavesItToWhoCan) {
  KafkaOptions nowhere = kafka_;
  nowhere.bootstrap = "127.0.0.1:" + std::to_string(testing::free_port());
  const Running cut_off(*this, "cut off", nowhere);
  ASSERT_TRUE(eventually([&] { return one("SELECT holder FROM lease") == "cut off"; }));
  const Running other(*this, "other", kafka_);
  append("K");
  EXPECT_TRUE(eventually([&] { return all_sent(); }, seconds(20)));
  EXPECT_EQ(one("SELECT holder FROM lease"), "other");
}

// A standby took over that had not got the last second: no connection was broken for long, and no
// row is missing that anybody looks for.
TEST_F(RelayTest, AStoreThatWasPutBackUnderItIsComparedWithItsLog) {
  const Running running(*this, "one", kafka_);
  publish("K1");
  const int before = running.comparisons;
  run("UPDATE lease SET expires_at = expires_at - 1");
  EXPECT_TRUE(eventually([&] { return running.comparisons > before; }, seconds(10)));
  publish("K2");
}

TEST_F(RelayTest, ARowThatIsGoneOnceItWasSentIsNotTakenForConfirmed) {
  const Running running(*this, "one", kafka_);
  publish("K1");
  const int before = running.comparisons;
  const std::string marked = one("SELECT CAST(max(outbox_id) AS TEXT) FROM relay_mark");
  hand_over("K2");
  run("DELETE FROM outbox");
  broker_->resume();
  EXPECT_TRUE(eventually([&] { return running.comparisons > before; }, seconds(20)));
  EXPECT_EQ(one("SELECT CAST(max(outbox_id) AS TEXT) FROM relay_mark"), marked);
}

// Rows can be read, and the lease cannot be written: the alerts on what waits are to see it.
TEST_F(RelayTest, WhatWaitsIsMeasuredWhileNobodyCanHoldTheLease) {
  Running running(*this, "one", kafka_);
  publish("K1");
  run("ALTER TABLE lease ADD CONSTRAINT none CHECK (false) NOT VALID");
  append("K2");
  EXPECT_TRUE(eventually(
      [&] { return running.metrics.gauge("uncac_outbox_depth", "").value() == 1; }, seconds(20)));
}

// PostgreSQL plans by what the last vacuum saw, and keeps plans: both may be of an outbox that was
// empty. By such a plan each statement walks through all that waits, and this takes minutes.
TEST_F(RelayTest, AnOutboxThatGrewSinceItWasEmptyIsSentWithoutWalkingThroughIt) {
  Running running(*this, "one", kafka_);
  // Its connections have every plan before there is much.
  for (int i = 0; i < 20; ++i) publish("K" + std::to_string(i));
  append_many("before", 2'000);
  ASSERT_TRUE(eventually([&] { return all_sent(); }, seconds(30)));
  // What a vacuum leaves that found no row and could not give the pages back.
  run("UPDATE pg_class SET reltuples = 0, relpages = pg_relation_size(oid) / 8192 "
      "WHERE oid = 'outbox'::regclass");
  for (int i = 0; i < 20; ++i) publish("L" + std::to_string(i));
  append_many("after", 20'000);
  EXPECT_TRUE(eventually([&] { return all_sent(); }, seconds(30)));
  EXPECT_EQ(running.metrics.counter("uncac_relay_failures_total", "").value(), 0);
}

TEST_F(RelayTest, WhatWasUnderWayWhenTheLeaseWasLostIsMadeGoodUntilThatSucceeds) {
  const Running running(*this, "one", kafka_);
  publish("K1");
  hand_over("K2");
  run("UPDATE lease SET holder = 'two', token = token + 1, expires_at = expires_at + 1");
  broker_->resume();
  EXPECT_TRUE(eventually([&] { return running.repairs == 2; }, seconds(20)));
  eventually([] { return false; }, seconds(1));
  EXPECT_EQ(running.repairs, 2);
  EXPECT_FALSE(all_sent()) << "the row is the new holder's to send";
}

}  // namespace
}  // namespace uncac::platform
