// A replica that cannot know whether an audience was narrowed tells strangers nothing.
#include <gtest/gtest.h>

#include "support/suite.h"

namespace uncac::testing {
namespace {

TEST(StaleReplica, AnswersOnlyWhoReadsEverythingWhileTheLogIsAway) {
  const auto system = System::distributed();
  const std::vector<std::string> question = {"needs", "list", "--where", "state=KEN"};
  ASSERT_EQ(system->uncac("", question).code, 0);
  system->kafka().pause();
  Ended ended;
  EXPECT_TRUE(eventually(
      [&] {
        ended = system->uncac("", question);
        return ended.code != 0;
      },
      std::chrono::seconds(30)));
  EXPECT_NE(ended.err.find("UNAVAILABLE"), std::string::npos) << ended.err;
  EXPECT_NE(system->uncac("provider-EX1", question).code, 0);
  EXPECT_NE(system->uncac("focal-point-FRA", question).code, 0);
  EXPECT_EQ(system->uncac("secretariat", question).code, 0);
  EXPECT_EQ(system->uncac("focal-point-KEN", question).code, 0);
  system->kafka().resume();
  EXPECT_TRUE(
      eventually([&] { return system->uncac("", question).code == 0; }, std::chrono::seconds(60)));
  system->expect_ordered_end();
}

}  // namespace
}  // namespace uncac::testing
