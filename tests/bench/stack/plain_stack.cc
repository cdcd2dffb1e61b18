#include "bench/stack/plain_stack.h"

#include <stdexcept>

#include "support/suite.h"

namespace uncac::bench {

using testing::must;

namespace {

std::string local(int port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

PlainStack::PlainStack() {
  const std::string keys = folder_.file("keys");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"keys", "--out", keys},
           {"tokens", "--key", keys + "/token-signing.pem", "--out", folder_.file("tokens")}}) {
    std::vector<std::string> command{testing::program("uncac"), "exercise"};
    command.insert(command.end(), words.begin(), words.end());
    const testing::Ended ended = testing::run_to_end(command);
    if (ended.code != 0) throw std::runtime_error("uncac exercise: " + ended.err);
  }
}

PlainStack::~PlainStack() = default;

testing::KafkaServer& PlainStack::kafka() {
  if (!kafka_) {
    kafka_ = must(testing::KafkaServer::start());
    testing::set_up_kafka(*kafka_);
  }
  return *kafka_;
}

testing::RedisServer& PlainStack::redis() {
  if (!redis_) redis_ = must(testing::RedisServer::start());
  return *redis_;
}

testing::PostgresServer& PlainStack::postgres() {
  if (!postgres_) {
    postgres_ = must(
        testing::PostgresServer::start({"fsync=on", "shared_buffers=256MB", "max_wal_size=16GB",
                                        "checkpoint_timeout=1h", "max_connections=200"}));
  }
  return *postgres_;
}

std::string PlainStack::database(const std::string& name) {
  return must(postgres().create_database(name));
}

PlainStack::Running PlainStack::launch(const std::string& service,
                                       std::vector<std::string> arguments) {
  const int port = testing::free_port();
  const int health_port = testing::free_port();
  Running running{nullptr, local(port)};
  std::vector<std::string> command{testing::program("uncac-" + service),
                                   "--listen",
                                   local(port),
                                   "--health-listen",
                                   local(health_port),
                                   "--token-verify-key",
                                   folder_.file("keys/token-verify.pem")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  running.service = std::make_unique<testing::Service>(service, std::move(command), health_port,
                                                       folder_.file(service + ".log"));
  running.service->launch();
  running.service->wait_ready();
  return running;
}

PlainStack::Running PlainStack::start(const std::string& service, const std::string& conninfo) {
  std::vector<std::string> arguments{"--postgres",        conninfo,  "--kafka",
                                     kafka().bootstrap(), "--redis", local(redis().port())};
  if (service == "needs-matrix") {
    arguments.insert(arguments.end(), {"--checklist-intake", intake_});
  }
  Running running = launch(service, std::move(arguments));
  if (service == "checklist-intake") intake_ = running.address;
  return running;
}

PlainStack::Running PlainStack::start_suite() {
  Running running = launch("suite", {"--data", folder_.file("store")});
  const std::string uncac = testing::program("uncac");
  const std::string answers = folder_.file("exercise.csv");
  for (const auto& command : std::vector<std::vector<std::string>>{
           {uncac, "exercise", "responses", "--seed", "2009", "--out", answers},
           {uncac, "--server", running.address, "--token", folder_.file("tokens/secretariat.jwt"),
            "response", "submit", answers, "--exercise"}}) {
    const testing::Ended ended = testing::run_to_end(command);
    if (ended.code != 0) throw std::runtime_error(command[1] + ": " + ended.err);
  }
  return running;
}

std::string PlainStack::token(const std::string& reader) const {
  std::string text = testing::read_text(folder_.file("tokens/" + reader + ".jwt"));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void wait_until(const std::string& what, const std::function<bool()>& condition) {
  if (!testing::eventually(condition, std::chrono::minutes(2))) {
    throw std::runtime_error(what + " did not happen within two minutes");
  }
}

}  // namespace uncac::bench
