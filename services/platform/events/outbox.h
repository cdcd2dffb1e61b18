// Writing events: they commit with their cause, or not at all.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "platform/events/event.h"
#include "platform/store/store.h"

namespace uncac::platform {

// Wakes whoever waits for new events: the relay, the embedded log's readers. Safe for concurrent
// use. A wake-up may be spurious; what it announces is read from the store.
class Wakeup {
 public:
  void notify();
  // Until notified after `seen` was taken, or `limit` passed, or stop was asked. The new count.
  std::uint64_t wait(std::uint64_t seen, std::chrono::milliseconds limit, std::stop_token stop);
  std::uint64_t count() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t count_ = 0;
};

// One per store. Safe for concurrent use.
class Outbox {
 public:
  explicit Outbox(std::shared_ptr<Wakeup> wakeup) : wakeup_(std::move(wakeup)) {}
  // The transaction must hold the lock of each event's aggregate (see Transaction::lock), so that
  // events of one key get their ids in the order of their revisions. kTooLarge for a body above
  // kMaxEventBody.
  Status append(Transaction& transaction, std::span<const Event> events);

 private:
  std::shared_ptr<Wakeup> wakeup_;
};

// What is not on the log yet, where a relay empties the table.
struct OutboxDepth {
  std::int64_t waiting = 0;                 // counted to 100,000
  std::chrono::duration<double> oldest{0};  // since the first of them happened
};
Result<OutboxDepth> measure_outbox(Transaction& transaction, Moment now);

// How Event::extensions lie in their column, for whoever reads outbox rows.
std::string encode_extensions(const std::map<std::string, std::string>& extensions);
Result<std::map<std::string, std::string>> decode_extensions(std::string_view bytes);

struct StoreIdentity {
  std::string store_id;    // also the id of the embedded log
  std::int64_t epoch = 1;  // of the revisions written now
};
// Creates it on first use.
Result<StoreIdentity> read_identity(Store& store, Ids& ids);
// The epoch that revisions written in this transaction carry.
Result<std::int64_t> current_epoch(Transaction& transaction);
// A later epoch, for a store that was restored or rebuilt: the seconds from 1970 to `now`, and
// always above the one before and `on_log`, the highest that readers have seen. The next number
// alone would not do: a backup restored twice would give the same one twice, and with it the same
// event ids for different things. A new store_id too: old positions end.
Result<StoreIdentity> raise_epoch(Transaction& transaction, Ids& ids, Moment now,
                                  std::int64_t on_log = 0);

}  // namespace uncac::platform
