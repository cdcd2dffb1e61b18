// What every gRPC method has around it, written once: identity and permission, deadline, error
// mapping, metrics, trace and log.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "platform/result.h"
#include "platform/runtime/metrics.h"
#include "platform/runtime/trace.h"
#include "platform/time.h"

namespace uncac::platform {

// Who calls. The access room derives from it; this room only carries it.
class Principal {
 public:
  virtual ~Principal() = default;
  virtual std::string name() const = 0;  // for the audit log; not for other readers
  virtual std::string role() const = 0;  // for logs and metrics
};

// Decides who calls and whether they may call `method` at all. Safe for concurrent use.
class Gatekeeper {
 public:
  virtual ~Gatekeeper() = default;
  // `authorization`: the header's value, "Bearer …", or empty. `method`: "/package.Service/Method".
  virtual Result<std::shared_ptr<const Principal>> admit(std::string_view method,
                                                         std::string_view authorization) const = 0;
};

// One call under way.
struct Call {
  std::shared_ptr<const Principal> principal;
  std::string method;
  std::string peer;
  TraceContext trace;
  Instant deadline;  // at most Calls::Limits::longest away, whatever the caller asked
  std::function<bool()> cancelled;
};

// For what was thrown: the caller is told where to look, not what.
Error broken_call(const Call& call);

grpc::Status to_grpc_status(const Error& error);
// Reads our details when they are there, else the code's row.
Error from_grpc_status(const grpc::Status& status);

class Calls {
 public:
  struct Limits {
    std::chrono::milliseconds longest_unary{30'000};
    // Open at once; more are refused with kOverloaded. Streams that hold a thread of the server:
    // half of ServerLimits::max_threads, so that they cannot keep questions from being answered.
    std::size_t streams = 128;
    // And those worked at in turns, which hold none (turns.h).
    std::size_t streams_in_turns = 10'000;
  };

  Calls(const Gatekeeper& gatekeeper, Ids& ids, Metrics& metrics, Limits limits);
  ~Calls();

  // work: (const Call&, const Request&) → Result<Reply>
  template <class Request, class Reply, class Work>
  grpc::Status unary(grpc::ServerContext& context, std::string_view method, const Request& request,
                     Reply& reply, Work&& work) {
    return around(context, method, false, [&](const Call& call) -> Status {
      Result<Reply> result = work(call, request);
      if (!result) return std::move(result).error();
      reply = *std::move(result);
      return {};
    });
  }
  // work: (const Call&) → Status; reads and writes its stream itself.
  template <class Work>
  grpc::Status stream(grpc::ServerContext& context, std::string_view method, Work&& work) {
    return around(context, method, true, std::forward<Work>(work));
  }

  // A call that does not end with the function that took it: a stream worked at in turns.
  class Open {
   public:
    virtual ~Open() = default;
    virtual const Call& call() const = 0;
    // Whether it may go on; else close() it with this.
    virtual const Status& admitted() const = 0;
    // Once. What `thrown` holds is an exception that came of it, for the log.
    virtual grpc::Status close(const Status& outcome, const std::string& thrown = {}) = 0;
  };
  // `context` outlives it.
  std::unique_ptr<Open> open(grpc::CallbackServerContext& context, std::string_view method);

 private:
  grpc::Status around(grpc::ServerContext& context, std::string_view method, bool is_stream,
                      const std::function<Status(const Call&)>& work);
  struct State;
  class Passage;
  std::unique_ptr<State> state_;
};

}  // namespace uncac::platform
