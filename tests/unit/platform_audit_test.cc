// The audit log's chain, the outbox's rows and the lease, on a SQLite file.
#include <gtest/gtest.h>

#include <set>

#include "platform/audit.h"
#include "platform/events/outbox.h"
#include "platform/events/relay.h"
#include "support/engines.h"
#include "unit/two_clocks.h"

namespace uncac::platform {
namespace {

using testing::must;

class SqliteTest : public ::testing::Test {
 protected:
  std::int64_t execute(const std::string& sql) {
    return must(
        store_->write([&](Transaction& t) -> Result<std::int64_t> { return t.execute(sql); }));
  }
  Rows query(const std::string& sql) {
    return must(store_->read([&](Transaction& t) { return t.query(sql); }));
  }

  testing::FreshStore store_{"sqlite"};
  FixedClock clock_{Moment(must(parse_day("2026-03-01")))};
  SystemIds ids_;
};

class AuditTest : public SqliteTest {
 protected:
  void record(const std::string& object, const std::string& payload = "decided") {
    const AuditEntry entry{"amina",          "focal point", "response.submit", object, "as agreed",
                           "127.0.0.1:4711", payload};
    must(store_->write([&](Transaction& t) { return record_audit(t, clock_, ids_, entry); }));
  }
  void record_and_chain(int rows) {
    for (int i = 0; i < rows; ++i) record("KEN/uncac-2007/" + std::to_string(2007 + i));
    EXPECT_EQ(must(chain_audit(*store_)), rows);
  }
  // The verdict's error, which there must be.
  std::string objection() {
    const auto verdict = verify_audit(*store_);
    if (verdict) return "it verifies";
    EXPECT_EQ(verdict.error().reason, Reason::kFailedPrecondition);
    return verdict.error().message;
  }
};

TEST_F(AuditTest, AnEmptyLogVerifies) {
  EXPECT_EQ(must(chain_audit(*store_)), 0);
  const AuditVerdict verdict = must(verify_audit(*store_));
  EXPECT_EQ(verdict.rows, 0);
  EXPECT_EQ(verdict.unchained, 0);
  EXPECT_EQ(verdict.head, "");
}

TEST_F(AuditTest, RowsAreChainedInTheirOrder) {
  record("a");
  record("b");
  EXPECT_EQ(must(verify_audit(*store_)).unchained, 2);
  EXPECT_EQ(must(chain_audit(*store_)), 2);
  record("c");
  const AuditVerdict before = must(verify_audit(*store_));
  EXPECT_EQ(before.rows, 2);
  EXPECT_EQ(before.unchained, 1);
  EXPECT_EQ(before.head.size(), 64U);
  EXPECT_EQ(must(chain_audit(*store_)), 1);
  EXPECT_EQ(must(chain_audit(*store_)), 0);
  const AuditVerdict after = must(verify_audit(*store_));
  EXPECT_EQ(after.rows, 3);
  EXPECT_EQ(after.unchained, 0);
  EXPECT_NE(after.head, before.head);
  const Rows rows = query("SELECT object, sequence FROM audit ORDER BY id");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rows.integer(i, 1), static_cast<std::int64_t>(i) + 1) << rows.text(i, 0);
  }
}

TEST_F(AuditTest, TheLimitIsKeptAndTheChainGoesOn) {
  for (int i = 0; i < 7; ++i) record(std::to_string(i));
  EXPECT_EQ(must(chain_audit(*store_, 3)), 3);
  EXPECT_EQ(must(chain_audit(*store_, 3)), 3);
  EXPECT_EQ(must(chain_audit(*store_, 3)), 1);
  EXPECT_EQ(must(verify_audit(*store_)).rows, 7);
}

TEST_F(AuditTest, MoreRowsThanAPageVerify) {
  must(store_->write([&](Transaction& t) -> Status {
    for (int i = 0; i < 450; ++i) {
      UNCAC_TRY(record_audit(t, clock_, ids_, {"a", "r", "x", std::to_string(i), "", "", "p"}));
    }
    return {};
  }));
  EXPECT_EQ(must(chain_audit(*store_)), 450);
  EXPECT_EQ(must(verify_audit(*store_)).rows, 450);
  execute("UPDATE audit SET object = 'other' WHERE sequence = 449");
  EXPECT_NE(objection().find("sequence 449"), std::string::npos) << objection();
}

TEST_F(AuditTest, EveryColumnIsCoveredByTheChain) {
  record_and_chain(3);
  for (const std::string column :
       {"recorded_at", "actor", "role", "action", "object", "reason", "origin", "payload_digest"}) {
    const std::string before =
        query("SELECT " + column + " FROM audit WHERE sequence = 2").text(0, 0);
    execute("UPDATE audit SET " + column + " = 'x' WHERE sequence = 2");
    EXPECT_NE(objection().find("sequence 2"), std::string::npos) << column << ": " << objection();
    execute("UPDATE audit SET " + column + " = '" + before + "' WHERE sequence = 2");
    EXPECT_TRUE(verify_audit(*store_).ok()) << column;
  }
}

// Without a frame around each field, "ab" + "c" and "a" + "bc" would be the same.
TEST_F(AuditTest, TextMovedFromOneColumnToTheNextIsSeen) {
  record_and_chain(2);
  execute("UPDATE audit SET actor = 'amin', role = 'a' || role WHERE sequence = 1");
  EXPECT_NE(objection().find("sequence 1"), std::string::npos) << objection();
}

TEST_F(AuditTest, ARemovedRowIsSeen) {
  record_and_chain(4);
  execute("DELETE FROM audit WHERE sequence = 2");
  EXPECT_NE(objection().find("sequence 2: the row is missing"), std::string::npos) << objection();
}

TEST_F(AuditTest, ExchangedRowsAreSeen) {
  record_and_chain(3);
  execute("UPDATE audit SET sequence = 5 - sequence WHERE sequence IN (2, 3)");
  EXPECT_NE(objection().find("sequence 2"), std::string::npos) << objection();
}

TEST_F(AuditTest, ARowPutInBesideTheChainIsSeen) {
  record_and_chain(2);
  record("slipped in");
  execute("UPDATE audit SET sequence = 0, chain = '' WHERE sequence IS NULL");
  EXPECT_NE(objection().find("outside of the chain"), std::string::npos) << objection();
  execute("UPDATE audit SET sequence = 2 WHERE sequence = 0");
  EXPECT_NE(objection(), "it verifies");
}

TEST_F(AuditTest, AChangedPayloadIsSeen) {
  record_and_chain(2);
  execute("UPDATE audit_payload SET payload = CAST('other' AS BLOB) WHERE audit_id = 2");
  EXPECT_NE(objection().find("sequence 2: the payload was changed"), std::string::npos)
      << objection();
}

// A byte that leaves the salt for the payload leaves their digest as it was.
TEST_F(AuditTest, ASaltOfAnotherLengthIsSeen) {
  record_and_chain(1);
  execute(
      "UPDATE audit_payload SET payload = CAST(substr(salt, 16) || payload AS BLOB), "
      "salt = CAST(substr(salt, 1, 15) AS BLOB)");
  EXPECT_NE(objection().find("the payload was changed"), std::string::npos) << objection();
}

TEST_F(AuditTest, AnErasedPayloadLeavesTheChainWhole) {
  record_and_chain(3);
  const std::string head = must(verify_audit(*store_)).head;
  EXPECT_EQ(execute("DELETE FROM audit_payload WHERE audit_id = 2"), 1);
  const AuditVerdict verdict = must(verify_audit(*store_));
  EXPECT_EQ(verdict.rows, 3);
  EXPECT_EQ(verdict.erased, 1);
  EXPECT_EQ(verdict.head, head);
}

