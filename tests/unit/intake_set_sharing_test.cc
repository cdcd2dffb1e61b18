// The State's act on the store: who may do it, what is recorded, and what comes back.
#include "checklist_intake/actions/expire_sharing.h"
#include "checklist_intake/actions/read_responses.h"
#include "checklist_intake/actions/set_sharing.h"
#include "unit/intake_on_store.h"

namespace uncac::checklist_intake {
namespace {

using checklist::v1::SetSharingReply;
using checklist::v1::SetSharingRequest;
using testing::must;

class SetSharing : public test::IntakeOnStore {
 protected:
  static SetSharingRequest request(const std::vector<std::string>& provisions,
                                   common::v1::Audience audience) {
    SetSharingRequest request;
    request.set_state("KEN");
    for (const std::string& provision : provisions) request.add_provisions(provision);
    if (audience != common::v1::AUDIENCE_UNSPECIFIED) {
      request.mutable_choice()->set_audience(audience);
    }
    return request;
  }
  SetSharingReply set(const SetSharingRequest& asked) {
    return must(set_sharing(*parts_, call("SetSharing"), asked));
  }
  // "rule field" of each problem, or the reason when there is none.
  std::vector<std::string> refused(const SetSharingRequest& asked) {
    const auto reply = set_sharing(*parts_, call("SetSharing"), asked);
    if (reply) return {"not refused"};
    EXPECT_EQ(reply.error().reason, platform::Reason::kInvalidInput);
    std::vector<std::string> found;
    for (const auto& problem : reply.error().problems) {
      found.push_back(problem.rule + " " + problem.column);
    }
    return found;
  }
  std::int64_t count(const std::string& table) {
    return query("SELECT count(*) FROM " + table).integer(0, 0);
  }
  // As a restored store has it, see actions/suspend_sharing.h.
  void suspend(const std::string& provision, const SharingChoice& choice) {
    StoredDecision suspended = decision(provision);
    suspended.choice = SharingChoice();
    suspended.suspended = choice;
    must(store_->write([&](platform::Transaction& transaction) {
      return write_decisions(transaction, "KEN", {suspended});
    }));
  }
};

TEST_P(SetSharing, ComesTooLateWhenNobodyWaitsForItAnyMore) {
  submit("KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,,RESTRICTED,\n");
  const std::int64_t events = count("outbox");
  platform::Call left = call("SetSharing");
  left.cancelled = [] { return true; };
  const auto reply = set_sharing(*parts_, left, request({"uncac/5"}, common::v1::AUDIENCE_PUBLIC));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason, platform::Reason::kDeadlineExceeded);
  EXPECT_EQ(count("outbox"), events);
  EXPECT_EQ(decision("uncac/5").revision.counter, 1);
}

TEST_P(SetSharing, RecordsEveryProvisionBelowOnceAndTellsIt) {
  submit("KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,,PUBLIC,\n");
  SetSharingRequest asked = request({"uncac/5", "uncac/5.1"}, common::v1::AUDIENCE_PROVIDERS);
  asked.mutable_choice()->set_until("2026-03-10");
  asked.set_reason("agreed in March");
  const SetSharingReply reply = set(asked);
  EXPECT_EQ(reply.changed(), 5);
  EXPECT_EQ(reply.version_token(), "KEN@s6");
  std::vector<std::string> listed;
  for (const auto& d : reply.decisions()) {
    listed.push_back(d.provision());
    EXPECT_EQ(d.state(), "KEN");
    EXPECT_EQ(d.audience(), common::v1::AUDIENCE_PROVIDERS);
    EXPECT_EQ(d.until(), "2026-03-10");
    EXPECT_EQ(d.recorded_at(), "2026-03-10T09:00:00.000000Z");
    EXPECT_EQ(d.sequence(), 1 + static_cast<int>(listed.size()));
    EXPECT_FALSE(d.has_suspended());
  }
  EXPECT_EQ(listed, (std::vector<std::string>{"uncac/5", "uncac/5.1", "uncac/5.2", "uncac/5.3",
                                              "uncac/5.4"}));
  EXPECT_EQ(decision("uncac/5").revision.counter, 2) << "the submission made the first";
  EXPECT_EQ(decision("uncac/5.1").revision.counter, 1);

  // One event for each, and they say what the reply says.
  const platform::Rows events =
      query("SELECT event_key, counter, body FROM outbox ORDER BY id DESC LIMIT 5");
  for (std::size_t i = 0; i < 5; ++i) {
    const auto& said = reply.decisions(static_cast<int>(4 - i));
    EXPECT_EQ(events.text(i, 0), "KEN/sharing/" + said.provision());
    EXPECT_EQ(events.bytes(i, 2), said.SerializeAsString());
  }
  const platform::Rows audit =
      query("SELECT actor, role, action, object, reason FROM audit ORDER BY id DESC LIMIT 1");
  EXPECT_EQ(audit.text(0, 0), call("SetSharing").principal->name());
  EXPECT_EQ(audit.text(0, 1), "focal_point");
  EXPECT_EQ(audit.text(0, 2), "sharing.set");
  EXPECT_EQ(audit.text(0, 3), "KEN@s6");
  EXPECT_EQ(audit.text(0, 4), "agreed in March");

  // The response itself is as it was, and its own file still says what it said.
  EXPECT_EQ(count("response_version"), 1);

  // Again: nothing is written, and the same is told.
  const std::int64_t outbox = count("outbox"), audits = count("audit");
  clock_.set(clock_.now() + std::chrono::minutes(1));
  SetSharingReply again = set(asked);
  EXPECT_EQ(again.changed(), 0);
  EXPECT_EQ(again.version_token(), "");
  again.set_changed(reply.changed());
  again.set_version_token(reply.version_token());
  EXPECT_EQ(again.SerializeAsString(), reply.SerializeAsString());
  EXPECT_EQ(count("outbox"), outbox);
  EXPECT_EQ(count("audit"), audits);
}

TEST_P(SetSharing, ADryRunSaysWhatWouldHoldAndWritesNothing) {
  submit("KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,,PUBLIC,\n");
  const std::int64_t outbox = count("outbox"), audits = count("audit");
  SetSharingRequest asked = request({"uncac/5"}, common::v1::AUDIENCE_PUBLIC);
  asked.set_dry_run(true);
  const SetSharingReply reply = set(asked);
  EXPECT_EQ(reply.changed(), 4) << "uncac/5 is so already";
  EXPECT_EQ(reply.version_token(), "");
  ASSERT_EQ(reply.decisions_size(), 5);
  EXPECT_EQ(reply.decisions(0).sequence(), 1);
  for (int i = 1; i < 5; ++i) {
    EXPECT_EQ(reply.decisions(i).audience(), common::v1::AUDIENCE_PUBLIC);
    EXPECT_EQ(reply.decisions(i).recorded_at(), "") << "not on record";
    EXPECT_EQ(reply.decisions(i).sequence(), 0);
  }
  EXPECT_EQ(decisions().size(), 1u);
  EXPECT_EQ(count("outbox"), outbox);
  EXPECT_EQ(count("audit"), audits);
}

TEST_P(SetSharing, OnlyTheStatesOwnFocalPoint) {
  const SetSharingRequest asked = request({"uncac/5"}, common::v1::AUDIENCE_PUBLIC);
  const auto refused_to = [&](access::Role role, const std::string& state) {
    access::Caller caller;
    caller.role = role;
    caller.state = state;
    if (role == access::Role::kProvider) caller.organization = "EX1";
    // Admitted for another method: whatever the table of methods says, the action asks too.
    const platform::Call made =
        call_by(caller, role == access::Role::kProvider ? "/uncac.needs.v1.NeedsMatrix/ListNeeds"
                                                        : kIntake + std::string("ListSharing"));
    const auto reply = set_sharing(*parts_, made, asked);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().reason, platform::Reason::kForbidden);
  };
  refused_to(access::Role::kFocalPoint, "UGA");
  refused_to(access::Role::kContributor, "KEN");
  refused_to(access::Role::kSecretariat, "");
  refused_to(access::Role::kAuditor, "");
  refused_to(access::Role::kProvider, "");
  EXPECT_TRUE(decisions().empty());
}

