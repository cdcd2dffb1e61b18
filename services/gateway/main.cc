// `uncac-gateway`: the front of the distributed profile.
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "gateway/gateway.h"
#include "gateway/proxy.h"
#include "platform/rpc/server.h"
#include "platform/runtime/log.h"
#include "platform/runtime/options.h"
#include "platform/runtime/process.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"
#include "uncac/needs/v1/needs.grpc.pb.h"
#include "uncac/operations/v1/operations.grpc.pb.h"

namespace {

using namespace uncac::platform;  // NOLINT: this file only puts platform parts together
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Settings {
  Address listen{"127.0.0.1", 7400};
  Address health{"127.0.0.1", 7490};
  uncac::gateway::HttpOptions http;
  std::string checklist_intake, needs_matrix;
  TlsFiles tls;
  int notice_ms = 0;
};

Result<int> serve(const Settings& settings, StopSignal& stop_signal) {
  // The front speaks without TLS to this machine; the network's edge is not its business yet.
  UNCAC_TRY(may_listen(settings.listen, {}));
  const std::string intake = uncac::checklist::v1::ChecklistIntake::service_full_name();
  const std::string matrix = uncac::needs::v1::NeedsMatrix::service_full_name();
  const std::string operations = uncac::operations::v1::Operations::service_full_name();
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
  UNCAC_ASSIGN(channels[intake],
               open_channel(settings.checklist_intake, settings.tls, {intake, operations}));
  UNCAC_ASSIGN(channels[matrix],
               open_channel(settings.needs_matrix, settings.tls, {matrix, operations}));
  // Every service offers it for its own store.
  channels[operations] = channels[intake];
  channels[operations + "/checklist_intake"] = channels[intake];
  channels[operations + "/needs_matrix"] = channels[matrix];
  const auto backends = std::make_shared<const uncac::gateway::Backends>(channels);
  uncac::gateway::Proxy proxy(*backends);
  Metrics metrics;
  SystemIds ids;
  const SystemClock clock;
  HealthServer health(metrics);
  UNCAC_ASSIGN([[maybe_unused]] const int health_port, health.start(settings.health));
  RpcServer server;
  UNCAC_TRY(server.start(settings.listen, {}, {}, {}, &proxy));
  UNCAC_ASSIGN(const auto gateway,
               uncac::gateway::Gateway::create(backends, settings.http, metrics, ids, clock,
                                               [&health] { return health.ready(); }));
  UNCAC_ASSIGN(const std::string http_address, gateway->start());
  server.set_serving(true);
  log::info("serving", {{"grpc", settings.listen.host + ":" + std::to_string(server.port())},
                        {"http", http_address}});

  stop_signal.wait();
  log::info("stopping");
  Shutdown shutdown;
  shutdown.add("say not ready", seconds(2), [&] {
    health.set_draining();
    server.set_serving(false);
    gateway->drain();
  });
  shutdown.add("be noticed", milliseconds(settings.notice_ms) + seconds(1),
               [&] { std::this_thread::sleep_for(milliseconds(settings.notice_ms)); });
  shutdown.add("finish requests", seconds(12), [&] { gateway->stop(seconds(10)); });
  shutdown.add("finish calls", seconds(12), [&] { server.stop(seconds(10)); });
  shutdown.add("close", seconds(5), [&] { health.stop(); });
  const int code = shutdown.run();
  // A step that hung still uses what this function is about to destroy.
  if (code != 0) std::_Exit(code);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  Options options("uncac-gateway", "the front of the suite: one address for every service");
  options.address("listen", settings.listen, "where gRPC is served");
  options.address("health-listen", settings.health, "where /healthz, /readyz, /metrics are served");
  settings.http.declare(options);
  options.required_text("checklist-intake", settings.checklist_intake,
                        "HOST:PORT of checklist intake");
  options.required_text("needs-matrix", settings.needs_matrix, "HOST:PORT of the needs matrix");
  options.text("tls-ca", settings.tls.ca, "PEM: who signs the services' certificates");
  options.text("tls-certificate", settings.tls.certificate, "PEM: the gateway's own");
  options.text("tls-key", settings.tls.key, "PEM: its key");
  options.number("shutdown-notice-ms", settings.notice_ms,
                 "how long to be not ready before calls are refused", 0, 60'000);
  if (const auto leave = options.parse(argc, argv)) return *leave;
  StopSignal stop_signal;
  stop_signal.leave_at_once();
  log::configure(log::Level::kInfo, "uncac-gateway");
  const Result<int> code = serve(settings, stop_signal);
  if (code) return *code;
  std::fprintf(stderr, "uncac-gateway: %s\n", to_text(code.error()).c_str());
  return 1;
}
