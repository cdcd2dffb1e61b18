#include "checklist_intake/actions/expire_sharing.h"

#include "checklist_intake/actions/record_decisions.h"
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
  UNCAC_ASSIGN(const std::vector<StoredDecision> decisions, read_decisions(transaction, state));
  const platform::Day today = parts.today();
  ChoicesById over;
  std::vector<std::string> last_days;
  for (const StoredDecision& decision : decisions) {
    if (!is_over(decision.choice, today)) continue;
    over.emplace_back(decision.provision, SharingChoice());
    last_days.push_back(platform::format_day(*decision.choice.until));
  }
  UNCAC_ASSIGN(const std::int64_t epoch, platform::current_epoch(transaction));
  UNCAC_ASSIGN(const std::vector<StoredDecision> ended,
               record_decisions(transaction, parts, state, decisions, over, epoch));
  for (std::size_t at = 0; at < ended.size(); ++at) {
    UNCAC_TRY(platform::record_audit(
        transaction, parts.context.clock, parts.context.ids,
        {"checklist_intake", "system", "sharing.expire", state + "/" + ended[at].provision,
         "its last day was " + last_days[at], "", audit_payload(state, {ended[at]})}));
  }
  UNCAC_TRY(parts.context.outbox.append(transaction, sharing_events(parts, state, ended, "")));
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
