// kill -9 in the middle of an import: what was acknowledged is there afterwards, once.
#include <algorithm>

#include "integration/exercise_data.h"

namespace uncac::testing {
namespace {

using Lines = std::vector<std::string>;

// STATE/checklist/round → version, of all responses on record.
std::map<std::string, std::string> responses(System& system) {
  std::map<std::string, std::string> versions;
  const Lines lines =
      lines_of(answer(system, "secretariat", {"response", "list", "--format", "csv"}));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string key = lines[i];  // state,checklist,round,version,…
    std::size_t third = 0;
    for (int k = 0; k < 3; ++k) third = key.find(',', third) + 1;
    const std::string version = key.substr(third, key.find(',', third) - third);
    key = key.substr(0, third - 1);
    std::replace(key.begin(), key.end(), ',', '/');
    EXPECT_TRUE(versions.emplace(key, version).second) << key << " twice";
  }
  return versions;
}

class Kill : public ::testing::TestWithParam<std::string> {
 protected:
  Kill() : system_(System::start(GetParam())) {}

  Process& start_import(const std::string& file) {
    ++attempt_;
    out_ = folder_.file("out" + std::to_string(attempt_));
    import_ = system_->uncac_in_background(
        "secretariat",
        {"response", "submit", file, "--exercise", "--keep-good", "--no-wait", "--format", "csv"},
        out_, folder_.file("err" + std::to_string(attempt_)));
    return *import_;
  }
  std::size_t acknowledged_now() const { return filed_in(read_text(out_)).size(); }

  // Takes a process away and brings it back with the data that it left.
  void kill_and_restart(const std::string& victim) {
    if (victim == "kafka") {
      system_->kafka().kill9();
      must(system_->kafka().restart());
    } else if (victim == "postgres") {
      system_->postgres().kill9();
      must(system_->postgres().restart());
    } else if (victim == "redis") {
      system_->redis().kill9();
      must(system_->redis().restart());
    } else {
      system_->service(victim).kill9();
      system_->service(victim).launch();
    }
    system_->launch_all();
    // The front finds a service that came back within two seconds; before, it says UNAVAILABLE.
    ASSERT_TRUE(eventually([&] {
      return system_->uncac("secretariat", {"response", "list", "--state", "KEN"}).code == 0 &&
             system_->uncac("secretariat", {"needs", "list", "--where", "state=KEN"}).code == 0;
    })) << victim
        << " is back, and the system does not answer";
  }

  // One import, and a kill once `after` responses were acknowledged in it. Everything that was ever
  // acknowledged is on record then, in its first version.
  void import_and_kill(const std::string& file, const std::string& victim, std::size_t after) {
    SCOPED_TRACE(victim + " killed after " + std::to_string(after) + " responses");
    Process& import = start_import(file);
    ASSERT_TRUE(eventually([&] { return acknowledged_now() >= after || !import.running(); },
                           std::chrono::seconds(60)));
    if (import.running()) ++kills_during_import_;
    kill_and_restart(victim);
    ASSERT_TRUE(import.wait(std::chrono::seconds(90)).has_value()) << "the import hangs";
    for (const Filed& filed : filed_in(read_text(out_))) {
      acknowledged_.insert(filed.state + "/" + filed.checklist + "/" + filed.round);
    }
    const auto on_record = responses(*system_);
    for (const std::string& key : acknowledged_) {
      EXPECT_TRUE(on_record.contains(key)) << key << " was acknowledged and is lost";
    }
    for (const auto& [key, version] : on_record) EXPECT_EQ(version, "1") << key;
  }

  // The same file again completes, and list, feed, fold and topics agree.
  void expect_whole(const std::string& file, std::size_t expected) {
    const Lines words{"response", "submit", file, "--exercise", "--keep-good", "--format", "csv"};
    const std::vector<Filed> filed = filed_in(answer(*system_, "secretariat", words));
    EXPECT_EQ(filed.size(), expected);
    std::string tokens;
    for (const Filed& one : filed) {
      EXPECT_EQ(one.version, "1") << one.token;
      tokens += (tokens.empty() ? "" : ",") + one.token;
    }
    const auto on_record = responses(*system_);
    EXPECT_EQ(on_record.size(), expected);
    for (const auto& [key, version] : on_record) EXPECT_EQ(version, "1") << key;

    // Those that an earlier attempt filed, too: their events may still be under way.
    const json list = json::parse(
        answer(*system_, "secretariat", {"needs", "list", "--format", "json", "--after", tokens}));
    digests(*system_);
    const auto essence = [](const json& need) {
      return json{{"need", need.at("need")},           {"audience", need.at("audience")},
                  {"text", need.at("type_text")},      {"priority", need.at("state_priority")},
                  {"stated_on", need.at("stated_on")}, {"checklist", need.at("checklist")},
                  {"round", need.at("round")}};
    };
    std::map<std::string, json> listed, followed;
    for (const json& need : list) listed.emplace(need.at("need"), essence(need));
    for (const json& event : follow(*system_, "secretariat", "", "start").events) {
      EXPECT_EQ(event.at("type"), "uncac.needs.v1.Need");
      const json& need = event.at("data");
      EXPECT_TRUE(followed.emplace(need.at("need"), essence(need)).second) << need << " twice";
    }
    EXPECT_GT(listed.size(), expected);
    EXPECT_EQ(listed.size(), list.size());
    EXPECT_TRUE(listed == followed)
        << listed.size() << " listed, " << followed.size() << " in the feed";
  }

  TemporaryFolder folder_;
  std::unique_ptr<System> system_;
  std::unique_ptr<Process> import_;
  std::string out_;
  int attempt_ = 0;
  int kills_during_import_ = 0;
  std::set<std::string> acknowledged_;
};

TEST_P(Kill, EveryAcknowledgedResponseIsThereOnce) {
  struct Step {
    std::string victim;
    std::size_t after;
  };
  // Responses that share a commit are 32, so each step lies in another one.
  const std::vector<Step> embedded{{"uncac-suite", 0},   {"uncac-suite", 1},
                                   {"uncac-suite", 97},  {"uncac-suite", 260},
                                   {"uncac-suite", 420}, {"uncac-suite", 600}};
  // With one replica each, intake and matrix are the owners of the relays of their outboxes.
  const std::vector<Step> distributed{{"uncac-gateway", 0},       {"uncac-checklist-intake", 1},
                                      {"uncac-needs-matrix", 65}, {"kafka", 97},
                                      {"postgres", 161},          {"redis", 225},
                                      {"uncac-gateway", 257}};
  const bool is_embedded = GetParam() == "embedded";
  const std::size_t states = is_embedded ? 197 : 80;
  const std::string file = system_->file("exercise.csv", exercise_csv(*system_, states));
  for (const Step& step : is_embedded ? embedded : distributed) {
    import_and_kill(file, step.victim, step.after);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(kills_during_import_, 5) << "the import was faster than the kills";
  expect_whole(file, 4 * states);
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

INSTANTIATE_TEST_SUITE_P(, Kill, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing
