// A file with ten different mistakes: ten problems at their places, and nothing changed.
#include "integration/checklist_file.h"
#include "integration/questions.h"

namespace uncac::testing {
namespace {

struct Expected {
  int row;
  std::string column, rule;
};

class Mistakes : public BothProfiles {
 protected:
  // Row 2 is a response without a mistake; rows 3 to 12 are another with one mistake each.
  static std::string ten_mistakes(const std::string& state) {
    const auto row = [&](const std::string& provision) {
      return Row{.state = state,
                 .provision = provision,
                 .type = "LEGAL_ADVICE",
                 .audience = "PUBLIC",
                 .round = "2006"};
    };
    std::vector<Row> rows{row("uncac/5"),  row("uncac/5"),  row("uncac/99"), row("44"),
                          row("uncac/10"), row("uncac/6"),  row("uncac/9"),  row("uncac/15"),
                          row("uncac/16"), row("uncac/17"), row("uncac/23")};
    rows[0].round = "2008";
    rows[1].type = "LEGALADVICE";
    rows[5].compliance = "MAYBE";
    rows[6].type = "OTHER";  // without a text
    rows[7].compliance = "NOT_ANSWERED";
    rows[8].state_priority = "URGENT";
    rows[9].language = "xx";
    rows[10].audience = "EVERYBODY";
    return checklist_csv(rows);
  }
  const std::vector<Expected> expected{{3, "type", "unknown-type"},
                                       {4, "provision", "unknown-provision"},
                                       {5, "provision", "provision-without-treaty"},
                                       {6, "provision", "provision-not-in-checklist"},
                                       {7, "compliance", "unknown-compliance"},
                                       {8, "type_text", "other-without-text"},
                                       {9, "type", "not-answered-with-type"},
                                       {10, "state_priority", "bad-priority"},
                                       {11, "language", "bad-language"},
                                       {12, "audience", "unknown-audience"}};

  std::string responses(const std::string& state) {
    return answer(system(), "secretariat",
                  {"response", "list", "--state", state, "--format", "csv"});
  }
  void expect_problem_lines(const std::string& file, const std::string& text) {
    const std::vector<std::string> lines = lines_of(text);
    ASSERT_EQ(lines.size(), expected.size()) << text;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string start = file + ":" + std::to_string(expected[i].row) + ": " +
                                expected[i].column + ": error: " + expected[i].rule + ": ";
      EXPECT_EQ(lines[i].rfind(start, 0), 0u) << lines[i];
      EXPECT_GT(lines[i].size(), start.size()) << "a message for a person";
    }
  }
};

TEST_P(Mistakes, TenProblemsAtTheirPlacesAndNothingChanged) {
  const std::string file = system().file("mistakes.csv", ten_mistakes("ZMB"));
  const std::string before = digests(system());
  const Ended ended = system().uncac("focal-point-ZMB", {"response", "submit", file});
  EXPECT_EQ(ended.code, 1);
  expect_problem_lines(file, ended.err);
  EXPECT_NE(ended.out.find("2 refused"), std::string::npos) << ended.out;
  EXPECT_EQ(lines_of(responses("ZMB")).size(), 1u) << "the header alone";
  EXPECT_EQ(needs_of(system(), "secretariat", "ZMB").size(), 0u);
  EXPECT_EQ(digests(system()), before);
}

TEST_P(Mistakes, KeepGoodSubmitsTheGoodResponseAlone) {
  const std::string file = system().file("mistakes.csv", ten_mistakes("MWI"));
  const std::string before = digests(system());

  // First what it would do.
  Ended ended =
      system().uncac("focal-point-MWI", {"response", "submit", file, "--keep-good", "--dry-run"});
  EXPECT_EQ(ended.code, 1);
  expect_problem_lines(file, ended.err);
  EXPECT_NE(ended.out.find("would be submitted"), std::string::npos) << ended.out;
  EXPECT_EQ(lines_of(responses("MWI")).size(), 1u);
  EXPECT_EQ(digests(system()), before);

  ended = system().uncac("focal-point-MWI", {"response", "submit", file, "--keep-good"});
  EXPECT_EQ(ended.code, 1) << "some of the file was refused";
  expect_problem_lines(file, ended.err);
  const auto listed = lines_of(responses("MWI"));
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[1].rfind("MWI,uncac-2007,2008,1,", 0), 0u) << listed[1];
  EXPECT_EQ(needs_of(system(), "secretariat", "MWI").size(), 1u);
  EXPECT_NE(digests(system()), before);
}

TEST_P(Mistakes, DryRunOfAGoodFileChangesNothing) {
  const std::string file = system().file("dry.csv", checklist_csv({{.state = "MOZ",
                                                                    .provision = "uncac/5",
                                                                    .type = "LEGAL_ADVICE",
                                                                    .audience = "PUBLIC"}}));
  const std::string before = digests(system());
  const std::string out =
      answer(system(), "focal-point-MOZ", {"response", "submit", file, "--dry-run"});
  EXPECT_NE(out.find("nothing changed"), std::string::npos) << out;
  EXPECT_EQ(lines_of(responses("MOZ")).size(), 1u);
  EXPECT_EQ(digests(system()), before);
}

TEST_P(Mistakes, AsJsonOnStandardOutput) {
  const std::string file = system().file("mistakes.csv", ten_mistakes("ZWE"));
  const Ended ended =
      system().uncac("focal-point-ZWE", {"response", "submit", file, "--format", "json"});
  EXPECT_EQ(ended.code, 1);
  const json problems = json::parse(ended.out);
  ASSERT_TRUE(problems.is_array());
  ASSERT_EQ(problems.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const json& problem = problems[i];
    EXPECT_EQ(problem.size(), 6u) << problem;
    EXPECT_EQ(problem.at("file"), file);
    EXPECT_EQ(problem.at("row"), expected[i].row);
    EXPECT_EQ(problem.at("column"), expected[i].column);
    EXPECT_EQ(problem.at("severity"), "error");
    EXPECT_EQ(problem.at("rule"), expected[i].rule);
    EXPECT_FALSE(problem.at("message").get<std::string>().empty());
  }
}

INSTANTIATE_TEST_SUITE_P(, Mistakes, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing
