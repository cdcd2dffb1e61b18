#include "needs_matrix/domain/standing.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace uncac::needs_matrix {

namespace {

// "Few" States are at most one in so many: with more, a table that the next question finds is worth
// the rest.
constexpr std::size_t kFew = 8;

}  // namespace

std::vector<std::shared_ptr<const Version>> standing_responses(const Items& items,
                                                               const StateResponses& responses,
                                                               Day day, const Rounds& rounds) {
  std::vector<std::shared_ptr<const Version>> standing;
  const auto& versions = responses.versions;
  for (std::size_t first = 0; first < versions.size();) {
    const auto& key = versions[first]->key;
    std::size_t end = first;
    const Version* newest = nullptr;
    std::size_t newest_at = 0;
    bool void_later = false;
    for (; end < versions.size() && versions[end]->key.checklist == key.checklist &&
           versions[end]->key.round == key.round;
         ++end) {
      const auto& version = *versions[end];
      // "A withdrawal removes the response from its own day on; a void from all days": read as the
      // response, so the void of version n takes the versions before n with it, on every day, and
      // neither a void nor a withdrawal lets an older version stand again. "Filing again after it
      // is the next version", which stands.
      if (version.status == ResponseStatus::kVoid) void_later = true;
      if (version.submitted_on > day) continue;
      newest = &version;
      newest_at = end;
      void_later = version.status == ResponseStatus::kVoid;
    }
    first = end;
    if (newest == nullptr || void_later) continue;
    if (newest->status == ResponseStatus::kWithdrawn && newest->withdrawn_on <= day) continue;
    if (rounds && !std::binary_search(rounds->begin(), rounds->end(), newest->key.round)) continue;
    standing.push_back(versions[newest_at]);
  }
  std::sort(standing.begin(), standing.end(), [&](const auto& a, const auto& b) {
    return std::tuple(a->submitted_on, a->key.round, items.checklist_rank(a->key.checklist)) <
           std::tuple(b->submitted_on, b->key.round, items.checklist_rank(b->key.checklist));
  });
  return standing;
}

StateStanding stand(const Items& items, const StateResponses& responses, Day day,
                    const Rounds& rounds) {
  StateStanding out;
  const auto& reference = items.reference();
  out.needed.resize(reference.types().size());
  out.challenged.resize(reference.challenges().size());
  out.sources = standing_responses(items, responses, day, rounds);
  if (out.sources.empty()) return out;

  const std::size_t size = items.size();
  std::vector<const Answer*> standing(size, nullptr);
  out.needs.resize(size);
  out.priorities.resize(size);
  out.challenges.resize(size);
  out.source.resize(size);
  ItemSet asked;
  for (std::size_t r = 0; r < out.sources.size(); ++r) {
    const auto& response = *out.sources[r];
    asked |= items.asked_by(response.key.checklist);
    // "An answer for a whole article stands until a later response answers a paragraph of it."
    // Later in the same order as the answers themselves; an article and a paragraph answered in one
    // response stand side by side.
    for (const auto& answer : response.answers) {
      const ItemIndex article = items.article_item(items.item_of(answer.provision));
      if (answer.answered() && article != kNoItem) standing[article] = nullptr;
    }
    for (const auto& answer : response.answers) {
      if (!answer.answered()) continue;  // "NOT_ANSWERED removes nothing"
      const ItemIndex item = items.item_of(answer.provision);
      standing[item] = &answer;
      out.source[item] = static_cast<std::uint16_t>(r);
    }
  }
  out.not_asked = items.all().minus(asked);
  for (ItemIndex item = 0; item < size; ++item) {
    if (standing[item] == nullptr) continue;
    const auto& answer = *standing[item];
    out.answered.set(item);
    if (out.sources[out.source[item]]->exercise) out.exercise.set(item);
    out.compliance[static_cast<std::size_t>(answer.compliance)].set(item);
    // "NO_ASSISTANCE_REQUIRED and an empty type both give none stated."
    const std::uint32_t needs = answer.needed & items.need_types();
    out.needs[item] = needs;
    out.priorities[item] = answer.priorities;
    out.challenges[item] = answer.challenges;
    if (needs != 0) out.stated.set(item);
    for (std::uint32_t left = needs; left != 0; left &= left - 1) {
      out.needed[static_cast<std::size_t>(std::countr_zero(left))].set(item);
    }
    for (unsigned left = answer.challenges; left != 0; left &= left - 1) {
      out.challenged[static_cast<std::size_t>(std::countr_zero(left))].set(item);
    }
  }
  return out;
}

std::shared_ptr<const StandingTable> StandingTables::at_hand(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  found->second.used = ++clock_;
  return found->second.table;
}

StandingColumns StandingTables::of(const Snapshot& snapshot, Day day, const Rounds& rounds,
                                   std::span<const StateIndex> states) {
  StandingColumns out;
  out.columns.reserve(states.size());
  out.table = at_hand({day, rounds});
  const bool current = out.table && std::all_of(states.begin(), states.end(), [&](StateIndex s) {
                         return out.table->built_from[s] == snapshot.responses[s];
                       });
  if (!current && states.size() <= snapshot.responses.size() / kFew) {
    out.table = nullptr;
    out.made.reserve(states.size());  // the pointers must hold
    for (const StateIndex s : states) {
      out.made.push_back(stand(*snapshot.items, *snapshot.responses[s], day, rounds));
      out.columns.push_back(&out.made.back());
    }
    return out;
  }
  if (!current) out.table = at(snapshot, day, rounds);
  for (const StateIndex s : states) out.columns.push_back(out.table->states[s].get());
  return out;
}

std::shared_ptr<const StandingTable> StandingTables::at(const Snapshot& snapshot, Day day,
                                                        const Rounds& rounds) {
  const Key key(day, rounds);
  const auto before = at_hand(key);
  if (before && before->built_from == snapshot.responses) return before;

  auto table = std::make_shared<StandingTable>();
  table->built_from = snapshot.responses;
  table->states.reserve(snapshot.responses.size());
  std::shared_ptr<const StateStanding> nothing;
  for (std::size_t s = 0; s < snapshot.responses.size(); ++s) {
    if (before && before->built_from[s] == snapshot.responses[s]) {
      table->states.push_back(before->states[s]);
    } else if (!snapshot.responses[s]->versions.empty()) {
      table->states.push_back(std::make_shared<const StateStanding>(
          stand(*snapshot.items, *snapshot.responses[s], day, rounds)));
    } else {
      if (!nothing) {
        nothing = std::make_shared<const StateStanding>(stand(*snapshot.items, {}, day, rounds));
      }
      table->states.push_back(nothing);
    }
  }
  const std::lock_guard lock(mutex_);
  entries_[key] = {table, ++clock_};
  if (entries_.size() > bound_) {
    entries_.erase(std::min_element(
        entries_.begin(), entries_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  return table;
}

}  // namespace uncac::needs_matrix
