// Every unary method by the Connect protocol (https://connectrpc.com/docs/protocol, unary RPCs):
// JSON and protobuf, identity and gzip, by the descriptors and a generic stub.
#pragma once

#include "gateway/backends.h"
#include "gateway/calls.h"
#include "gateway/connect/codec.h"
#include "gateway/connect/together.h"
#include "gateway/http/exchange.h"

namespace uncac::gateway::connect {

// Of a request, before it is unpacked and after: a service takes no more.
inline constexpr std::size_t kLargestMessage = 4 << 20;

// Safe for concurrent use; outlives the server whose handler it is.
class Unary {
 public:
  Unary(const Backends& backends, Calls& calls, std::size_t largest = kLargestMessage)
      : backends_(backends), calls_(calls), largest_(largest), together_(backends, calls) {}
  // Of POST /package.Service/Method.
  http::Task<> handle(http::Exchange& exchange) const;

 private:
  const Backends& backends_;
  Calls& calls_;
  const std::size_t largest_;
  const Together together_;
  const Transcoder transcoder_;
};

}  // namespace uncac::gateway::connect
