// What was ended, by whom and why, stays on record.
#include "integration/checklist_file.h"
#include "integration/questions.h"

namespace uncac::testing {
namespace {

using Lines = std::vector<std::string>;

class History : public BothProfiles {
 protected:
  void submit(const std::string& state, const std::string& type, const std::string& round) {
    const std::string file = system().file("history.csv", checklist_csv({{.state = state,
                                                                          .provision = "uncac/5",
                                                                          .type = type,
                                                                          .audience = "PUBLIC",
                                                                          .round = round}}));
    answer(system(), "focal-point-" + state, {"response", "submit", file});
  }
};

TEST_P(History, ShowsEveryEndingWithItsRoleAndReason) {
  const Lines name{"--state", "NER", "--checklist", "uncac-2007", "--round", "2009"};
  const auto verb = [&](const std::string& word, const Lines& more) {
    Lines words{"response", word};
    words.insert(words.end(), name.begin(), name.end());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  submit("NER", "LEGAL_ADVICE", "2009");
  submit("NER", "ACTION_PLAN", "2009");
  answer(system(), "focal-point-NER", verb("withdraw", {"--reason", "filed too early"}));
  answer(system(), "secretariat", verb("void", {"--reason", "of another State"}));

  const json history =
      json::parse(answer(system(), "focal-point-NER", verb("history", {"--format", "json"})));
  Lines entries;
  std::string last;
  for (const json& entry : history.at("entries")) {
    entries.push_back(entry.at("action").get<std::string>() + " " + entry.at("version").dump() +
                      " by " + entry.at("recorded_by").get<std::string>() + ": " +
                      entry.at("reason").get<std::string>());
    EXPECT_EQ(entry.at("answers"), 1) << entry;
    EXPECT_FALSE(entry.at("day").get<std::string>().empty()) << entry;
    EXPECT_LE(last, entry.at("recorded_at").get<std::string>()) << "oldest first";
    last = entry.at("recorded_at");
  }
  EXPECT_EQ(entries, (Lines{"submitted 1 by focal_point: ", "amended 2 by focal_point: ",
                            "withdrawn 2 by focal_point: filed too early",
                            "voided 1 by secretariat: of another State",
                            "voided 2 by secretariat: of another State"}));

  // People read the same.
  for (const std::string format : {"csv", "table"}) {
    const std::string text = answer(system(), "secretariat", verb("history", {"--format", format}));
    const Lines lines = lines_of(text);
    ASSERT_EQ(lines.size(), 6u) << text;
    const auto expect_words = [&](const std::string& line, const Lines& words) {
      for (const std::string& word : words) {
        EXPECT_NE(line.find(word), std::string::npos) << word << " is missing in: " << line;
      }
    };
    expect_words(lines[3], {"withdrawn", "focal_point", "filed too early"});
    expect_words(lines[4], {"voided", "secretariat", "of another State"});
    expect_words(lines[5], {"voided", "secretariat", "of another State"});
  }
}

TEST_P(History, WithdrawSaysWhichRoundItMeant) {
  submit("MLI", "LEGAL_ADVICE", "2007");
  submit("MLI", "ACTION_PLAN", "2009");
  const auto withdraw = [&](const Lines& more) {
    Lines words{"response",    "withdraw",   "--state",  "MLI",
                "--checklist", "uncac-2007", "--reason", "x"};
    words.insert(words.end(), more.begin(), more.end());
    return answer(system(), "focal-point-MLI", words);
  };
  const std::string out = withdraw({});
  EXPECT_EQ(out.rfind("MLI uncac-2007 2009: withdrawn", 0), 0u) << out;
  EXPECT_NE(out.find("MLI/uncac-2007/2009@v1"), std::string::npos) << out;
  const auto needs = needs_of(system(), "focal-point-MLI", "MLI");
  ASSERT_EQ(needs.size(), 1u) << "the other round stands";
  EXPECT_EQ(needs.begin()->first, "MLI:uncac/5:LEGAL_ADVICE");

  submit("MLI", "ACTION_PLAN", "2009");
  const json reply = json::parse(withdraw({"--format", "json"}));
  EXPECT_EQ(reply.at("key").at("round"), 2009);
  EXPECT_EQ(reply.at("version"), 2);
}

INSTANTIATE_TEST_SUITE_P(, History, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing
