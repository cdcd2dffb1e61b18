// What a restored store does first: nothing is as wide as the backup says, and the State is told
// what was.
#include "checklist_intake/actions/set_sharing.h"
#include "checklist_intake/actions/suspend_sharing.h"
#include "unit/intake_on_store.h"

namespace uncac::checklist_intake {
namespace {

using testing::must;

class SuspendedSharing : public test::IntakeOnStore {
 protected:
  void SetUp() override {
    submit(
        "KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,,PUBLIC,2026-03-20\n"
        "KEN,uncac-2007,2026,,en,uncac/6,YES,,,,LEGAL_ADVICE,,,,,,NAMED:EX1|EX2,2026-12-31\n"
        "KEN,uncac-2007,2026,,en,uncac/9,YES,,,,LEGAL_ADVICE,,,,,,PROVIDERS,\n"
        "KEN,uncac-2007,2026,,en,uncac/15,YES,,,,LEGAL_ADVICE,,,,,,RESTRICTED,\n");
  }

  // As the host does it.
  void restore() {
    must(store_->write([&](platform::Transaction& transaction) -> platform::Status {
      UNCAC_ASSIGN(const platform::StoreIdentity identity,
                   platform::raise_epoch(transaction, ids_, clock_.now()));
      return suspend_sharing(transaction,
                             {clock_, ids_, outbox_, identity, "2026-03-10T09:00:00.000000Z"});
    }));
  }
  std::int64_t epoch() { return query("SELECT epoch FROM store_identity").integer(0, 0); }
  std::int64_t count(const std::string& table) {
    return query("SELECT COUNT(*) FROM " + table).integer(0, 0);
  }
};

TEST_P(SuspendedSharing, KeepsWhatHeldAndLetsNothingBeWider) {
  const std::int64_t events = count("outbox");
  const std::int64_t audited = count("audit");
  restore();
  for (const StoredDecision& decision : decisions()) {
    EXPECT_EQ(decision.choice, SharingChoice()) << decision.provision;
  }
  const SharingChoice on_5{Audience::kPublic, {}, must(platform::parse_day("2026-03-20"))};
  EXPECT_EQ(decision("uncac/5").suspended, on_5);
  const SharingChoice on_6{
      Audience::kNamed, {"EX1", "EX2"}, must(platform::parse_day("2026-12-31"))};
  EXPECT_EQ(decision("uncac/6").suspended, on_6);
  const SharingChoice on_9{Audience::kProviders, {}, {}};
  EXPECT_EQ(decision("uncac/9").suspended, on_9);
  EXPECT_EQ(decision("uncac/15").suspended, std::nullopt);

  // A revision above all of before, and the next numbers in the State's order.
  EXPECT_EQ(decision("uncac/5").revision, (platform::Revision{epoch(), 2}));
  EXPECT_EQ(decision("uncac/15").revision, (platform::Revision{1, 1})) << "it was so already";
  std::set<std::int64_t> sequences;
  for (const StoredDecision& decision : decisions()) sequences.insert(decision.sequence);
  EXPECT_EQ(sequences.size(), 4U);
  EXPECT_EQ(*sequences.rbegin(), 7);
  EXPECT_EQ(*sequences.begin(), decision("uncac/15").sequence);

  EXPECT_EQ(count("outbox"), events + 3);
  const platform::Rows written =
      query("SELECT event_key, epoch, body FROM outbox ORDER BY id DESC LIMIT 3");
  for (std::size_t i = 0; i < written.size(); ++i) {
    checklist::v1::SharingDecision event;
    ASSERT_TRUE(event.ParseFromString(written.bytes(i, 2)));
    EXPECT_EQ(written.text(i, 0), "KEN/sharing/" + event.provision());
    EXPECT_EQ(written.integer(i, 1), epoch());
    EXPECT_EQ(event.audience(), common::v1::AUDIENCE_RESTRICTED);
    EXPECT_FALSE(event.has_suspended()) << "what held is the State's own business";
  }

  EXPECT_EQ(count("audit"), audited + 3);
  const platform::Rows audit = query(
      "SELECT a.action, a.object, a.reason, a.role, p.payload FROM audit a JOIN audit_payload p ON "
      "p.audit_id = a.id WHERE a.object = 'KEN/uncac/6' ORDER BY a.id DESC LIMIT 1");
  ASSERT_EQ(audit.size(), 1U);
  EXPECT_EQ(audit.text(0, 0), "sharing.suspend");
  EXPECT_EQ(audit.text(0, 2),
            "restored from a backup of 2026-03-10T09:00:00.000000Z; a later narrowing may be lost");
  EXPECT_EQ(audit.text(0, 3), "system");
  checklist::v1::SharingDecision payload;
  ASSERT_TRUE(payload.ParseFromString(audit.bytes(0, 4)));
  EXPECT_EQ(payload.suspended().audience(), common::v1::AUDIENCE_NAMED);
}

TEST_P(SuspendedSharing, DoneTwiceItLosesNothing) {
  restore();
  const std::vector<StoredDecision> once = decisions();
  const std::int64_t events = count("outbox");
  const std::int64_t audited = count("audit");
  clock_.set(clock_.now() + std::chrono::hours(1));
  restore();
  EXPECT_EQ(count("outbox"), events);
  EXPECT_EQ(count("audit"), audited);
  ASSERT_EQ(decisions().size(), once.size());
  for (const StoredDecision& before : once) {
    const StoredDecision now = decision(before.provision);
    EXPECT_EQ(now.suspended, before.suspended) << before.provision;
    EXPECT_EQ(now.revision, before.revision) << before.provision;
    EXPECT_EQ(now.recorded_at, before.recorded_at) << before.provision;
  }
}

TEST_P(SuspendedSharing, WhatEndedMeanwhileIsNotSuspendedButOver) {
  set_day("2026-03-21");
  restore();
  EXPECT_EQ(decision("uncac/5").choice, SharingChoice());
  EXPECT_EQ(decision("uncac/5").suspended, std::nullopt);
  EXPECT_NE(decision("uncac/6").suspended, std::nullopt);
}

TEST_P(SuspendedSharing, TheStatesNextWordEndsIt) {
  restore();
  submit(
      "KEN,uncac-2007,2026,,en,uncac/5,NO,,INTERAGENCY,,LEGAL_ADVICE,,,,,,PROVIDERS,\n"
      "KEN,uncac-2007,2026,,en,uncac/9,NO,,INTERAGENCY,,LEGAL_ADVICE,,,,,,,\n");
  EXPECT_EQ(decision("uncac/5").choice.audience, Audience::kProviders);
  EXPECT_EQ(decision("uncac/5").suspended, std::nullopt);
  EXPECT_EQ(decision("uncac/5").revision, (platform::Revision{epoch(), 3}));
  EXPECT_EQ(decision("uncac/9").choice.audience, Audience::kRestricted)
      << "an amendment that names no audience widens nothing";
  EXPECT_NE(decision("uncac/9").suspended, std::nullopt);
}

// The same answers, shared with nobody: that was "unchanged", and a later reinstatement widened.
TEST_P(SuspendedSharing, TheSameAnswersWithAnotherAudienceEndItToo) {
  restore();
  const std::int64_t events = count("outbox");
  const auto file = [&](const std::string& audiences) {
    submit("KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,," + audiences +
           "KEN,uncac-2007,2026,,en,uncac/6,YES,,,,LEGAL_ADVICE,,,,,,NAMED:EX1|EX2,2026-12-31\n"
           "KEN,uncac-2007,2026,,en,uncac/9,YES,,,,LEGAL_ADVICE,,,,,,PROVIDERS,\n"
           "KEN,uncac-2007,2026,,en,uncac/15,YES,,,,LEGAL_ADVICE,,,,,,RESTRICTED,\n");
  };
  file("PUBLIC,2026-03-20\n");
  EXPECT_EQ(count("outbox"), events) << "the file of before says nothing new";
  EXPECT_NE(decision("uncac/5").suspended, std::nullopt);

  file("RESTRICTED,\n");
  EXPECT_EQ(count("outbox"), events + 1);
  EXPECT_EQ(decision("uncac/5").choice, SharingChoice());
  EXPECT_EQ(decision("uncac/5").suspended, std::nullopt);
  EXPECT_EQ(decision("uncac/5").revision, (platform::Revision{epoch(), 3}));
  EXPECT_NE(decision("uncac/6").suspended, std::nullopt) << "of which it said nothing new";
  EXPECT_EQ(count("response_version"), 1);

  checklist::v1::SetSharingRequest reinstate;
  reinstate.set_state("KEN");
  reinstate.add_provisions("uncac");
  reinstate.set_reinstate(true);
  EXPECT_EQ(must(set_sharing(*parts_, call("SetSharing"), reinstate)).changed(), 2);
  EXPECT_EQ(decision("uncac/5").choice, SharingChoice());
}

INSTANTIATE_TEST_SUITE_P(, SuspendedSharing, test::kEngines, test::engine_name);

}  // namespace
}  // namespace uncac::checklist_intake
