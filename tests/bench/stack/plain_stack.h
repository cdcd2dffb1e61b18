// The servers and services that a row needs, each started when it is asked for. Everything is
// plain: no TLS and no passwords on either side of a comparison.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/engines.h"
#include "support/processes.h"

namespace uncac::bench {

// Used by one thread, which must outlive it.
class PlainStack {
 public:
  PlainStack();
  ~PlainStack();

  testing::KafkaServer& kafka();
  testing::RedisServer& redis();
  // With fsync, memory for what a row writes, and no checkpoint that falls on one contender only.
  testing::PostgresServer& postgres();
  // An empty database; its conninfo.
  std::string database(const std::string& name);

  // "checklist-intake" or "needs-matrix" on that database, ready; its gRPC address. The matrix asks
  // the intake started last, without which it answers who reads everything alone; that one is
  // started before a row writes to the topic itself.
  struct Running {
    std::unique_ptr<testing::Service> service;
    std::string address;
  };
  Running start(const std::string& service, const std::string& conninfo);

  // `uncac-suite` with the exercise data, whose cache is in its memory.
  Running start_suite();

  // "focal-point-KEN", "secretariat": a token of the exercise set-up.
  std::string token(const std::string& reader) const;
  std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  Running launch(const std::string& service, std::vector<std::string> arguments);

  testing::TemporaryFolder folder_;
  std::string intake_;  // address
  std::unique_ptr<testing::KafkaServer> kafka_;
  std::unique_ptr<testing::RedisServer> redis_;
  std::unique_ptr<testing::PostgresServer> postgres_;
};

// Waits for what another process does. Throws after two minutes.
void wait_until(const std::string& what, const std::function<bool()>& condition);

}  // namespace uncac::bench
