// Where each service is, for every way in: gRPC passed through, the Connect protocol, the feeds.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace uncac::gateway {

// Safe for concurrent use.
class Backends {
 public:
  // By full service name: "uncac.needs.v1.NeedsMatrix"; of a service that several programs offer,
  // also "uncac.operations.v1.Operations/needs_matrix".
  explicit Backends(const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels);

  // `method`: "/package.Service/Method". `meant`: the program that the caller names by the metadata
  // `uncac-service`, or empty. Null for a service that is not here.
  grpc::GenericStub* find(std::string_view method, std::string_view meant) const;

 private:
  std::map<std::string, std::unique_ptr<grpc::GenericStub>, std::less<>> stubs_;
};

}  // namespace uncac::gateway
