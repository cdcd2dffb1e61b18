#include "checklist_intake/actions/expire_sharing.h"

#include <algorithm>

#include "platform/audit.h"

namespace uncac::checklist_intake {
namespace {

using platform::Result;
using platform::Transaction;

bool is_over(const SharingChoice& choice, platform::Day today) {
  return choice.until && *choice.until < today;
}

Result<std::int64_t> expire_of(Transaction& transaction, const IntakeParts& parts,
                               const std::string& state) {
  UNCAC_TRY(transaction.lock(lock_name(state)));
  UNCAC_ASSIGN(std::vector<StoredDecision> decisions, read_decisions(transaction, state));
  UNCAC_ASSIGN(const std::int64_t epoch, platform::current_epoch(transaction));
  std::int64_t sequence = 0;
  for (const StoredDecision& decision : decisions) {
    sequence = std::max(sequence, decision.sequence);
  }
  const platform::Day today = parts.today();
  const std::string now = platform::format_moment(parts.context.clock.now());
  std::vector<StoredDecision> ended;
  std::vector<platform::Event> events;
  for (StoredDecision& decision : decisions) {
    if (!is_over(decision.choice, today)) continue;
    const std::string last_day = platform::format_day(*decision.choice.until);
    decision.choice = SharingChoice();
    decision.recorded_at = now;
    decision.sequence = ++sequence;
    decision.revision = {epoch, decision.revision.counter + 1};
    events.push_back(sharing_event(parts, state, decision, ""));
    UNCAC_TRY(platform::record_audit(
        transaction, parts.context.clock, parts.context.ids,
        {"checklist_intake", "system", "sharing.expire", state + "/" + decision.provision,
         "its last day was " + last_day, "", *events.back().body}));
    ended.push_back(decision);
  }
  UNCAC_TRY(write_decisions(transaction, state, ended));
  UNCAC_TRY(parts.context.outbox.append(transaction, events));
  return static_cast<std::int64_t>(ended.size());
}

}  // namespace

Result<std::int64_t> expire_sharing(const IntakeParts& parts) {
  UNCAC_ASSIGN(const std::vector<std::string> states,
               parts.context.store.read([&](Transaction& transaction) {
                 return states_with_ended_sharing(transaction, parts.today());
               }));
  std::int64_t ended = 0;
  for (const std::string& state : states) {
    UNCAC_ASSIGN(const std::int64_t of_state,
                 parts.context.store.write([&](Transaction& transaction) {
                   return expire_of(transaction, parts, state);
                 }));
    ended += of_state;
  }
  return ended;
}

}  // namespace uncac::checklist_intake
