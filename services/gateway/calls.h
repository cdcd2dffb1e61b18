// gRPC calls from coroutines: a call is waited for without a thread.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gateway/http/exchange.h"

namespace uncac::gateway {

struct UnaryCall {
  grpc::ClientContext context;
  grpc::ByteBuffer request, reply;
  grpc::Status status;
};

// The calls under way. Safe for concurrent use. Outlives the coroutines that wait for its calls.
class Calls {
 public:
  ~Calls() { end(); }
  // Begins the call and goes on when it has ended, on the coroutine's own executor. CANCELLED at
  // once after end().
  http::Task<> unary(grpc::GenericStub& stub, std::string method, std::shared_ptr<UnaryCall> call);
  struct Planned {
    grpc::GenericStub* stub;
    std::string method;  // "/package.Service/Method"
    std::shared_ptr<UnaryCall> call;
  };
  // The same of several, which are all under way at once.
  http::Task<> all(std::vector<Planned> planned);
  // Cancels all and waits until gRPC has let go of them.
  void end();

 private:
  friend class StreamCall;
  bool begin(grpc::ClientContext& context);
  void finish(grpc::ClientContext& context);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<grpc::ClientContext*> under_way_;
  bool ended_ = false;
};

}  // namespace uncac::gateway
