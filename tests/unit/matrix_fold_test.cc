// The fold: what it keeps, what it says changed, and that order, repetition and splitting of the
// log change nothing.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>

#include "needs_matrix/domain/fold.h"
#include "unit/matrix_naive.h"

namespace uncac::needs_matrix::testing {
namespace {

VersionFact a_version(std::int64_t counter) {
  VersionFact fact;
  fact.version.key = {state("KEN"), checklist("uncac-2007"), 2007, 1};
  fact.version.submitted_on = day("2007-10-01");
  fact.version.answers = {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"}, {"INTERAGENCY"}),
                          an_answer("uncac/15", Compliance::kYes)};
  fact.version.texts = {{provision("uncac/44"), type("LEGAL_ADVICE"), "a lawyer"}};
  fact.revision = {1, counter};
  return fact;
}
SharingFact a_decision(std::int64_t counter) {
  return {{state("KEN"), provision("uncac/44")}, Audience::kNamed, {"EX1", "EX2"}, 7, {1, counter}};
}

TEST(MatrixFold, SaysWhichStateChanged) {
  Fold fold(the_items());
  EXPECT_EQ(*fold.apply(a_version(1)), state("KEN"));
  EXPECT_EQ(fold.versions(), 1U);
  EXPECT_EQ(*fold.apply(a_version(1)), std::nullopt) << "a repetition";
  auto older = a_version(0);
  older.version.answers.clear();
  EXPECT_EQ(*fold.apply(older), std::nullopt) << "an older revision";
  EXPECT_EQ(*fold.apply(a_version(2)), std::nullopt) << "newer, but nothing in it changed";
  auto changed = a_version(3);
  changed.version.status = ResponseStatus::kVoid;
  EXPECT_EQ(*fold.apply(changed), state("KEN"));
  auto epoch = a_version(1);
  epoch.revision = {2, 0};
  EXPECT_EQ(*fold.apply(epoch), state("KEN")) << "a later epoch is newer whatever its counter";
  EXPECT_EQ(*fold.apply(a_decision(1)), state("KEN"));
  EXPECT_EQ(*fold.apply(a_decision(1)), std::nullopt);
  EXPECT_EQ(*fold.apply(a_decision(2)), std::nullopt);
}

TEST(MatrixFold, ARemovedKeyKeepsItsRevision) {
  Fold fold(the_items());
  (void)*fold.apply(a_version(1));
  (void)*fold.apply(a_decision(1));
  EXPECT_EQ(*fold.remove(a_version(1).version.key, {1, 5}), state("KEN"));
  EXPECT_EQ(*fold.remove(a_decision(1).key, {1, 5}), state("KEN"));
  EXPECT_EQ(fold.versions(), 0U);
  EXPECT_TRUE(fold.snapshot()->responses[state("KEN")]->versions.empty());
  EXPECT_TRUE(fold.snapshot()->sharing[state("KEN")]->groups.empty());
  EXPECT_EQ(*fold.apply(a_version(5)), std::nullopt) << "not newer than its removal";
  EXPECT_EQ(*fold.apply(a_decision(4)), std::nullopt);
  EXPECT_EQ(*fold.apply(a_version(6)), state("KEN"));
  EXPECT_EQ(*fold.remove(VersionKey{state("UGA"), 0, 2007, 1}, {1, 1}), std::nullopt)
      << "nothing was there";
}

TEST(MatrixFold, RefusesWhatBreaksTheReferenceData) {
  Fold fold(the_items());
  const auto refused = [&](const std::function<void(Version&)>& spoil) {
    auto fact = a_version(1);
    spoil(fact.version);
    return !fold.apply(fact).ok();
  };
  EXPECT_TRUE(refused([](Version& v) { v.answers.push_back(v.answers[0]); }));
  EXPECT_TRUE(refused([](Version& v) { v.answers[0].provision = provision("uncac/44.4"); }))
      << "a paragraph is no item of uncac-2007";
  EXPECT_TRUE(refused([](Version& v) { v.answers[0].needed |= 1U << 31; }));
  EXPECT_TRUE(refused([](Version& v) { v.answers[0].challenges |= 1U << 15; }));
  EXPECT_TRUE(refused([](Version& v) { v.key.state = 60000; }));
  EXPECT_TRUE(refused([](Version& v) { v.key.checklist = 200; }));
  EXPECT_TRUE(refused([](Version& v) { v.key.version = 0; }));
  EXPECT_TRUE(refused([](Version& v) { v.texts[0].type = 99; }));
  EXPECT_EQ(fold.digest(), Digest{}) << "a refused fact leaves nothing behind";
  EXPECT_EQ(*fold.apply(a_version(1)), state("KEN"));
}

TEST(MatrixFold, EveryFieldIsInTheDigest) {
  std::vector<Digest> digests;
  const auto add = [&](auto fact) {
    Fold fold(the_items());
    ASSERT_TRUE(fold.apply(std::move(fact)).ok());
    EXPECT_EQ(fold.digest(), fold.digest(state("KEN")) == Digest{} ? fold.digest(state("UGA"))
                                                                   : fold.digest(state("KEN")));
    for (const auto& other : digests) EXPECT_NE(other, fold.digest()) << digests.size();
    digests.push_back(fold.digest());
  };
  using V = Version;
  const std::vector<std::function<void(V&)>> changes = {
      [](V&) {},
      [](V& v) { v.key.state = state("UGA"); },
      [](V& v) { v.key.round = 2008; },
      [](V& v) { v.key.version = 2; },
      [](V& v) { v.submitted_on += std::chrono::days(1); },
      [](V& v) { v.status = ResponseStatus::kVoid; },
      [](V& v) { v.status = ResponseStatus::kWithdrawn; },
      [](V& v) { v.status = ResponseStatus::kWithdrawn, v.withdrawn_on = day("2009-01-01"); },
      [](V& v) { v.exercise = true; },
      [](V& v) { v.answers.pop_back(); },
      [](V& v) { v.answers[0].provision = provision("uncac/46"); },
      [](V& v) { v.answers[0].compliance = Compliance::kInPart; },
      [](V& v) { v.answers[0].need(type("LEGAL_ADVICE"), Priority::kHigh); },
      [](V& v) { v.answers[0].need(type("MODEL_TREATY"), Priority::kNone); },
      [](V& v) { v.answers[0].challenges = 2; },
      [](V& v) { v.texts[0].text = "two lawyers"; },
      [](V& v) { v.texts[0].type = type("OTHER"); },
      [](V& v) { v.texts.clear(); },
  };
  for (const auto& change : changes) {
    auto fact = a_version(1);
    change(fact.version);
    add(fact);
  }
  add(a_version(2));
  add(a_decision(1));
  add(a_decision(2));
  const std::vector<std::function<void(SharingFact&)>> decisions = {
      [](SharingFact& d) { d.key.provision = provision("uncac/15"); },
      [](SharingFact& d) { d.key.state = state("UGA"); },
      [](SharingFact& d) { d.audience = Audience::kPublic; },
      [](SharingFact& d) { d.named = {"EX1"}; },
      [](SharingFact& d) { d.sequence = 8; },
  };
  for (const auto& change : decisions) {
    auto fact = a_decision(1);
    change(fact);
    add(fact);
  }
}

TEST(MatrixFold, OrderOfAnswersAndEmptyTextsAreNoDifference) {
  Fold one(the_items()), other(the_items());
  auto fact = a_version(1);
  (void)*one.apply(fact);
  std::swap(fact.version.answers[0], fact.version.answers[1]);
  fact.version.texts.push_back({provision("uncac/15"), type("OTHER"), ""});
  fact.version.withdrawn_on = day("2012-01-01");  // says nothing unless withdrawn
  (void)*other.apply(fact);
  EXPECT_EQ(one.digest(), other.digest());
  EXPECT_EQ(*one.snapshot()->responses[state("KEN")]->versions[0],
            *other.snapshot()->responses[state("KEN")]->versions[0]);
}

TEST(MatrixFold, ASnapshotStaysAsItWas) {
  Fold fold(the_items());
  (void)*fold.apply(a_version(1));
  const auto before = fold.snapshot();
  EXPECT_EQ(before, fold.snapshot()) << "nothing changed, nothing copied";
  auto second = a_version(1);
  second.version.key.version = 2;
  (void)*fold.apply(second);
  (void)*fold.apply(a_decision(1));
  const auto after = fold.snapshot();
  EXPECT_EQ(before->responses[state("KEN")]->versions.size(), 1U);
  EXPECT_EQ(after->responses[state("KEN")]->versions.size(), 2U);
  EXPECT_EQ(before->responses[state("UGA")], after->responses[state("UGA")])
      << "shared, not copied";
  EXPECT_EQ(rounds_filed(*after), std::vector<std::uint16_t>{2007});
}

TEST(MatrixFold, KeysAreThoseOfTheTopic) {
  const auto& data = the_reference();
  const VersionKey version{state("KEN"), checklist("uncac-2007"), 2007, 3};
  const SharingKey sharing{state("KEN"), provision("uncac/44.4")};
  EXPECT_EQ(format_key(data, version), "KEN/uncac-2007/2007/v3");
  EXPECT_EQ(format_key(data, sharing), "KEN/sharing/uncac/44.4");
  EXPECT_EQ(std::get<VersionKey>(*parse_key(data, "KEN/uncac-2007/2007/v3")), version);
  EXPECT_EQ(std::get<SharingKey>(*parse_key(data, "KEN/sharing/uncac/44.4")), sharing);
  for (const auto* wrong :
       {"", "KEN", "KEN/", "XXX/uncac-2007/2007/v3", "KEN/uncac-2007/2007", "KEN/uncac-2007/2007/3",
        "KEN/uncac-2007/2007/v0", "KEN/uncac-2007/2007/v03", "KEN/uncac-2007/2007/v3/",
        "KEN/uncac-2007//v3", "KEN/uncac-2007/2007/v99999", "KEN/sharing", "KEN/sharing/",
        "KEN/sharing/uncac/99"}) {
    EXPECT_FALSE(parse_key(data, wrong).ok()) << wrong;
  }
}

TEST(MatrixFold, AnAnswerTakesFarLessThanAHundredBytes) {
  EXPECT_LE(sizeof(Answer), 24U);
  EXPECT_LE(sizeof(Version) / 40, 3U) << "spread over the forty answers of a response";
}

TEST(MatrixFold, OrderRepetitionAndSplittingChangeNothing) {
  EXPECT_TRUE(rc::check("any order, repetition and splitting", [](std::uint64_t seed) {
    Random random(seed);
    const auto facts = random_facts(random);
    World straight, shuffled;
    for (const auto& fact : facts) RC_ASSERT(tell(straight.fold, fact));

    auto log = facts;
    for (const auto& fact : facts) {
      for (int again = random.below(3); again > 0; --again) log.push_back(fact);
    }
    std::shuffle(log.begin(), log.end(), random.engine());
    for (const auto& fact : log) {
      RC_ASSERT(tell(shuffled.fold, fact));
      if (random.one_in(50)) (void)shuffled.ask(random_question(random), random_scope(random));
    }
    RC_ASSERT(straight.fold.digest() == shuffled.fold.digest());
    RC_ASSERT(straight.fold.versions() == shuffled.fold.versions());
    Digest by_state;
    for (StateIndex s = 0; s < the_reference().states().size(); ++s) {
      RC_ASSERT(straight.fold.digest(s) == shuffled.fold.digest(s));
      by_state += straight.fold.digest(s);
    }
    RC_ASSERT(by_state == straight.fold.digest());
    for (int i = 0; i < 10; ++i) {
      const auto raw = random_question(random);
      const auto scope = random_scope(random);
      const auto one = straight.ask(raw, scope), other = shuffled.ask(raw, scope);
      RC_ASSERT(one.rows == other.rows);
      RC_ASSERT(one.figures == other.figures);
      RC_ASSERT(one.total == other.total);
      RC_ASSERT(one.exercise == other.exercise);
    }
  }));
}

TEST(MatrixFold, WhatAStateReportsAsUnchangedIsUnchanged) {
  EXPECT_TRUE(rc::check("only the named State changes", [](std::uint64_t seed) {
    Random random(seed);
    World world;
    for (const auto& fact : random_facts(random)) {
      const auto before = world.fold.snapshot();
      std::optional<StateIndex> changed;
      if (const auto* version = std::get_if<VersionFact>(&fact))
        changed = *world.fold.apply(*version);
      if (const auto* shared = std::get_if<SharingFact>(&fact))
        changed = *world.fold.apply(*shared);
      if (const auto* gone = std::get_if<2>(&fact)) {
        changed = *world.fold.remove(gone->first, gone->second);
      }
      const auto after = world.fold.snapshot();
      for (StateIndex s = 0; s < after->responses.size(); ++s) {
        const bool same =
            before->responses[s] == after->responses[s] && before->sharing[s] == after->sharing[s];
        RC_ASSERT(same == (changed != s));
      }
    }
  }));
}

}  // namespace
}  // namespace uncac::needs_matrix::testing
