// Questions and their answers, sentence by sentence of domain.md, "Exactly".
#include <gtest/gtest.h>

#include "needs_matrix/domain/question.h"
#include "unit/matrix_support.h"

namespace uncac::needs_matrix::testing {
namespace {

using Codes = std::vector<std::string>;

class MatrixQuestion : public ::testing::Test {
 protected:
  // Rules of the problems, "column: rule".
  std::vector<std::string> refused(const RawQuestion& raw) {
    const auto question = parse_question(*the_items(), raw, world.today);
    std::vector<std::string> out;
    if (question) return out;
    for (const auto& problem : question.error().problems) {
      out.push_back(problem.column + ": " + problem.rule);
    }
    return out;
  }
  std::string message(const RawQuestion& raw) {
    const auto question = parse_question(*the_items(), raw, world.today);
    return question ? "" : question.error().problems.at(0).message;
  }
  // The two States of most tests: KEN stated, FRA answered and stated nothing; both open to all.
  void two_states() {
    world.file(
        "KEN", "uncac-2007", 2007, 1, "2007-10-01",
        {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE", "MODEL_TREATY"}, {"INTERAGENCY"}),
         an_answer("uncac/15", Compliance::kYes, {"NO_ASSISTANCE_REQUIRED"})});
    world.file("FRA", "uncac-2007", 2007, 1, "2007-11-01",
               {an_answer("uncac/44", Compliance::kYes)});
    world.share_all("KEN", Audience::kPublic);
    world.share_all("FRA", Audience::kPublic);
  }
  World world;
};

TEST_F(MatrixQuestion, WhatCannotBeAskedIsRefusedWithItsRule) {
  EXPECT_EQ(refused({"", "", "", {}, ""}), Codes{"rows: missing-dimension"});
  EXPECT_EQ(refused({"articel", "", "", {}, ""}), Codes{"rows: unknown-dimension"});
  EXPECT_EQ(message({"articel", "", "", {}, ""}),
            "\"articel\" is not a dimension; did you mean article?");
  EXPECT_EQ(refused({"article", "coverage", "", {}, ""}),
            Codes{"coverage: dimension-not-available"});
  EXPECT_EQ(refused({"provider", "", "", {}, ""}), Codes{"provider: dimension-not-available"});
  EXPECT_EQ(refused({"article", "article", "", {}, ""}), Codes{"columns: same-dimension"});
  EXPECT_EQ(refused({"article", "", "ranking", {}, ""}), Codes{"measure: unknown-measure"});
  EXPECT_EQ(refused({"article", "", "unmet", {}, ""}), Codes{"measure: measure-not-available"});
  EXPECT_EQ(refused({"article", "", "", {{"colour", {"RED"}}}, ""}),
            Codes{"where: unknown-dimension"});
  EXPECT_EQ(refused({"article", "", "", {{"state", {}}}, ""}), Codes{"state: missing-value"});
  EXPECT_EQ(refused({"article", "", "", {}, "2007-02-30"}), Codes{"as_of: invalid-day"});
  EXPECT_EQ(refused({"article", "", "", {}, "2026-01-16"}), Codes{"as_of: as-of-in-future"});
  EXPECT_EQ(refused({"article", "", "", {}, "2026-01-15"}), Codes{}) << "today";
  EXPECT_EQ(refused({"x", "y", "z", {{"state", {"KEN", "KEM"}}}, "q"}).size(), 5U) << "all at once";
}

TEST_F(MatrixQuestion, EveryValueIsCheckedAgainstItsDimension) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"state", "ken"},
      {"state", "EUU"},
      {"regional_group", "AFRICA"},
      {"subregion", "Eastern"},
      {"state_set", "EURO"},
      {"chapter", "IX"},
      {"article", "uncac/44.4"},
      {"article", "44"},
      {"provision", "44.4"},
      {"obligation", "SHALL"},
      {"type", "LEGALADVICE"},
      {"type", "NO_ASSISTANCE_REQUIRED"},
      {"type", ""},
      {"compliance", "MAYBE"},
      {"challenge", "MONEY"},
      {"need_state", "UNKNOWN"},
      {"round", "2002"},
      {"round", "2027"},
      {"round", "07"},
      {"round", "20 7"}};
  for (const auto& [dimension, value] : wrong) {
    EXPECT_EQ(refused({"article", "", "", {{dimension, {value}}}, ""}),
              Codes{dimension + ": unknown-value"})
        << value;
  }
  for (const auto& [dimension, value] :
       std::vector<std::pair<std::string, std::string>>{{"provision", "uncac/1"},
                                                        {"provision", "uncac/15.a"},
                                                        {"provision", "untoc/16"},
                                                        {"article", "uncac/60"},
                                                        {"chapter", "I"}}) {
    EXPECT_EQ(refused({"article", "", "", {{dimension, {value}}}, ""}),
              Codes{dimension + ": not-in-any-checklist"})
        << value << " would give a 0 that nobody was asked about";
  }
  EXPECT_EQ(message({"article", "", "", {{"type", {"LEGALADVICE"}}}, ""}),
            "\"LEGALADVICE\" is not a value of type; did you mean LEGAL_ADVICE?");
  EXPECT_EQ(message({"article", "", "", {{"state", {"EUU"}}}, ""}),
            "\"EUU\" is a party to the Convention and no State");
  EXPECT_LE(suggestions("KE", {"KEN", "KER", "KEX", "KEY", "KEZ"}).size(), 3U);
  EXPECT_TRUE(suggestions(std::string(1000, 'x'), {std::string(1000, 'x')}).empty());
}

