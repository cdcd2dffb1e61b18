#include "gateway/connect/error.h"

#include <array>
#include <nlohmann/json.hpp>

#include "gateway/connect/base64.h"
#include "platform/rpc/call.h"
#include "uncac/common/v1/common.pb.h"

namespace uncac::gateway::connect {
namespace {

struct Row {
  std::string_view name;
  int status;
};

// By gRPC code, as the protocol's table of error codes has them.
constexpr std::array<Row, 17> kCodes = {{{"unknown", 500},  // OK is no error
                                         {"canceled", 499},
                                         {"unknown", 500},
                                         {"invalid_argument", 400},
                                         {"deadline_exceeded", 504},
                                         {"not_found", 404},
                                         {"already_exists", 409},
                                         {"permission_denied", 403},
                                         {"resource_exhausted", 429},
                                         {"failed_precondition", 400},
                                         {"aborted", 409},
                                         {"out_of_range", 400},
                                         {"unimplemented", 501},
                                         {"internal", 500},
                                         {"unavailable", 503},
                                         {"data_loss", 500},
                                         {"unauthenticated", 401}}};

const Row& row_of(grpc::StatusCode code) {
  const auto index = static_cast<std::size_t>(code);
  return kCodes[index < kCodes.size() ? index : 2];
}

}  // namespace

std::string_view code_name(grpc::StatusCode code) { return row_of(code).name; }

int http_status(grpc::StatusCode code) { return row_of(code).status; }

http::Response error_response(const grpc::Status& status) {
  using Json = nlohmann::ordered_json;
  Json body{{"code", code_name(status.error_code())}};
  if (!status.error_message().empty()) body["message"] = status.error_message();
  common::v1::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) {
      const std::string& url = detail.type_url();
      body["details"].push_back(
          {{"type", url.substr(url.rfind('/') + 1)}, {"value", to_base64(detail.value())}});
    }
  }
  return http::json(http_status(status.error_code()), body);
}

http::Response error_response(const platform::Error& error) {
  return error_response(platform::to_grpc_status(error));
}

}  // namespace uncac::gateway::connect
