// One gRPC call with messages both ways, from a coroutine: nothing of it holds a thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/calls.h"

namespace uncac::gateway {

// Used on its executor, by one coroutine at a time. Going away, it cancels what has not ended.
class StreamCall {
 public:
  using Metadata = std::vector<std::pair<std::string, std::string>>;
  StreamCall(Calls& calls, grpc::GenericStub& stub, const std::string& method,
             const Metadata& metadata, boost::asio::any_io_executor executor);
  ~StreamCall();
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  enum class Read { kMessage, kNothingYet, kEnd };
  // Waits at most `limit` for the next message. At most one is in hand, so a slow reader slows the
  // service.
  http::Task<Read> read(std::chrono::milliseconds limit);
  // After kMessage.
  std::string& message();
  // After kEnd.
  const grpc::Status& status() const;

  // False when the call has ended: read() says how.
  http::Task<bool> write(const std::string& message);
  void end_writing();

 private:
  struct State;
  class Reactor;
  std::shared_ptr<State> state_;
};

}  // namespace uncac::gateway
