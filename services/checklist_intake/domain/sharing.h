// What a State changes about who may read its answers, apart from filing any: decided here, carried
// out by the action.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "checklist_intake/domain/response.h"
#include "checklist_intake/domain/rules.h"

namespace uncac::checklist_intake {

// What stands for all of the treaty in a list of provisions.
inline constexpr std::string_view kWholeTreaty = "uncac";

// The items of any checklist that the provisions stand for, in treaty order, each once: a provision
// for itself and everything below it, `kWholeTreaty` for all. The order and the repetition of
// `names` say nothing. An empty list, a name that is no provision, and one that no checklist asks
// about or that lies below an item are errors; then nothing is returned.
std::optional<std::vector<ProvisionIndex>> items_named(const Reference& reference,
                                                       std::span<const std::string_view> names,
                                                       ProblemSink& problems);

// The decision last recorded for a State × provision.
struct HeldDecision {
  SharingChoice choice;
  // What held before the store was restored from a backup, until the State says what shall hold.
  std::optional<SharingChoice> suspended;
};

struct SharingChange {
  SharingChoices decisions;  // to record; none of them leaves anything suspended
  SharingChoices holds;      // afterwards, of every item acted on that has a decision
};

// "Share verbs on an article act on it and everything below it, answered or not": `choice` holds
// for all `items` from now on. A choice that holds already is no new decision, unless something is
// suspended: then it is the State's answer to that.
SharingChange set_choice(const std::map<ProvisionIndex, HeldDecision>& held,
                         std::span<const ProvisionIndex> items, const SharingChoice& choice,
                         Day today);

// What is suspended holds again, as it holds today: where its end has passed, RESTRICTED. Items
// with nothing suspended are left as they are.
SharingChange reinstate(const std::map<ProvisionIndex, HeldDecision>& held,
                        std::span<const ProvisionIndex> items, Day today);

}  // namespace uncac::checklist_intake