TEST_P(SetSharing, BadInputIsRefusedWithRuleAndField) {
  using Found = std::vector<std::string>;
  const auto kPublic = common::v1::AUDIENCE_PUBLIC;
  EXPECT_EQ(refused(request({}, kPublic)), Found{"unknown-provision provision"});
  EXPECT_EQ(refused(request({"5"}, kPublic)), Found{"provision-without-treaty provision"});
  EXPECT_EQ(refused(request({"uncac/15.a"}, kPublic)), Found{"not-an-item provision"});
  EXPECT_EQ(refused(request({"uncac/5"}, common::v1::AUDIENCE_UNSPECIFIED)),
            Found{"sharing-not-chosen audience"});
  EXPECT_EQ(refused(request({"uncac/5"}, static_cast<common::v1::Audience>(77))),
            Found{"unknown-audience audience"});
  EXPECT_EQ(refused(request({"uncac/5"}, common::v1::AUDIENCE_NAMED)),
            Found{"named-without-provider audience"});
  SetSharingRequest asked = request({"uncac/5"}, kPublic);
  asked.mutable_choice()->add_named("EX1");
  EXPECT_EQ(refused(asked), Found{"names-not-expected audience"});
  asked = request({"uncac/5"}, common::v1::AUDIENCE_NAMED);
  asked.mutable_choice()->add_named("ex1");
  EXPECT_EQ(refused(asked), Found{"bad-provider audience"});
  asked = request({"uncac/5"}, kPublic);
  asked.mutable_choice()->set_until("2026-03-09");
  EXPECT_EQ(refused(asked), Found{"audience-until-past audience_until"});
  asked.mutable_choice()->set_until("9.3.2027");
  EXPECT_EQ(refused(asked), Found{"bad-day audience_until"});
  asked = request({"uncac/5"}, common::v1::AUDIENCE_UNSPECIFIED);
  asked.mutable_choice()->set_until("2027-03-09");
  EXPECT_EQ(refused(asked), Found{"until-without-audience audience_until"});
  asked = request({"uncac/5"}, kPublic);
  asked.set_reinstate(true);
  EXPECT_EQ(refused(asked), Found{"reinstate-with-choice audience"});
  asked = request({"uncac/5"}, kPublic);
  asked.set_reason(std::string(1001, 'x'));
  EXPECT_EQ(refused(asked), Found{"text-too-long reason"});
  asked.set_reason("a\x01");
  EXPECT_EQ(refused(asked), Found{"control-character reason"});
  // All that is wrong is told at once.
  asked = request({"44", "uncac/99"}, common::v1::AUDIENCE_NAMED);
  EXPECT_EQ(refused(asked).size(), 3u);
  EXPECT_TRUE(decisions().empty());
  EXPECT_EQ(count("audit"), 0);

  // A reason of 1,000 characters is one, however many bytes they take.
  asked = request({"uncac/5"}, kPublic);
  std::string reason;
  for (int i = 0; i < 1000; ++i) reason += "é";
  asked.set_reason(reason);
  EXPECT_EQ(set(asked).changed(), 5);
}

