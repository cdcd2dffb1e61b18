#include "platform/events/outbox.h"

namespace uncac::platform {

Result<std::int64_t> current_epoch(Transaction& transaction) {
  UNCAC_ASSIGN(const Rows rows, transaction.query("SELECT epoch FROM store_identity"));
  if (rows.empty()) return make_error(Reason::kInternal, "the store has no identity");
  return rows.integer(0, 0);
}

}  // namespace uncac::platform
