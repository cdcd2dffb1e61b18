#include "platform/rpc/pass_through.h"

namespace uncac::platform {

grpc::Status unreadable_request() {
  return {grpc::StatusCode::INTERNAL, "the request is no message of this method"};
}

}  // namespace uncac::platform
