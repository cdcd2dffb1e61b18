// A replica that cannot know whether an audience was narrowed tells strangers nothing.
#include <gtest/gtest.h>

#include "integration/checklist_file.h"
#include "integration/stores.h"
#include "platform/store/store.h"
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

// The log answers, and the replica has read it to its end: but what the State decided is not on it,
// for the relay cannot renew its lease. The rule of five seconds holds all the same.
TEST(StaleReplica, TellsStrangersNothingWhileADecisionWaitsInTheOutbox) {
  const auto system = System::distributed();
  const std::string file = system->file("waits.csv", checklist_csv({{.state = "TUV",
                                                                     .provision = "uncac/44",
                                                                     .type = "LEGAL_ADVICE",
                                                                     .audience = "PUBLIC"}}));
  ASSERT_EQ(system->uncac("focal-point-TUV", {"response", "submit", file}).code, 0);
  const std::vector<std::string> question = {"needs", "list", "--where", "state=TUV"};
  const auto shows = [&](const std::string& reader) {
    return system->uncac(reader, question).out.find("TUV:uncac/44:LEGAL_ADVICE") !=
           std::string::npos;
  };
  ASSERT_TRUE(eventually([&] { return shows(""); }));

  const auto store =
      must(platform::open_postgres({system->postgres().conninfo("checklist-intake"), ""}));
  must(store->write([&](platform::Transaction& transaction) -> platform::Status {
    UNCAC_TRY(transaction.query("SELECT token FROM lease WHERE name = 'relay' FOR UPDATE", {}));
    EXPECT_TRUE(eventually([&] {
      return stored(*system, "checklist_intake",
                    "SELECT CAST(count(*) AS TEXT) FROM pg_stat_activity WHERE wait_event_type = "
                    "'Lock' AND query LIKE 'UPDATE lease%'") == std::vector<std::string>{"1"};
    })) << "the relay waits for its lease";
    // The command would wait for the matrix to show it.
    const auto revoke = system->uncac_in_background(
        "focal-point-TUV", {"share", "revoke", "--state", "TUV", "--provision", "uncac/44"},
        system->file("revoke.out", ""), system->file("revoke.err", ""));
    EXPECT_TRUE(eventually([&] {
      return stored(*system, "checklist_intake",
                    "SELECT action FROM audit WHERE action = 'sharing.set' AND object LIKE "
                    "'TUV@%'")
                 .size() == 1;
    })) << "the decision is on record";
    EXPECT_TRUE(eventually([&] { return !shows(""); }, std::chrono::seconds(5)));
    const Ended ended = system->uncac("provider-EX1", question);
    EXPECT_NE(ended.err.find("UNAVAILABLE"), std::string::npos) << ended.out << ended.err;
    EXPECT_TRUE(shows("focal-point-TUV"));
    EXPECT_TRUE(shows("secretariat"));
    EXPECT_EQ(revoke->wait(std::chrono::seconds(20)), 0);
    return {};
  }));
  EXPECT_TRUE(
      eventually([&] { return system->uncac("", question).code == 0; }, std::chrono::seconds(60)));
  EXPECT_FALSE(shows("")) << "the decision arrived before the answers did";
  system->expect_ordered_end();
}

}  // namespace
}  // namespace uncac::testing
