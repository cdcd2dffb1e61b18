// Events and those who carry them: relays, consumers, followers, and the ordered end of a process.
#include <signal.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "faults/checks.h"
#include "faults/fault.h"
#include "faults/topics.h"
#include "integration/stores.h"
#include "needs_matrix/position_token.h"

namespace uncac::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kChecklist = "uncac.checklist.v1";
constexpr const char* kRestricted = "uncac.needs.restricted.v1";

// ---- poison ---------------------------------------------------------------------------------

nlohmann::json dead_letters(Scene& scene) {
  const Ended ended = scene.system().uncac("operator", {"--format", "json", "dlq", "list"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  return nlohmann::json::parse(ended.out, nullptr, false);
}

// One record that is no event at all, one that looks like an event and cannot be read, and three
// that a store or the way to the dead letters would refuse as they are.
void poison(Scene& scene) {
  produce(scene.system(), kChecklist, "poison/" + std::string(3'000, '3'), "no event", {});
  produce(scene.system(), kChecklist, "poison/4", "no event", {{"", "a header without a name"}});
  produce(scene.system(), kChecklist, "poison/5", std::string(850'000, '5'),
          {{"long", std::string(100'000, 'h')}});
  produce(scene.system(), kChecklist, "poison/1", "neither this nor that", {});
  produce(scene.system(), kChecklist, "poison/2", "no message of ours",
          {{"ce_specversion", "1.0"},
           {"ce_id", "poison/2@1.1"},
           {"ce_type", "uncac.checklist.v1.ResponseVersion"},
           {"ce_source", "/uncac/checklist_intake"},
           {"ce_subject", "KEN"},
           {"ce_time", "2009-11-30T09:05:00Z"},
           {"content-type", "application/protobuf"},
           {"revision", "1.1"}});
  nlohmann::json letters;
  EXPECT_TRUE(eventually(
      [&] {
        letters = dead_letters(scene);
        return letters.size() == 5;
      },
      seconds(60)))
      << letters.dump();
  for (const auto& letter : letters) {
    const std::string name = letter.value("service", "") + "/" + letter.value("id", "");
    const auto tries = letter.value("tries", "0");
    const Ended resent =
        scene.system().uncac("operator", {"dlq", "resend", name, "--reason", "exercise"});
    EXPECT_EQ(resent.code, 0) << resent.err;
    // It is no better than before: tried once more, and laid aside again.
    EXPECT_TRUE(eventually(
        [&] {
          for (const auto& now : dead_letters(scene)) {
            if (now.value("id", "") != letter.value("id", "")) continue;
            return now.value("state", "") == "STATE_WAITING" && now.value("tries", "0") != tries;
          }
          return false;
        },
        seconds(60)))
        << name << " was not tried again";
  }
}

// ---- consumers and relays -------------------------------------------------------------------

// A member of the group comes and goes while there are batches to be handled.
void rebalance(Scene& scene) {
  Service& member = scene.system().service("uncac-needs-matrix-2");
  Filer& importer = *scene.world().importer;
  std::atomic<bool> done = false;
  Strings wrong;
  std::jthread importing([&] {
    Asked asked(scene.system(), scene.system().channel());
    while (!done) {
      Act act = importer.acts.next_import(importer.records);
      const grpc::Status status = perform(asked, act, wrong);
      if (!status.ok()) wrong.push_back(status.error_message());
      if (!status.ok() || !wrong.empty()) return;
      for (const auto& [state, record] : act.after) importer.records[state] = record;
    }
  });
  for (const bool in_order : {true, false, true, false}) {
    if (in_order) {
      EXPECT_EQ(member.stop(), 0) << member.log();
    } else {
      member.kill9();
    }
    let_pass(seconds(1));
    member.launch();
    member.wait_ready();
    let_pass(seconds(2));
  }
  done = true;
  importing.join();
  EXPECT_EQ(wrong, Strings());
}

std::string relay_holder(Scene& scene) {
  const auto rows =
      stored(scene.system(), "checklist_intake", "SELECT holder FROM lease WHERE name = 'relay'");
  return rows.empty() ? "" : rows[0];
}

// The holder hangs until another relays, and comes back in the middle of what it did.
void two_relays(Scene& scene) {
  int taken = 0;
  for (const char* name : {"uncac-checklist-intake", "uncac-checklist-intake-2"}) {
    const std::string before = relay_holder(scene);
    const pid_t pid = scene.system().service(name).pid();
    kill(pid, SIGSTOP);
    const bool changed = eventually([&] { return relay_holder(scene) != before; }, seconds(14));
    taken += changed ? 1 : 0;
    // Long enough that both had rows to send.
    if (changed) let_pass(seconds(1));
    kill(pid, SIGCONT);
    let_pass(seconds(2));
  }
  EXPECT_GE(taken, 1) << "no relay took over";
}

// ---- away too long --------------------------------------------------------------------------

// The position as a subscriber has it who got it so many days ago.
std::string aged(Scene& scene, const std::string& position, std::chrono::days by) {
  platform::SystemIds ids;
  const auto store =
      must(platform::open_postgres({scene.system().postgres().conninfo("needs-matrix"), ""}));
  const auto sealer = must(platform::Sealer::create(
      must(platform::store_secret(*store, ids, "positions", platform::Sealer::kKeyBytes)), ids));
  needs_matrix::PositionToken token = must(needs_matrix::decode_position_token(sealer, position));
  token.issued -= by;
  return needs_matrix::encode(sealer, token);
}

std::size_t tombstones(Scene& scene) {
  std::size_t count = 0;
  for (const TopicRecord& record : read_topics(scene.system(), {kRestricted})[kRestricted]) {
    if (!record.value) ++count;
  }
  return count;
}

// A follower stays away until the tombstones of what it missed are gone from the topic.
void away_too_long(Scene& scene) {
  Follower away(scene.system(), "secretariat");
  scene.end_load();
  EXPECT_TRUE(away.go_on(true).ok());
  const auto held = away.copy();
  set_topic(scene.system(), kRestricted,
            {{"cleanup.policy", "compact"},
             {"segment.ms", "500"},
             {"min.cleanable.dirty.ratio", "0.001"},
             {"max.compaction.lag.ms", "1000"},
             {"delete.retention.ms", "1"}});
  scene.begin_load();
  // Every round gives new tombstones; they are gone when there are fewer than there were.
  std::size_t most = 0;
  EXPECT_TRUE(eventually(
      [&] {
        const std::size_t now = tombstones(scene);
        if (now < most) return true;
        most = now;
        return false;
      },
      seconds(120)))
      << "Kafka kept " << most << " tombstones";
  scene.end_load();
  away.place(aged(scene, away.position(), std::chrono::days(30)));
  const auto right = scene.world().needs("RESTRICTED");
  // The last acts may still be on their way to the feed; what it held too much it must drop anyway.
  grpc::Status status;
  eventually(
      [&] {
        status = away.go_on(true);
        return status.ok() && away.copy() == right;
      },
      seconds(30));
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(away.restarts(), 1);
  EXPECT_EQ(away.copy(), right);
  EXPECT_NE(away.copy(), held) << "nothing changed while it was away";
  scene.begin_load();
}

// ---- the end of a process -------------------------------------------------------------------

Fault of_shutdown(const std::string& service, seconds pause) {
  return {"shutdown_" + service.substr(sizeof("uncac-") - 1), "SIGTERM, then started again",
          "an update, a node that is emptied",
          "it leaves with code 0 within its limits; nobody who asks the other replica waits",
          House::kPlain, service == "uncac-checklist-intake" || service == "uncac-needs-matrix-2",
          [service](Scene& scene) {
            Service& leaving = scene.system().service(service);
            EXPECT_EQ(leaving.stop(seconds(60)), 0) << leaving.log();
            leaving.launch();
            leaving.wait_ready();
          },
          pause, pause,
          // There is one gateway, and nobody to ask meanwhile.
          service == "uncac-gateway" ? kAnyNumber : 0};
}

// Nothing of what a process waits for comes to an end by itself.
void leave_silent_postgres(Scene& scene) {
  const Strings leaving{"uncac-checklist-intake-2", "uncac-needs-matrix-2"};
  scene.system().postgres().pause();
  let_pass(seconds(2));
  std::vector<std::future<int>> codes;
  for (const std::string& name : leaving) {
    Service& service = scene.system().service(name);
    codes.push_back(
        std::async(std::launch::async, [&service] { return service.stop(seconds(100)); }));
  }
  for (std::size_t i = 0; i < leaving.size(); ++i) {
    EXPECT_EQ(codes[i].get(), 0) << scene.system().service(leaving[i]).log();
  }
  scene.system().postgres().resume();
  for (const std::string& name : leaving) scene.system().service(name).launch();
  for (const std::string& name : leaving) scene.system().service(name).wait_ready();
}

}  // namespace

std::vector<Fault> event_faults() {
  std::vector<Fault> faults{
      {"poison_event",
       "records that nobody can handle",
       "a faulty program with access",
       "dead letters, listed and tried again on demand; everything else goes on",
       House::kOwn,
       false,
       poison,
       seconds(3),
       seconds(3),
       kAnyNumber,
       {"poison/", "sha256:"}},
      {"rebalance", "a member leaves and joins, in order and killed, during imports",
       "scaling, updates", "no batch is lost or counted twice", House::kPlain, false, rebalance,
       seconds(5), seconds(5)},
      {"two_relays", "the holder of the lease hangs until another has it, then goes on",
       "a frozen virtual machine", "the order of each key holds, no row is lost", House::kPlain,
       false, two_relays, seconds(8), seconds(8)},
      {"away_too_long", "a follower's position is older than tombstones live",
       "a partner's system switched off for a month", "it is told to start over, and is right then",
       House::kOwn, false, away_too_long, seconds(60), seconds(60)},
  };
  faults.push_back({"shutdown_silent_postgres",
                    "SIGTERM of two replicas while PostgreSQL is stopped", "a bad night",
                    "both leave with code 0 within their limits", House::kPlain, false,
                    leave_silent_postgres, seconds(100), seconds(100)});
  for (const auto& [service, pause] :
       std::vector<std::pair<std::string, seconds>>{{"uncac-checklist-intake", seconds(2)},
                                                    {"uncac-checklist-intake-2", seconds(2)},
                                                    {"uncac-needs-matrix", seconds(2)},
                                                    {"uncac-needs-matrix-2", seconds(2)},
                                                    {"uncac-gateway", seconds(15)}}) {
    Fault fault = of_shutdown(service, pause);
    std::replace(fault.name.begin(), fault.name.end(), '-', '_');
    faults.push_back(std::move(fault));
  }
  return faults;
}

}  // namespace uncac::testing
