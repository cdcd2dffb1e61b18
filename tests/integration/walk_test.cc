// One response walks the whole way: filed, seen at once, amended, withdrawn, filed again.
#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "platform/time.h"

namespace uncac::testing {
namespace {

using Lines = std::vector<std::string>;

class Walk : public BothProfiles {
 protected:
  static constexpr const char* kReader = "focal-point-KEN";

  // One response in a file, submitted by its State; how the server said it was taken.
  Filed submit(const std::vector<Row>& rows) {
    const std::string file = system().file("walk.csv", checklist_csv(rows));
    const std::vector<Filed> filed =
        filed_in(answer(system(), kReader, {"response", "submit", file, "--format", "csv"}));
    EXPECT_EQ(filed.size(), 1u);
    return filed.empty() ? Filed{} : filed[0];
  }
  Lines needs_list() {
    return lines_of(
        answer(system(), kReader, {"needs", "list", "--where", "state=KEN", "--format", "csv"}));
  }
  std::map<std::string, std::string> matrix() {
    return figures(system(), kReader, {"--rows", "article", "--where", "state=KEN"});
  }
  std::string history() {
    return answer(system(), kReader,
                  {"response", "history", "--state", "KEN", "--checklist", "uncac-2007", "--round",
                   "2009", "--format", "csv"});
  }
};

TEST_P(Walk, OneResponseFromFileToMatrixListAndFeed) {
  const std::string today = platform::format_day(platform::day_of(platform::SystemClock().now()));
  const std::vector<Row> first{
      {.state = "KEN", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
      {.state = "KEN", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "PROVIDERS"},
      {.state = "KEN",
       .provision = "uncac/9",
       .type = "OTHER",
       .audience = "RESTRICTED",
       .type_text = "a study"}};
  const std::string header = "need,state,provision,type,state_priority,coverage,audience,stated_on";
  const std::string start = follow(system(), kReader, "KEN", "start").position;

  // Filed, and in the very next question.
  Filed filed = submit(first);
  EXPECT_EQ(filed.outcome, "submitted");
  EXPECT_EQ(filed.version, "1");
  EXPECT_EQ(filed.token, "KEN/uncac-2007/2009@v1");
  auto figure = matrix();
  EXPECT_EQ(figure["uncac/5"], "1");
  EXPECT_EQ(figure["uncac/6"], "1");
  EXPECT_EQ(figure["uncac/9"], "1");
  EXPECT_EQ(figure["uncac/15"], "0");
  EXPECT_EQ(figure["total"], "1");
  EXPECT_EQ(
      needs_list(),
      (Lines{header,
             "KEN:uncac/5:LEGAL_ADVICE,KEN,uncac/5,LEGAL_ADVICE,,UNADDRESSED,PUBLIC," + today,
             "KEN:uncac/6:ACTION_PLAN,KEN,uncac/6,ACTION_PLAN,,UNADDRESSED,PROVIDERS," + today,
             "KEN:uncac/9:OTHER,KEN,uncac/9,OTHER,,UNADDRESSED,RESTRICTED," + today}));
  Feed feed = follow(system(), kReader, "KEN", start);
  EXPECT_EQ(changes_in(feed),
            (Lines{"stated KEN:uncac/5:LEGAL_ADVICE", "stated KEN:uncac/6:ACTION_PLAN",
                   "stated KEN:uncac/9:OTHER"}));

  // The same file again changes nothing and says so; the order of its rows does not count.
  filed = submit(first);
  EXPECT_EQ(filed.outcome, "unchanged");
  EXPECT_EQ(filed.version, "1");
  filed = submit({first[2], first[0], first[1]});
  EXPECT_EQ(filed.outcome, "unchanged");
  EXPECT_EQ(lines_of(history()).size(), 2u) << "header and one version";
  EXPECT_EQ(changes_in(follow(system(), kReader, "KEN", feed.position)), Lines{});

  // One cell changed: version 2, and the feed has that need, once.
  std::vector<Row> second = first;
  second[1].state_priority = "HIGH";
  filed = submit(second);
  EXPECT_EQ(filed.outcome, "amended");
  EXPECT_EQ(filed.version, "2");
  EXPECT_EQ(needs_list()[2],
            "KEN:uncac/6:ACTION_PLAN,KEN,uncac/6,ACTION_PLAN,HIGH,UNADDRESSED,PROVIDERS," + today);
  feed = follow(system(), kReader, "KEN", feed.position);
  ASSERT_EQ(changes_in(feed), Lines{"stated KEN:uncac/6:ACTION_PLAN"});
  EXPECT_EQ(feed.events[0].at("data").at("state_priority"), "HIGH");
  EXPECT_EQ(feed.events[0].at("subject"), "KEN:uncac/6:ACTION_PLAN");

  // Withdrawn: gone everywhere at once, and the history tells.
  const std::string ended =
      answer(system(), kReader,
             {"response", "withdraw", "--state", "KEN", "--checklist", "uncac-2007", "--round",
              "2009", "--reason", "sent by mistake"});
  EXPECT_NE(ended.find("KEN/uncac-2007/2009@v2+end"), std::string::npos) << ended;
  EXPECT_EQ(needs_list(), Lines{header});
  figure = matrix();
  EXPECT_EQ(figure["uncac/5"], "0");
  EXPECT_EQ(figure["total"], "0");
  feed = follow(system(), kReader, "KEN", feed.position);
  EXPECT_EQ(changes_in(feed), (Lines{"removed KEN:uncac/5:LEGAL_ADVICE changed",
                                     "removed KEN:uncac/6:ACTION_PLAN changed",
                                     "removed KEN:uncac/9:OTHER changed"}));
  EXPECT_NE(system()
                .uncac(kReader, {"response", "export", "--state", "KEN", "--checklist",
                                 "uncac-2007", "--round", "2009"})
                .code,
            0);

  // Filing again is the next version.
  filed = submit(first);
  EXPECT_EQ(filed.version, "3");
  EXPECT_EQ(needs_list().size(), 4u);
  EXPECT_EQ(matrix()["total"], "1");
  EXPECT_EQ(changes_in(follow(system(), kReader, "KEN", feed.position)).size(), 3u);

  // version,action,day,recorded_at,recorded_by,answers,reason
  const Lines entries = lines_of(history());
  ASSERT_EQ(entries.size(), 5u);
  const Lines expected{"1,submitted," + today, "2,amended," + today, "2,withdrawn," + today,
                       "3,amended," + today};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(entries[i + 1].rfind(expected[i], 0), 0u) << entries[i + 1];
    EXPECT_NE(entries[i + 1].find(",focal_point,3,"), std::string::npos) << entries[i + 1];
  }
  EXPECT_NE(entries[3].find(",sent by mistake"), std::string::npos) << entries[3];
}

// What was exported is the same file again.
TEST_P(Walk, ExportedAndSubmittedAgainChangesNothing) {
  const std::string file = system().file("first.csv", checklist_csv({{.state = "KEN",
                                                                      .provision = "uncac/44",
                                                                      .type = "MODEL_TREATY",
                                                                      .audience = "NAMED:EX1|EX2",
                                                                      .state_priority = "LOW",
                                                                      .round = "2007"},
                                                                     {.state = "KEN",
                                                                      .provision = "uncac/46",
                                                                      .audience = "PUBLIC",
                                                                      .round = "2007",
                                                                      .compliance = "YES"}}));
  answer(system(), kReader, {"response", "submit", file});
  const std::vector<std::string> name{"--state",    "KEN",     "--checklist",
                                      "uncac-2007", "--round", "2007"};
  std::vector<std::string> words{"response", "export"};
  words.insert(words.end(), name.begin(), name.end());
  const std::string exported = answer(system(), kReader, words);
  const std::string again = system().file("again.csv", exported);
  const std::vector<Filed> filed =
      filed_in(answer(system(), kReader, {"response", "submit", again, "--format", "csv"}));
  ASSERT_EQ(filed.size(), 1u);
  EXPECT_EQ(filed[0].outcome, "unchanged");
  EXPECT_EQ(filed[0].version, "1");
}

INSTANTIATE_TEST_SUITE_P(, Walk, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing
