// Passes gRPC calls through to the service that owns them, as bytes: no code per method.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>

namespace uncac::gateway {

// Streams, deadlines, metadata, cancellation and error details go through unchanged. Permissions
// are the services' business: the caller's token travels with the call. Safe for concurrent use.
class Proxy final : public grpc::CallbackGenericService {
 public:
  // By full service name: "uncac.needs.v1.NeedsMatrix".
  explicit Proxy(std::map<std::string, std::shared_ptr<grpc::Channel>> channels);
  ~Proxy() override;
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

 private:
  struct Route;
  std::map<std::string, std::unique_ptr<Route>> routes_;
};

}  // namespace uncac::gateway
