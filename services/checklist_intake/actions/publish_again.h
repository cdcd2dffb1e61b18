// Publishes every version and decision again: for a log that lost something, or that is ahead of a
// restored store.
#pragma once

#include "checklist_intake/intake_parts.h"
#include "platform/runtime/service.h"

namespace uncac::checklist_intake {

// With the counters they have and at least the epoch given. What the log has and the store has not
// gets a tombstone. Submissions wait meanwhile.
platform::Result<std::int64_t> publish_again(platform::Transaction& transaction,
                                             const platform::PublishAgain& again);

}  // namespace uncac::checklist_intake
