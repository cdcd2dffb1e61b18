#include "gateway/gateway.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "gateway/calls.h"
#include "gateway/connect/unary.h"
#include "gateway/events/needs.h"
#include "gateway/export/exports.h"
#include "gateway/import/responses.h"
#include "gateway/openapi/document.h"
#include "platform/rpc/server.h"
#include "uncac/checklist/v1/checklist.pb.h"
#include "uncac/needs/v1/needs.pb.h"
#include "uncac/operations/v1/operations.pb.h"

namespace uncac::gateway {
namespace {

using platform::Reason;
using platform::Result;

constexpr std::size_t kLargestChoice = 4 << 10;

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
  options.text("web-dir", web_dir, "the dashboard's files; without it there is none");
  session.declare(options);
}

struct Gateway::State {
  State(std::shared_ptr<const Backends> known, HttpOptions given, platform::Metrics& all_metrics,
        platform::Ids& all_ids, std::function<bool()> is_ready,
        std::unique_ptr<session::Sessions> all_sessions, site::Files all_files)
      : backends(std::move(known)),
        options(std::move(given)),
        metrics(all_metrics),
        ids(all_ids),
        ready(std::move(is_ready)),
        sessions(std::move(all_sessions)),
        files(std::move(all_files)),
        unary(*backends, calls),
        responses(*backends, calls),
        needs(*backends, calls),
        exports(*backends, calls) {}

  std::vector<http::Route> routes() {
    const auto connect = [this](http::Exchange& exchange) { return unary.handle(exchange); };
    std::vector<http::Route> all;
    for (const std::string& service : services()) {
      all.push_back({{"POST"}, "/" + service + "/*", connect, connect::kLargestMessage});
    }
    all.push_back(
        {{"POST"}, std::string(connect::Together::kMethod), connect, connect::kLargestMessage});
    all.push_back({{"POST"},
                   "/import/responses",
                   [this](http::Exchange& exchange) { return responses.handle(exchange); },
                   import::kLargestFile});
    all.push_back({{"GET"}, "/events/needs", [this](http::Exchange& exchange) {
                     return needs.handle(exchange);
                   }});
    for (const char* const path : {"/export/matrix.csv", "/export/matrix.xlsx"}) {
      all.push_back(
          {{"GET"}, path, [this](http::Exchange& exchange) { return exports.matrix(exchange); }});
    }
    for (const char* const path : {"/export/needs.csv", "/export/needs.jsonl"}) {
      all.push_back(
          {{"GET"}, path, [this](http::Exchange& exchange) { return exports.needs(exchange); }});
    }
    // What is answered at once, from memory.
    const auto at_once = [&](const char* method, const char* path, auto answer) {
      all.push_back({{method}, path, [answer](http::Exchange& exchange) {
                       return exchange.respond(answer(exchange.request()));
                     }});
    };
    at_once("GET", "/session",
            [this](const http::Request& request) { return sessions->show(request); });
    at_once("DELETE", "/session", [this](const http::Request&) { return sessions->end(); });
    at_once("GET", "/session/identities",
            [this](const http::Request&) { return sessions->identities(); });
    using Answer = http::Response (session::Sessions::*)(const http::Request&) const;
    for (const auto& [path, answer] :
         {std::pair<const char*, Answer>{"/sign-in", &session::Sessions::leave_for_provider},
          {"/sign-in/callback", &session::Sessions::come_back}}) {
      all.push_back({{"GET"}, path, [this, answer = answer](http::Exchange& exchange) {
                       return aside(exchange, answer);
                     }});
    }
    all.push_back({{"POST"},
                   "/session",
                   [this](http::Exchange& exchange) { return choose(exchange); },
                   kLargestChoice});
    at_once("GET", "/openapi.json", [](const http::Request&) {
      http::Response response;
      response.headers.set("Content-Type", "application/json");
      response.body = openapi::document();
      return response;
    });
    at_once("GET", "/*", [this](const http::Request& request) { return files.answer(request); });
    at_once("GET", "/healthz", [](const http::Request&) {
      return http::json(200, {{"alive", true}});
    });
    all.push_back(
        {{"GET"}, "/readyz", [this](http::Exchange& exchange) {
           const bool is_ready = !exchange.draining() && ready();
           return exchange.respond(http::json(is_ready ? 200 : 503, {{"ready", is_ready}}));
         }});
    return all;
  }

  // What waits for the network does so on a thread apart.
  http::Task<> aside(http::Exchange& exchange,
                     http::Response (session::Sessions::*answer)(const http::Request&) const) {
    http::Response response;
    auto work = [&]() -> http::Task<> {
      response = (sessions.get()->*answer)(exchange.request());
      co_return;
    };
    co_await boost::asio::co_spawn(waiting.get_executor(), work(), boost::asio::use_awaitable);
    co_await exchange.respond(std::move(response));
  }
  http::Task<> choose(http::Exchange& exchange) const {
    platform::Result<std::string> body = co_await exchange.read_body();
    http::Response response =
        body ? sessions->choose(exchange.request(), *body) : http::problem(body.error());
    co_await exchange.respond(std::move(response));
  }

  const std::shared_ptr<const Backends> backends;
  const HttpOptions options;
  platform::Metrics& metrics;
  platform::Ids& ids;
  const std::function<bool()> ready;
  const std::unique_ptr<session::Sessions> sessions;
  boost::asio::thread_pool waiting{2};
  const site::Files files;
  Calls calls;
  connect::Unary unary;
  import::Responses responses;
  events::Needs needs;
  exports::Exports exports;
  std::unique_ptr<http::Server> server;  // its coroutines use what stands above
};

Result<std::unique_ptr<platform::Front>> front_of(const platform::FrontContext& context,
                                                  const HttpOptions& options) {
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
  for (const std::string& service : services()) channels[service] = context.services;
  UNCAC_ASSIGN(std::unique_ptr<Gateway> gateway,
               Gateway::create(std::make_shared<Backends>(channels), options, context.metrics,
                               context.ids, context.clock, context.ready));
  return std::unique_ptr<platform::Front>(std::move(gateway));
}

Gateway::Gateway(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Gateway>> Gateway::create(std::shared_ptr<const Backends> backends,
                                                 const HttpOptions& options,
                                                 platform::Metrics& metrics, platform::Ids& ids,
                                                 const platform::Clock& clock,
                                                 std::function<bool()> ready) {
  UNCAC_ASSIGN(auto sessions, session::Sessions::create(options.session, ids, clock));
  UNCAC_ASSIGN(site::Files files, site::Files::read(options.web_dir));
  return std::unique_ptr<Gateway>(new Gateway(
      std::make_unique<State>(std::move(backends), options, metrics, ids, std::move(ready),
                              std::move(sessions), std::move(files))));
}

Gateway::~Gateway() { stop(std::chrono::milliseconds(0)); }

platform::Result<std::string> Gateway::start() {
  http::ServerOptions options;
  options.limits.requests_per_second = state_->options.requests_per_second;
  UNCAC_ASSIGN(options.allowed_origins, read_origins(state_->options.allowed_origins));
  options.admit = [this](http::Request& request) { return state_->sessions->admit(request); };
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
  state_->waiting.join();
  // gRPC must have let go of its call-backs before the server they post to is gone.
  state_->calls.end();
}

}  // namespace uncac::gateway
