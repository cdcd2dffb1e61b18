// Whether what a service has committed is on the log yet: kept by its side, asked by those that
// read its events. A reader at the log's end does not know of what still waits in the writer's
// outbox, and that may be a narrowed audience.
//
// Every time here is one of a steady clock, and each side uses its own alone.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "platform/events/event_log.h"
#include "platform/rpc/call.h"
#include "platform/store/store.h"
#include "uncac/operations/v1/operations.grpc.pb.h"

namespace uncac::platform {

// What is known from looks at an outbox: everything that was committed by a moment has left it once
// none of the rows is left that were seen then. Rows may become visible in another order than that
// of their ids; one that does is newer than the look that missed it, and only makes this cautious.
class Drained {
 public:
  struct Waiting {
    std::int64_t lowest = 0, highest = 0;  // ids
  };
  // `at`: not after the look; looks in their order. No rows: nothing waits.
  void looked(Instant at, const std::optional<Waiting>& waiting);
  // Instant{} before anything is known.
  Instant until() const { return until_; }

 private:
  struct Look {
    Instant at{};
    std::int64_t highest = 0;
  };
  std::deque<Look> looks_;  // of which something still waits
  Instant until_{};
};

// The writer's side, at each replica: looks at the store that they share. Safe for concurrent use.
class Publishing final : public operations::v1::Publishing::Service {
 public:
  Publishing(Calls& calls, Store& store) : calls_(calls), store_(store) {}
  // Looks until stop is asked.
  void run(const std::stop_token& stop);

  grpc::Status GetPublished(grpc::ServerContext* context,
                            const operations::v1::GetPublishedRequest* request,
                            operations::v1::GetPublishedReply* reply) override;

 private:
  Calls& calls_;
  Store& store_;
  std::mutex mutex_;  // of what follows
  Drained drained_;
  // By topic and partition: the offset confirmed last, as of the same look or an earlier one.
  std::map<std::pair<std::string, int>, std::int64_t> confirmed_;
  bool void_ = false;  // what was said before does not hold
};

// The reader's side: asks a service twice a second, from construction on. Safe for concurrent use.
class WriterWatch {
 public:
  WriterWatch(std::string service, std::shared_ptr<grpc::Channel> channel);
  ~WriterWatch();
  // What it says of one of its topics. Not known while it has never said; at the beginning that is
  // waited for, at most a second.
  Completion completion(const std::string& topic);

 private:
  void ask(bool& silent);

  const std::string service_;
  const std::unique_ptr<operations::v1::Publishing::Stub> stub_;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  bool asked_ = false;
  Instant until_{};
  std::map<std::string, std::vector<std::int64_t>> confirmed_;  // of the same answer, by topic
  std::jthread asking_;                                         // last: it ends before what it uses
};

}  // namespace uncac::platform
