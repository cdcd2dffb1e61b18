// The system under test, in either profile behind one interface: real programs on free ports, real
// servers beneath, asked through the command line or over gRPC as anybody else would.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/engines.h"
#include "support/processes.h"

namespace uncac::testing {

// Used by one thread, the main one; channel() and authorize() by any.
class System {
 public:
  // `uncac-suite` on embedded stores. `sign_in` are options of its HTTP side, by which people sign
  // in at an identity provider; without any, whoever comes chooses one of the exercise.
  static std::unique_ptr<System> embedded(const std::vector<std::string>& sign_in = {});
  // `uncac-checklist-intake`, `uncac-needs-matrix` (`replicas` of each, the second one with "-2"
  // after its name) and `uncac-gateway`, on an Apache Kafka, a PostgreSQL and a Redis of their own,
  // so that a test may take them away. Kafka has TLS, users and the access rules of deploy/kafka.
  static std::unique_ptr<System> distributed(int replicas = 1) { return wired(replicas, {}); }
  // The same with a test standing in between: `from` reaches `to`, which listens on `port`, by the
  // port that this returns. `from` is a service ("uncac-gateway"), `to` one, or "postgres" or
  // "redis". A broker tells all its clients the same address, so for "kafka" `from` is empty; it is
  // asked for twice, with port 0 before the broker starts, and what it then says must stay.
  using Wiring = std::function<int(const std::string& from, const std::string& to, int port)>;
  static std::unique_ptr<System> wired(int replicas, const Wiring& wiring);
  // "embedded", "distributed", or "replicated": distributed with two of each service.
  static std::unique_ptr<System> start(const std::string& profile);
  ~System();

  const std::string& profile() const { return profile_; }
  // Where clients connect: HOST:PORT of the suite or the gateway.
  const std::string& address() const { return address_; }
  // The same for HTTP.
  const std::string& http_address() const { return http_address_; }

  // Runs the command line to its end. `reader` names a token of the exercise set-up, such as
  // "focal-point-KEN", "provider-EX1" or "secretariat"; "" is nobody.
  Ended uncac(const std::string& reader, const std::vector<std::string>& arguments);
  Ended uncac_with_token(const std::string& token, const std::vector<std::string>& arguments);
  // Its output goes to the end of `out_file` and `error_file`.
  std::unique_ptr<Process> uncac_in_background(const std::string& reader,
                                               const std::vector<std::string>& arguments,
                                               const std::string& out_file,
                                               const std::string& error_file);
  std::string token(const std::string& reader) const;
  std::string signing_key() const;  // PEM, private
  std::string signing_key_file() const { return folder_.file("keys/token-signing.pem"); }
  std::string tokens_folder() const { return folder_.file("tokens"); }
  // A file of the test's own; returns its path.
  std::string file(const std::string& name, const std::string& text);

  std::shared_ptr<grpc::Channel> channel();
  // A bearer token and a deadline for one call.
  void authorize(grpc::ClientContext& context, const std::string& reader) const;

  std::vector<std::unique_ptr<Service>>& services() { return services_; }
  Service& service(const std::string& name);
  // Beneath the distributed profile.
  KafkaServer& kafka() { return *kafka_; }
  // A file with the settings of librdkafka for one of Kafka's users ("secretariat", "provider",
  // "public", "operator", "admin"): what `kcat -F` reads.
  std::string kafka_config(const std::string& user);
  PostgresServer& postgres() { return *postgres_; }
  RedisServer& redis() { return *redis_; }
  void launch_all();  // those services that do not run, until all are ready

  // No service wrote to its log what no healthy service writes, since this was last asked.
  void expect_no_complaints();
  // Every process leaves with code 0 when asked. Afterwards none runs.
  void expect_ordered_end();

 private:
  explicit System(std::string profile);
  std::vector<std::string> front(std::vector<std::string> arguments,
                                 const std::vector<std::string>& sign_in) const;
  void add_service(const std::string& name, const std::string& program_name, int port,
                   int health_port, std::vector<std::string> arguments);
  std::vector<std::string> command_line(const std::string& token_file,
                                        const std::vector<std::string>& arguments) const;

  const std::string profile_;
  TemporaryFolder folder_;
  std::string address_, http_address_;
  std::unique_ptr<KafkaServer> kafka_;
  std::unique_ptr<PostgresServer> postgres_;
  std::unique_ptr<RedisServer> redis_;
  std::vector<std::unique_ptr<Service>> services_;  // in the order of start
};

// The topics of deploy/kafka, and on a broker with users its access rules.
void set_up_kafka(const KafkaServer& kafka);

// One system of each profile for all tests of a program that can share: each test uses States that
// no other uses. Ended, and their ends checked, after the last test.
System& shared_system(const std::string& profile);

// The fixture of a test that is written once and run over both profiles.
class BothProfiles : public ::testing::TestWithParam<std::string> {
 protected:
  System& system() { return shared_system(GetParam()); }
  void TearDown() override { system().expect_no_complaints(); }
};

// INSTANTIATE_TEST_SUITE_P(…, kProfiles, profile_name)
inline const auto kProfiles = ::testing::Values("embedded", "distributed");
inline std::string profile_name(const ::testing::TestParamInfo<std::string>& info) {
  return info.param;
}

}  // namespace uncac::testing