TEST_F(MatrixQuestion, LanguagesAreSixAndStatesHaveNoOrderButTheirNames) {
  RawQuestion raw{"type", "", "", {}, ""};
  for (const char* language : {"", "ar", "en", "es", "fr", "ru", "zh"}) {
    raw.language = language;
    EXPECT_EQ(refused(raw), Codes{}) << language;
  }
  for (const char* language : {"de", "EN", "en-GB", "e"}) {
    raw.language = language;
    EXPECT_EQ(refused(raw), Codes{"language: unknown-language"}) << language;
  }
  raw.language = "";
  for (const char* rows : {"chapter", "article", "provision", "obligation", "type", "compliance",
                           "challenge", "need_state", "round"}) {
    raw.rows = rows;
    raw.order_by = "figure";
    EXPECT_EQ(refused(raw), Codes{}) << rows;
  }
  for (const char* rows : {"state", "regional_group", "subregion", "state_set"}) {
    raw.rows = rows;
    raw.order_by = "figure";
    EXPECT_EQ(refused(raw), Codes{"order_by: no-ranking"}) << rows;
    raw.order_by = "name";
    EXPECT_EQ(refused(raw), Codes{}) << rows;
    raw.order_by = "count";
    EXPECT_EQ(refused(raw), Codes{"order_by: unknown-order"}) << rows;
  }
}

// Synergy: "one need served by two treaties counts once".
TEST_F(MatrixQuestion, NeedsStandBesideTheUntocArticlesThatTheyServeToo) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE", "MODEL_TREATY"}),
              an_answer("uncac/15", Compliance::kNo, {"LEGAL_ADVICE"}),
              an_answer("uncac/5", Compliance::kNo, {"LEGAL_ADVICE"})});
  const auto matrix = world.ask({"untoc_article", "", "needs_stated", {}, ""}, secretariat());
  EXPECT_EQ(at(matrix, "untoc/16").value, 2) << "extradition in both";
  EXPECT_EQ(at(matrix, "untoc/8").value, 1) << "criminalization of corruption";
  EXPECT_EQ(at(matrix, "total").value, 4) << "uncac/5 too: a total is the question without rows";
  const auto one = world.ask({"article", "", "needs_stated", {{"untoc_article", {"untoc/16"}}}, ""},
                             secretariat());
  EXPECT_EQ(at(one, "total").value, 2);
  EXPECT_EQ(codes(one.rows), Codes{"uncac/44"});
  EXPECT_EQ(refused({"article", "", "", {{"untoc_article", {"uncac/44"}}}, ""}),
            Codes{"untoc_article: unknown-value"});
  EXPECT_EQ(refused({"article", "", "", {{"untoc_article", {"untoc/1"}}}, ""}),
            Codes{"untoc_article: not-in-any-checklist"});
}

TEST_F(MatrixQuestion, OneQuestionHasOneText) {
  const auto text = [&](const RawQuestion& raw) {
    return parse_question(*the_items(), raw, world.today)->text;
  };
  EXPECT_EQ(text({"article", "", "", {{"state", {"KEN", "UGA"}}, {"round", {"2007"}}}, ""}),
            text({"article",
                  "",
                  "states_stating",
                  {{"round", {"2007"}}, {"state", {"UGA", "KEN", "KEN"}}},
                  "2026-01-15"}));
  EXPECT_NE(text({"article", "", "", {}, ""}), text({"article", "", "", {}, "2026-01-14"}));
  EXPECT_NE(text({"article", "", "", {}, ""}), text({"chapter", "", "", {}, ""}));
  EXPECT_NE(text({"article", "", "", {}, ""}), text({"article", "", "", {}, "", "fr"}));
  EXPECT_EQ(text({"article", "", "", {}, ""}), text({"article", "", "", {}, "", "en", "name"}));
  EXPECT_NE(text({"article", "", "", {}, ""}), text({"article", "", "", {}, "", "", "figure"}));
}

TEST_F(MatrixQuestion, StatesStatingCountsEachStateOnce) {
  two_states();
  const auto matrix = world.ask({"article", "type", "", {}, ""}, the_public());
  EXPECT_EQ(at(matrix, "uncac/44", "LEGAL_ADVICE").value, 1);
  EXPECT_EQ(at(matrix, "uncac/44", "total").value, 1) << "a total is no sum";
  EXPECT_EQ(at(matrix, "total", "MODEL_TREATY").value, 1);
  EXPECT_EQ(at(matrix, "uncac/15", "total").value, 0) << "NO_ASSISTANCE_REQUIRED states nothing";
  EXPECT_EQ(at(matrix, "total").value, 1);
  EXPECT_EQ(at(matrix, "total").base, 2);
  EXPECT_EQ(at(matrix, "uncac/15", "total").base, 1);
}

TEST_F(MatrixQuestion, NeedsOfOneStateArticleAndTypeCountOnce) {
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01",
             {an_answer("uncac/44.4", Compliance::kNo, {"LEGAL_ADVICE"}),
              an_answer("uncac/44.5", Compliance::kNo, {"LEGAL_ADVICE", "MODEL_TREATY"}),
              an_answer("uncac/46.1", Compliance::kNo, {"LEGAL_ADVICE"})});
  world.file("KEN", "uncac-2007", 2007, 1, "2011-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  world.file("UGA", "uncac-2007", 2007, 1, "2011-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  const auto matrix = world.ask({"provision", "state", "needs_stated", {}, ""}, secretariat());
  EXPECT_EQ(at(matrix, "uncac/44", "KEN").value, 1);
  EXPECT_EQ(at(matrix, "uncac/44.4", "KEN").value, 1);
  EXPECT_EQ(at(matrix, "uncac/44.5", "KEN").value, 2);
  EXPECT_EQ(at(matrix, "total", "KEN").value, 3) << "44 twice, by type, and 46";
  EXPECT_EQ(at(matrix, "total").value, 4);
  const auto articles = world.ask({"article", "", "needs_stated", {}, ""}, secretariat());
  EXPECT_EQ(at(articles, "uncac/44").value, 3);
}

