#include <gtest/gtest.h>

#include "checklist_intake/domain/changes.h"
#include "unit/intake_values.h"

namespace uncac::checklist_intake {
namespace {

using test::day;

const SharingChoice kPublic{Audience::kPublic, {}, {}};
const SharingChoice kProviders{Audience::kProviders, {}, {}};
const SharingChoice kRestricted{};

// A filing against what is known, and what comes of it.
class IntakeChanges : public testing::Test {
 protected:
  IntakeChanges() {
    checked_.response.key = test::key("KEN", "uncac-2007", 2007);
    checked_.response.answers = {test::answer("uncac/5", Compliance::kYes),
                                 test::answer("uncac/6", Compliance::kNo)};
    checked_.rows = {2, 5};
    checked_.first_row = 2;
    checked_.sharing.choice = kProviders;
  }

  // Makes the filing at hand the newest version.
  void file(int number, std::string_view submitted_on) {
    newest_ = Version{.number = number,
                      .submitted_on = day(submitted_on),
                      .answers = checked_.response.answers,
                      .exercise = false,
                      .status = VersionStatus::kSubmitted,
                      .withdrawn_on = {}};
    known_.newest = &newest_;
    known_.not_before = newest_.submitted_on;
    for (const Answer& answer : checked_.response.answers) {
      if (const auto* choice = checked_.sharing.of(answer.provision)) {
        known_.in_force.insert_or_assign(answer.provision, *choice);
        known_.filed.insert_or_assign(answer.provision, *choice);
      }
    }
  }

  std::optional<Change> decide() {
    ProblemBudget budget;
    ProblemSink sink("a.csv", budget);
    auto change = decide_change(test::data(), known_,
                                Filing{checked_, exercise_, by_secretariat_, test::today()}, sink);
    problems_ = test::lines(sink.take());
    EXPECT_EQ(change.has_value(), problems_.empty());
    return change;
  }
  std::string problem() {
    EXPECT_FALSE(decide());
    EXPECT_EQ(problems_.size(), 1u);
    return problems_.empty() ? "" : problems_[0];
  }

  CheckedResponse checked_;
  Version newest_;
  Known known_;
  bool exercise_ = false;
  bool by_secretariat_ = false;
  std::vector<std::string> problems_;
  const ProvisionIndex article_5_ = test::provision("uncac/5");
  const ProvisionIndex article_6_ = test::provision("uncac/6");
};

TEST_F(IntakeChanges, TheFirstFilingIsVersionOneOfToday) {
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kSubmitted);
  EXPECT_EQ(change->version, 1);
  EXPECT_EQ(change->submitted_on, test::today());
  EXPECT_EQ(change->decisions,
            (SharingChoices{{article_5_, kProviders}, {article_6_, kProviders}}));
  EXPECT_EQ(change->filed, change->decisions);
}

TEST_F(IntakeChanges, AnEqualFilingChangesNothing) {
  file(3, "2026-03-01");
  for (const bool with_day : {false, true}) {
    if (with_day) checked_.response.submitted_on = day("2026-03-01");
    const auto change = decide();
    ASSERT_TRUE(change);
    EXPECT_EQ(change->kind, ChangeKind::kUnchanged);
    EXPECT_EQ(change->version, 3);
    EXPECT_EQ(change->submitted_on, day("2026-03-01"));
    EXPECT_TRUE(change->decisions.empty());
    EXPECT_TRUE(change->filed.empty());
  }
}

TEST_F(IntakeChanges, ABAAmendsTwice) {
  const auto a = checked_.response.answers;
  file(1, "2026-03-01");
  checked_.response.answers[0].measures = "B";
  auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kAmended);
  EXPECT_EQ(change->version, 2);
  file(2, "2026-03-31");
  checked_.response.answers = a;
  change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kAmended);
  EXPECT_EQ(change->version, 3);
}

TEST_F(IntakeChanges, ALaterDateAloneIsANewVersion) {
  file(1, "2026-03-01");
  checked_.response.submitted_on = test::today();
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kAmended);
  EXPECT_EQ(change->submitted_on, test::today());
}

TEST_F(IntakeChanges, OnlyTheSecretariatFilesForAnotherDay) {
  checked_.response.submitted_on = day("2007-11-30");
  EXPECT_EQ(problem(),
            "a.csv:2: submitted_on: error: historical-day-only-secretariat: only the secretariat "
            "files for another day than today; leave the field empty");
  by_secretariat_ = true;
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->submitted_on, day("2007-11-30"));
}

TEST_F(IntakeChanges, TheDayNeverDecreases) {
  file(1, "2010-05-02");
  by_secretariat_ = true;
  checked_.response.submitted_on = day("2010-05-01");
  EXPECT_EQ(problem(),
            "a.csv:2: submitted_on: error: submitted-on-decreases: 2010-05-01 is before the day of "
            "the newest version, 2010-05-02");
  checked_.response.answers[0].measures = "more";
  checked_.response.submitted_on = day("2010-05-02");
  EXPECT_TRUE(decide());
}

