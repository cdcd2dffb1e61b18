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

grpc::Status to_grpc_status(const Error& error);
// Reads our details when they are there, else the code's row.
Error from_grpc_status(const grpc::Status& status);

class Calls {
 public:
  struct Limits {
    std::chrono::milliseconds longest_unary{30'000};
    // Open at once; more are refused with kOverloaded. Each holds a thread of the server, so this
    // is half of ServerLimits::max_threads: followers cannot keep questions from being answered.
    std::size_t streams = 128;
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

 private:
  grpc::Status around(grpc::ServerContext& context, std::string_view method, bool is_stream,
                      const std::function<Status(const Call&)>& work);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uncac::platform
