// How sharing decisions come into the store: the step that filing, sharing and expiry share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

// By the provision's id, as the store has them.
using ChoicesById = std::vector<std::pair<std::string, SharingChoice>>;
ChoicesById by_id(const Reference& reference, const SharingChoices& choices);  // in treaty order

// `choices` as the State's newest decisions: each gets the next number in the State's order and the
// next revision of its key, in `epoch`; none leaves anything suspended. `held` is all that the
// State had decided before, read under its lock. In the order given.
std::vector<StoredDecision> next_decisions(const IntakeParts& parts,
                                           const std::vector<StoredDecision>& held,
                                           const ChoicesById& choices, std::int64_t epoch);
// The same, written.
platform::Result<std::vector<StoredDecision>> record_decisions(
    platform::Transaction& transaction, const IntakeParts& parts, const std::string& state,
    const std::vector<StoredDecision>& held, const ChoicesById& choices, std::int64_t epoch);

// One event for each, in the order given.
std::vector<platform::Event> sharing_events(const IntakeParts& parts, const std::string& state,
                                            const std::vector<StoredDecision>& decisions,
                                            const std::string& traceparent);

// The payload of an audit row about these decisions.
std::string audit_payload(const std::string& state, const std::vector<StoredDecision>& decisions);

// The provision of each, in the order given; kInternal for one that is in no treaty.
platform::Result<std::vector<ProvisionIndex>> provisions_of(
    const Reference& reference, const std::vector<StoredDecision>& decisions);

}  // namespace uncac::checklist_intake
