// The life of a server process: parts started in order, health over HTTP, an ordered end.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "platform/result.h"
#include "platform/runtime/metrics.h"
#include "platform/runtime/options.h"

namespace uncac::platform {

// GET /healthz (the process turns), /readyz (200 when every condition holds and it is not draining)
// and /metrics. /readyz lists the conditions that fail, by name. cpp-httplib is included in
// health_server.cc alone. start() and stop() by one thread.
class HealthServer {
 public:
  HealthServer(Metrics& metrics);
  ~HealthServer();
  // Conditions are asked on each /readyz, by name; add them before start().
  void add_condition(std::string name, std::function<bool()> holds);
  Result<int> start(const Address& address);  // the port
  void set_draining();
  bool ready() const;
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Steps of the shutdown, run in the order they were added, each with a limit of its own. A step
// over its limit is logged and the process leaves at once with code 70: a hang must be seen, not
// waited for.
class Shutdown {
 public:
  void add(std::string step, std::chrono::milliseconds limit, std::function<void()> action);
  // 0, or 70 after a step that hung (then the rest was not run, and the hung step still runs on a
  // thread of its own: main() must leave by std::_Exit, so that nothing it uses is destroyed).
  int run();

 private:
  struct Step {
    std::string name;
    std::chrono::milliseconds limit;
    std::function<void()> action;
  };
  std::vector<Step> steps_;
};

// SIGTERM and SIGINT. Construct before any thread starts (it blocks the signals).
class StopSignal {
 public:
  StopSignal();
  // From now on the process leaves at once when one of them comes: a start may wait long, serves
  // nobody yet, and what it writes is whole at every moment. Until wait().
  void leave_at_once();
  // Blocks until one of them comes.
  void wait();

 private:
  std::jthread leaving_;
};

// SHA-256 of the program's own file, 32 raw bytes: no two builds have the same. Empty where it
// cannot be read.
const std::string& program_digest();

// A thread that is asked to stop and joined; its function gets the stop token.
using Worker = std::jthread;

}  // namespace uncac::platform
