// Where the services stand, as their operator reads it: what is published, read, and waits.
#include <gtest/gtest.h>

#include "integration/checklist_file.h"
#include "integration/questions.h"

namespace uncac::testing {
namespace {

using std::chrono::seconds;

class ServiceState : public ::testing::TestWithParam<std::string> {
 protected:
  // By service.
  std::map<std::string, json> ask() {
    std::map<std::string, json> states;
    const std::string told = answer(*system_, "operator", {"--format", "json", "admin", "state"});
    for (const json& state : json::parse(told)) states[state.value("service", "")] = state;
    return states;
  }
  // Of a topic that the service publishes, or that `consumer` reads.
  static json topic_of(const json& state, const std::string& topic, const std::string& consumer) {
    for (const json& one : state.value("topics", json::array())) {
      if (one.value("topic", "") == topic && one.value("consumer", "") == consumer) return one;
    }
    return json::object();
  }
  static std::int64_t records_of(const json& topic) {
    std::int64_t sum = 0;
    for (const json& next : topic.value("position", json::array())) {
      sum += std::stoll(next.get<std::string>());
    }
    return sum;
  }
  std::vector<std::string> submission(const std::string& state) {
    return {"response", "submit",
            system_->file(state + ".csv",
                          checklist_csv({{state, "uncac/9", "LEGAL_ADVICE", "PUBLIC"}}))};
  }

  const std::unique_ptr<System> system_ = System::start(GetParam());
};

TEST_P(ServiceState, SaysHowFarEachIs) {
  answer(*system_, "secretariat", submission("ISL"));
  const auto first = ask();
  ASSERT_EQ(first.size(), 2U);
  const Ended version = run_to_end({program("uncac-suite"), "--version"});
  for (const auto& [service, state] : first) {
    EXPECT_EQ("uncac-suite " + state.value("version", "") + "\n", version.out) << service;
    EXPECT_TRUE(state.value("started_at", "").starts_with("20")) << state;
    EXPECT_GE(std::stoll(state.value("epoch", "0")), 1) << state;
  }
  const json published = topic_of(first.at("checklist_intake"), "uncac.checklist.v1", "");
  EXPECT_EQ(published.value("position", json()).size(), std::size_t{platform::kPartitions})
      << published;
  EXPECT_GT(records_of(published), 0);
  // What was submitted was waited for, so the matrix has handled it.
  const json handled =
      topic_of(first.at("needs_matrix"), "uncac.checklist.v1", "needs_matrix.writer");
  EXPECT_EQ(handled.value("position", json()), published.value("position", json()));
  EXPECT_EQ(handled.value("behind", ""), "0");

  answer(*system_, "secretariat", submission("NOR"));
  const auto second = ask();
  EXPECT_GT(records_of(topic_of(second.at("checklist_intake"), "uncac.checklist.v1", "")),
            records_of(published));
  EXPECT_GT(
      records_of(topic_of(second.at("needs_matrix"), "uncac.checklist.v1", "needs_matrix.writer")),
      records_of(handled));
  const std::string table = answer(*system_, "operator", {"admin", "state"});
  EXPECT_NE(table.find("checklist_intake 0."), std::string::npos) << table;
  EXPECT_NE(table.find(": 0 events not on the log yet"), std::string::npos) << table;
  const std::string csv = answer(*system_, "operator", {"--format", "csv", "admin", "state"});
  EXPECT_TRUE(csv.starts_with("service,topic,consumer,position,behind\n")) << csv;
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

TEST_P(ServiceState, IsForOperators) {
  for (const char* reader : {"", "focal-point-KEN", "provider-EX1", "secretariat"}) {
    const Ended ended = system_->uncac(reader, {"admin", "state"});
    EXPECT_EQ(ended.code, 1) << reader << ended.out;
    EXPECT_EQ(ended.out, "") << reader;
  }
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

// Embedded, what is committed is on the log.
TEST(ServiceStateOfSeveral, SaysWhatWaitsWhileTheBrokerIsAway) {
  const auto system = System::distributed();
  must(system->kafka().stop());
  const std::string file =
      system->file("ISL.csv", checklist_csv({{"ISL", "uncac/9", "LEGAL_ADVICE", "PUBLIC"}}));
  answer(*system, "secretariat", {"response", "submit", file, "--no-wait"});
  const auto intake = [&] {
    return json::parse(answer(*system, "operator", {"--format", "json", "admin", "state"})).at(0);
  };
  const json away = intake();
  EXPECT_EQ(away.value("service", ""), "checklist_intake");
  EXPECT_GE(std::stoll(away.value("unpublished", "0")), 1) << away;
  EXPECT_GT(away.value("oldest_unpublished_seconds", 0.0), 0.0) << away;
  EXPECT_EQ(away.at("topics").at(0).count("behind"), 0U) << away;
  const std::string table = answer(*system, "operator", {"admin", "state"});
  EXPECT_NE(table.find("not known"), std::string::npos) << table;
  EXPECT_NE(table.find("events not on the log yet, the oldest for "), std::string::npos) << table;

  must(system->kafka().restart());
  json back;
  EXPECT_TRUE(eventually(
      [&] {
        back = intake();
        return back.value("unpublished", "") == "0" &&
               back.at("topics").at(0).value("behind", "") == "0";
      },
      seconds(60)))
      << back;
  system->expect_ordered_end();
}

INSTANTIATE_TEST_SUITE_P(, ServiceState, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing
