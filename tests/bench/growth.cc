// `bench_queries growth`: the same questions at 1 ×, at 10 × States and at 10 × versions of each
// response, in turn. One line of JSON: the times of each world by question, in microseconds.

#include <algorithm>
#include <iostream>
#include <string_view>

#include "bench/commands.h"
#include "bench/questions.h"
#include "bench/stopwatch.h"

namespace uncac::bench {
namespace {

using namespace needs_matrix;

constexpr int kRounds = 21;
// Of each measurement the quickest of so many: one that another process of the machine cut into
// says nothing about growth, and falls on the longer work more often than on the shorter.
constexpr int kTries = 3;

struct Contender {
  Contender(std::string_view its_name, const WorldSize& size)
      : name(its_name), world(make_world(size)) {}
  const std::string_view name;
  const ExerciseWorld world;
  StandingTables tables;
};

AskedAs one_state() {
  return {{"article", "", "", {{"state", {"KEN"}}}, ""},
          access::Scope::of({access::Role::kFocalPoint, "", "KEN", ""})};
}
AskedAs all_states() { return {{"regional_group", "article", "", {}, ""}, provider_ex1()}; }

template <class Work>
double quickest(Work&& work) {
  double best = microseconds(work);
  for (int i = 1; i < kTries; ++i) best = std::min(best, microseconds(work));
  return best;
}

// Several together, since one alone is short for a clock.
double warm(Contender& contender, const AskedAs& asked, int together) {
  return quickest([&] {
           for (int i = 0; i < together; ++i) {
             keep(compute(contender.world, asked, contender.tables));
           }
         }) /
         together;
}

double cold(Contender& contender, const AskedAs& asked) {
  return quickest([&] {
    StandingTables none;
    keep(compute(contender.world, asked, none));
  });
}

}  // namespace

int growth() {
  Contender once("once", {}), states("states", {.copies = 10}),
      history("history", {.versions = 10});
  nlohmann::json times;
  for (int round = -1; round < kRounds; ++round) {
    for (Contender* one : {&once, &states, &history}) {
      Contender& contender = *one;
      const nlohmann::json here = {{"one_state", warm(contender, one_state(), 20)},
                                   {"one_state_cold", cold(contender, one_state())},
                                   {"all_states", warm(contender, all_states(), 5)},
                                   {"all_states_cold", cold(contender, all_states())}};
      if (round < 0) continue;  // the first fills the tables
      for (const auto& [question, time] : here.items()) {
        times[std::string(contender.name)][question].push_back(time);
      }
    }
  }
  std::cout << times << std::endl;
  return 0;
}

}  // namespace uncac::bench
