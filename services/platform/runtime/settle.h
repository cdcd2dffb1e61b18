// What is done with a store that does not fit to its log any more: it was restored from a backup,
// or a broker lost what it had confirmed.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "platform/events/log_tail.h"
#include "platform/runtime/service.h"

namespace uncac::platform {

// One store with the service whose it is.
struct SettledStore {
  Store& store;
  Outbox& outbox;
  const ServiceDescription& service;
};

// Embedded: the store is its own log. A new epoch and the service's own step, so that nothing
// narrowed since is wide again and no position of before holds. May be done again after a crash.
Status settle_restored(const SettledStore& settled, const std::string& backup,
                       const std::string& taken_at, const Clock& clock, Ids& ids);

// Distributed: compares the store with the log. When they have come apart it gets a new epoch, a
// restored one its service's own step, and all keys are published again; else nothing. Safe when
// several replicas do it at once. kFailedPrecondition for a store that never published although its
// topics hold somebody's events.
Status settle_with_log(const SettledStore& settled, EventLog& log, const Sealer& sealer,
                       const Clock& clock, Ids& ids);

// Publishes all keys again as they are. `record` writes into the same transaction why, and is given
// how many events it is.
Result<std::int64_t> publish_again(const SettledStore& settled, const std::string& traceparent,
                                   const Clock& clock, Ids& ids,
                                   const std::function<Status(Transaction&, std::int64_t)>& record);

// The same because a relay sent after it had lost its lease: see RelayOptions.
Status publish_after_late_send(const SettledStore& settled, const Clock& clock, Ids& ids);

}  // namespace uncac::platform