// Else an import with a wrong year could never be put right.
TEST_F(IntakeChanges, AVoidVersionDoesNotHoldTheDay) {
  file(1, "2010-05-02");
  newest_.status = VersionStatus::kVoid;
  known_.not_before = std::nullopt;
  by_secretariat_ = true;
  checked_.response.submitted_on = day("2007-05-02");
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->version, 2);
}

TEST_F(IntakeChanges, FilingAgainAfterTheEndIsTheNextVersion) {
  for (const auto status : {VersionStatus::kWithdrawn, VersionStatus::kVoid}) {
    file(4, "2026-03-31");
    newest_.status = status;
    const auto change = decide();
    ASSERT_TRUE(change);
    EXPECT_EQ(change->kind, ChangeKind::kAmended);
    EXPECT_EQ(change->version, 5);
    EXPECT_EQ(change->decisions.size(), 2u);
  }
}

TEST_F(IntakeChanges, AnExerciseAndARealResponseAreNeverEqual) {
  file(1, "2026-03-01");
  exercise_ = true;
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kAmended);
}

TEST_F(IntakeChanges, WithEqualAnswersAnotherAudienceIsADecision) {
  file(1, "2026-03-01");
  checked_.sharing.exceptions[article_6_] = kPublic;
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kSharingChanged);
  EXPECT_EQ(change->version, 1);
  EXPECT_EQ(change->decisions, (SharingChoices{{article_6_, kPublic}}));
  EXPECT_EQ(change->filed, (SharingChoices{{article_6_, kPublic}}));
}

// The State narrowed with a share verb; the same file again must not widen.
TEST_F(IntakeChanges, TheAudienceLastFiledIsNoDecisionAgain) {
  file(1, "2026-03-01");
  known_.in_force[article_5_] = kRestricted;
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kUnchanged);
  EXPECT_TRUE(change->decisions.empty());
}

// But an amendment with a filled audience is a decision, whatever was filed before.
TEST_F(IntakeChanges, AnAmendmentsAudienceIsADecision) {
  file(1, "2026-03-01");
  known_.in_force[article_5_] = kRestricted;
  checked_.response.answers[1].measures = "more";
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->decisions,
            (SharingChoices{{article_5_, kProviders}, {article_6_, kProviders}}));
  EXPECT_TRUE(change->filed.empty());
}

// It changes no sharing, but it is what was last filed from now on.
TEST_F(IntakeChanges, TheAudienceInForceIsRememberedAsFiledOnly) {
  file(1, "2026-03-01");
  known_.in_force[article_5_] = kRestricted;
  checked_.sharing.exceptions[article_5_] = kRestricted;
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kUnchanged);
  EXPECT_TRUE(change->decisions.empty());
  EXPECT_EQ(change->filed, (SharingChoices{{article_5_, kRestricted}}));
}

// After a restore: what is in force is not the State's word, so its word is recorded, also the one
// that asks for what is in force. Else a later reinstatement would widen again.
TEST_F(IntakeChanges, WhereSuspendedAnotherAudienceThanLastFiledIsADecision) {
  file(1, "2026-03-01");
  known_.in_force[article_5_] = kRestricted;
  known_.suspended = {article_5_};
  checked_.sharing.exceptions[article_5_] = kRestricted;
  auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kSharingChanged);
  EXPECT_EQ(change->version, 1);
  EXPECT_EQ(change->decisions, (SharingChoices{{article_5_, kRestricted}}));
  EXPECT_EQ(change->filed, change->decisions);

  checked_.sharing.exceptions[article_5_] = kPublic;
  change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->decisions, (SharingChoices{{article_5_, kPublic}}));
}

// A file that was sent before the restore, sent once more, must not undo it.
TEST_F(IntakeChanges, WhereSuspendedTheSameFileSaysNothingNew) {
  file(1, "2026-03-01");
  known_.in_force[article_5_] = known_.in_force[article_6_] = kRestricted;
  known_.suspended = {article_5_, article_6_};
  auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kUnchanged);
  EXPECT_TRUE(change->decisions.empty());
  checked_.sharing = {};
  change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kUnchanged);
}

TEST_F(IntakeChanges, WithEqualAnswersOnlyWhatDiffersIsADecision) {
  const bool held = rc::check([this] {
    known_ = {};
    checked_.sharing = {};
    file(1, "2026-03-01");
    SharingChoices expected;
    for (const ProvisionIndex provision : {article_5_, article_6_}) {
      const auto filed = *rc::gen::element(kPublic, kProviders, kRestricted);
      const auto in_force = *rc::gen::element(kPublic, kProviders, kRestricted);
      const auto choice = *rc::gen::element(kPublic, kProviders, kRestricted);
      const bool suspended = *rc::gen::arbitrary<bool>();
      known_.filed[provision] = filed;
      // A restore leaves nothing wider than RESTRICTED where it suspended.
      known_.in_force[provision] = suspended ? kRestricted : in_force;
      if (suspended) known_.suspended.insert(provision);
      checked_.sharing.exceptions[provision] = choice;
      if (choice != filed && (suspended || choice != in_force)) expected[provision] = choice;
    }
    const auto change = decide();
    RC_ASSERT(change.has_value());
    RC_ASSERT(change->decisions == expected);
    RC_ASSERT((change->kind == ChangeKind::kUnchanged) == expected.empty());
  });
  EXPECT_TRUE(held);
}