// The same name 590,000 times took more than a second; it is refused unread.
TEST_P(SetSharing, AtMostAThousandNames) {
  SetSharingRequest asked =
      request(std::vector<std::string>(1001, "no provision"), common::v1::AUDIENCE_PUBLIC);
  const auto reply = set_sharing(*parts_, call("SetSharing"), asked);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().reason, platform::Reason::kTooLarge);
  EXPECT_TRUE(reply.error().problems.empty());
  EXPECT_TRUE(decisions().empty());
  asked = request(std::vector<std::string>(1000, "uncac/5"), common::v1::AUDIENCE_PUBLIC);
  EXPECT_EQ(set(asked).changed(), 5);
}

TEST_P(SetSharing, ALaterFileWithTheSameAudienceDoesNotWidenAgain) {
  const std::string row = "KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,,PUBLIC,\n";
  submit(row);
  set(request({"uncac/5"}, common::v1::AUDIENCE_RESTRICTED));
  submit(row);
  EXPECT_EQ(decision("uncac/5").choice, SharingChoice());
}

// An audience that was in force already is no decision, but it is the one last filed from then on.
TEST_P(SetSharing, ALaterFileWithANarrowerAudienceNarrowsAgain) {
  const auto row = [](const std::string& audience) {
    return "KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,," + audience + ",\n";
  };
  submit(row("RESTRICTED"));
  set(request({"uncac/5"}, common::v1::AUDIENCE_PUBLIC));
  submit(row("PUBLIC"));
  EXPECT_EQ(decision("uncac/5").choice.audience, Audience::kPublic);
  submit(row("RESTRICTED"));
  EXPECT_EQ(decision("uncac/5").choice, SharingChoice());
}

TEST_P(SetSharing, EndsByItselfAndCanBeSetAgain) {
  SetSharingRequest asked = request({"uncac/6"}, common::v1::AUDIENCE_PUBLIC);
  asked.mutable_choice()->set_until("2026-03-12");
  set(asked);
  const std::int64_t sequence = decision("uncac/6").sequence;
  set_day("2026-03-13");
  // The scheduler has not looked yet: it holds as RESTRICTED all the same.
  EXPECT_EQ(set(request({"uncac/6"}, common::v1::AUDIENCE_RESTRICTED)).changed(), 0);
  EXPECT_GT(must(expire_sharing(*parts_)), 0);
  EXPECT_GT(decision("uncac/6").sequence, sequence);
  const SetSharingReply reply = set(request({"uncac/6"}, common::v1::AUDIENCE_PUBLIC));
  EXPECT_GT(reply.changed(), 0);
  EXPECT_EQ(decision("uncac/6").choice.until, std::nullopt);
}

TEST_P(SetSharing, WhatARestoreSuspendedIsListedAndReinstated) {
  submit(
      "KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,,PUBLIC,\n"
      "KEN,uncac-2007,2026,,en,uncac/6,YES,,,,LEGAL_ADVICE,,,,,,PUBLIC,\n"
      "KEN,uncac-2007,2026,,en,uncac/9,YES,,,,LEGAL_ADVICE,,,,,,PROVIDERS,\n");
  const SharingChoice named{
      Audience::kNamed, {"EX1", "EX2"}, must(platform::parse_day("2026-04-01"))};
  suspend("uncac/5", named);
  suspend("uncac/6", {Audience::kPublic, {}, must(platform::parse_day("2026-03-09"))});

  checklist::v1::ListSharingRequest list;
  list.set_state("KEN");
  const auto listed = must(list_sharing(*parts_, call("ListSharing"), list));
  ASSERT_EQ(listed.decisions_size(), 3);
  EXPECT_EQ(listed.decisions(0).audience(), common::v1::AUDIENCE_RESTRICTED);
  EXPECT_EQ(listed.decisions(0).suspended().audience(), common::v1::AUDIENCE_NAMED);
  EXPECT_EQ(listed.decisions(0).suspended().named_size(), 2);
  EXPECT_EQ(listed.decisions(0).suspended().until(), "2026-04-01");
  EXPECT_FALSE(listed.decisions(2).has_suspended());

  SetSharingRequest asked = request({"uncac"}, common::v1::AUDIENCE_UNSPECIFIED);
  asked.set_reinstate(true);
  asked.set_dry_run(true);
  SetSharingReply reply = set(asked);
  EXPECT_EQ(reply.changed(), 2);
  EXPECT_TRUE(decision("uncac/5").suspended);
  asked.set_dry_run(false);
  reply = set(asked);
  EXPECT_EQ(reply.changed(), 2);
  ASSERT_EQ(reply.decisions_size(), 3) << "where nothing was decided nothing holds";
  EXPECT_EQ(decision("uncac/5").choice, named);
  EXPECT_EQ(decision("uncac/6").choice, SharingChoice()) << "its end has passed meanwhile";
  EXPECT_EQ(decision("uncac/9").choice.audience, Audience::kProviders);
  for (const StoredDecision& d : decisions()) EXPECT_FALSE(d.suspended) << d.provision;
  for (const auto& d : reply.decisions()) EXPECT_FALSE(d.has_suspended()) << d.provision();
  EXPECT_EQ(query("SELECT action FROM audit ORDER BY id DESC LIMIT 1").text(0, 0),
            "sharing.reinstate");
  EXPECT_EQ(set(asked).changed(), 0);

  // A choice answers the question too, also the one that holds; no event ever tells of it.
  suspend("uncac/5", named);
  reply = set(request({"uncac/5"}, common::v1::AUDIENCE_RESTRICTED));
  EXPECT_GE(reply.changed(), 1);
  EXPECT_FALSE(decision("uncac/5").suspended);
  const platform::Rows events = query("SELECT body FROM outbox WHERE event_key LIKE '%/sharing/%'");
  for (std::size_t i = 0; i < events.size(); ++i) {
    checklist::v1::SharingDecision event;
    ASSERT_TRUE(event.ParseFromString(events.bytes(i, 0)));
    EXPECT_FALSE(event.has_suspended());
  }
}

TEST_P(SetSharing, AnyVersionIsExportedByItsNumber) {
  const std::string row = "KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,,PUBLIC,\n";
  submit(row);
  submit("KEN,uncac-2007,2026,,en,uncac/5,YES,,,,ACTION_PLAN,,,,,,PUBLIC,\n");
  const auto exported = [&](int version) -> platform::Result<std::string> {
    checklist::v1::ExportRequest asked;
    asked.mutable_key()->set_state("KEN");
    asked.mutable_key()->set_checklist("uncac-2007");
    asked.set_version(version);
    std::string file;
    UNCAC_TRY(export_response(*parts_, call("ExportResponse"), asked,
                              [&](const checklist::v1::ExportReply& reply) {
                                file += reply.chunk();
                                return true;
                              }));
    return file;
  };
  EXPECT_NE(must(exported(1)).find("LEGAL_ADVICE"), std::string::npos);
  EXPECT_NE(must(exported(2)).find("ACTION_PLAN"), std::string::npos);
  EXPECT_EQ(must(exported(0)), must(exported(2)));
  for (const int none : {3, -1}) {
    const auto missing = exported(none);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().reason, platform::Reason::kNotFound);
  }
}

INSTANTIATE_TEST_SUITE_P(, SetSharing, test::kEngines, test::engine_name);

}  // namespace
}  // namespace uncac::checklist_intake
