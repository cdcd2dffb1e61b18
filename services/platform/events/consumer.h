// Consuming: a handler gets a batch and a transaction; the position commits with its work.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>

#include "platform/events/event_log.h"
#include "platform/runtime/metrics.h"

namespace uncac::platform {

// Implemented by a service. Called by one thread at a time.
class Handler {
 public:
  virtual ~Handler() = default;
  // All of the batch, or an error and nothing. A retryable error is tried again for ever; any other
  // splits the batch until the one record that causes it is alone.
  virtual Status handle(Transaction& transaction, std::span<const Record> batch) = 0;
  // The record, which cannot be handled, goes to the dead letters in this transaction. What already
  // follows from its being there is done here; an error is tried again for ever.
  virtual Status buried(Transaction& /*transaction*/, const Record& /*record*/) { return {}; }
};

struct ConsumerOptions {
  std::string name;  // of the group, and of its rows in consumer_position
  std::string topic;
  std::size_t batch = 500;
  int attempts = 5;  // of a lone failing record, before it becomes a dead letter
  std::chrono::milliseconds first_backoff{50};
  std::chrono::milliseconds longest_backoff{5'000};
};

// Drives one handler over one topic. Exactly-once effect: the position moves in the handler's
// transaction, by compare and swap, so a member that was replaced (a zombie) cannot commit.
class Consumer {
 public:
  Consumer(EventLog& log, Store& store, Outbox& outbox, const Clock& clock, Metrics& metrics,
           Handler& handler, ConsumerOptions options);
  ~Consumer();
  // Until stop is asked; the batch under way is finished first.
  void run(std::stop_token stop);

 private:
  class Positions;
  class Run;
  EventLog& log_;
  Store& store_;
  Outbox& outbox_;
  const Clock& clock_;
  Metrics& metrics_;
  Handler& handler_;
  ConsumerOptions options_;
};

// How far the consumer of this name got, wherever it runs; zeros and no log id before its first
// batch.
Result<Position> stored_position(Transaction& transaction, const std::string& consumer,
                                 const std::string& topic);

// For state in memory: reads the whole topic from its start and never stores a position.
class Projection {
 public:
  virtual ~Projection() = default;
  // What follows is a log from its start: the first, another one, or one that has lost its end.
  // What was applied before is still the answer, but it is no base for what follows.
  virtual void start_over(const Position& start) = 0;
  // Must drop what is not newer than it holds. A record it cannot read is its own loss: it counts
  // and logs it. `position` is where the log goes on after the batch. The batch is empty when only
  // the position is news: at a gap that compaction left at the log's end.
  virtual void apply(std::span<const Record> batch, const Position& position) = 0;
  // All that the log held when it was started over is applied: that is the answer from now on.
  virtual void caught_up() = 0;
};

class ProjectionReader {
 public:
  ProjectionReader(EventLog& log, Metrics& metrics, Projection& projection, std::string topic);
  // Until stop is asked. Starts over when the log's id changes.
  void run(std::stop_token stop);
  // True once everything that the topic held when run() began has been applied.
  bool caught_up() const { return caught_up_.load(std::memory_order_acquire); }
  // Blocks until caught_up() or `limit` passed.
  bool wait_caught_up(std::chrono::milliseconds limit) const;
  // Everything that was committed by then is applied; for "is what I know still true". Instant{}
  // while that is not known.
  Instant complete_until() const;

 private:
  EventLog& log_;
  Metrics& metrics_;
  Projection& projection_;
  std::string topic_;
  std::atomic<bool> caught_up_ = false;
  std::atomic<Instant::rep> complete_until_{0};
  mutable std::mutex mutex_;  // of the waiting for caught_up_ only
  mutable std::condition_variable changed_;
};

}  // namespace uncac::platform
