// Passes gRPC calls through to the service that owns them, as bytes: no code per method.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include "gateway/backends.h"

namespace uncac::gateway {

// Streams, deadlines, metadata, cancellation and error details go through unchanged. Permissions
// are the services' business: the caller's token travels with the call. Safe for concurrent use.
class Proxy final : public grpc::CallbackGenericService {
 public:
  explicit Proxy(const Backends& backends) : backends_(backends) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

 private:
  const Backends& backends_;
};

}  // namespace uncac::gateway