TEST_F(AuditTest, TheSamePayloadHasAnotherDigestEachTime) {
  record("a", "yes");
  record("b", "yes");
  const Rows rows = query("SELECT payload_digest FROM audit");
  EXPECT_NE(rows.text(0, 0), rows.text(1, 0)) << "or an erased payload could be guessed";
}

TEST_F(AuditTest, CommitsWithItsCauseOrNotAtAll) {
  const Status status = store_->write([&](Transaction& t) -> Status {
    UNCAC_TRY(record_audit(t, clock_, ids_, {"a", "r", "x", "o", "", "", "p"}));
    return make_error(Reason::kConflict, "somebody was faster");
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(query("SELECT COUNT(*) FROM audit").integer(0, 0), 0);
  EXPECT_EQ(query("SELECT COUNT(*) FROM audit_payload").integer(0, 0), 0);
}

class OutboxTest : public SqliteTest {
 protected:
  static Event event(const std::string& key, std::optional<std::string> body) {
    Event event;
    event.topic = "uncac.checklist.v1";
    event.key = key;
    event.partition = 3;
    event.revision = {1, 2};
    event.type = "t";
    event.source = "/uncac/x";
    event.extensions = {{"audience", "public"}};
    event.body = std::move(body);
    return event;
  }
  Status append(const std::vector<Event>& events) {
    return store_->write([&](Transaction& t) { return outbox_.append(t, events); });
  }
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  Outbox outbox_{wakeup_};
};

TEST_F(OutboxTest, KeepsTheOrderAndTellsATombstoneFromAnEmptyBody) {
  ASSERT_TRUE(append({event("b", std::string("\0\xff", 2)), event("a", ""), event("c", {})}).ok());
  const Rows rows = query(
      "SELECT event_key, body, extensions, partition_number FROM outbox "
      "ORDER BY id");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows.text(0, 0) + rows.text(1, 0) + rows.text(2, 0), "bac");
  EXPECT_EQ(rows.bytes(0, 1), std::string("\0\xff", 2));
  EXPECT_FALSE(rows.is_null(1, 1));
  EXPECT_TRUE(rows.is_null(2, 1));
  EXPECT_EQ(must(decode_extensions(rows.bytes(0, 2))).at("audience"), "public");
  EXPECT_EQ(rows.integer(0, 3), 3);
}

TEST_F(OutboxTest, WakesOnlyAfterACommitWithEvents) {
  ASSERT_TRUE(append({}).ok());
  EXPECT_EQ(wakeup_->count(), 0U);
  const Status undone = store_->write([&](Transaction& t) -> Status {
    UNCAC_TRY(outbox_.append(t, std::vector<Event>{event("a", "x")}));
    return make_error(Reason::kConflict, "no");
  });
  EXPECT_FALSE(undone.ok());
  EXPECT_EQ(wakeup_->count(), 0U);
  ASSERT_TRUE(append({event("a", "x"), event("b", "x")}).ok());
  EXPECT_EQ(wakeup_->count(), 1U);
}

TEST_F(OutboxTest, RefusesABodyThatWouldBlockTheRelay) {
  ASSERT_TRUE(append({event("a", std::string(kMaxEventBody, 'x'))}).ok());
  const Status status = append({event("b", "x"), event("c", std::string(kMaxEventBody + 1, 'x'))});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().reason, Reason::kTooLarge);
  EXPECT_EQ(query("SELECT COUNT(*) FROM outbox").integer(0, 0), 1) << "all or nothing";
}

TEST_F(OutboxTest, RefusesWhatIsNoEvent) {
  Event wrong = event("a", "x");
  wrong.partition = kPartitions;
  EXPECT_FALSE(append({wrong}).ok());
  wrong = event("a", "x");
  wrong.extensions["revision"] = "9.9";
  EXPECT_FALSE(append({wrong}).ok());
  wrong = event("", "x");
  EXPECT_FALSE(append({wrong}).ok());
}

