#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "cli/exercise.h"
#include "unit/intake_values.h"

namespace uncac::checklist_intake {
namespace {

std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

class IntakeExercise : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    bytes() = cli::exercise_responses_csv(test::data(), 1);
    file() = test::parse(bytes(), "exercise.csv");
  }
  static std::string& bytes() {
    static std::string bytes;
    return bytes;
  }
  static ParsedFile& file() {
    static ParsedFile file;
    return file;
  }
};

TEST_F(IntakeExercise, BreaksNoRuleAndWarnsOfNothing) {
  EXPECT_EQ(test::all_lines(file()).substr(0, 1000), "");
  EXPECT_TRUE(file().good);
}

TEST_F(IntakeExercise, EveryStateAnswersBothChecklistsTwice) {
  const auto& responses = file().responses;
  ASSERT_EQ(responses.size(), test::data().states().size() * 4);
  std::size_t answers = 0;
  for (std::size_t at = 0; at < responses.size(); ++at) {
    ASSERT_TRUE(responses[at].checked);
    EXPECT_TRUE(responses[at].exercise);
    if (at > 0) {
      EXPECT_LT(responses[at - 1].key, responses[at].key);
    }
    const Response& response = responses[at].checked->response;
    const auto& items = test::data().checklists()[response.key.checklist].items;
    EXPECT_EQ(response.answers.size(), items.size());
    const std::chrono::year_month_day date{*response.submitted_on};
    EXPECT_EQ(static_cast<int>(date.year()), response.key.round);
    answers += response.answers.size();
  }
  EXPECT_EQ(answers, 79'982u);
}

TEST_F(IntakeExercise, TheSeedGivesTheBytes) {
  EXPECT_EQ(cli::exercise_responses_csv(test::data(), 1), bytes());
  EXPECT_NE(cli::exercise_responses_csv(test::data(), 2), bytes());
  // Another value here means that everybody's exercise set changed: the generator or the States,
  // items, types or challenges of the reference data.
  EXPECT_EQ(fnv1a(bytes()), 4785360172758089720u);
}

TEST_F(IntakeExercise, SharesAreAsDescribed) {
  std::map<Compliance, double> compliance;
  std::map<Audience, double> audience;
  std::map<TypeIndex, double> types;
  std::map<StateIndex, bool> partial;
  double answers = 0, asking = 0;
  for (const auto& response : file().responses) {
    ASSERT_TRUE(response.checked);
    for (const Answer& answer : response.checked->response.answers) {
      ++answers;
      ++compliance[answer.compliance];
      ++audience[response.checked->sharing.of(answer.provision)->audience];
      if (!answer.needed.empty()) ++asking;
      for (const auto& need : answer.needed) ++types[need.type];
      const auto& text = answer.measures + answer.challenges_text;
      EXPECT_TRUE(text.empty() || text.starts_with("[exercise]")) << text;
    }
  }
  EXPECT_NEAR(compliance[Compliance::kYes] / answers, 0.48, 0.08);
  EXPECT_NEAR(compliance[Compliance::kInPart] / answers, 0.28, 0.08);
  EXPECT_NEAR(compliance[Compliance::kNotAnswered] / answers, 0.10, 0.05);
  EXPECT_NEAR(audience[Audience::kPublic] / answers, 0.25, 0.06);
  EXPECT_NEAR(audience[Audience::kProviders] / answers, 0.33, 0.06);
  EXPECT_NEAR(audience[Audience::kNamed] / answers, 0.12, 0.05);
  EXPECT_NEAR(audience[Audience::kRestricted] / answers, 0.30, 0.06);
  EXPECT_NEAR(asking / answers, 0.30, 0.08);
  EXPECT_EQ(types.size(), test::data().types().size());
}

// A decision holds for a State and provision whatever the round, so the rounds must not contradict
// each other: the order of import would decide.
TEST_F(IntakeExercise, RoundsAgreeOnTheAudience) {
  std::map<std::pair<StateIndex, ProvisionIndex>, SharingChoice> choices;
  std::map<StateIndex, std::map<Audience, int>> of_state;
  for (const auto& response : file().responses) {
    ASSERT_TRUE(response.checked);
    for (const auto& [provision, choice] : response.checked->sharing.exceptions) {
      const auto [found, added] = choices.try_emplace({response.key.state, provision}, choice);
      EXPECT_EQ(found->second, choice);
      ++of_state[response.key.state][choice.audience];
    }
  }
  std::size_t with_exceptions = 0;
  for (const auto& [state, audiences] : of_state) with_exceptions += audiences.size() > 1;
  EXPECT_GT(with_exceptions, test::data().states().size() / 2);
}

}  // namespace
}  // namespace uncac::checklist_intake
