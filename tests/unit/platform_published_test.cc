// Whether what was committed is on the log: never said of a row that still waits, and said again
// soon once it has left, however rows become visible and whoever asks.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <thread>

#include "access/token.h"
#include "platform/events/outbox.h"
#include "platform/rpc/server.h"
#include "platform/runtime/published.h"
#include "support/engines.h"
#include "support/plain_event.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using testing::eventually;
using testing::must;

Instant at(int second) { return Instant(std::chrono::seconds(second)); }

TEST(Drained, KnowsNothingBeforeItsFirstLook) {
  Drained drained;
  EXPECT_EQ(drained.until(), Instant{});
  drained.looked(at(1), Drained::Waiting{7, 7});
  EXPECT_EQ(drained.until(), Instant{});
}

TEST(Drained, AnEmptyOutboxIsKnownAtOnceAFullOneWhenWhatWasSeenHasLeft) {
  Drained drained;
  drained.looked(at(1), std::nullopt);
  EXPECT_EQ(drained.until(), at(1));
  drained.looked(at(2), Drained::Waiting{3, 5});
  drained.looked(at(3), Drained::Waiting{5, 9});
  EXPECT_EQ(drained.until(), at(1));
  drained.looked(at(4), Drained::Waiting{6, 9});
  EXPECT_EQ(drained.until(), at(2)) << "3 to 5 have left";
  drained.looked(at(5), Drained::Waiting{12, 12});
  EXPECT_EQ(drained.until(), at(4)) << "nothing above 9 was seen then either";
  drained.looked(at(6), std::nullopt);
  EXPECT_EQ(drained.until(), at(6));
}

