// Messages of gRPC as bytes.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>

namespace uncac::platform {

grpc::ByteBuffer to_byte_buffer(const std::string& bytes);
std::string to_bytes(const grpc::ByteBuffer& buffer);

}  // namespace uncac::platform
