// The way between two programs is slow, breaks, or is gone.
#include "faults/fault.h"

namespace uncac::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Way {
  const char* name;
  const char* gates;    // words in the names of the gates
  bool filing, asking;  // go on while it is gone
};

constexpr seconds kLasts{8};
// When nothing goes on without the way: the time it is gone, and an attempt and a connection after.
constexpr seconds kGone = kLasts + seconds(6);
constexpr seconds kSlow{4};

void for_all(Scene& scene, const std::string& words, void (Gate::*act)()) {
  for (Gate* gate : scene.gates().on(words)) (gate->*act)();
}

std::vector<Fault> of_way(const Way& way) {
  const std::string name = way.name, words = way.gates;
  const auto for_a_while = [words](void (Gate::*act)()) {
    return [words, act](Scene& scene) {
      for_all(scene, words, act);
      let_pass(kLasts);
      for_all(scene, words, &Gate::open);
    };
  };
  const auto pause = [&](bool goes_on) { return goes_on ? kSlow : kGone; };
  return {
      {"slow_" + name, "every byte 150 ms late, for 8 s", "two sites far from each other",
       "everything goes on, slower", House::kGated, false,
       [words](Scene& scene) {
         for (Gate* gate : scene.gates().on(words)) gate->delay(milliseconds(150));
         let_pass(kLasts);
         for_all(scene, words, &Gate::open);
       },
       kSlow, kSlow},
      {"lossy_" + name, "one piece in ten arrives 200 to 800 ms late, for 8 s",
       "a bad line, a network that is overloaded", "everything goes on, slower", House::kGated,
       false, for_a_while(&Gate::lose_packets), kSlow, kSlow},
      {"broken_" + name, "all connections reset, again and again for 8 s",
       "a faulty switch, a firewall that forgets", "tried again until it is done, once",
       House::kGated, false,
       [words](Scene& scene) {
         for (int i = 0; i < 16; ++i) {
           for_all(scene, words, &Gate::break_connections);
           let_pass(milliseconds(500));
         }
       },
       kSlow, kSlow},
      {"cut_" + name, "connections refused for 8 s", "a network that is taken apart",
       "what does not need the way goes on, the rest when it is back", House::kGated, false,
       for_a_while(&Gate::cut), pause(way.filing), pause(way.asking)},
      {"silent_" + name, "nothing arrives for 8 s, connections stay", "a cable that is out",
       "as when it is cut, though nobody says so", House::kGated, false, for_a_while(&Gate::hold),
       pause(way.filing), pause(way.asking)},
  };
}

}  // namespace

std::vector<Fault> network_faults() {
  std::vector<Fault> faults;
  for (const Way& way :
       std::vector<Way>{{"way_to_intake", "uncac-gateway>uncac-checklist-intake", false, true},
                        {"way_to_matrix", "uncac-gateway>uncac-needs-matrix", true, false},
                        {"way_between", "uncac-needs-matrix>uncac-checklist-intake", true, true},
                        {"way_to_kafka", "kafka", true, true},
                        {"way_to_postgres", ">postgres", false, true},
                        {"way_to_redis", ">redis", true, true}}) {
    for (Fault& fault : of_way(way)) faults.push_back(std::move(fault));
  }
  faults.push_back({"unheard_answers", "replies are swallowed on their way for 8 s",
                    "executed, but the caller saw a time-out",
                    "the same key again gives the same answer, and one effect", House::kGated, true,
                    [](Scene& scene) {
                      for_all(scene, "uncac-gateway>", &Gate::swallow_replies);
                      let_pass(kLasts);
                      for_all(scene, "uncac-gateway>", &Gate::open);
                    },
                    kGone, kGone});
  faults.push_back(
      {"late_rows",
       "PostgreSQL's answers arrive 11 s late at one replica, then at "
       "the other",
       "a router that holds back packets",
       "a relay whose lease ended while it read publishes nothing of that", House::kGated, false,
       [](Scene& scene) {
         for (const char* way :
              {"uncac-checklist-intake>postgres", "uncac-checklist-intake-2>postgres"}) {
           for_all(scene, way, &Gate::hold_replies);
           let_pass(seconds(11));
           for_all(scene, way, &Gate::open);
           let_pass(seconds(3));
         }
       },
       kGone, kSlow});
  return faults;
}

}  // namespace uncac::testing
