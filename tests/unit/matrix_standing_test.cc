// Standing answers, sentence by sentence of domain.md.
#include <gtest/gtest.h>

#include <numeric>

#include "needs_matrix/domain/standing.h"
#include "unit/matrix_support.h"

namespace uncac::needs_matrix::testing {
namespace {

constexpr auto kYes = Compliance::kYes;
constexpr auto kNo = Compliance::kNo;
constexpr auto kInPart = Compliance::kInPart;
constexpr auto kNotAnswered = Compliance::kNotAnswered;

class MatrixStanding : public ::testing::Test {
 protected:
  // "uncac-2007/2007/v1" of the version that Kenya's answer stands in, or the need state without
  // one.
  std::string source(std::string_view id, std::string_view on, const Rounds& rounds = {}) {
    const auto table = world.tables.at(*world.fold.snapshot(), day(on), rounds);
    const auto& standing = *table->states[state("KEN")];
    const ItemIndex i = item(id);
    if (standing.answered.test(i)) {
      return format_key(the_reference(), standing.sources[standing.source[i]]->key).substr(4);
    }
    return standing.not_asked.test(i) ? "NOT_ASKED" : "NOT_ANSWERED";
  }
  World world;
};

TEST_F(MatrixStanding, AnAsOfDayIsIncludedWhole) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-11-30", {an_answer("uncac/44", kNo)});
  EXPECT_EQ(source("uncac/44", "2007-11-29"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/44", "2007-11-30"), "uncac-2007/2007/v1");
}

TEST_F(MatrixStanding, WithinOneRoundTheNextVersionReplacesTheOneBeforeAsAWhole) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", kNo), an_answer("uncac/15", kNo), an_answer("uncac/16", kNo)});
  world.file("KEN", "uncac-2007", 2007, 2, "2008-10-01",
             {an_answer("uncac/44", kYes), an_answer("uncac/15", kNotAnswered)});
  EXPECT_EQ(source("uncac/44", "2008-10-01"), "uncac-2007/2007/v2");
  EXPECT_EQ(source("uncac/15", "2008-10-01"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/16", "2008-10-01"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/16", "2008-09-30"), "uncac-2007/2007/v1");
}

TEST_F(MatrixStanding, NotAnsweredRemovesNothing) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  world.file("KEN", "uncac-2007", 2010, 1, "2010-10-01", {an_answer("uncac/44", kNotAnswered)});
  EXPECT_EQ(source("uncac/44", "2011-01-01"), "uncac-2007/2007/v1");
}

TEST_F(MatrixStanding, TheLatestSubmissionWinsWhateverItsRound) {
  world.file("KEN", "uncac-2007", 2010, 1, "2010-10-01", {an_answer("uncac/15", kNo)});
  world.file("KEN", "uncac-2007", 2007, 1, "2011-10-01", {an_answer("uncac/15", kYes)});
  EXPECT_EQ(source("uncac/15", "2012-01-01"), "uncac-2007/2007/v1");
  EXPECT_EQ(source("uncac/15", "2011-01-01"), "uncac-2007/2010/v1");
}

TEST_F(MatrixStanding, TiesGoToTheLaterRoundThenToTheComprehensiveChecklist) {
  world.file("KEN", "uncac-2007", 2010, 1, "2010-10-01", {an_answer("uncac/15", kNo)});
  world.file("KEN", "uncac-comprehensive", 2009, 1, "2010-10-01", {an_answer("uncac/15", kYes)});
  EXPECT_EQ(source("uncac/15", "2012-01-01"), "uncac-2007/2010/v1");
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01", {an_answer("uncac/15", kInPart)});
  EXPECT_EQ(source("uncac/15", "2012-01-01"), "uncac-comprehensive/2010/v1");
}

TEST_F(MatrixStanding, AWithdrawalRemovesTheResponseFromItsOwnDayOn) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  const auto key =
      world.file("KEN", "uncac-2007", 2007, 2, "2008-10-01", {an_answer("uncac/44", kYes)});
  world.withdraw(key, "2009-05-05");
  EXPECT_EQ(source("uncac/44", "2007-12-01"), "uncac-2007/2007/v1");
  EXPECT_EQ(source("uncac/44", "2009-05-04"), "uncac-2007/2007/v2");
  EXPECT_EQ(source("uncac/44", "2009-05-05"), "NOT_ANSWERED") << "version 1 does not come back";
  world.file("KEN", "uncac-2007", 2007, 3, "2009-05-05", {an_answer("uncac/44", kInPart)});
  EXPECT_EQ(source("uncac/44", "2009-05-05"), "uncac-2007/2007/v3") << "filed again";
}

TEST_F(MatrixStanding, AVoidRemovesTheResponseFromAllDays) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  const auto key =
      world.file("KEN", "uncac-2007", 2007, 2, "2008-10-01", {an_answer("uncac/44", kYes)});
  world.file("KEN", "uncac-2007", 2010, 1, "2010-10-01", {an_answer("uncac/15", kYes)});
  world.make_void(key);
  EXPECT_EQ(source("uncac/44", "2007-12-01"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/44", "2009-12-01"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/15", "2011-12-01"), "uncac-2007/2010/v1") << "another response";
  world.file("KEN", "uncac-2007", 2007, 3, "2009-05-05", {an_answer("uncac/44", kInPart)});
  EXPECT_EQ(source("uncac/44", "2009-12-01"), "uncac-2007/2007/v3") << "filed again";
  EXPECT_EQ(source("uncac/44", "2009-01-01"), "NOT_ANSWERED");
}

TEST_F(MatrixStanding, AnArticleStandsUntilALaterResponseAnswersAParagraph) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01",
             {an_answer("uncac/44.4", kNotAnswered), an_answer("uncac/46.1", kYes)});
  EXPECT_EQ(source("uncac/44", "2010-12-01"), "uncac-2007/2007/v1") << "none of its paragraphs";
  const auto key = world.file("KEN", "uncac-comprehensive", 2010, 2, "2011-10-01",
                              {an_answer("uncac/44.4", kYes)});
  EXPECT_EQ(source("uncac/44", "2011-09-30"), "uncac-2007/2007/v1")
      << "later than the day asked for";
  EXPECT_EQ(source("uncac/44", "2011-10-01"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/44.4", "2011-10-01"), "uncac-comprehensive/2010/v2");
  world.withdraw(key, "2012-02-02");
  EXPECT_EQ(source("uncac/44", "2012-02-01"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/44", "2012-02-02"), "uncac-2007/2007/v1") << "stands again: withdrawn";
  world.make_void(key);
  EXPECT_EQ(source("uncac/44", "2011-12-01"), "uncac-2007/2007/v1") << "stands again: void";
}

TEST_F(MatrixStanding, AnEarlierResponseToAParagraphTakesNothingAway) {
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01", {an_answer("uncac/44.4", kYes)});
  world.file("KEN", "uncac-2007", 2007, 1, "2011-10-01", {an_answer("uncac/44", kNo)});
  EXPECT_EQ(source("uncac/44", "2012-01-01"), "uncac-2007/2007/v1");
  EXPECT_EQ(source("uncac/44.4", "2012-01-01"), "uncac-comprehensive/2010/v1");
}

TEST_F(MatrixStanding, AnArticleThatLeftDoesNotFallBackToAnOlderAnswer) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  world.file("KEN", "uncac-2007", 2009, 1, "2009-10-01", {an_answer("uncac/44", kYes)});
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01", {an_answer("uncac/44.4", kYes)});
  EXPECT_EQ(source("uncac/44", "2012-01-01"), "NOT_ANSWERED");
  world.file("KEN", "uncac-2007", 2011, 1, "2011-10-01", {an_answer("uncac/44", kInPart)});
  EXPECT_EQ(source("uncac/44", "2012-01-01"), "uncac-2007/2011/v1");
}

TEST_F(MatrixStanding, ATieOfDaysCountsAsLaterInTheSameOrderAsAnswers) {
  world.file("KEN", "uncac-2007", 2010, 1, "2010-10-01", {an_answer("uncac/44", kNo)});
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01", {an_answer("uncac/44.4", kYes)});
  EXPECT_EQ(source("uncac/44", "2012-01-01"), "NOT_ANSWERED");
}

TEST_F(MatrixStanding, NotAskedNeedsAStandingResponseAndNoneToAChecklistWithTheProvision) {
  EXPECT_EQ(source("uncac/44.4", "2012-01-01"), "NOT_ANSWERED") << "no response at all";
  const auto key =
      world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNotAnswered)});
  EXPECT_EQ(source("uncac/44.4", "2012-01-01"), "NOT_ASKED");
  EXPECT_EQ(source("uncac/44", "2012-01-01"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/15", "2012-01-01"), "NOT_ANSWERED") << "asked and no row";
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01", {});
  EXPECT_EQ(source("uncac/44.4", "2012-01-01"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/44.4", "2009-01-01"), "NOT_ASKED");
  world.withdraw(key, "2009-06-01");
  EXPECT_EQ(source("uncac/44.4", "2009-07-01"), "NOT_ANSWERED") << "no response stands any more";
  EXPECT_EQ(source("uncac/44", "2012-01-01"), "NOT_ASKED") << "only the comprehensive one stands";
}

TEST_F(MatrixStanding, ANamedRoundIsTakenByItself) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", kNo), an_answer("uncac/15", kNo)});
  world.file("KEN", "uncac-2007", 2009, 1, "2009-10-01", {an_answer("uncac/15", kYes)});
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01", {an_answer("uncac/44.4", kYes)});
  const Rounds first = std::vector<std::uint16_t>{2007}, last = std::vector<std::uint16_t>{2010};
  const Rounds two = std::vector<std::uint16_t>{2007, 2009};
  EXPECT_EQ(source("uncac/44", "2012-01-01", first), "uncac-2007/2007/v1");
  EXPECT_EQ(source("uncac/44", "2012-01-01"), "NOT_ANSWERED");
  EXPECT_EQ(source("uncac/44", "2012-01-01", last), "NOT_ASKED");
  EXPECT_EQ(source("uncac/44.4", "2012-01-01", first), "NOT_ASKED");
  EXPECT_EQ(source("uncac/44", "2012-01-01", two), "uncac-2007/2007/v1") << "several: together";
  EXPECT_EQ(source("uncac/15", "2012-01-01", two), "uncac-2007/2009/v1");
  EXPECT_EQ(source("uncac/44", "2012-01-01", std::vector<std::uint16_t>{}), "NOT_ANSWERED");
}

TEST_F(MatrixStanding, NoAssistanceAndAnEmptyTypeBothStateNothing) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", kNo, {"NO_ASSISTANCE_REQUIRED"}), an_answer("uncac/15", kNo),
              an_answer("uncac/16", kNo, {"LEGAL_ADVICE"})});
  const auto table = world.tables.at(*world.fold.snapshot(), world.today, {});
  const auto& standing = *table->states[state("KEN")];
  EXPECT_FALSE(standing.stated.test(item("uncac/44")));
  EXPECT_FALSE(standing.stated.test(item("uncac/15")));
  EXPECT_TRUE(standing.stated.test(item("uncac/16")));
  EXPECT_TRUE(standing.answered.test(item("uncac/44")));
}

TEST_F(MatrixStanding, ATableIsBroughtUpByTheChangedStatesOnly) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  world.file("UGA", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  const auto before = world.tables.at(*world.fold.snapshot(), world.today, {});
  EXPECT_EQ(before, world.tables.at(*world.fold.snapshot(), world.today, {}));
  world.file("KEN", "uncac-2007", 2007, 2, "2008-10-01", {});
  const auto after = world.tables.at(*world.fold.snapshot(), world.today, {});
  EXPECT_EQ(before->states[state("UGA")], after->states[state("UGA")]);
  EXPECT_TRUE(before->states[state("KEN")]->answered.any()) << "the older table stays as it was";
  EXPECT_FALSE(after->states[state("KEN")]->answered.any());
}

TEST_F(MatrixStanding, TablesBeyondTheBoundAreForgottenLeastLatelyUsedFirst) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  StandingTables two(2);
  const auto snapshot = world.fold.snapshot();
  const auto a = two.at(*snapshot, day("2008-01-01"), {});
  const auto b = two.at(*snapshot, day("2008-01-02"), {});
  EXPECT_EQ(two.at(*snapshot, day("2008-01-01"), {}), a);
  (void)two.at(*snapshot, day("2008-01-03"), {});
  EXPECT_EQ(two.at(*snapshot, day("2008-01-01"), {}), a);
  EXPECT_NE(two.at(*snapshot, day("2008-01-02"), {}), b);
}

TEST_F(MatrixStanding, AFewStatesAreComputedAloneAndAreWhatTheTableHas) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  world.file("UGA", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/15", kNo)});
  const std::vector<StateIndex> few{state("UGA"), state("KEN")};
  const auto alone = world.tables.of(*world.fold.snapshot(), world.today, {}, few);
  EXPECT_EQ(alone.table, nullptr);
  EXPECT_TRUE(alone.columns[0]->answered.test(item("uncac/15")));
  EXPECT_TRUE(alone.columns[1]->answered.test(item("uncac/44")));

  const auto table = world.tables.at(*world.fold.snapshot(), world.today, {});
  const auto at_hand = world.tables.of(*world.fold.snapshot(), world.today, {}, few);
  EXPECT_EQ(at_hand.table, table);
  EXPECT_EQ(at_hand.columns[0], table->states[state("UGA")].get());
  EXPECT_EQ(at_hand.columns[0]->answered, alone.columns[0]->answered);
  EXPECT_EQ(at_hand.columns[1]->answered, alone.columns[1]->answered);
}

TEST_F(MatrixStanding, ATableAtHandIsGoodForTheStatesThatDidNotChange) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  world.file("UGA", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  const auto before = world.tables.at(*world.fold.snapshot(), world.today, {});
  world.file("KEN", "uncac-2007", 2007, 2, "2008-10-01", {});
  const std::vector<StateIndex> ken{state("KEN")}, uga{state("UGA")};
  EXPECT_EQ(world.tables.of(*world.fold.snapshot(), world.today, {}, uga).table, before);
  const auto changed = world.tables.of(*world.fold.snapshot(), world.today, {}, ken);
  EXPECT_FALSE(changed.columns[0]->answered.any());
}

TEST_F(MatrixStanding, ManyStatesMakeATableForTheNextQuestion) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", {an_answer("uncac/44", kNo)});
  std::vector<StateIndex> all(the_reference().states().size());
  std::iota(all.begin(), all.end(), StateIndex{0});
  const auto snapshot = world.fold.snapshot();
  const auto first = world.tables.of(*snapshot, world.today, {}, all);
  ASSERT_NE(first.table, nullptr);
  EXPECT_EQ(first.table, world.tables.at(*snapshot, world.today, {}));
}

}  // namespace
}  // namespace uncac::needs_matrix::testing
