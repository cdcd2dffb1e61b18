#include "needs_matrix/domain/need_history.h"

#include <set>
#include <tuple>

namespace uncac::needs_matrix {
namespace {

// The days on which anything of the State's answers may change.
std::set<Day> days_of_change(const StateResponses& responses, Day today) {
  std::set<Day> days;
  for (const auto& version : responses.versions) {
    days.insert(version->submitted_on);
    if (version->status == ResponseStatus::kWithdrawn) days.insert(version->withdrawn_on);
  }
  days.erase(days.upper_bound(today), days.end());
  return days;
}

NeedStep step_of(const StateStanding& standing, ItemIndex item, TypeIndex type, Day day) {
  NeedStep step;
  step.day = day;
  if (standing.sources.empty() || !standing.answered.test(item)) return step;
  const Version& version = *standing.sources[standing.source[item]];
  step.source = version.key;
  step.exercise = version.exercise;
  step.stated = ((standing.needs[item] >> type) & 1) != 0;
  if (step.stated) step.state_priority = priority_in(standing.priorities[item], type);
  return step;
}

// What makes a difference between two days.
auto told(const NeedStep& step) {
  return std::tuple(step.stated, step.state_priority,
                    step.stated ? step.source->checklist : ChecklistIndex{0},
                    step.stated ? step.source->round : std::uint16_t{0});
}

}  // namespace

std::vector<NeedStep> need_history(const Snapshot& snapshot, const NeedKey& need, Day today) {
  const Items& items = *snapshot.items;
  const StateResponses& responses = *snapshot.responses[need.state];
  const ItemIndex item = items.item_of(need.provision);
  std::vector<NeedStep> steps;
  NeedStep before;
  for (const Day day : days_of_change(responses, today)) {
    const NeedStep step = step_of(stand(items, responses, day, std::nullopt), item, need.type, day);
    if (told(step) == told(before)) continue;
    steps.push_back(step);
    before = step;
  }
  return steps;
}

}  // namespace uncac::needs_matrix
