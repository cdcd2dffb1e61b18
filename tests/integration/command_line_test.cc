// What the command line says of wrong words, and what programs read from it.
#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "platform/time.h"

namespace uncac::testing {
namespace {

using Lines = std::vector<std::string>;

class CommandLine : public BothProfiles {
 protected:
  // With these words in its complaint, and nothing on standard output.
  void expect_wrong_usage(const Lines& arguments, const Lines& names) {
    const Ended ended = system().uncac("focal-point-SEN", arguments);
    EXPECT_EQ(ended.code, 2) << ::testing::PrintToString(arguments) << "\n" << ended.err;
    EXPECT_EQ(ended.out, "") << ::testing::PrintToString(arguments);
    std::string text = ended.err;
    for (const std::string& name : names) {
      const std::size_t at = text.find(name);
      EXPECT_NE(at, std::string::npos) << name << " is not named in: " << ended.err;
      // So that a longer name does not stand for a shorter one.
      if (at != std::string::npos) text.erase(at, name.size());
    }
  }
  static std::string today() {
    return platform::format_day(platform::day_of(platform::SystemClock().now()));
  }
};

TEST_P(CommandLine, WrongWordsAreWrongUsage) {
  const std::string file = system().file(
      "words.csv",
      checklist_csv({{.state = "SEN", .provision = "uncac/5", .type = "LEGAL_ADVICE"}}));
  expect_wrong_usage({"response", "submit", file, "--audience-until", "2027-01-01"},
                     {"--audience-until", "--audience"});
  expect_wrong_usage({"response", "submit", file, "--audience", "FOO"}, {"--audience", "FOO"});
  expect_wrong_usage({"response", "submit", file, "--audience", "NAMED:"},
                     {"--audience", "NAMED:"});
  for (const Lines& question : {Lines{"matrix", "--rows", "article"}, Lines{"needs", "list"},
                                Lines{"needs", "follow", "--from", "start", "--until-caught-up"}}) {
    for (const std::string where : {"foo", "=foo"}) {
      Lines words = question;
      words.insert(words.end(), {"--where", where});
      expect_wrong_usage(words, {"--where", where});
    }
  }
  EXPECT_EQ(lines_of(answer(system(), "focal-point-SEN",
                            {"response", "list", "--state", "SEN", "--format", "csv"}))
                .size(),
            1u)
      << "the header alone";
}

// A zero that stands for "you may not know" is added up sooner or later.
TEST_P(CommandLine, AFigureWithheldIsNoNumberInJson) {
  const std::string file = system().file(
      "figures.csv",
      checklist_csv(
          {{.state = "GMB", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
           {.state = "GMB",
            .provision = "uncac/6",
            .type = "LEGAL_ADVICE",
            .audience = "RESTRICTED"}}));
  answer(system(), "focal-point-GMB", {"response", "submit", file});

  int withheld = 0, shown = 0;
  const auto expect_figure = [&](const json& figure) {
    EXPECT_EQ(figure.size(), 4u) << figure;
    EXPECT_TRUE(figure.at("base").is_number_integer()) << figure;
    EXPECT_TRUE(figure.at("withheld_cells").is_number_integer()) << figure;
    ASSERT_TRUE(figure.at("withheld").is_boolean()) << figure;
    if (figure.at("withheld").get<bool>()) {
      ++withheld;
      EXPECT_TRUE(figure.at("value").is_null()) << figure;
      EXPECT_GT(figure.at("withheld_cells"), 0) << figure;
    } else if (!figure.at("value").is_null()) {
      ++shown;
      EXPECT_TRUE(figure.at("value").is_number()) << figure;
    }
  };
  const auto matrix = [&](const std::string& reader, const Lines& more) {
    Lines words{"matrix", "--rows", "article", "--where", "state=GMB", "--format", "json"};
    words.insert(words.end(), more.begin(), more.end());
    const json reply = json::parse(answer(system(), reader, words));
    std::map<std::string, json> rows;
    for (const json& row : reply.at("matrix")) {
      for (const json& figure : row.at("figures")) expect_figure(figure);
      if (row.contains("total")) expect_figure(row.at("total"));
      rows.emplace(row.at("header").at("code"), row.at("figures").at(0));
    }
    for (const json& figure : reply.at("column_totals")) expect_figure(figure);
    expect_figure(reply.at("total"));
    return rows;
  };

  const auto to_public = matrix("", {});
  EXPECT_EQ(to_public.at("uncac/5").at("withheld"), false);
  EXPECT_EQ(to_public.at("uncac/5").at("value"), 1);
  EXPECT_EQ(to_public.at("uncac/6").at("withheld"), true);
  EXPECT_GT(withheld, 0);
  EXPECT_GT(shown, 0);
  matrix("", {"--measure", "share_of_respondents"});
  matrix("", {"--cols", "type"});
  // A zero that is one stays one.
  withheld = 0;
  const auto to_state = matrix("focal-point-GMB", {});
  EXPECT_EQ(to_state.at("uncac/6").at("value"), 1);
  EXPECT_EQ(to_state.at("uncac/15").at("value"), 0);
  EXPECT_TRUE(to_state.at("uncac/15").at("value").is_number());
  EXPECT_EQ(withheld, 0);
}

TEST_P(CommandLine, AnAudienceMayEndToday) {
  const std::string file = system().file(
      "until.csv",
      checklist_csv({{.state = "MRT", .provision = "uncac/5", .type = "LEGAL_ADVICE"}}));
  std::string day, shared;
  do {  // again, where the day ended between
    day = today();
    answer(system(), "focal-point-MRT",
           {"response", "submit", file, "--audience", "PUBLIC", "--audience-until", day});
    shared =
        answer(system(), "focal-point-MRT", {"share", "list", "--state", "MRT", "--format", "csv"});
  } while (today() != day);
  const Lines lines = lines_of(shared);
  ASSERT_EQ(lines.size(), 2u) << shared;
  EXPECT_EQ(lines[0], "provision,audience,named,until,recorded_at");
  EXPECT_EQ(lines[1].rfind("uncac/5,PUBLIC,," + day + ",", 0), 0u) << lines[1];
  if (today() == day) {
    EXPECT_EQ(needs_of(system(), "", "MRT").size(), 1u) << "the day is included";
  }
}

INSTANTIATE_TEST_SUITE_P(, CommandLine, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing
