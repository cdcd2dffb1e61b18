#include "checklist_intake/actions/record_decisions.h"

#include <algorithm>
#include <map>

namespace uncac::checklist_intake {

using platform::Result;

ChoicesById by_id(const Reference& reference, const SharingChoices& choices) {
  ChoicesById named;
  named.reserve(choices.size());
  for (const auto& [provision, choice] : choices) {
    named.emplace_back(reference.provisions()[provision].id, choice);
  }
  return named;
}

std::vector<StoredDecision> next_decisions(const IntakeParts& parts,
                                           const std::vector<StoredDecision>& held,
                                           const ChoicesById& choices, std::int64_t epoch) {
  std::map<std::string, std::int64_t> counters;
  std::int64_t sequence = 0;
  for (const StoredDecision& decision : held) {
    counters[decision.provision] = decision.revision.counter;
    sequence = std::max(sequence, decision.sequence);
  }
  const std::string now = platform::format_moment(parts.context.clock.now());
  std::vector<StoredDecision> decisions;
  for (const auto& [provision, choice] : choices) {
    StoredDecision& decision = decisions.emplace_back();
    decision.provision = provision;
    decision.choice = choice;
    decision.recorded_at = now;
    decision.sequence = ++sequence;
    decision.revision = {epoch, counters[decision.provision] + 1};
  }
  return decisions;
}

Result<std::vector<StoredDecision>> record_decisions(
    platform::Transaction& transaction, const IntakeParts& parts, const std::string& state,
    const std::vector<StoredDecision>& held, const ChoicesById& choices, std::int64_t epoch) {
  std::vector<StoredDecision> decisions = next_decisions(parts, held, choices, epoch);
  UNCAC_TRY(write_decisions(transaction, state, decisions));
  return decisions;
}

std::vector<platform::Event> sharing_events(const IntakeParts& parts, const std::string& state,
                                            const std::vector<StoredDecision>& decisions,
                                            const std::string& traceparent) {
  std::vector<platform::Event> events;
  events.reserve(decisions.size());
  for (const StoredDecision& decision : decisions) {
    events.push_back(sharing_event(parts, state, decision, traceparent));
  }
  return events;
}

std::string audit_payload(const std::string& state, const std::vector<StoredDecision>& decisions) {
  std::string payload;
  for (const StoredDecision& decision : decisions) {
    payload += to_proto(state, decision).SerializeAsString();
  }
  return payload;
}

Result<std::vector<ProvisionIndex>> provisions_of(const Reference& reference,
                                                  const std::vector<StoredDecision>& decisions) {
  std::vector<ProvisionIndex> provisions;
  provisions.reserve(decisions.size());
  for (const StoredDecision& decision : decisions) {
    const auto provision = reference.provision(decision.provision);
    if (!provision) {
      return platform::make_error(platform::Reason::kInternal, "a decision on no provision");
    }
    provisions.push_back(*provision);
  }
  return provisions;
}

}  // namespace uncac::checklist_intake
