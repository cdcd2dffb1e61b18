// kill -9 of the suite, fifty times and at any moment, while States file, amend, withdraw and share
// from several sides. What was acknowledged is there afterwards, once; what was not is there wholly
// or not at all; and no audience is wider than its State left it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <thread>

#include "integration/killed_clients.h"
#include "integration/stores.h"
#include "platform/audit.h"

namespace uncac::testing {
namespace {

using checklist::v1::ChecklistIntake;
using needs::v1::NeedsMatrix;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int kKills = 50;
constexpr int kLatestKill = 400;  // milliseconds after the load began
class FiftyKills : public ::testing::Test {
 protected:
  static std::set<std::string> public_needs(const std::string& state, const Record& record) {
    std::map<std::string, common::v1::Audience> needs;
    add_needs(state, record, "PUBLIC", needs);
    return keys_of(needs);
  }
  // The first answer to the public after a restart: nothing that no decision lets it see.
  void expect_nothing_wide(Asked& asked) {
    std::set<std::string> may, must;
    for (const auto& client : clients_) {
      for (const auto& [state, record] : client->records()) {
        const bool touched = client->pending() && client->pending()->after.contains(state);
        const std::set<std::string> before = public_needs(state, record);
        const std::set<std::string> after =
            touched ? public_needs(state, client->pending()->after.at(state)) : before;
        may.insert(before.begin(), before.end());
        may.insert(after.begin(), after.end());
        std::set_intersection(before.begin(), before.end(), after.begin(), after.end(),
                              std::inserter(must, must.end()));
      }
    }
    const std::set<std::string> seen = keys_of(listed(asked, ""));
    for (const std::string& key : seen) EXPECT_TRUE(may.contains(key)) << key << " is wide again";
    for (const std::string& key : must) EXPECT_TRUE(seen.contains(key)) << key << " is missing";
  }
  // After everything is resolved, exactly what the model says.
  void expect_right(Asked& asked) {
    std::map<std::string, common::v1::Audience> all, to_public;
    for (const auto& client : clients_) {
      EXPECT_FALSE(client->pending());
      for (const auto& [state, record] : client->records()) {
        EXPECT_EQ(text_of(on_record(asked, state)), text_of(record)) << state;
        add_needs(state, record, "RESTRICTED", all);
        add_needs(state, record, "PUBLIC", to_public);
      }
    }
    needs::v1::CheckRebuildReply check;
    const grpc::Status status = asked("operator", &NeedsMatrix::Stub::CheckRebuild,
                                      needs::v1::CheckRebuildRequest(), check);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(check.equal()) << check.ShortDebugString();
    for (Follower* follower : {&secretariat_, &public_}) {
      SCOPED_TRACE("reader \"" + follower->reader() + "\"");
      const auto needs = listed(asked, follower->reader());
      EXPECT_EQ(needs, follower->reader().empty() ? to_public : all);
      const grpc::Status followed = follower->go_on(true);
      EXPECT_TRUE(followed.ok()) << followed.error_message();
      for (const auto& [key, audience] : needs) {
        const auto copied = follower->copy().find(key);
        EXPECT_TRUE(copied != follower->copy().end() && copied->second == audience)
            << key << " is listed, and not so in the copy";
      }
      for (const auto& [key, audience] : follower->copy()) {
        EXPECT_TRUE(needs.contains(key)) << key << " is in the copy alone";
      }
    }
  }
  void restart(milliseconds second_kill) {
    Service& suite = system_->service("uncac-suite");
    suite.launch();
    if (second_kill.count() > 0) {  // in the middle of its start
      wait(second_kill);
      suite.kill9();
      ++kills_;
      suite.launch();
    }
    suite.wait_ready();
  }
  static void wait(milliseconds time) {
    const auto until = Clock::now() + time;
    eventually([&] { return Clock::now() >= until; });
  }

