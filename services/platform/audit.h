// Who did what: a row that commits with what was done, chained by hash afterwards.
#pragma once

#include <span>
#include <string>

#include "platform/store/store.h"
#include "platform/time.h"

namespace uncac::platform {

struct AuditEntry {
  std::string actor;  // the identity's own name, never a token
  std::string role;
  std::string action;   // "response.submit"
  std::string object;   // "KEN/uncac-2007/2007"
  std::string reason;   // as the actor gave it; may be empty
  std::string origin;   // peer address
  std::string payload;  // what was decided, as bytes; kept apart, erasable
};

Status record_audit(Transaction& transaction, const Clock& clock, Ids& ids,
                    const AuditEntry& entry);
// Several, in few statements.
Status record_audit(Transaction& transaction, const Clock& clock, Ids& ids,
                    std::span<const AuditEntry> entries);

// Gives the unchained rows, in id order, their sequence and chain hash. Only the holder of the
// lease "housekeeping" calls it. Rows chained.
Result<std::int64_t> chain_audit(Store& store, std::size_t limit = 1000);

struct AuditVerdict {
  std::int64_t rows = 0;       // chained rows, all of which verify
  std::int64_t unchained = 0;  // younger than the chain's last run
  std::int64_t erased = 0;     // whose payload was erased; the chain holds without it
  std::string head;            // hash of the newest chained row; empty when none
};
// kFailedPrecondition with the row's sequence when the chain or a kept payload does not verify.
Result<AuditVerdict> verify_audit(Store& store);

}  // namespace uncac::platform
