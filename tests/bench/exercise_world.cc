#include "bench/exercise_world.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>

#include "checklist_intake/domain/checklist_csv.h"
#include "cli/exercise.h"

namespace uncac::bench {

namespace {

[[noreturn]] void give_up(const std::string& reason) {
  std::fprintf(stderr, "bench_queries: %s\n", reason.c_str());
  std::exit(1);
}

template <class T>
T must(platform::Result<T> result) {
  if (!result) give_up(platform::to_text(result.error()));
  return *std::move(result);
}

}  // namespace

// Reference takes no States from anybody, and its loader refuses any number but 197: both as it
// should be. An explicit instantiation may name private members, and so this one program reaches
// the two lists that must grow, without a door for it in the service.
template <class List, auto kMember>
struct Reach {
  friend List& reach(reference::Reference& in, List* /*which*/) { return in.*kMember; }
};
using StateList = std::vector<reference::State>;
using StateOrders = std::array<std::vector<reference::StateIndex>, reference::kLanguageCount>;
StateList& reach(reference::Reference& in, StateList* which);
StateOrders& reach(reference::Reference& in, StateOrders* which);
template struct Reach<StateList, &reference::Reference::states_>;
template struct Reach<StateOrders, &reference::Reference::states_in_order_>;

namespace {

using checklist_intake::CheckedResponse;
using needs_matrix::Fold;
using needs_matrix::StateIndex;
using reference::Reference;

std::shared_ptr<const Reference> enlarged(const Reference& original, int copies) {
  auto larger = std::make_shared<Reference>(original);
  StateList& states = reach(*larger, static_cast<StateList*>(nullptr));
  StateOrders& orders = reach(*larger, static_cast<StateOrders*>(nullptr));
  const std::size_t real = states.size();
  for (int copy = 1; copy < copies; ++copy) {
    for (std::size_t s = 0; s < real; ++s) {
      reference::State state = states[s];
      state.iso3 += '+' + std::to_string(copy);  // no reader may be taken for another State's
      states.push_back(std::move(state));
    }
    for (auto& order : orders) {
      for (std::size_t s = 0; s < real; ++s) {
        order.push_back(static_cast<StateIndex>(order[s] + static_cast<std::size_t>(copy) * real));
      }
    }
  }
  return larger;
}

needs_matrix::Answer to_fact(const checklist_intake::Answer& from) {
  needs_matrix::Answer to;
  to.provision = from.provision;
  to.compliance = static_cast<needs_matrix::Compliance>(from.compliance);
  for (const auto& needed : from.needed) {
    to.need(needed.type, static_cast<needs_matrix::Priority>(needed.priority));
  }
  for (const auto challenge : from.challenges) {
    to.challenges |= static_cast<std::uint16_t>(1U << challenge);
  }
  return to;
}

void file(const CheckedResponse& filed, StateIndex state, int version, Fold& fold) {
  needs_matrix::VersionFact fact;
  fact.revision = {1, version};
  fact.version.key = {state, filed.response.key.checklist,
                      static_cast<std::uint16_t>(filed.response.key.round),
                      static_cast<std::uint16_t>(version)};
  fact.version.submitted_on = *filed.response.submitted_on + std::chrono::days(version - 1);
  fact.version.exercise = true;
  for (const auto& answer : filed.response.answers) {
    fact.version.answers.push_back(to_fact(answer));
  }
  must(fold.apply(std::move(fact)));
}

void share(const CheckedResponse& filed, StateIndex state, std::int64_t& counter, Fold& fold) {
  for (const auto& answer : filed.response.answers) {
    const auto* choice = filed.sharing.of(answer.provision);
    if (choice == nullptr) continue;
    needs_matrix::SharingFact fact;
    fact.key = {state, answer.provision};
    fact.audience = choice->audience;
    fact.named = choice->named;
    fact.sequence = ++counter;
    fact.revision = {1, counter};
    must(fold.apply(std::move(fact)));
  }
}

}  // namespace

ExerciseWorld make_world(const WorldSize& size) {
  const std::shared_ptr<const Reference> real = must(Reference::load());
  ExerciseWorld world;
  world.items = must(needs_matrix::Items::create(enlarged(*real, size.copies)));
  world.today = platform::day_of(platform::SystemClock().now());
  Fold fold(world.items);
  std::int64_t decisions = 0;
  for (int copy = 0; copy < size.copies; ++copy) {
    for (int version = 1; version <= size.versions; ++version) {
      const std::uint64_t seed =
          kSeed + static_cast<std::uint64_t>(copy) * 1000 + static_cast<std::uint64_t>(version) - 1;
      checklist_intake::ChecklistCsvParser parser(*real, "exercise.csv", world.today);
      parser.push(cli::exercise_responses_csv(*real, seed));
      const checklist_intake::ParsedFile file_read = parser.finish();
      if (!file_read.good) give_up("the exercise data breaks a rule of intake");
      for (const auto& response : file_read.responses) {
        const auto state = static_cast<StateIndex>(
            response.key.state + static_cast<std::size_t>(copy) * real->states().size());
        file(*response.checked, state, version, fold);
        // One draw of audiences for all versions: the decision recorded last holds for them all.
        if (version == 1) share(*response.checked, state, decisions, fold);
      }
    }
  }
  world.snapshot = fold.snapshot();
  return world;
}

}  // namespace uncac::bench
