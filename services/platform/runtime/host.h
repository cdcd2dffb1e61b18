// Runs services in a process: embedded (all in one, SQLite, the outbox as log, cache in memory) or
// distributed (one each, PostgreSQL, Kafka, Redis). These two and no mixtures.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/rpc/call.h"
#include "platform/runtime/options.h"
#include "platform/runtime/service.h"

namespace uncac::platform {

// What an embedded program offers beside its gRPC: the gateway.
class Front {
 public:
  virtual ~Front() = default;
  // Where it listens, for the log.
  virtual Result<std::string> start() = 0;
  // Not ready any more; clients are asked to go elsewhere.
  virtual void drain() = 0;
  // Takes no more and gives what is under way until `limit`.
  virtual void stop(std::chrono::milliseconds limit) = 0;
};

// Outlives the front.
struct FrontContext {
  std::shared_ptr<grpc::Channel> services;  // all of this process
  Metrics& metrics;
  Ids& ids;
  const Clock& clock;
  std::function<bool()> ready;
};

struct Program {
  std::string name;                   // "uncac-suite"
  std::string purpose;                // one line for --help
  int rpc_port = 0, health_port = 0;  // defaults, on loopback
  // Services whose topics are read here. In the distributed profile each has an option for where it
  // is reached, --checklist-intake for "checklist_intake".
  std::vector<std::string> writers;
  // Options beyond the host's own; then what they lead to.
  std::function<void(Options&)> declare;
  std::function<Result<std::unique_ptr<Gatekeeper>>(const Clock&)> gatekeeper;
  std::function<Result<std::vector<ServiceDescription>>()> services;
  // Embedded only; none where it is empty.
  std::function<Result<std::unique_ptr<Front>>(FrontContext)> front = {};
};

// Both return the process's exit code: 0 after an ordered end, 1 when the start failed (the reason
// on standard error), 2 for wrong options, 70 when a step of the shutdown hung.
int run_embedded(int argc, const char* const* argv, const Program& program);
int run_distributed(int argc, const char* const* argv, const Program& program);

}  // namespace uncac::platform
