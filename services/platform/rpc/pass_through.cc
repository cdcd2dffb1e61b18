#include "platform/rpc/pass_through.h"

namespace uncac::platform {

grpc::ByteBuffer to_byte_buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

grpc::Status unreadable_request() {
  return {grpc::StatusCode::INTERNAL, "the request is no message of this method"};
}

}  // namespace uncac::platform