TEST_F(OutboxTest, ANumberNeverComesAgain) {
  ASSERT_TRUE(append({event("a", "x"), event("b", "x")}).ok());
  execute("DELETE FROM outbox");
  store_.reopen();
  ASSERT_TRUE(append({event("c", "x")}).ok());
  EXPECT_EQ(query("SELECT id FROM outbox").integer(0, 0), 3);
}

TEST_F(OutboxTest, TheIdentityStaysUntilTheEpochIsRaised) {
  const StoreIdentity first = must(read_identity(*store_, ids_));
  EXPECT_EQ(first.epoch, 1);
  EXPECT_EQ(first.store_id.size(), 32U);
  store_.reopen();
  EXPECT_EQ(must(read_identity(*store_, ids_)).store_id, first.store_id);
  const auto raise = [&](Moment now) {
    return must(store_->write([&](Transaction& t) { return raise_epoch(t, ids_, now); }));
  };
  const auto raised = raise(Moment() - std::chrono::seconds(1));
  EXPECT_EQ(raised.epoch, 2) << "whatever the clock says";
  EXPECT_NE(raised.store_id, first.store_id);
  const StoreIdentity read = must(read_identity(*store_, ids_));
  EXPECT_EQ(read.epoch, 2);
  EXPECT_EQ(read.store_id, raised.store_id);

  // One backup restored twice: from the same epoch two different ones.
  const Moment monday = must(parse_day("2026-03-10"));
  EXPECT_EQ(raise(monday + std::chrono::microseconds(999'999)).epoch, 1'773'100'800);
  execute("UPDATE store_identity SET epoch = 2");
  EXPECT_EQ(raise(monday + std::chrono::seconds(1)).epoch, 1'773'100'801);
  EXPECT_EQ(raise(monday).epoch, 1'773'100'802) << "never back, when the clock was";
  EXPECT_EQ(raise(monday).epoch, 1'773'100'803) << "settled again after a crash";
  execute("DELETE FROM store_identity");
  EXPECT_EQ(raise(Moment()).epoch, 1);
}

class LeaseTest : public SqliteTest {
 protected:
  Lease lease(const std::string& holder) {
    return Lease(*store_, clock_, "relay", holder, std::chrono::seconds(10));
  }
  void pass(std::chrono::seconds time) { clock_.advance(time); }
  Status fence(Lease& lease) {
    return store_->write([&](Transaction& t) { return lease.fence(t); });
  }
  std::int64_t token() { return query("SELECT token FROM lease").integer(0, 0); }

  testing::TwoClocks clock_;
};

TEST_F(LeaseTest, OneHoldsItAndRenewsIt) {
  Lease first = lease("first");
  Lease second = lease("second");
  EXPECT_TRUE(must(first.hold()));
  EXPECT_FALSE(must(second.hold()));
  pass(std::chrono::seconds(9));
  EXPECT_TRUE(must(first.hold()));
  pass(std::chrono::seconds(9));
  EXPECT_FALSE(must(second.hold())) << "renewed in time";
  EXPECT_EQ(token(), 1);
  EXPECT_TRUE(fence(first).ok());
  EXPECT_FALSE(fence(second).ok());
}

TEST_F(LeaseTest, PassesOnWhenItsTimeIsOverAndFencesTheFormerHolder) {
  Lease first = lease("first");
  Lease second = lease("second");
  EXPECT_TRUE(must(first.hold()));
  EXPECT_FALSE(must(second.hold()));
  pass(std::chrono::seconds(10));
  EXPECT_TRUE(fence(first).ok()) << "over, but nobody has taken it";
  EXPECT_FALSE(must(second.hold())) << "it is used";
  pass(std::chrono::seconds(10));
  EXPECT_TRUE(must(second.hold()));
  EXPECT_EQ(token(), 2);
  const Status late = fence(first);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().reason, Reason::kConflict);
  EXPECT_TRUE(fence(second).ok());
  EXPECT_FALSE(must(first.hold()));
}

TEST_F(LeaseTest, ItsTimeRunsFromWhenItWasSeen) {
  Lease first = lease("first");
  Lease second = lease("second");
  EXPECT_TRUE(must(first.hold()));
  pass(std::chrono::seconds(60));
  EXPECT_FALSE(must(second.hold())) << "who was away does not know how old it is";
  pass(std::chrono::seconds(9));
  EXPECT_FALSE(must(second.hold()));
  pass(std::chrono::seconds(1));
  EXPECT_TRUE(must(second.hold()));
}

TEST_F(LeaseTest, NoClockThatIsSetWrongKeepsItOrLosesIt) {
  Lease first = lease("first");
  Lease second = lease("second");
  clock_.set(clock_.now() + std::chrono::hours(1));
  EXPECT_TRUE(must(first.hold()));
  clock_.set(clock_.now() - std::chrono::hours(1));
  EXPECT_FALSE(must(second.hold()));
  clock_.set(clock_.now() + std::chrono::hours(2));
  EXPECT_FALSE(must(second.hold())) << "an hour ahead: not a second has passed";
  EXPECT_TRUE(must(first.hold()));
  clock_.set(clock_.now() - std::chrono::hours(2));
  EXPECT_TRUE(must(first.hold()));
  EXPECT_FALSE(must(second.hold())) << "renewed, with the clock put back";
  pass(std::chrono::seconds(10));
  EXPECT_TRUE(must(second.hold())) << "it ended, whatever the first wrote";
}

TEST_F(LeaseTest, AHolderThatIsLateButFirstKeepsItsToken) {
  Lease first = lease("first");
  EXPECT_TRUE(must(first.hold()));
  pass(std::chrono::seconds(60));
  EXPECT_TRUE(must(first.hold()));
  EXPECT_EQ(token(), 1);
}

TEST_F(LeaseTest, ReleaseGivesItToTheNextAtOnce) {
  Lease first = lease("first");
  Lease second = lease("second");
  EXPECT_TRUE(must(first.hold()));
  ASSERT_TRUE(first.release().ok());
  EXPECT_FALSE(fence(first).ok());
  EXPECT_TRUE(must(second.hold()));
  EXPECT_EQ(token(), 2);
  ASSERT_TRUE(first.release().ok()) << "of what it does not hold: nothing";
  EXPECT_TRUE(fence(second).ok());
}

TEST_F(LeaseTest, AnEarlierLifeOfTheSameProcessIsWaitedFor) {
  Lease before = lease("pod-0");
  EXPECT_TRUE(must(before.hold()));
  Lease after = lease("pod-0");
  EXPECT_FALSE(must(after.hold()));
  pass(std::chrono::seconds(10));
  EXPECT_TRUE(must(after.hold()));
  EXPECT_FALSE(fence(before).ok());
}

// A standby took over that had not got the last second, or a backup was put back.
TEST_F(LeaseTest, AHolderWhoseRowIsOlderThanItLeftItIsTold) {
  Lease first = lease("first");
  EXPECT_TRUE(must(first.hold()));
  const auto put_back = [&] {
    must(store_->write(
        [](Transaction& t) { return t.execute("UPDATE lease SET expires_at = expires_at - 1"); }));
  };
  EXPECT_TRUE(fence(first).ok());
  put_back();  // the fenced transaction is lost
  const Status late = fence(first);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().reason, Reason::kConflict);
  const Result<bool> held = first.hold();
  ASSERT_FALSE(held.ok());
  EXPECT_EQ(held.error().reason, Reason::kConflict);
  EXPECT_TRUE(must(first.hold())) << "it knows now";
  EXPECT_EQ(token(), 1);
  EXPECT_TRUE(fence(first).ok());
  put_back();
  EXPECT_FALSE(first.hold().ok());
}

TEST_F(LeaseTest, NamesAreApart) {
  Lease relay = lease("first");
  Lease chain(*store_, clock_, "audit-chain", "second");
  EXPECT_TRUE(must(relay.hold()));
  EXPECT_TRUE(must(chain.hold()));
}

}  // namespace
}  // namespace uncac::platform
