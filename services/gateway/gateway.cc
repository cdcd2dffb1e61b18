#include "gateway/gateway.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "gateway/calls.h"
#include "gateway/connect/unary.h"
#include "gateway/import/responses.h"
#include "platform/rpc/server.h"
#include "uncac/checklist/v1/checklist.pb.h"
#include "uncac/needs/v1/needs.pb.h"
#include "uncac/operations/v1/operations.pb.h"

namespace uncac::gateway {
namespace {

using platform::Reason;
using platform::Result;

// Asking for a message's descriptor makes sure that its file is linked: requests and answers are
// read by the descriptors alone.
std::vector<std::string> services() {
  const auto name = [](const google::protobuf::Descriptor* message, const char* service) {
    return message->file()->FindServiceByName(service)->full_name();
  };
  return {name(checklist::v1::ResponseKey::descriptor(), "ChecklistIntake"),
          name(needs::v1::Need::descriptor(), "NeedsMatrix"),
          name(operations::v1::BackupRequest::descriptor(), "Operations")};
}

// "https://a.example,https://b.example"; an origin is a scheme, a host and perhaps a port.
Result<std::vector<std::string>> read_origins(const std::string& text) {
  std::vector<std::string> origins;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    std::string origin = text.substr(at, end - at);
    const std::size_t host = origin.find("://");
    const bool has_scheme = origin.starts_with("https://") || origin.starts_with("http://");
    if (!has_scheme || host + 3 >= origin.size() ||
        origin.find_first_of("/?#* ", host + 3) != std::string::npos) {
      return platform::make_error(Reason::kInvalidInput,
                                  "--http-allowed-origins: \"" + origin.substr(0, 100) +
                                      "\" is no origin such as https://example.org");
    }
    origins.push_back(std::move(origin));
    at = end + 1;
  }
  return origins;
}

}  // namespace

void HttpOptions::declare(platform::Options& options) {
  options.address("http-listen", listen, "where HTTP is served");
  options.text("http-allowed-origins", allowed_origins,
               "origins of other sites whose pages may call, separated by commas");
  options.number("http-requests-per-second", requests_per_second,
                 "of one client's address, on average; 0: no limit", 0, 1'000'000);
}

struct Gateway::State {
  State(std::shared_ptr<const Backends> known, HttpOptions given, platform::Metrics& all_metrics,
        platform::Ids& all_ids, std::function<bool()> is_ready)
      : backends(std::move(known)),
        options(std::move(given)),
        metrics(all_metrics),
        ids(all_ids),
        ready(std::move(is_ready)),
        unary(*backends, calls),
        responses(*backends, calls) {}

  std::vector<http::Route> routes() {
    const auto connect = [this](http::Exchange& exchange) { return unary.handle(exchange); };
    std::vector<http::Route> all;
    for (const std::string& service : services()) {
      all.push_back({{"POST"}, "/" + service + "/*", connect, connect::kLargestMessage});
    }
    all.push_back({{"POST"},
                   "/import/responses",
                   [this](http::Exchange& exchange) { return responses.handle(exchange); },
                   import::kLargestFile});
    all.push_back({{"GET"}, "/healthz", [](http::Exchange& exchange) {
                     return exchange.respond(http::json(200, {{"alive", true}}));
                   }});
    all.push_back(
        {{"GET"}, "/readyz", [this](http::Exchange& exchange) {
           const bool is_ready = !exchange.draining() && ready();
           return exchange.respond(http::json(is_ready ? 200 : 503, {{"ready", is_ready}}));
         }});
    return all;
  }

  const std::shared_ptr<const Backends> backends;
  const HttpOptions options;
  platform::Metrics& metrics;
  platform::Ids& ids;
  const std::function<bool()> ready;
  Calls calls;
  connect::Unary unary;
  import::Responses responses;
  std::unique_ptr<http::Server> server;  // its coroutines use what stands above
};

std::unique_ptr<platform::Front> front_of(const platform::FrontContext& context,
                                          const HttpOptions& options) {
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
  for (const std::string& service : services()) channels[service] = context.services;
  return std::make_unique<Gateway>(std::make_shared<Backends>(channels), options, context.metrics,
                                   context.ids, context.ready);
}

Gateway::Gateway(std::shared_ptr<const Backends> backends, const HttpOptions& options,
                 platform::Metrics& metrics, platform::Ids& ids, std::function<bool()> ready)
    : state_(
          std::make_unique<State>(std::move(backends), options, metrics, ids, std::move(ready))) {}

Gateway::~Gateway() { stop(std::chrono::milliseconds(0)); }

platform::Result<std::string> Gateway::start() {
  http::ServerOptions options;
  options.limits.requests_per_second = state_->options.requests_per_second;
  UNCAC_ASSIGN(options.allowed_origins, read_origins(state_->options.allowed_origins));
  state_->server = std::make_unique<http::Server>(std::move(options), state_->routes(),
                                                  state_->metrics, state_->ids);
  const platform::Address& address = state_->options.listen;
  // A token must not cross a network in the clear; where others shall reach it, TLS ends before it.
  UNCAC_TRY(platform::may_listen(address, {}));
  UNCAC_TRY(state_->server->start(address));
  return address.host + ":" + std::to_string(state_->server->port());
}

void Gateway::drain() {
  if (state_->server) state_->server->drain();
}

void Gateway::stop(std::chrono::milliseconds limit) {
  if (!state_->server) return;
  state_->server->stop(limit);
  // gRPC must have let go of its call-backs before the server they post to is gone.
  state_->calls.end();
}

}  // namespace uncac::gateway
