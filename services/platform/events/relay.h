// Empties an outbox into Kafka, in id order, by whoever holds the lease.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "platform/events/event_log.h"
#include "platform/runtime/metrics.h"
#include "platform/sealer.h"

namespace uncac::platform {

// A lease in the store's `lease` table. Safe for use by one thread.
//
// No clock is compared with another: a holder writes a new `expires_at` whenever it renews, and
// whoever waits takes the lease after it has seen the row stay the same for as long as the lease
// lasts, by its own steady clock. So a clock that was set wrong can neither keep a lease nor lose
// it. And a holder that finds its row other than it left it knows that the store was put back.
class Lease {
 public:
  Lease(Store& store, const Clock& clock, std::string name, std::string holder,
        std::chrono::milliseconds lasts = std::chrono::seconds(10));
  // Takes or renews it; false while another holds it. Who waits must ask again and again: a former
  // holder's time begins to run when it is first seen. kConflict, once, when this holder's row is
  // not as it was left: the store may have been put back to an hour before.
  Result<bool> hold();
  // Inside a transaction: fails with kConflict when this lease was lost or its row is not as it was
  // left, so that nothing a former holder does can commit. Leaves the row changed.
  Status fence(Transaction& transaction);
  Status release();
  // Rises whenever the lease passes to another; 0 while it is not held.
  std::int64_t token() const { return token_; }

 private:
  // The row of another holder, as it was seen first.
  struct Seen {
    std::int64_t token = 0, expires_at = 0;
    Instant since{};
  };

  struct Taken {
    std::int64_t token = 0, expires_at = 0;
  };
  Status check_left(Transaction& transaction, std::int64_t left) const;
  Result<Taken> try_hold(Transaction& transaction);

  Store& store_;
  const Clock& clock_;
  std::string name_, holder_;
  std::chrono::milliseconds lasts_;
  std::int64_t token_ = 0;
  std::int64_t written_ = 0;  // `expires_at` as this holder left it; 0: not known
  Seen seen_;
};

struct RelayOptions {
  KafkaOptions kafka;
  std::string holder;        // unique per process
  std::size_t batch = 2000;  // rows in flight
  // Before the first row that a new producer sends, by the lease's holder: whether the log is still
  // the one that this store's rows belong to. May write to the store.
  std::function<Status()> before_sending = {};
  // The lease was lost while rows were under way: they may lie on the log behind newer ones of the
  // same keys that another process sent. Called until it succeeds; publishes all keys again.
  std::function<Status()> after_late_send = {};
};

// Owns its producer. Publishes a row, and deletes it only after the broker's delivery report, and
// with it every row of the same key whose revision is not above. On any failed report it destroys
// the producer and begins again at the lowest row, so the order per key holds and a duplicate is
// all that can happen (consumers drop it by its revision).
class Relay {
 public:
  Relay(Store& store, std::shared_ptr<Wakeup> wakeup, const Clock& clock, Metrics& metrics,
        const Sealer& sealer, RelayOptions options);
  ~Relay();
  // Until stop is asked; then finishes what is in flight, at most 5 s, and gives the lease back.
  void run(std::stop_token stop);

 private:
  class Session;
  using Hold = std::function<Result<std::optional<Instant>>()>;
  Result<std::size_t> publish_batch(Session& session, const Hold& hold);
  Status repair();

  Store& store_;
  std::shared_ptr<Wakeup> wakeup_;
  const Clock& clock_;
  Metrics& metrics_;
  const Sealer& sealer_;
  RelayOptions options_;
  bool sent_late_ = false;
};

}  // namespace uncac::platform