  std::unique_ptr<System> system_ = System::embedded();
  Counts counts_;
  std::vector<std::unique_ptr<Client>> clients_;
  Follower secretariat_{*system_, "secretariat"}, public_{*system_, ""};
  int kills_ = 0;
};

TEST_F(FiftyKills, WhatWasAcknowledgedIsThereOnceAndNothingIsHalf) {
  const char* given = std::getenv("UNCAC_KILLS_SEED");
  const std::uint64_t seed = given == nullptr ? 2009 : std::strtoull(given, nullptr, 10);
  std::mt19937_64 random(seed);
  const std::vector<Strings> states{{"KEN", "UGA", "TZA"},
                                    {"BRA", "PER"},
                                    {"FRA", "POL", "JPN"},
                                    {"GHA"},
                                    {"NGA", "BEN", "TGO", "NER", "MLI", "CIV"}};
  for (std::size_t i = 0; i < states.size(); ++i) {
    clients_.push_back(
        std::make_unique<Client>(*system_, states[i], seed + i, i + 1 == states.size(), counts_));
  }
  const auto begin = Clock::now();
  for (int kill = 0; kill < kKills; ++kill) {
    const milliseconds moment(random() % kLatestKill);
    SCOPED_TRACE("kill " + std::to_string(kill) + " after " + std::to_string(moment.count()) +
                 " ms, seed " + std::to_string(seed));
    {
      std::atomic<bool> killed = false;
      std::vector<std::jthread> threads;
      for (const auto& client : clients_) {
        threads.emplace_back([&] { client->run(killed); });
      }
      for (Follower* follower : {&secretariat_, &public_}) {
        threads.emplace_back([follower] { follower->go_on(false); });
      }
      wait(moment);
      killed = true;
      system_->service("uncac-suite").kill9();
      ++kills_;
    }
    for (const auto& client : clients_) EXPECT_EQ(client->take_wrong(), Strings());
    restart(milliseconds(kill % 5 == 4 ? 1 + random() % 200 : 0));
    Asked asked(*system_, own_channel(*system_));
    expect_nothing_wide(asked);
    for (const auto& client : clients_) {
      std::map<std::string, Record> found;
      for (const auto& [state, record] : client->records()) {
        found[state] = on_record(asked, state);
      }
      client->resolve(asked, found);
      EXPECT_EQ(client->take_wrong(), Strings());
    }
    expect_right(asked);
    if (HasFailure()) return;
  }

  // The audit log has each act once, and its chain holds.
  int versions = 0;
  for (const auto& client : clients_) {
    for (const auto& [state, record] : client->records()) versions += record.versions;
  }
  EXPECT_EQ(stored(*system_, "checklist_intake",
                   "SELECT CAST(COUNT(*) AS TEXT) FROM audit WHERE action IN ('response.submit', "
                   "'response.amend')"),
            Strings{std::to_string(versions)});
  system_->expect_no_complaints();
  system_->expect_ordered_end();
  const std::string any = system_->file("any.txt", "");
  const auto store =
      must(platform::open_sqlite(any.substr(0, any.rfind('/')) + "/store/checklist_intake.db"));
  const platform::AuditVerdict verdict = must(platform::verify_audit(*store));
  EXPECT_GE(verdict.rows + verdict.unchained, versions);

  std::printf(
      "%d kills in %.0f s: %d acts acknowledged, of those under way at a kill %d had happened and "
      "%d had not, %d done again; %d versions, %ld changes followed; seed %llu\n",
      kills_, std::chrono::duration<double>(Clock::now() - begin).count(),
      counts_.acknowledged.load(), counts_.happened.load(), counts_.lost.load(),
      counts_.retried.load(), versions, secretariat_.changes() + public_.changes(),
      static_cast<unsigned long long>(seed));
  EXPECT_GE(kills_, kKills);
  EXPECT_GT(counts_.acknowledged.load(), 10 * kKills);
  EXPECT_GT(counts_.happened.load(), 0) << "no kill fell between a commit and its reply";
  EXPECT_GT(counts_.lost.load(), 0) << "no kill fell before a commit";
}

}  // namespace
}  // namespace uncac::testing