TEST_F(IntakeChanges, SilenceLeavesTheDecisionInForce) {
  file(1, "2026-03-01");
  checked_.sharing = {};
  checked_.response.answers[0].measures = "more";
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->kind, ChangeKind::kAmended);
  EXPECT_TRUE(change->decisions.empty());
}

TEST_F(IntakeChanges, SharingIsAChoice) {
  checked_.sharing = {};
  EXPECT_EQ(problem(),
            "a.csv:2: audience: error: sharing-not-chosen: who may read \"uncac/5\" and 1 more is "
            "not said, and no decision is in force");
  known_.in_force[article_5_] = kRestricted;
  EXPECT_EQ(problem(),
            "a.csv:5: audience: error: sharing-not-chosen: who may read \"uncac/6\" is not said, "
            "and no decision is in force");
  checked_.sharing.exceptions[article_6_] = kPublic;
  const auto change = decide();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->decisions, (SharingChoices{{article_6_, kPublic}}));
}

TEST_F(IntakeChanges, AChoiceHoldsThroughItsLastDay) {
  const SharingChoice choice{Audience::kNamed, {"EX1"}, day("2026-06-30")};
  EXPECT_EQ(choice_on(choice, day("2026-06-30")), choice);
  EXPECT_EQ(choice_on(choice, day("2026-07-01")), kRestricted);
  EXPECT_EQ(choice_on(kPublic, day("2999-01-01")), kPublic);
}

std::vector<Version> three_versions() {
  std::vector<Version> versions(3);
  const char* days[] = {"2009-01-10", "2010-01-10", "2010-01-10"};
  for (int at = 0; at < 3; ++at) {
    versions[static_cast<std::size_t>(at)].number = at + 1;
    versions[static_cast<std::size_t>(at)].submitted_on = day(days[at]);
  }
  return versions;
}

int standing(const std::vector<Version>& versions, std::string_view on) {
  const Version* version = standing_on(versions, day(on));
  return version == nullptr ? 0 : version->number;
}

void carry_out(std::vector<Version>& versions, const StatusChange& change) {
  Version& version = versions[static_cast<std::size_t>(change.version - 1)];
  version.status = change.status;
  version.withdrawn_on = change.withdrawn_on;
}

TEST(IntakeStanding, TheNewestVersionUpToTheDayStands) {
  const auto versions = three_versions();
  EXPECT_EQ(standing(versions, "2009-01-09"), 0);
  EXPECT_EQ(standing(versions, "2009-01-10"), 1);
  EXPECT_EQ(standing(versions, "2010-01-09"), 1);
  EXPECT_EQ(standing(versions, "2010-01-10"), 3);
}

TEST(IntakeStanding, AWithdrawalHoldsFromItsDayOn) {
  auto versions = three_versions();
  const auto change = withdraw(&versions.back(), day("2011-06-01"));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->version, 3);
  carry_out(versions, *change);
  EXPECT_EQ(standing(versions, "2011-05-31"), 3);
  EXPECT_EQ(standing(versions, "2011-06-01"), 0);  // and not version 1 or 2
  EXPECT_EQ(standing(versions, "2009-06-01"), 1);
  const auto again = withdraw(&versions.back(), day("2011-06-02"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, platform::Reason::kFailedPrecondition);
  versions.push_back(Version{.number = 4,
                             .submitted_on = day("2012-01-01"),
                             .answers = {},
                             .exercise = false,
                             .status = VersionStatus::kSubmitted,
                             .withdrawn_on = {}});
  EXPECT_EQ(standing(versions, "2011-12-31"), 0);
  EXPECT_EQ(standing(versions, "2012-01-01"), 4);
}

TEST(IntakeStanding, AVoidHoldsForAllDays) {
  auto versions = three_versions();
  carry_out(versions, *withdraw(&versions.back(), day("2011-06-01")));
  const auto changes = make_void(versions);
  ASSERT_TRUE(changes);
  EXPECT_EQ(changes->size(), 3u);
  for (const auto& change : *changes) carry_out(versions, change);
  for (const char* on : {"2009-06-01", "2010-06-01", "2026-01-01"}) {
    EXPECT_EQ(standing(versions, on), 0) << on;
  }
  const auto again = make_void(versions);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, platform::Reason::kFailedPrecondition);
  EXPECT_FALSE(withdraw(&versions.back(), day("2012-01-01")));
  EXPECT_FALSE(withdraw(nullptr, day("2012-01-01")));
  EXPECT_FALSE(make_void({}));
}

}  // namespace
}  // namespace uncac::checklist_intake
