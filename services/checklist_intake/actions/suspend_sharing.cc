#include "checklist_intake/actions/suspend_sharing.h"

#include <algorithm>

#include "checklist_intake/domain/changes.h"
#include "platform/audit.h"

namespace uncac::checklist_intake {
namespace {

using platform::Status;
using platform::Transaction;

Status suspend_of(Transaction& transaction, const platform::AfterRestore& restore,
                  const std::string& state) {
  UNCAC_TRY(transaction.lock(lock_name(state)));
  UNCAC_ASSIGN(std::vector<StoredDecision> decisions, read_decisions(transaction, state));
  std::int64_t sequence = 0;
  for (const StoredDecision& decision : decisions) {
    sequence = std::max(sequence, decision.sequence);
  }
  const platform::Moment now = restore.clock.now();
  std::vector<StoredDecision> narrowed;
  std::vector<platform::Event> events;
  for (StoredDecision& decision : decisions) {
    if (decision.choice.audience == Audience::kRestricted) continue;
    // One that ended while the store was away holds no longer, so there is nothing to reinstate.
    const SharingChoice held = choice_on(decision.choice, platform::day_of(now));
    if (held.audience != Audience::kRestricted) decision.suspended = held;
    decision.choice = SharingChoice();
    decision.recorded_at = platform::format_moment(now);
    decision.sequence = ++sequence;
    decision.revision = {restore.identity.epoch, decision.revision.counter + 1};
    events.push_back(sharing_event(now, state, decision, ""));
    UNCAC_TRY(platform::record_audit(
        transaction, restore.clock, restore.ids,
        {"checklist_intake", "system", "sharing.suspend", state + "/" + decision.provision,
         "restored from a backup of " + restore.taken_at + "; a later narrowing may be lost", "",
         listed(state, decision).SerializeAsString()}));
    narrowed.push_back(decision);
  }
  UNCAC_TRY(write_decisions(transaction, state, narrowed));
  return restore.outbox.append(transaction, events);
}

}  // namespace

Status suspend_sharing(Transaction& transaction, const platform::AfterRestore& restore) {
  UNCAC_ASSIGN(const std::vector<std::string> states, states_with_decisions(transaction));
  for (const std::string& state : states) {
    UNCAC_TRY(suspend_of(transaction, restore, state));
  }
  return {};
}

}  // namespace uncac::checklist_intake
