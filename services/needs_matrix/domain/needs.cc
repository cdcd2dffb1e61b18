#include "needs_matrix/domain/needs.h"

#include <algorithm>

#include "needs_matrix/domain/cells.h"

namespace uncac::needs_matrix {

namespace {

Need make_need(const Snapshot& snapshot, const StateStanding& standing, const NeedKey& key,
               ItemIndex item, bool names) {
  const Version& version = *standing.sources[standing.source[item]];
  Need need;
  need.key = key;
  need.state_priority = priority_in(standing.priorities[item], key.type);
  need.text = version.text(key.provision, key.type);
  if (const auto* decision = snapshot.sharing[key.state]->decision(item)) {
    need.audience = decision->audience;
    if (names) need.named = decision->named;
  }
  need.stated_on = version.submitted_on;
  need.source = version.key;
  need.exercise = version.exercise;
  return need;
}

// Calls visit(NeedKey, ItemIndex) in order for needs of `types` in `cells`; stops when it says
// false.
template <class Visit>
bool each_need(const Items& items, StateIndex state, const StateStanding& standing,
               const ItemSet& cells, std::uint32_t types, Visit&& visit) {
  bool go_on = true;
  cells.for_each([&](ItemIndex item) {
    for (std::uint32_t left = standing.needs[item] & types; go_on && left != 0; left &= left - 1) {
      const auto type = static_cast<TypeIndex>(std::countr_zero(left));
      go_on = visit(NeedKey{state, items.provision(item), type}, item);
    }
  });
  return go_on;
}

}  // namespace

std::string format_need_key(const reference::Reference& reference, const NeedKey& key) {
  return reference.states()[key.state].iso3 + ':' + reference.provisions()[key.provision].id + ':' +
         reference.types()[key.type].code;
}

platform::Result<NeedKey> parse_need_key(const Items& items, std::string_view text) {
  const auto& reference = items.reference();
  const auto first = text.find(':');
  const auto second = first == text.npos ? text.npos : text.find(':', first + 1);
  if (second != text.npos) {
    const auto state = reference.state(text.substr(0, first));
    const auto provision = reference.provision(text.substr(first + 1, second - first - 1));
    const auto type = reference.type(text.substr(second + 1));
    if (state && provision && type && items.item_of(*provision) != kNoItem &&
        (items.need_types() >> *type & 1) != 0) {
      return NeedKey{*state, *provision, *type};
    }
  }
  return platform::make_error(
      platform::Reason::kInvalidInput,
      '"' + std::string(text) + "\" is no key of a need like KEN:uncac/44.4:LEGAL_ADVICE");
}

NeedsPage list_needs(const NeedsQuestion& question, const access::Scope& scope,
                     const Snapshot& snapshot, StandingTables& tables,
                     const std::optional<NeedKey>& after, std::size_t limit) {
  limit = std::max<std::size_t>(limit, 1);
  const Items& items = *snapshot.items;
  const auto& states = items.reference().states();
  const auto& selection = question.selection;
  const auto coordinate = CellCoordinate::of(selection);
  const auto table = tables.at(snapshot, question.as_of, selection.rounds);
  NeedsPage page;
  bool go_on = true;
  const auto order = items.reference().states_in_order(question.language);
  auto at = after ? std::find(order.begin(), order.end(), after->state) : order.begin();
  for (; go_on && at != order.end(); ++at) {
    const StateIndex state = *at;
    if (!selection.states[state]) continue;
    const StateStanding& standing = *table->states[state];
    const ItemSet visible = visible_items(snapshot, state, scope) & selection.items;
    const bool names = scope.sees_names(states[state].iso3);
    go_on = each_need(items, state, standing, coordinate.stating(standing, items.all(), visible),
                      coordinate.need_types(), [&](const NeedKey& key, ItemIndex item) {
                        if (after && state == after->state && key <= *after) return true;
                        if (page.needs.size() == limit) {
                          page.next = page.needs.back().key;
                          return false;
                        }
                        page.needs.push_back(make_need(snapshot, standing, key, item, names));
                        page.exercise = page.exercise || page.needs.back().exercise;
                        return true;
                      });
  }
  return page;
}

std::vector<Need> standing_needs(const Snapshot& snapshot, StandingTables& tables, StateIndex state,
                                 Day today) {
  const Items& items = *snapshot.items;
  const auto table = tables.at(snapshot, today, Rounds{});
  const StateStanding& standing = *table->states[state];
  std::vector<Need> needs;
  each_need(items, state, standing, standing.stated, ~0U, [&](const NeedKey& key, ItemIndex item) {
    needs.push_back(make_need(snapshot, standing, key, item, true));
    return true;
  });
  return needs;
}

}  // namespace uncac::needs_matrix