TEST_F(MatrixQuestion, WithheldWhenTheReaderMaySeeNoneOfTheCoordinates) {
  two_states();
  world.file("UGA", "uncac-2007", 2007, 1, "2007-12-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  const auto matrix = world.ask({"state", "article", "", {}, ""}, the_public());
  EXPECT_TRUE(at(matrix, "UGA", "uncac/44").withheld);
  EXPECT_TRUE(at(matrix, "UGA", "uncac/15").withheld) << "whether or not there is an answer";
  EXPECT_TRUE(at(matrix, "BRA", "uncac/44").withheld) << "nor whether there is a response";
  EXPECT_EQ(at(matrix, "UGA", "uncac/44").value, 0);
  EXPECT_FALSE(at(matrix, "KEN", "uncac/44").withheld);
  EXPECT_EQ(at(matrix, "total", "uncac/44").value, 1) << "totals count only what he may see";
  EXPECT_EQ(at(matrix, "UGA", "total").withheld_cells,
            static_cast<std::int64_t>(the_items()->size()));
  EXPECT_EQ(at(matrix, "KEN", "total").withheld_cells, 0);
  EXPECT_EQ(at(world.ask({"state", "", "", {}, ""}, secretariat()), "UGA").value, 1);
  EXPECT_EQ(at(world.ask({"state", "", "", {}, ""}, focal_point("UGA")), "UGA").value, 1);
  EXPECT_TRUE(at(world.ask({"state", "", "", {}, ""}, focal_point("KEN")), "UGA").withheld)
      << "a focal point reads other States as the public does";
  EXPECT_TRUE(world.ask({"type", "", "", {{"state", {"UGA"}}}, ""}, the_public()).total.withheld);
}

TEST_F(MatrixQuestion, AudiencesReachAsFarAsTheyNameAndApplyToThePast) {
  two_states();
  const auto sees = [&](const Scope& scope, const std::string& as_of) {
    return !at(world.ask({"state", "", "", {{"provision", {"uncac/44"}}}, as_of}, scope), "KEN")
                .withheld;
  };
  const std::string past = "2007-12-31";
  for (ItemIndex i : {item("uncac/44")}) ASSERT_NE(i, kNoItem);
  const auto share = [&](Audience audience, Codes named = {}) {
    the_items()->below(provision("uncac/44")).for_each([&](ItemIndex i) {
      world.share("KEN", the_reference().provisions()[the_items()->provision(i)].id, audience,
                  named);
    });
  };
  EXPECT_TRUE(sees(the_public(), past));
  share(Audience::kProviders);
  EXPECT_FALSE(sees(the_public(), past)) << "as of an earlier day, today's audiences";
  EXPECT_FALSE(sees(focal_point("UGA"), ""));
  EXPECT_TRUE(sees(provider("EX1"), past));
  share(Audience::kNamed, {"EX2"});
  EXPECT_FALSE(sees(provider("EX1"), ""));
  EXPECT_TRUE(sees(provider("EX2"), ""));
  share(Audience::kRestricted);
  EXPECT_FALSE(sees(provider("EX2"), ""));
  EXPECT_TRUE(sees(focal_point("KEN"), ""));
  EXPECT_TRUE(sees(secretariat(), ""));
  EXPECT_FALSE(sees(Scope::of({Role::kOperator, "", "", ""}), ""));
}

TEST_F(MatrixQuestion, AFigureOfNoStateAndProvisionIsNothingWithheld) {
  two_states();
  const auto matrix =
      world.ask({"state", "regional_group", "share_of_respondents", {}, ""}, the_public());
  EXPECT_FALSE(at(matrix, "KEN", "WEOG").withheld);
  EXPECT_TRUE(at(matrix, "KEN", "WEOG").empty);
  EXPECT_EQ(at(matrix, "KEN", "AFR").value, 1);
}

TEST_F(MatrixQuestion, TheFourMeasuresAndTheirBases) {
  two_states();
  const RawQuestion raw{"provision", "", "share_of_respondents", {}, ""};
  const auto share = world.ask(raw, the_public());
  EXPECT_EQ(at(share, "uncac/44").value, 0.5);
  EXPECT_EQ(at(share, "uncac/44").base, 2);
  EXPECT_EQ(at(share, "uncac/15").base, 1);
  EXPECT_TRUE(at(share, "uncac/16").empty) << "a share without a base is empty";
  // "Other coordinates narrow only those stating."
  const auto typed = world.ask({"type", "", "share_of_respondents", {}, ""}, the_public());
  EXPECT_EQ(at(typed, "LEGAL_ADVICE").value, 0.5);
  EXPECT_EQ(at(typed, "OTHER").value, 0);
  EXPECT_EQ(at(typed, "OTHER").base, 2);
  EXPECT_FALSE(at(typed, "OTHER").empty);
  const auto by_answer =
      world.ask({"compliance", "", "share_of_respondents", {}, ""}, the_public());
  EXPECT_EQ(at(by_answer, "NO").value, 0.5);
  EXPECT_EQ(at(by_answer, "YES").value, 0);
  EXPECT_EQ(at(by_answer, "YES").base, 2);
}

TEST_F(MatrixQuestion, ResponseRateIsOfStatesThatHadDepositedAndAreSeen) {
  two_states();  // Kenya deposited on 2003-12-09, France on 2005-07-11
  world.share("UGA", "uncac/44", Audience::kPublic);
  const RawQuestion raw{"provision", "", "response_rate", {}, "2007-12-01"};
  EXPECT_EQ(at(world.ask(raw, the_public()), "total").base, 3) << "of Uganda something is seen";
  EXPECT_EQ(at(world.ask(raw, the_public()), "uncac/44").value, 2.0 / 3);
  EXPECT_EQ(at(world.ask(raw, the_public()), "uncac/15").value, 0.5);
  EXPECT_EQ(
      at(world.ask({"provision", "", "response_rate", {}, "2005-01-01"}, the_public()), "total")
          .base,
      2)
      << "Uganda and Kenya: France had not deposited by that day";
  const auto typed = world.ask({"type", "", "response_rate", {}, "2007-12-01"}, the_public());
  EXPECT_EQ(at(typed, "OTHER").value, 2.0 / 3) << "the type is no State or provision coordinate";
}

TEST_F(MatrixQuestion, TheFigureOf2007) {
  // 44 of the 105 States that had deposited by 30 November 2007.
  int filed = 0;
  for (const auto& facts : the_reference().states()) {
    if (!facts.deposited_by(day("2007-11-30")) || filed == 44) continue;
    world.file(facts.iso3, "uncac-2007", 2007, 1, "2007-11-30",
               {an_answer("uncac/5", Compliance::kYes)});
    ++filed;
  }
  const auto rate =
      world.ask({"article", "", "response_rate", {}, "2007-11-30"}, secretariat()).total;
  EXPECT_EQ(rate.base, 105);
  EXPECT_DOUBLE_EQ(rate.value, 44.0 / 105);
  EXPECT_EQ(
      world.ask({"article", "", "response_rate", {}, "2007-11-29"}, secretariat()).total.value, 0);
}

TEST_F(MatrixQuestion, NeedStatesCountStatesWithAtLeastOneInThem) {
  two_states();
  const RawQuestion raw{"need_state", "", "", {{"state", {"KEN", "FRA", "UGA"}}}, ""};
  const auto open = world.ask(raw, secretariat());
  EXPECT_EQ(codes(open.rows),
            (Codes{"STATED", "NONE_STATED", "NOT_ANSWERED", "WITHHELD", "NOT_ASKED"}));
  EXPECT_EQ(at(open, "STATED").value, 1);
  EXPECT_EQ(at(open, "NONE_STATED").value, 2) << "Kenya's article 15, France's article 44";
  EXPECT_EQ(at(open, "NOT_ANSWERED").value, 3);
  EXPECT_EQ(at(open, "NOT_ASKED").value, 2) << "Uganda has no response";
  EXPECT_EQ(at(open, "WITHHELD").value, 0);
  EXPECT_EQ(open.total.value, 1) << "without the dimension: those stating";
  const auto narrow = world.ask(raw, the_public());
  EXPECT_EQ(at(narrow, "WITHHELD").value, 1);
  EXPECT_EQ(at(narrow, "NOT_ANSWERED").value, 2) << "Uganda is withheld, whatever it holds";
  EXPECT_EQ(at(narrow, "STATED").withheld_cells, static_cast<std::int64_t>(the_items()->size()));
}

TEST_F(MatrixQuestion, ANamedTypeMakesNeedStatesOfStateProvisionAndType) {
  two_states();
  const auto matrix =
      world.ask({"need_state", "type", "", {{"provision", {"uncac/44"}}}, ""}, the_public());
  EXPECT_EQ(at(matrix, "STATED", "LEGAL_ADVICE").value, 1);
  EXPECT_EQ(at(matrix, "NONE_STATED", "LEGAL_ADVICE").value, 1);
  EXPECT_EQ(at(matrix, "NONE_STATED", "OTHER").value, 2);
  EXPECT_EQ(at(matrix, "NONE_STATED", "total").value, 1) << "without a type: France alone";
  EXPECT_EQ(at(matrix, "WITHHELD", "OTHER").value, 195);
  const auto withheld =
      world.ask({"need_state", "compliance", "", {{"provision", {"uncac/44"}}}, ""}, the_public());
  EXPECT_EQ(at(withheld, "WITHHELD", "NO").value, 0)
      << "what is withheld has no compliance to ask for";
}

TEST_F(MatrixQuestion, ComplianceNotAnsweredIsTheSameSetAsTheNeedState) {
  two_states();
  world.file("KEN", "uncac-2007", 2007, 2, "2007-12-01",
             {an_answer("uncac/44", Compliance::kNotAnswered)});
  const auto matrix =
      world.ask({"compliance", "need_state", "", {{"state", {"KEN"}}}, ""}, the_public());
  EXPECT_EQ(at(matrix, "NOT_ANSWERED", "NOT_ANSWERED").value, 1);
  EXPECT_EQ(at(matrix, "NOT_ANSWERED", "NOT_ASKED").value, 0);
  EXPECT_EQ(at(matrix, "total", "NOT_ASKED").value, 1);
  for (const auto* other : {"YES", "IN_PART", "NO"}) {
    EXPECT_EQ(at(matrix, other, "NOT_ANSWERED").value, 0);
  }
}

TEST_F(MatrixQuestion, AShareByNeedStateStaysAShareOfRespondents) {
  two_states();
  world.share_all("UGA", Audience::kPublic);
  const auto matrix = world.ask({"need_state", "", "share_of_respondents", {}, ""}, the_public());
  EXPECT_EQ(at(matrix, "NOT_ANSWERED").base, 2);
  EXPECT_EQ(at(matrix, "NOT_ANSWERED").value, 1) << "Uganda is no respondent";
}

TEST_F(MatrixQuestion, RowsListEveryCodeThatTheFiltersAllowZeroOrNot) {
  EXPECT_EQ(world.ask({"state", "", "", {}, ""}, the_public()).rows.size(), 197U);
  EXPECT_EQ(codes(world.ask({"regional_group", "", "", {}, ""}, the_public()).rows),
            (Codes{"AFR", "APG", "EEG", "GRULAC", "WEOG", "NONE"}));
  EXPECT_EQ(world.ask({"article", "", "", {}, ""}, the_public()).rows.size(), 55U);
  EXPECT_EQ(codes(world.ask({"chapter", "", "", {}, ""}, the_public()).rows),
            (Codes{"II", "III", "IV", "V"}));
  EXPECT_EQ(world.ask({"provision", "", "", {}, ""}, the_public()).rows.size(),
            the_items()->size());
  EXPECT_EQ(world.ask({"obligation", "", "", {}, ""}, the_public()).rows.size(), 8U);
  EXPECT_EQ(world.ask({"type", "", "", {}, ""}, the_public()).rows.size(), 10U);
  EXPECT_EQ(world.ask({"state_set", "", "", {}, ""}, the_public()).rows.size(), 19U);
  EXPECT_EQ(codes(world.ask({"compliance", "", "", {}, ""}, the_public()).rows),
            (Codes{"YES", "IN_PART", "NO", "NOT_ANSWERED"}));
  EXPECT_EQ(codes(world.ask({"article", "", "", {{"chapter", {"IV"}}}, ""}, the_public()).rows),
            (Codes{"uncac/43", "uncac/44", "uncac/45", "uncac/46", "uncac/47", "uncac/48",
                   "uncac/49", "uncac/50"}));
  EXPECT_EQ(
      codes(world
                .ask({"state", "", "", {{"state_set", {"EAC"}}, {"state", {"KEN", "FRA"}}}, ""},
                     the_public())
                .rows),
      Codes{"KEN"});
  EXPECT_EQ(
      codes(world.ask({"state_set", "", "", {{"state_set", {"EAC"}}}, ""}, the_public()).rows),
      Codes{"EAC"});
  EXPECT_EQ(
      codes(world.ask({"type", "", "", {{"type", {"OTHER", "LEGAL_ADVICE"}}}, ""}, the_public())
                .rows),
      (Codes{"LEGAL_ADVICE", "OTHER"}));
}

TEST_F(MatrixQuestion, StatesComeByNameAndHaveNoOtherOrder) {
  two_states();
  for (const auto* measure : {"states_stating", "needs_stated", "response_rate"}) {
    const auto rows = world.ask({"state", "", measure, {}, ""}, secretariat()).rows;
    ASSERT_EQ(rows.size(), 197U);
    for (StateIndex s = 0; s < rows.size(); ++s) {
      EXPECT_EQ(rows[s].code, the_reference().states()[s].iso3);
      EXPECT_EQ(rows[s].name, the_reference().states()[s].name);
    }
  }
}

TEST_F(MatrixQuestion, AnArticleIsThatItemAloneAsARowAndAllBelowItAsAFilter) {
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01",
             {an_answer("uncac/44.4", Compliance::kNo, {"LEGAL_ADVICE"})});
  const auto matrix =
      world.ask({"provision", "", "", {{"provision", {"uncac/44"}}}, ""}, secretariat());
  EXPECT_EQ(matrix.rows.front().code, "uncac/44");
  EXPECT_EQ(matrix.rows[4].code, "uncac/44.4");
  EXPECT_EQ(at(matrix, "uncac/44").value, 0);
  EXPECT_EQ(at(matrix, "uncac/44.4").value, 1);
  EXPECT_EQ(at(matrix, "total").value, 1);
  EXPECT_EQ(at(world.ask({"article", "", "", {}, ""}, secretariat()), "uncac/44").value, 1);
  EXPECT_EQ(world.ask({"provision", "", "", {{"provision", {"uncac/44.4"}}}, ""}, secretariat())
                .rows.size(),
            1U);
}

