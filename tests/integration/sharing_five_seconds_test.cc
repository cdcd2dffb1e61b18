// Rule 2 in time: what a State narrows or widens, every exit follows within five seconds.
#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "integration/stores.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using needs::v1::NeedsMatrix;
using std::chrono::milliseconds;
using Lines = std::vector<std::string>;

constexpr milliseconds kRule{5'000};

// An open stream of the feed, as a reader follows it: which needs he holds now.
class Follower {
 public:
  Follower(System& system, const std::string& reader, const std::string& state)
      : channel_(system.channel()) {
    if (!reader.empty()) {
      context_.AddMetadata("authorization", "Bearer " + system.token(reader));
    }
    needs::v1::FollowRequest request;
    request.set_from("start");
    needs::v1::Filter& where = *request.add_where();
    where.set_dimension("state");
    where.add_values(state);
    stream_ = NeedsMatrix::NewStub(channel_)->Follow(&context_, request);
    reading_ = std::jthread([this] { read(); });
  }
  ~Follower() { context_.TryCancel(); }

  bool holds(const std::string& need) {
    const std::lock_guard guard(mutex_);
    return held_.contains(need);
  }
  int removals(const std::string& need) {
    const std::lock_guard guard(mutex_);
    return removals_[need];
  }

 private:
  void read() {
    needs::v1::FollowReply change;
    while (stream_->Read(&change)) {
      const std::lock_guard guard(mutex_);
      if (change.kind() == needs::v1::CHANGE_KIND_STATED) held_.insert(change.need());
      if (change.kind() == needs::v1::CHANGE_KIND_REMOVED) {
        held_.erase(change.need());
        ++removals_[change.need()];
      }
      if (change.kind() == needs::v1::CHANGE_KIND_RESTARTED) held_.clear();
    }
    stream_->Finish();
  }

  std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<needs::v1::FollowReply>> stream_;
  std::mutex mutex_;
  std::set<std::string> held_;
  std::map<std::string, int> removals_;
  std::jthread reading_;  // last: it ends before what it uses
};

class FiveSeconds : public BothProfiles {
 protected:
  // One way by which a need reaches somebody.
  struct Exit {
    std::string name;
    std::function<bool()> shows;
  };

  // As the reader asks it every time: from the second time on out of the cache.
  bool matrix_shows(const std::string& reader, const std::string& state) {
    grpc::ClientContext context;
    system().authorize(context, reader);
    needs::v1::QueryMatrixRequest request;
    request.set_rows("provision");
    for (const auto& [dimension, value] : {std::pair<const char*, std::string>{"state", state},
                                           {"provision", "uncac/44"},
                                           {"type", "LEGAL_ADVICE"}}) {
      needs::v1::Filter& where = *request.add_where();
      where.set_dimension(dimension);
      where.add_values(value);
    }
    needs::v1::QueryMatrixReply reply;
    const grpc::Status status = stub_->QueryMatrix(&context, request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return std::any_of(reply.matrix().begin(), reply.matrix().end(), [](const auto& row) {
      return row.header().code() == "uncac/44" && !row.figures(0).withheld() &&
             row.figures(0).value() > 0;
    });
  }
  bool list_shows(const std::string& reader, const std::string& state, const std::string& need) {
    grpc::ClientContext context;
    system().authorize(context, reader);
    needs::v1::ListNeedsRequest request;
    needs::v1::Filter& where = *request.add_where();
    where.set_dimension("state");
    where.add_values(state);
    needs::v1::ListNeedsReply reply;
    const grpc::Status status = stub_->ListNeeds(&context, request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return std::any_of(reply.needs().begin(), reply.needs().end(),
                       [&](const auto& listed) { return listed.need() == need; });
  }

  bool history_shows(const std::string& reader, const std::string& need) {
    grpc::ClientContext context;
    system().authorize(context, reader);
    needs::v1::GetNeedHistoryRequest request;
    request.set_need(need);
    needs::v1::GetNeedHistoryReply reply;
    const grpc::Status status = stub_->GetNeedHistory(&context, request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(reply.withheld(), reply.entries().empty());
    return reply.entries_size() > 0;
  }

  // Types the command, and measures from then on until each exit shows the need, or no longer does.
  void measure(const std::string& what, const Lines& command, const std::string& state,
               const std::vector<Exit>& exits, bool shown) {
    const auto typed = std::chrono::steady_clock::now();
    const auto process = system().uncac_in_background("focal-point-" + state, command,
                                                      system().file("share.out", ""),
                                                      system().file("share.err", ""));
    std::map<std::string, milliseconds> after;
    eventually(
        [&] {
          for (const Exit& exit : exits) {
            if (after.contains(exit.name) || exit.shows() != shown) continue;
            after[exit.name] =
                std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - typed);
          }
          return after.size() == exits.size();
        },
        4 * kRule);
    EXPECT_EQ(process->wait(std::chrono::seconds(30)), 0)
        << read_text(system().file("share.err", ""));
    std::string figures;
    for (const Exit& exit : exits) {
      ASSERT_TRUE(after.contains(exit.name)) << exit.name << " never followed";
      EXPECT_LE(after[exit.name], kRule) << exit.name;
      EXPECT_EQ(exit.shows(), shown) << exit.name << " went back";
      figures += (figures.empty() ? "" : ", ") + exit.name + " " +
                 std::to_string(after[exit.name].count()) + " ms";
    }
    std::printf("[ 5 s rule ] %s, %s: %s\n", GetParam().c_str(), what.c_str(), figures.c_str());
  }

  std::unique_ptr<NeedsMatrix::Stub> stub_ = NeedsMatrix::NewStub(system().channel());
};

TEST_P(FiveSeconds, EveryExitFollowsTheState) {
  const std::string state = "PHL", need = "PHL:uncac/44:LEGAL_ADVICE";
  using Newest = NeedsTopics::Newest;
  const std::string file = system().file(
      "five.csv",
      checklist_csv(
          {{.state = state, .provision = "uncac/44", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
           {.state = state, .provision = "uncac/5", .type = "ACTION_PLAN", .audience = "PUBLIC"}}));
  answer(system(), "focal-point-PHL", {"response", "submit", file});
  NeedsTopics topics(system());
  std::map<std::string, std::unique_ptr<Follower>> followers;
  std::vector<Exit> exits;
  for (const auto& [who, reader] :
       {std::pair<std::string, std::string>{"provider", "provider-EX1"}, {"public", ""}}) {
    followers[who] = std::make_unique<Follower>(system(), reader, state);
    exits.push_back({who + " QueryMatrix", [&, r = reader] { return matrix_shows(r, state); }});
    exits.push_back({who + " ListNeeds", [&, r = reader] { return list_shows(r, state, need); }});
    exits.push_back({who + " GetNeedHistory", [&, r = reader] { return history_shows(r, need); }});
    exits.push_back({who + " Follow", [&, f = followers[who].get()] { return f->holds(need); }});
  }
  for (const std::string audience : {"providers", "public"}) {
    exits.push_back({"topic " + audience,
                     [&, audience] { return topics.newest(audience, need) == Newest::kStated; }});
  }
  for (const Exit& exit : exits) {
    ASSERT_TRUE(eventually([&] { return exit.shows(); })) << exit.name;
  }
  ASSERT_TRUE(matrix_shows("provider-EX1", state)) << "now from the cache";

  const Lines revoke{"share", "revoke", "--state", state, "--provision", "uncac/44"};
  const Lines widen{"share",       "set",      "--state",    state,
                    "--provision", "uncac/44", "--audience", "PUBLIC"};
  measure("revoked", revoke, state, exits, false);
  for (const std::string audience : {"providers", "public"}) {
    EXPECT_EQ(topics.newest(audience, need), Newest::kTombstone) << audience;
    EXPECT_EQ(topics.newest(audience, "PHL:uncac/5:ACTION_PLAN"), Newest::kStated) << audience;
  }
  // Nothing before waited for the reader of this topic.
  EXPECT_TRUE(eventually([&] { return topics.newest("restricted", need) == Newest::kStated; }));
  for (const auto& [who, follower] : followers) EXPECT_EQ(follower->removals(need), 1) << who;

  measure("widened", widen, state, exits, true);
  measure("revoked again", revoke, state, exits, false);

  // Half way: providers see it, the public does not.
  std::vector<Exit> of_providers, of_public;
  for (const Exit& exit : exits) {
    (exit.name.find("provider") != std::string::npos ? of_providers : of_public).push_back(exit);
  }
  measure("for providers",
          {"share", "set", "--state", state, "--provision", "uncac/44", "--audience", "PROVIDERS"},
          state, of_providers, true);
  for (const Exit& exit : of_public) EXPECT_FALSE(exit.shows()) << exit.name;
}

INSTANTIATE_TEST_SUITE_P(, FiveSeconds, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing
