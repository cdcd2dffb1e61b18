// The shape that every service has, seen from the program that hosts it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/cache/cache.h"
#include "platform/events/event_log.h"
#include "platform/events/outbox.h"
#include "platform/rpc/call.h"
#include "platform/runtime/metrics.h"
#include "platform/store/store.h"

namespace uncac::platform {

// What a host lends to a service for its whole life. The service does not know which profile it is.
struct ServiceContext {
  const Clock& clock;
  Ids& ids;
  Metrics& metrics;
  Calls& calls;
  Store& store;    // its own, migrated
  Outbox& outbox;  // of that store
  EventLog& log;   // every topic of the system
  Cache& cache;
  std::string instance;  // unique per process, for leases and consumer names
};

// Created ready to be asked; start() and stop() are called once, by one thread, in this order.
class ServiceModule {
 public:
  virtual ~ServiceModule() = default;
  virtual grpc::Service& rpc() = 0;
  // Starts the background work: consumers, projections, schedulers.
  virtual void start() = 0;
  // Everything it must know before it can answer is known. Asked often; must be cheap.
  virtual bool ready() const = 0;
  // Ends streams that would otherwise stay open, so that the server can finish its calls.
  virtual void end_streams() {}
  // Finishes the batches under way and joins.
  virtual void stop() = 0;
};

// What a service is lent to set its store right after a restore.
struct AfterRestore {
  const Clock& clock;
  Ids& ids;
  Outbox& outbox;
  StoreIdentity identity;  // the new one
  std::string taken_at;    // of the backup, RFC 3339
};

// What a service is lent to publish all of its keys again.
struct PublishAgain {
  const Clock& clock;
  Ids& ids;
  Outbox& outbox;
  std::int64_t epoch = 0;  // of the store now
  // The newest record of every key that is on the log, without its body, when the store and the log
  // had come apart: a key that the store does not know gets a tombstone. Empty when it is only
  // asked for by an operator.
  std::vector<Record> on_log;
  std::string traceparent;
};

struct ConsumedTopic {
  std::string name;
  std::string writer;  // the service whose it is: "checklist_intake"
};

struct ServiceDescription {
  std::string name;           // "checklist_intake": of its store, its metrics, its events' source
  std::vector<Topic> topics;  // that it writes
  std::vector<ConsumedTopic> consumes;  // topics whose dead letters lie in its store
  std::vector<Migration> migrations;
  std::function<Result<std::unique_ptr<ServiceModule>>(const ServiceContext&)> create;
  // Before anything is served from a store that was restored from a backup, in the transaction that
  // gives it its new epoch. May run again on the same store after a crash, and must not harm then.
  std::function<Status(Transaction&, const AfterRestore&)> after_restore = {};
  // Writes the newest event of every key of its topics to the outbox, with revisions of at least
  // the epoch given, or sees to it that they will be. Events written or about to be.
  std::function<Result<std::int64_t>(Transaction&, const PublishAgain&)> publish_again = {};
  // Its store can be filled again from the topics that it reads. Another one that is empty although
  // its topics are not is refused: it is the wrong store.
  bool derived = false;
};

}  // namespace uncac::platform