TEST_F(MatrixQuestion, GroupsAreByThePrimaryGroup) {
  world.file("TUR", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  world.file("COK", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  const auto matrix = world.ask({"regional_group", "", "", {}, ""}, secretariat());
  EXPECT_EQ(at(matrix, "WEOG").value, 1);
  EXPECT_EQ(at(matrix, "APG").value, 0);
  EXPECT_EQ(at(matrix, "NONE").value, 1);
  EXPECT_EQ(matrix.rows.front().name, "African States");
}

TEST_F(MatrixQuestion, RoundsAreTakenEachByItselfAndATotalOverAll) {
  two_states();
  world.file("KEN", "uncac-comprehensive", 2010, 1, "2010-10-01",
             {an_answer("uncac/44.4", Compliance::kNo, {"OTHER"}),
              an_answer("uncac/15", Compliance::kNo, {"OTHER"})});
  world.file("UGA", "uncac-2007", 2012, 1, "2012-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"OTHER"})});
  const RawQuestion raw{"round", "article", "needs_stated", {}, ""};
  const auto matrix = world.ask(raw, the_public());
  EXPECT_EQ(codes(matrix.rows), (Codes{"2007", "2010"})) << "of rounds those of answers seen";
  EXPECT_EQ(codes(world.ask(raw, secretariat()).rows), (Codes{"2007", "2010", "2012"}));
  EXPECT_EQ(at(matrix, "2007", "uncac/44").value, 2);
  EXPECT_EQ(at(matrix, "2010", "uncac/44").value, 1);
  EXPECT_EQ(at(matrix, "total", "uncac/44").value, 1) << "the article left for its paragraph";
  EXPECT_EQ(at(matrix, "2007", "uncac/15").value, 0);
  EXPECT_EQ(at(matrix, "total", "uncac/15").value, 1);
  EXPECT_EQ(at(matrix, "2007", "uncac/44").base, 2) << "bases included";
  EXPECT_EQ(at(matrix, "2010", "uncac/44").base, 1);
  const auto first =
      world.ask({"article", "", "needs_stated", {{"round", {"2007"}}}, ""}, the_public());
  EXPECT_EQ(at(first, "uncac/44").value, 2);
  const auto early = world.ask({"round", "", "", {}, "2009-01-01"}, secretariat());
  EXPECT_EQ(codes(early.rows), Codes{"2007"});
  EXPECT_EQ(
      codes(world.ask({"round", "", "", {{"round", {"2010", "2011"}}}, ""}, secretariat()).rows),
      Codes{"2010"});
}

TEST_F(MatrixQuestion, ExerciseIsSaidOnlyOfAnswersSeen) {
  Version version;
  version.key = {state("KEN"), checklist("uncac-2007"), 2007, 1};
  version.submitted_on = day("2007-10-01");
  version.answers = {an_answer("uncac/44", Compliance::kNo)};
  version.exercise = true;
  world.put(version);
  const RawQuestion raw{"article", "", "", {}, ""};
  EXPECT_TRUE(world.ask(raw, secretariat()).exercise);
  EXPECT_FALSE(world.ask(raw, the_public()).exercise);
  EXPECT_FALSE(
      world.ask({"article", "", "", {{"article", {"uncac/15"}}}, ""}, secretariat()).exercise);
}

TEST_F(MatrixQuestion, SeveralFiltersOnOneDimensionAllHold) {
  two_states();
  EXPECT_EQ(world
                .ask({"article",
                      "",
                      "",
                      {{"type", {"LEGAL_ADVICE"}}, {"type", {"MODEL_TREATY", "OTHER"}}},
                      ""},
                     the_public())
                .total.value,
            0)
      << "a need has one type";
  EXPECT_EQ(world.ask({"article", "", "", {{"type", {"LEGAL_ADVICE", "OTHER"}}}, ""}, the_public())
                .total.value,
            1);
  EXPECT_EQ(world.ask({"challenge", "", "", {{"challenge", {"INTERAGENCY"}}}, ""}, the_public())
                .total.value,
            1);
}

}  // namespace
}  // namespace uncac::needs_matrix::testing
