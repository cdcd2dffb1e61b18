// The server that the Connect protocol's own conformance suite asks: the gateway's HTTP side before
// a gRPC service that does what each test tells it to. It reads what is wanted from standard input,
// says on standard output where it listens, and serves until it is asked to stop.
#include "gateway/http/server.h"

#include <grpcpp/grpcpp.h>

#include <array>
#include <cstdio>
#include <string>
#include <thread>

#include "connectrpc/conformance/v1/server_compat.pb.h"
#include "connectrpc/conformance/v1/service.grpc.pb.h"
#include "gateway/backends.h"
#include "gateway/calls.h"
#include "gateway/connect/unary.h"
#include "platform/rpc/server.h"
#include "platform/runtime/log.h"
#include "platform/runtime/metrics.h"
#include "platform/runtime/process.h"
#include "uncac/common/v1/common.pb.h"

namespace {

namespace suite = connectrpc::conformance::v1;
namespace gateway = uncac::gateway;
namespace platform = uncac::platform;

class Service final : public suite::ConformanceService::Service {
 public:
  grpc::Status Unary(grpc::ServerContext* context, const suite::UnaryRequest* request,
                     suite::UnaryResponse* response) override {
    return answer(*context, *request, *response);
  }
  grpc::Status IdempotentUnary(grpc::ServerContext* context,
                               const suite::IdempotentUnaryRequest* request,
                               suite::IdempotentUnaryResponse* response) override {
    return answer(*context, *request, *response);
  }

 private:
  template <class Request, class Response>
  static grpc::Status answer(grpc::ServerContext& context, const Request& request,
                             Response& response) {
    suite::ConformancePayload::RequestInfo info;
    std::map<std::string, suite::Header*> headers;
    for (const auto& [key, value] : context.client_metadata()) {
      const std::string name(key.data(), key.size());
      suite::Header*& header = headers[name];
      if (header == nullptr) {
        header = info.add_request_headers();
        header->set_name(name);
      }
      header->add_value(std::string(value.data(), value.size()));
    }
    if (context.deadline() != std::chrono::system_clock::time_point::max()) {
      info.set_timeout_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                              context.deadline() - std::chrono::system_clock::now())
                              .count());
    }
    info.add_requests()->PackFrom(request);

    const suite::UnaryResponseDefinition& wanted = request.response_definition();
    for (const suite::Header& header : wanted.response_headers()) {
      for (const std::string& value : header.value()) {
        context.AddInitialMetadata(header.name(), value);
      }
    }
    for (const suite::Header& header : wanted.response_trailers()) {
      for (const std::string& value : header.value()) {
        context.AddTrailingMetadata(header.name(), value);
      }
    }
    // The suite measures time-outs; nothing here depends on how long this really is.
    std::this_thread::sleep_for(std::chrono::milliseconds(wanted.response_delay_ms()));
    if (!wanted.has_error()) {
      *response.mutable_payload()->mutable_request_info() = std::move(info);
      response.mutable_payload()->set_data(wanted.response_data());
      return grpc::Status::OK;
    }
    uncac::common::v1::Status details;
    details.set_code(static_cast<int>(wanted.error().code()));
    details.set_message(wanted.error().message());
    for (const auto& detail : wanted.error().details()) *details.add_details() = detail;
    details.add_details()->PackFrom(info);
    return {static_cast<grpc::StatusCode>(wanted.error().code()), wanted.error().message(),
            details.SerializeAsString()};
  }
};

// Four bytes of length, the highest first, and the message.
bool read_message(google::protobuf::Message& message) {
  std::array<unsigned char, 4> size{};
  if (std::fread(size.data(), 1, size.size(), stdin) != size.size()) return false;
  const std::size_t bytes = (std::size_t{size[0]} << 24) | (std::size_t{size[1]} << 16) |
                            (std::size_t{size[2]} << 8) | size[3];
  std::string text(bytes, '\0');
  return std::fread(text.data(), 1, bytes, stdin) == bytes && message.ParseFromString(text);
}

void write_message(const google::protobuf::Message& message) {
  const std::string text = message.SerializeAsString();
  for (const int shift : {24, 16, 8, 0}) {
    std::fputc(static_cast<int>((text.size() >> shift) & 0xFF), stdout);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

platform::Result<int> serve(platform::StopSignal& stop_signal) {
  suite::ServerCompatRequest request;
  if (!read_message(request)) {
    return platform::make_error(platform::Reason::kInvalidInput, "no request on standard input");
  }
  Service service;
  platform::RpcServer rpc;
  platform::ServerLimits limits;
  limits.max_message_bytes = 64 << 20;
  UNCAC_TRY(rpc.start({"127.0.0.1", 0}, {}, limits, {&service}));
  rpc.set_serving(true);
  UNCAC_ASSIGN(auto channel, platform::open_channel("127.0.0.1:" + std::to_string(rpc.port()), {}));
  const std::string name = suite::ConformanceService::service_full_name();
  const gateway::Backends backends({{name, channel}});
  gateway::Calls calls;
  const std::size_t largest = request.message_receive_limit() > 0
                                  ? request.message_receive_limit()
                                  : gateway::connect::kLargestMessage;
  gateway::connect::Unary unary(backends, calls, largest);
  gateway::http::Route route{{"POST"}, "/" + name + "/*", [&](gateway::http::Exchange& exchange) {
                               return unary.handle(exchange);
                             }};
  route.largest_body = largest;
  platform::Metrics metrics;
  platform::SystemIds ids;
  gateway::http::Server server({}, {route}, metrics, ids);
  UNCAC_TRY(server.start({"127.0.0.1", 0}));
  suite::ServerCompatResponse response;
  response.set_host("127.0.0.1");
  response.set_port(static_cast<std::uint32_t>(server.port()));
  write_message(response);
  stop_signal.wait();
  server.stop(std::chrono::seconds(2));
  calls.end();
  rpc.stop(std::chrono::seconds(2));
  return 0;
}

}  // namespace

int main() {
  platform::log::configure(platform::log::Level::kError, "conformance");
  platform::StopSignal stop_signal;
  const auto code = serve(stop_signal);
  if (code) return *code;
  std::fprintf(stderr, "%s\n", platform::to_text(code.error()).c_str());
  return 1;
}
