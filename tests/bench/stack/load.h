// Many calls of one gRPC method at once from one thread, with requests that are bytes already, so
// that the client costs as little as it can.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace uncac::bench {

struct OneCall {
  std::string request;  // serialized
  std::string token;    // empty: none
};

struct LoadResult {
  double per_second = 0;
  std::size_t answered = 0;  // all of them, also those outside of the time that counts
  std::size_t refused = 0;
  std::string first_refusal;
};

// Keeps one call of each of `clients` under way for `duration`; then waits for the last answers,
// which do not count. `next` makes the next call of a client.
LoadResult closed_loop(const std::string& address, const std::string& method, int clients,
                       std::chrono::milliseconds duration,
                       const std::function<OneCall(int client)>& next);

// One call after another.
class Caller {
 public:
  explicit Caller(const std::string& address);
  ~Caller();
  // The answer's bytes. Throws when it is refused.
  std::string call(const std::string& method, const OneCall& call);

 private:
  std::unique_ptr<grpc::GenericStub> stub_;
  grpc::CompletionQueue queue_;
};

}  // namespace uncac::bench
