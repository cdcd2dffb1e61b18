#include <gtest/gtest.h>

#include <set>
#include <string>

#include "checklist_intake/domain/rules.h"

namespace uncac::checklist_intake {
namespace {

TEST(IntakeRules, NamesAreKebabCaseAndStandOnce) {
  std::set<std::string> names;
  for (const RuleRow& row : rule_table()) {
    EXPECT_TRUE(names.emplace(row.name).second) << row.name;
    EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string::npos)
        << row.name;
    EXPECT_FALSE(row.meaning.empty()) << row.name;
    EXPECT_EQ(&row, &row_of(row.rule));
  }
}

// A warning does not stop a submission, so a rule must not become one by accident.
TEST(IntakeRules, WarningsAreTheseTwo) {
  std::set<std::string_view> warnings;
  for (const RuleRow& row : rule_table()) {
    if (row.severity == platform::Severity::kWarning) warnings.insert(row.name);
  }
  EXPECT_EQ(warnings, (std::set<std::string_view>{"challenge-missing", "challenge-without-text"}));
}

TEST(IntakeRules, SinkSortsByRowAndKeepsTheOrderWithinOne) {
  ProblemBudget budget;
  ProblemSink sink("a.csv", budget);
  sink.add(Rule::kBadDay, 7, "x", "first of 7");
  sink.add(Rule::kUnknownType, 3, "type", "of 3");
  sink.add(Rule::kChallengeMissing, 7, "y", "second of 7");
  EXPECT_EQ(sink.errors(), 2);
  const auto problems = sink.take();
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(platform::to_line(problems[0]), "a.csv:3: type: error: unknown-type: of 3");
  EXPECT_EQ(problems[1].message, "first of 7");
  EXPECT_EQ(problems[2].message, "second of 7");
  EXPECT_EQ(problems[2].severity, platform::Severity::kWarning);
}

TEST(IntakeRules, BeyondTheBudgetProblemsAreCountedAndWarningsHideNoError) {
  ProblemBudget budget{.errors = 2, .warnings = 1};
  ProblemSink first("", budget), second("", budget);
  for (int at = 0; at < 3; ++at) first.add(Rule::kChallengeMissing, at, "", "");
  first.add(Rule::kBadDay, 1, "", "");
  second.add(Rule::kBadDay, 1, "", "");
  second.add(Rule::kBadDay, 2, "", "");
  EXPECT_EQ(first.errors(), 1);
  EXPECT_EQ(first.left_out(), 2);
  EXPECT_EQ(second.errors(), 2);
  EXPECT_EQ(second.left_out(), 1);
  EXPECT_EQ(first.take().size(), 2u);
  EXPECT_EQ(second.take().size(), 1u);
}

}  // namespace
}  // namespace uncac::checklist_intake
