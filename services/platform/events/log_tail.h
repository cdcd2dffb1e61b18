// Whether a store and the log that its relay fills still belong together: after a store was
// restored, or a broker lost what it had confirmed, they do not.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "platform/events/event_log.h"
#include "platform/sealer.h"

namespace uncac::platform {

// Event::origin, by which a record tells whose it is: the store's id and the outbox row's, sealed,
// since the plain number would tell strangers how much is written that they may not see.
std::string seal_origin(const Sealer& sealer, const std::string& store_id, std::int64_t outbox_id);

struct LogComparison {
  enum class Verdict {
    kInStep,
    kStoreBehind,  // the log holds what this store never wrote: it was restored, or is another one
    kLogBehind,    // the log ends below what it had confirmed
  };
  Verdict verdict = Verdict::kInStep;
  std::string store_id;       // of the store that was compared
  std::string evidence;       // topic and partition, for the log
  bool store_is_new = false;  // it never published anything
};
// Looks at the last records of every partition of `topics`. What cannot be told (the end was
// compacted away, the records are of a version without the header) counts as in step.
Result<LogComparison> compare_with_log(Store& store, EventLog& log, std::span<const Topic> topics,
                                       const Sealer& sealer);

// The record of the highest revision of every key of every topic. Its body: nullopt where the key's
// last record is a tombstone, else empty. The last is what compaction keeps and outsiders read; it
// may be an older one where two relays sent.
Result<std::vector<Record>> newest_on_log(EventLog& log, std::span<const Topic> topics);

}  // namespace uncac::platform
