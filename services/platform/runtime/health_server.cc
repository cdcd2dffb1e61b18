#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "platform/runtime/http_library.h"
#include "platform/runtime/log.h"
#include "platform/runtime/process.h"
#include "platform/runtime/socket_host.h"
#include "platform/time.h"

namespace uncac::platform {
namespace {

constexpr std::size_t kLargestBody = 1024;  // nobody has anything to tell this server
constexpr std::size_t kThreads = 4;

}  // namespace

struct HealthServer::State {
  explicit State(Metrics& all_metrics)
      : metrics(all_metrics),
        ready(metrics.gauge("uncac_ready", "1 when /readyz says 200, else 0.")) {
    // The name that Prometheus knows a restart by.
    metrics.gauge("process_start_time_seconds", "Start of the process, in seconds from 1970.")
        .set(std::chrono::duration<double>(SystemClock().now().time_since_epoch()).count());
  }

  std::vector<std::string> failing() const {
    std::vector<std::string> names;
    if (draining) names.emplace_back("not draining");
    for (const auto& [name, holds] : conditions) {
      bool held = false;
      try {
        held = holds();
      } catch (const std::exception& wrong) {
        log::error("readiness condition threw", {{"condition", name}, {"why", wrong.what()}});
      }
      if (!held) names.push_back(name);
    }
    return names;
  }

  Metrics& metrics;
  Metrics::Gauge& ready;  // as of the last look at the metrics
  std::vector<std::pair<std::string, std::function<bool()>>> conditions;
  std::atomic<bool> draining = false;
  httplib::Server server;
  std::jthread listener;
};

HealthServer::HealthServer(Metrics& metrics) : state_(std::make_unique<State>(metrics)) {}

HealthServer::~HealthServer() { stop(); }

void HealthServer::add_condition(std::string name, std::function<bool()> holds) {
  state_->conditions.emplace_back(std::move(name), std::move(holds));
}

Result<int> HealthServer::start(const Address& address) {
  State& state = *state_;
  httplib::Server& server = state.server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_payload_max_length(kLargestBody);
  server.set_read_timeout(std::chrono::seconds(2));
  server.set_write_timeout(std::chrono::seconds(2));
  // A connection kept open holds one of the few threads; four idle ones would silence the probes.
  server.set_keep_alive_max_count(1);
  // Its own options would let a second process listen on the same port (SO_REUSEPORT).
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("{\"alive\":true}\n", "application/json");
  });
  server.Get("/readyz", [&state](const httplib::Request&, httplib::Response& response) {
    const std::vector<std::string> failing = state.failing();
    nlohmann::ordered_json body;
    body["ready"] = failing.empty();
    body["failing"] = failing;
    response.status = failing.empty() ? 200 : 503;
    response.set_content(
        body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n",
        "application/json");
  });
  server.Get("/metrics", [&state](const httplib::Request&, httplib::Response& response) {
    state.ready.set(state.failing().empty() ? 1 : 0);
    response.set_content(state.metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
  });

  const std::string host = socket_host(address.host);
  int port = address.port;
  if (port == 0) {
    port = server.bind_to_any_port(host);
  } else if (!server.bind_to_port(host, port)) {
    port = -1;
  }
  if (port <= 0) {
    return make_error(Reason::kFailedPrecondition,
                      "cannot listen on " + address.text() +
                          " for health and metrics: the port is in use or may not be bound");
  }
  std::promise<void> ended;
  std::future<void> end = ended.get_future();
  state.listener = std::jthread([&server, done = std::move(ended)]() mutable {
    server.listen_after_bind();
    done.set_value();
  });
  // stop() has no effect on a server that is not running yet, and its thread would then never end.
  while (!server.is_running()) {
    if (end.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready) {
      return make_error(Reason::kInternal, "the server for health and metrics ended at once");
    }
  }
  return port;
}

void HealthServer::set_draining() { state_->draining = true; }

bool HealthServer::ready() const { return state_->failing().empty(); }

void HealthServer::stop() {
  state_->server.stop();
  if (state_->listener.joinable()) state_->listener.join();
}

}  // namespace uncac::platform
