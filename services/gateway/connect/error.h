// Errors of the Connect protocol: https://connectrpc.com/docs/protocol#error-end-stream
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>
#include <string_view>

#include "gateway/http/message.h"
#include "platform/error.h"

namespace uncac::gateway::connect {

// "invalid_argument" of the code, and the HTTP status that goes with it.
std::string_view code_name(grpc::StatusCode code);
int http_status(grpc::StatusCode code);

// The answer to an unary call that failed, with the details that gRPC carries.
http::Response error_response(const grpc::Status& status);
http::Response error_response(const platform::Error& error);

}  // namespace uncac::gateway::connect
