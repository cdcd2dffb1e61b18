#include <gtest/gtest.h>

#include <functional>

#include "checklist_intake/domain/validate.h"
#include "unit/intake_values.h"

namespace uncac::checklist_intake {
namespace {

using test::data;

// A request of two answers without a problem.
ResponseText valid() {
  ResponseText text;
  text.state = "KEN";
  text.checklist = "uncac-2007";
  text.round = "2007";
  AnswerText first;
  first.provision = "uncac/44";
  first.compliance = "IN_PART";
  first.challenges = {"INTERAGENCY"};
  first.needed = {{"LEGAL_ADVICE", "extradition law", "HIGH", 0}};
  first.language = "en";
  AnswerText second;
  second.provision = "uncac/5";
  second.compliance = "YES";
  text.answers = {first, second};
  text.sharing.audience = "PROVIDERS";
  return text;
}

std::string problems_of(const ResponseText& text) {
  ProblemBudget budget;
  ProblemSink sink("", budget);
  const auto checked = check_response(data(), text, test::today(), sink);
  const bool refused = sink.errors() > 0;
  EXPECT_EQ(checked.has_value(), !refused);
  std::string all;
  for (const auto& problem : sink.take()) {
    if (!all.empty()) all += "\n";
    all += problem.column + ": " +
           (problem.severity == platform::Severity::kError ? "error: " : "warning: ") +
           problem.rule;
  }
  return all;
}

TEST(IntakeValidate, AValidRequestBecomesAResponseInTreatyOrder) {
  ProblemBudget budget;
  ProblemSink sink("", budget);
  auto text = valid();
  text.submitted_on = "2007-11-30";
  text.answers[0].row = 2;
  text.answers[1].row = 3;
  text.exceptions.emplace_back("uncac/44",
                               SharingText{"NAMED", {"EX2", " EX1", "EX2", ""}, "2026-03-31", 0});
  const auto checked = check_response(data(), text, test::today(), sink);
  EXPECT_EQ(test::lines(sink.take()), std::vector<std::string>{});
  ASSERT_TRUE(checked);
  const Response& response = checked->response;
  EXPECT_EQ(response.key, test::key("KEN", "uncac-2007", 2007));
  EXPECT_EQ(response.submitted_on, test::day("2007-11-30"));
  ASSERT_EQ(response.answers.size(), 2u);
  EXPECT_EQ(response.answers[0].provision, test::provision("uncac/5"));
  EXPECT_EQ(checked->rows, (std::vector<std::int64_t>{3, 2}));
  const Answer& answer = response.answers[1];
  EXPECT_EQ(answer.compliance, Compliance::kInPart);
  EXPECT_EQ(answer.needed, (std::vector<NeededAssistance>{
                               {test::type("LEGAL_ADVICE"), "extradition law", Priority::kHigh}}));
  ASSERT_TRUE(checked->sharing.choice);
  EXPECT_EQ(checked->sharing.choice->audience, Audience::kProviders);
  const SharingChoice named{Audience::kNamed, {"EX1", "EX2"}, test::day("2026-03-31")};
  EXPECT_EQ(checked->sharing.exceptions, (SharingChoices{{answer.provision, named}}));
}

struct Case {
  std::string name;
  std::function<void(ResponseText&)> spoil;
  std::string problems;
};

// What makes the valid request wrong; `t` is the request.
#define SPOIL(...) [](ResponseText& t) { __VA_ARGS__; }

const std::string kLong(10'001, 'x');
const std::string kLongest = [] {
  std::string text;
  for (int at = 0; at < 10'000; ++at) text += "漢";
  return text;
}();

std::vector<std::string_view> many_names(std::size_t count) {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    made.reserve(60);
    for (int at = 0; at < 60; ++at) made.push_back("P" + std::to_string(at));
    return made;
  }();
  return {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::vector<Case> cases() {
  return {
      Case{"valid", SPOIL((void)t), ""},
      Case{"unknown_state", SPOIL(t.state = "XXX"), "state: error: unknown-state"},
      Case{"state_lower_case", SPOIL(t.state = "ken"), "state: error: unknown-state"},
      Case{"no_state", SPOIL(t.state = ""), "state: error: unknown-state"},
      Case{"european_union", SPOIL(t.state = "EUU"), "state: error: not-a-state"},
      Case{"unknown_checklist", SPOIL(t.checklist = "uncac-2016"),
           "checklist: error: unknown-checklist"},
      Case{"round_too_early", SPOIL(t.round = "2002"), "round: error: bad-round"},
      Case{"first_round", SPOIL(t.round = "2003"), ""},
      Case{"current_round", SPOIL(t.round = "2026"), ""},
      Case{"round_in_future", SPOIL(t.round = "2027"), "round: error: bad-round"},
      Case{"round_no_year", SPOIL(t.round = "02007"), "round: error: bad-round"},
      Case{"round_word", SPOIL(t.round = "20O7"), "round: error: bad-round"},
      Case{"no_answers", SPOIL(t.answers.clear()), "provision: error: no-answers"},
      Case{"too_many_answers", SPOIL(t.answers.resize(2001)), "provision: error: too-many-answers"},
      Case{"bad_day", SPOIL(t.submitted_on = "2007-02-30"), "submitted_on: error: bad-day"},
      Case{"day_of_spreadsheets", SPOIL(t.submitted_on = "30/11/2007"),
           "submitted_on: error: bad-day"},
      Case{"today", SPOIL(t.submitted_on = "2026-03-31"), ""},
      Case{"tomorrow", SPOIL(t.submitted_on = "2026-04-01"),
           "submitted_on: error: submitted-on-in-future"},
      Case{"unknown_provision", SPOIL(t.answers[0].provision = "uncac/444"),
           "provision: error: unknown-provision"},
      Case{"no_provision", SPOIL(t.answers[0].provision = " "),
           "provision: error: unknown-provision"},
      Case{"bare_number", SPOIL(t.answers[0].provision = "44.1"),
           "provision: error: provision-without-treaty"},
      Case{"bare_article", SPOIL(t.answers[0].provision = "44"),
           "provision: error: provision-without-treaty"},
      Case{"letter", SPOIL(t.answers[0].provision = "uncac/15.a"), "provision: error: not-an-item"},
      Case{"paragraph_where_articles_are_asked", SPOIL(t.answers[0].provision = "uncac/44.4"),
           "provision: error: not-an-item"},
      Case{"article_where_paragraphs_are_asked",
           SPOIL(t.checklist = "uncac-comprehensive"; t.answers.resize(1)),
           "provision: error: not-an-item"},
      Case{"article_not_asked", SPOIL(t.answers[0].provision = "uncac/7"),
           "provision: error: provision-not-in-checklist"},
      Case{"other_treaty", SPOIL(t.answers[0].provision = "untoc/16"),
           "provision: error: provision-not-in-checklist"},
      Case{"answered_twice", SPOIL(t.answers[1].provision = "uncac/44"),
           "provision: error: duplicate-answer"},
      Case{"unknown_compliance", SPOIL(t.answers[1].compliance = "PARTLY"),
           "compliance: error: unknown-compliance"},
      Case{"no_compliance", SPOIL(t.answers[1].compliance = ""),
           "compliance: error: unknown-compliance"},
      Case{"unknown_challenge", SPOIL(t.answers[0].challenges = {"MONEY"}),
           "challenges: error: unknown-challenge"},
      Case{"challenge_missing", SPOIL(t.answers[0].challenges.clear()),
           "challenges: warning: challenge-missing"},
      Case{"challenge_missing_for_no", SPOIL(t.answers[1].compliance = "NO"),
           "challenges: warning: challenge-missing"},
      Case{
          "challenge_without_text",
          SPOIL(t.answers[0].challenges = {"LIMITED_CAPACITY"}; t.answers[0].challenges_text = " "),
          "challenges_text: warning: challenge-without-text"},
      Case{"challenge_with_text",
           SPOIL(t.answers[0].challenges = {"LIMITED_CAPACITY"};
                 t.answers[0].challenges_text = "two prosecutors"),
           ""},
      Case{"unknown_type", SPOIL(t.answers[0].needed[0].type = "LEGALADVICE"),
           "type: error: unknown-type"},
      Case{"type_missing", SPOIL(t.answers[0].needed[0].type = ""), "type: error: type-missing"},
      Case{"type_excludes_rest",
           SPOIL(t.answers[0].needed.push_back({"NO_ASSISTANCE_REQUIRED", "", "", 0})),
           "type: error: type-excludes-rest"},
      Case{"no_assistance_alone",
           SPOIL(t.answers[0].needed = {(NeededText{"NO_ASSISTANCE_REQUIRED", "", "", 0})}), ""},
      Case{"duplicate_type", SPOIL(t.answers[0].needed.push_back({"LEGAL_ADVICE", "also", "", 0})),
           "type: error: duplicate-type"},
      Case{"other_without_text",
           SPOIL(t.answers[0].needed[0].type = "OTHER"; t.answers[0].needed[0].text = " "),
           "type_text: error: other-without-text"},
      Case{"other_with_text", SPOIL(t.answers[0].needed[0].type = "OTHER"), ""},
      Case{"not_answered_with_type", SPOIL(t.answers[0].compliance = "NOT_ANSWERED"),
           "type: error: not-answered-with-type"},
      Case{"not_answered_with_no_assistance",
           SPOIL(t.answers[0].compliance = "NOT_ANSWERED";
                 t.answers[0].needed[0].type = "NO_ASSISTANCE_REQUIRED"),
           "type: error: not-answered-with-type"},
      Case{"not_answered",
           SPOIL(t.answers[0].compliance = "NOT_ANSWERED"; t.answers[0].needed.clear()), ""},
      Case{"bad_priority", SPOIL(t.answers[0].needed[0].priority = "URGENT"),
           "state_priority: error: bad-priority"},
      Case{"bad_language", SPOIL(t.answers[0].language = "de"), "language: error: bad-language"},
      Case{"bad_choice", SPOIL(t.answers[0].would_extend = "MAYBE"),
           "would_extend: error: bad-choice"},
      Case{"bar_in_value", SPOIL(t.answers[0].received_from = {"EX1|EX2"}),
           "received_from: error: bar-in-value"},
      Case{"measures_too_long", SPOIL(t.answers[0].measures = kLong),
           "measures: error: text-too-long"},
      Case{"longest_measures", SPOIL(t.answers[0].measures = kLongest), ""},
      Case{"type_text_too_long", SPOIL(t.answers[0].needed[0].text = kLong),
           "type_text: error: text-too-long"},
      Case{"challenges_text_too_long", SPOIL(t.answers[0].challenges_text = kLong),
           "challenges_text: error: text-too-long"},
      Case{"values_too_long_together",
           SPOIL(t.answers[0].received_types = {std::string_view(kLong).substr(1), "x"}),
           "received_type: error: text-too-long"},
      Case{"invalid_utf8", SPOIL(t.answers[0].measures = "caf\xE9"),
           "measures: error: invalid-utf8"},
      Case{"control_character", SPOIL(t.answers[0].challenges_text = "a\x1b[31m"),
           "challenges_text: error: control-character"},
      Case{"unknown_audience", SPOIL(t.sharing.audience = "EVERYBODY"),
           "audience: error: unknown-audience"},
      Case{"named_without_provider", SPOIL(t.sharing.audience = "NAMED"),
           "audience: error: named-without-provider"},
      Case{"names_without_named", SPOIL(t.sharing.named = {"EX1"}),
           "audience: error: names-not-expected"},
      Case{"names_without_audience", SPOIL(t.sharing.audience = ""; t.sharing.named = {"EX1"}),
           "audience: error: names-not-expected"},
      Case{"bad_provider", SPOIL(t.sharing.audience = "NAMED"; t.sharing.named = {"ex1"}),
           "audience: error: bad-provider"},
      Case{"most_named", SPOIL(t.sharing.audience = "NAMED"; t.sharing.named = many_names(50)), ""},
      Case{"too_many_named", SPOIL(t.sharing.audience = "NAMED"; t.sharing.named = many_names(51)),
           "audience: error: too-many-named"},
      Case{"until_past", SPOIL(t.sharing.until = "2026-03-30"),
           "audience_until: error: audience-until-past"},
      Case{"until_today", SPOIL(t.sharing.until = "2026-03-31"), ""},
      Case{"until_bad", SPOIL(t.sharing.until = "soon"), "audience_until: error: bad-day"},
      Case{"until_without_audience", SPOIL(t.sharing.audience = ""; t.sharing.until = "2027-01-01"),
           "audience_until: error: until-without-audience"},
      Case{"exception_without_answer",
           SPOIL(t.exceptions.emplace_back("uncac/6", SharingText{"PUBLIC", {}, "", 0})),
           "provision: error: exception-without-answer"},
      // One fault in a provision is one problem, also where a choice names it.
      Case{"exception_for_unknown_provision",
           SPOIL(t.answers[0].provision = "uncac/444";
                 t.exceptions.emplace_back("uncac/444", SharingText{"PUBLIC", {}, "", 0})),
           "provision: error: unknown-provision"}};
}

TEST(IntakeValidate, EveryRuleIsReportedByNameAndColumn) {
  for (const Case& one : cases()) {
    auto text = valid();
    one.spoil(text);
    EXPECT_EQ(problems_of(text), one.problems) << one.name;
  }
}

TEST(IntakeValidate, ProviderCodes) {
  for (const char* good : {"EX1", "A", "9", "-", "12345678901234567890123456789012"}) {
    EXPECT_TRUE(access::is_organization_code(good)) << good;
  }
  for (const char* wrong : {"", "ex1", "E X", "EX_1", "É", "123456789012345678901234567890123"}) {
    EXPECT_FALSE(access::is_organization_code(wrong)) << wrong;
  }
}

// Without a file there is no line to look at.
TEST(IntakeValidate, MessagesOfARequestNameTheProvision) {
  auto text = valid();
  text.answers[0].needed[0].type = "LEGALADVICE";
  ProblemBudget budget;
  ProblemSink sink("", budget);
  EXPECT_FALSE(check_response(data(), text, test::today(), sink));
  const auto problems = sink.take();
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "\"uncac/44\": \"LEGALADVICE\" is not a type of uncac-2007");
}

// No bytes whatever make the check fail in another way than by problems in valid UTF-8.
TEST(IntakeValidate, AnyBytesGiveProblemsOrAResponse) {
  const bool held = rc::check([](const std::string& bytes, int field) {
    auto text = valid();
    AnswerText& answer = text.answers[0];
    std::string_view* fields[] = {&text.state,
                                  &text.round,
                                  &text.submitted_on,
                                  &answer.provision,
                                  &answer.compliance,
                                  &answer.measures,
                                  &answer.needed[0].type,
                                  &answer.needed[0].priority,
                                  &answer.language,
                                  &text.sharing.audience,
                                  &text.sharing.until};
    *fields[static_cast<unsigned>(field) % std::size(fields)] = bytes;
    ProblemBudget budget;
    ProblemSink sink("", budget);
    const bool valid_response = check_response(data(), text, test::today(), sink).has_value();
    RC_ASSERT(valid_response == (sink.errors() == 0));
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace uncac::checklist_intake
