// Lists of needs: order, pages, keys, who sees what.
#include <gtest/gtest.h>

#include "needs_matrix/domain/needs.h"
#include "unit/matrix_support.h"

namespace uncac::needs_matrix::testing {
namespace {

using Codes = std::vector<std::string>;

class MatrixNeeds : public ::testing::Test {
 protected:
  void SetUp() override {
    Version version;
    version.key = {state("KEN"), checklist("uncac-2007"), 2007, 1};
    version.submitted_on = day("2007-10-01");
    version.answers = {
        an_answer("uncac/44", Compliance::kNo, {"OTHER", "LEGAL_ADVICE"}, {"INTERAGENCY"}),
        an_answer("uncac/15", Compliance::kYes, {"NO_ASSISTANCE_REQUIRED"})};
    version.answers[0].need(type("OTHER"), Priority::kHigh);
    version.texts = {{provision("uncac/44"), type("OTHER"), "a registry"}};
    version.exercise = true;
    world.put(version);
    world.file("KEN", "uncac-comprehensive", 2006, 1, "2006-10-01",
               {an_answer("uncac/5.1", Compliance::kInPart, {"ACTION_PLAN"})});
    world.file("FRA", "uncac-2007", 2007, 1, "2007-11-01",
               {an_answer("uncac/16", Compliance::kNo, {"MODEL_TREATY"})});
  }
  World world;
};

TEST_F(MatrixNeeds, ComeByStateNameTreatyOrderAndType) {
  EXPECT_EQ(world.list_keys({}, secretariat()),
            (Codes{"FRA:uncac/16:MODEL_TREATY", "KEN:uncac/5.1:ACTION_PLAN",
                   "KEN:uncac/44:LEGAL_ADVICE", "KEN:uncac/44:OTHER"}));
}

TEST_F(MatrixNeeds, CarryTheirSource) {
  world.share("KEN", "uncac/44", Audience::kNamed, {"EX2", "EX1"});
  const auto needs = world.list({{"provision", {"uncac/44"}}, {"type", {"OTHER"}}}, secretariat());
  ASSERT_EQ(needs.needs.size(), 1U);
  EXPECT_TRUE(needs.exercise);
  const Need& need = needs.needs[0];
  EXPECT_EQ(need.state_priority, Priority::kHigh);
  EXPECT_EQ(need.text, "a registry");
  EXPECT_EQ(need.stated_on, day("2007-10-01"));
  EXPECT_EQ(need.source, (VersionKey{state("KEN"), checklist("uncac-2007"), 2007, 1}));
  EXPECT_EQ(need.audience, Audience::kNamed);
  EXPECT_EQ(need.named, (Codes{"EX1", "EX2"}));
  EXPECT_TRUE(need.exercise);
}

TEST_F(MatrixNeeds, OutsidersSeeTheKindOfAudienceNeverTheNames) {
  world.share("KEN", "uncac/44", Audience::kNamed, {"EX1", "EX2"});
  EXPECT_TRUE(world.list({}, the_public()).needs.empty());
  EXPECT_TRUE(world.list({}, provider("EX3")).needs.empty());
  EXPECT_TRUE(world.list({}, focal_point("FRA")).needs.size() == 1);
  const auto named = world.list({}, provider("EX1")).needs;
  ASSERT_EQ(named.size(), 2U);
  EXPECT_EQ(named[0].audience, Audience::kNamed);
  EXPECT_TRUE(named[0].named.empty());
  EXPECT_EQ(world.list({{"article", {"uncac/44"}}}, focal_point("KEN")).needs[0].named.size(), 2U);
}

TEST_F(MatrixNeeds, FollowTheDayTheRoundAndTheFilters) {
  EXPECT_EQ(world.list_keys({}, secretariat(), "2006-12-31"), Codes{"KEN:uncac/5.1:ACTION_PLAN"});
  EXPECT_EQ(world.list_keys({{"round", {"2006"}}}, secretariat()),
            Codes{"KEN:uncac/5.1:ACTION_PLAN"});
  EXPECT_EQ(world.list_keys({{"regional_group", {"WEOG"}}}, secretariat()),
            Codes{"FRA:uncac/16:MODEL_TREATY"});
  EXPECT_EQ(world.list_keys({{"compliance", {"IN_PART"}}}, secretariat()),
            Codes{"KEN:uncac/5.1:ACTION_PLAN"});
  EXPECT_EQ(world.list_keys({{"challenge", {"INTERAGENCY"}}, {"type", {"OTHER"}}}, secretariat()),
            Codes{"KEN:uncac/44:OTHER"});
  EXPECT_EQ(
      world.list_keys({{"need_state", {"STATED"}}, {"chapter", {"II"}}}, secretariat()).size(), 1U);
  EXPECT_TRUE(
      world.list_keys({{"need_state", {"NONE_STATED", "WITHHELD"}}}, secretariat()).empty());
  const auto refused = parse_needs_question(*the_items(), {{"coverage", {"OFFERED"}}}, "2030-01-01",
                                            "", world.today);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().problems.at(0).rule, "as-of-in-future");
  EXPECT_EQ(refused.error().problems.at(1).rule, "dimension-not-available");
}

TEST_F(MatrixNeeds, PagesGoOnAfterAKeyEvenIfItIsGone) {
  Codes keys;
  std::optional<NeedKey> after;
  int pages = 0;
  do {
    const auto page = world.list({}, secretariat(), "", after, 2);
    for (const auto& need : page.needs) keys.push_back(format_need_key(the_reference(), need.key));
    after = page.next;
    ++pages;
  } while (after);
  EXPECT_EQ(keys, world.list_keys({}, secretariat()));
  EXPECT_EQ(pages, 2) << "a full last page says that it is the last";
  const NeedKey gone{state("KEN"), provision("uncac/15"), type("OTHER")};
  EXPECT_EQ(world.list({}, secretariat(), "", gone).needs.size(), 2U);
  EXPECT_EQ(world.list({}, secretariat(), "", std::nullopt, 0).needs.size(), 1U);
}

TEST_F(MatrixNeeds, KeysAreReadAsTheyAreWritten) {
  const NeedKey key{state("KEN"), provision("uncac/44.4"), type("LEGAL_ADVICE")};
  EXPECT_EQ(format_need_key(the_reference(), key), "KEN:uncac/44.4:LEGAL_ADVICE");
  EXPECT_EQ(*parse_need_key(*the_items(), "KEN:uncac/44.4:LEGAL_ADVICE"), key);
  for (const auto* wrong :
       {"", "KEN", "KEN:uncac/44.4", "KEN:uncac/44.4:", "KEN:uncac/44.4:LEGAL",
        "EUU:uncac/44.4:OTHER", "KEN:uncac/44.4:NO_ASSISTANCE_REQUIRED", "KEN:uncac/1:OTHER",
        "KEN:untoc/16:OTHER", "KEN:uncac/44.4:OTHER:x", " KEN:uncac/44.4:OTHER"}) {
    EXPECT_FALSE(parse_need_key(*the_items(), wrong).ok()) << wrong;
  }
}

TEST_F(MatrixNeeds, TheWriterGetsAllOfOneStateWithItsAudiences) {
  world.share("KEN", "uncac/44", Audience::kNamed, {"EX1"});
  const auto snapshot = world.fold.snapshot();
  const auto needs = standing_needs(*snapshot, world.tables, state("KEN"), world.today);
  ASSERT_EQ(needs.size(), 3U);
  EXPECT_EQ(needs[0].audience, Audience::kRestricted) << "no decision in force";
  EXPECT_EQ(needs[1].audience, Audience::kNamed);
  EXPECT_EQ(needs[1].named, Codes{"EX1"});
  EXPECT_EQ(needs, world.list({{"state", {"KEN"}}}, secretariat()).needs);
  EXPECT_TRUE(standing_needs(*snapshot, world.tables, state("BRA"), world.today).empty());
}

}  // namespace
}  // namespace uncac::needs_matrix::testing