TEST(Drained, StaysCautiousAndSmallWhenNothingLeavesForLong) {
  Drained drained;
  for (int second = 1; second <= 100'000; ++second) {
    drained.looked(at(second), Drained::Waiting{1, second});
  }
  EXPECT_EQ(drained.until(), Instant{});
  drained.looked(at(100'001), Drained::Waiting{100'000, 100'001});
  EXPECT_LE(drained.until(), at(99'999)) << "the row 100,000 of that second still waits";
  drained.looked(at(100'002), std::nullopt);
  EXPECT_EQ(drained.until(), at(100'002));
}

// Transactions take their ids in one order and commit in another; the relay publishes the lowest
// that it sees.
RC_GTEST_PROP(Drained, NeverCoversARowThatWaits, ()) {
  Drained drained;
  std::set<std::int64_t> open;         // ids taken, not committed
  std::map<std::int64_t, int> outbox;  // id, when it was committed
  std::int64_t next = 1;
  const int steps = *rc::gen::inRange(1, 200);
  for (int now = 1; now <= steps; ++now) {
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        open.insert(next++);
        break;
      case 1: {
        if (open.empty()) break;
        auto one = open.begin();
        std::advance(one, *rc::gen::inRange<std::size_t>(0, open.size()));
        outbox[*one] = now;
        open.erase(one);
        break;
      }
      case 2: {
        auto published = *rc::gen::inRange(0, 5);
        while (!outbox.empty() && published-- > 0) outbox.erase(outbox.begin());
        break;
      }
      default: {
        std::optional<Drained::Waiting> waiting;
        if (!outbox.empty()) {
          waiting = Drained::Waiting{outbox.begin()->first, outbox.rbegin()->first};
        }
        const Instant before = drained.until();
        drained.looked(at(now), waiting);
        RC_ASSERT(drained.until() >= before);
        if (!waiting) RC_ASSERT(drained.until() == at(now));
      }
    }
    for (const auto& [id, committed] : outbox) RC_ASSERT(at(committed) > drained.until());
  }
}

// A service's side and a reader's, over gRPC.
class Published : public ::testing::Test {
 protected:
  Published() { must(server_.start({"127.0.0.1", 0}, {}, {}, {&publishing_})); }

  std::shared_ptr<grpc::Channel> channel() {
    return must(open_channel("127.0.0.1:" + std::to_string(server_.port()), {}));
  }
  void commit_one() {
    const Event event = testing::plain_event("t", "k");
    must(store_->write([&](Transaction& t) { return outbox_.append(t, {&event, 1}); }));
  }
  void empty_outbox() {
    must(store_->write([](Transaction& t) { return t.execute("DELETE FROM outbox"); }));
  }

  testing::FreshStore store_{"sqlite"};
  Outbox outbox_{std::make_shared<Wakeup>()};
  SystemClock clock_;
  SystemIds ids_;
  Metrics metrics_;
  access::KeyPair keys_ = must(access::make_key_pair());
  std::unique_ptr<access::TokenGatekeeper> gatekeeper_ =
      must(access::TokenGatekeeper::create(keys_.public_pem, clock_));
  Calls calls_{*gatekeeper_, ids_, metrics_, {}};
  Publishing publishing_{calls_, *store_};
  RpcServer server_;
};

TEST_F(Published, AReaderKnowsOfWhatWaitsAndOfAWriterThatIsSilent) {
  server_.set_serving(true);
  WriterWatch watch("tests", channel());
  EXPECT_EQ(watch.completion("t").until, Instant{}) << "nobody has looked";
  std::jthread looking([this](const std::stop_token& stop) { publishing_.run(stop); });
  const Instant start = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return watch.completion("t").until > start; }));

  commit_one();
  const Instant committed = std::chrono::steady_clock::now();
  const Instant known = watch.completion("t").until;
  EXPECT_TRUE(eventually(
      [&] { return std::chrono::steady_clock::now() - committed > milliseconds(1'500); }));
  EXPECT_LT(watch.completion("t").until, committed) << "it waits";
  EXPECT_GE(watch.completion("t").until, known);
  empty_outbox();
  EXPECT_TRUE(eventually([&] { return watch.completion("t").until > committed; }));

  server_.stop(milliseconds(1'000));
  const Instant stopped = std::chrono::steady_clock::now();
  EXPECT_TRUE(
      eventually([&] { return std::chrono::steady_clock::now() - stopped > milliseconds(1'500); }));
  EXPECT_LT(watch.completion("t").until, stopped) << "nobody says so";
}

// The log lost something: its writer finds that out, forgets what was confirmed, and publishes all
// again.
TEST_F(Published, WhatWasSaidIsVoidOnceTheWriterHasNoticedALoss) {
  const auto mark = [this](int offset) {
    must(store_->write([&](Transaction& t) {
      return t.execute(
          "INSERT INTO relay_mark (topic, partition_number, outbox_id, place_offset, place_id) "
          "VALUES ('t', 3, 9, $1, 9)",
          {std::int64_t{offset}});
    }));
  };
  server_.set_serving(true);
  mark(41);
  std::jthread looking([this](const std::stop_token& stop) { publishing_.run(stop); });
  WriterWatch watch("tests", channel());
  EXPECT_TRUE(eventually([&] { return watch.completion("t").until > Instant{}; }));
  std::vector<std::int64_t> confirmed(kPartitions, 0);
  confirmed[3] = 42;
  EXPECT_EQ(watch.completion("t").confirmed, confirmed);
  EXPECT_TRUE(watch.completion("other").confirmed.empty());
  Position end{"log-1", confirmed};
  EXPECT_TRUE(watch.completion("t").holds(end));
  end.next[3] = 41;
  EXPECT_FALSE(watch.completion("t").holds(end));

  commit_one();
  must(store_->write([](Transaction& t) { return t.execute("DELETE FROM relay_mark"); }));
  EXPECT_TRUE(eventually([&] { return watch.completion("t").until == Instant{}; }));
  mark(7);
  empty_outbox();
  EXPECT_TRUE(eventually([&] { return watch.completion("t").until > Instant{}; }));
  EXPECT_TRUE(eventually([&] { return watch.completion("t").holds(end); }));
}

TEST_F(Published, AStoreThatDoesNotAnswerMakesWhatIsKnownOld) {
  server_.set_serving(true);
  {
    std::jthread looking([this](const std::stop_token& stop) { publishing_.run(stop); });
    WriterWatch watch("tests", channel());
    EXPECT_TRUE(eventually([&] { return watch.completion("t").until > Instant{}; }));
  }
  const Instant looked = std::chrono::steady_clock::now();
  WriterWatch watch("tests", channel());
  EXPECT_TRUE(eventually([&] { return watch.completion("t").until > Instant{}; }));
  EXPECT_TRUE(
      eventually([&] { return std::chrono::steady_clock::now() - looked > milliseconds(1'500); }));
  EXPECT_LE(watch.completion("t").until, looked + milliseconds(1))
      << "asked later, but not looked since";
}

}  // namespace
}  // namespace uncac::platform
