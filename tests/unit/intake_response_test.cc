#include <gtest/gtest.h>

#include "checklist_intake/domain/response.h"
#include "unit/intake_values.h"

namespace uncac::checklist_intake {
namespace {

TEST(IntakeResponse, CodesGoBothWays) {
  for (const auto value :
       {Compliance::kYes, Compliance::kInPart, Compliance::kNo, Compliance::kNotAnswered}) {
    EXPECT_EQ(parse_compliance(code(value)), value);
  }
  for (const auto value : {Priority::kNone, Priority::kHigh, Priority::kMedium, Priority::kLow}) {
    EXPECT_EQ(parse_priority(code(value)), value);
  }
  for (const auto value : {Choice::kNotSaid, Choice::kYes, Choice::kNo}) {
    EXPECT_EQ(parse_choice(code(value)), value);
  }
  EXPECT_EQ(code(Compliance::kInPart), "IN_PART");
  EXPECT_EQ(code(Priority::kNone), "");
  for (const char* wrong : {"", "yes", "PARTLY", "YES "}) EXPECT_FALSE(parse_compliance(wrong));
  for (const char* wrong : {"high", "NONE", "1"}) EXPECT_FALSE(parse_priority(wrong));
  for (const char* wrong : {"Y", "TRUE", "yes"}) EXPECT_FALSE(parse_choice(wrong));
  for (const char* language : {"ar", "en", "es", "fr", "ru", "zh"}) {
    EXPECT_TRUE(is_language(language));
  }
  for (const char* wrong : {"", "de", "EN", "en-GB"}) EXPECT_FALSE(is_language(wrong));
}

TEST(IntakeResponse, OrderOfAnswersTypesAndChallengesSaysNothing) {
  Answer first = test::answer("uncac/5", Compliance::kNo);
  first.challenges = {2, 0};
  first.needed = {{3, "a", Priority::kHigh}, {1, "b", Priority::kNone}};
  const Answer second = test::answer("uncac/44", Compliance::kYes);
  std::vector<Answer> one{first, second};
  std::swap(first.challenges[0], first.challenges[1]);
  first.challenges.push_back(2);
  std::swap(first.needed[0], first.needed[1]);
  std::vector<Answer> other{second, first};
  EXPECT_NE(one, other);
  put_in_order(one);
  put_in_order(other);
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.front().provision, test::provision("uncac/5"));
  EXPECT_EQ(one.front().challenges, (std::vector<ChallengeIndex>{0, 2}));
  EXPECT_EQ(one.front().needed.front().type, 1);
  other.front().needed.front().text = "B";
  EXPECT_NE(one, other);
}

TEST(IntakeResponse, AnExceptionGoesBeforeTheChoiceForAll) {
  Sharing sharing;
  EXPECT_EQ(sharing.of(1), nullptr);
  sharing.exceptions[1] = SharingChoice{Audience::kPublic, {}, {}};
  EXPECT_EQ(sharing.of(2), nullptr);
  sharing.choice = SharingChoice{Audience::kProviders, {}, {}};
  ASSERT_NE(sharing.of(1), nullptr);
  ASSERT_NE(sharing.of(2), nullptr);
  EXPECT_EQ(sharing.of(1)->audience, Audience::kPublic);
  EXPECT_EQ(sharing.of(2)->audience, Audience::kProviders);
}

}  // namespace
}  // namespace uncac::checklist_intake
