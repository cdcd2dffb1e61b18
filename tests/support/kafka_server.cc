#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "support/server_parts.h"

namespace uncac::testing {

using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;
namespace fs = std::filesystem;

KafkaServer::KafkaServer(std::vector<std::string> settings, std::vector<std::string> users)
    : Server({"kafka", SIGTERM, SIGKILL, std::chrono::seconds(90)}, std::move(settings)),
      users_(std::move(users)) {}

Result<std::unique_ptr<KafkaServer>> KafkaServer::start(const std::vector<std::string>& settings) {
  return start_on_free_port<KafkaServer>(settings, std::vector<std::string>());
}

Result<std::unique_ptr<KafkaServer>> KafkaServer::start_secured(
    const std::vector<std::string>& users, const std::vector<std::string>& settings) {
  std::vector<std::string> all{"admin"};
  all.insert(all.end(), users.begin(), users.end());
  return start_on_free_port<KafkaServer>(settings, all);
}

Result<std::vector<std::string>> KafkaServer::java() const {
  const char* home = std::getenv("UNCAC_KAFKA_HOME");
  if (home == nullptr || !fs::exists(home)) {
    return make_error(Reason::kFailedPrecondition,
                      "UNCAC_KAFKA_HOME names no folder with the jars of Kafka: start the tests "
                      "with scripts/test, which fetches them and sets it");
  }
  UNCAC_ASSIGN(auto program, find_program("java", "default-jre-headless"));
  // The flags give up speed later for a quick start.
  return std::vector<std::string>{program,
                                  "-Xmx512m",
                                  "-XX:TieredStopAtLevel=1",
                                  "-XX:+UseSerialGC",
                                  "-Dlog4j2.level=WARN",
                                  "-cp",
                                  std::string(home) + "/*"};
}

Status KafkaServer::prepare() {
  const std::string controller = "127.0.0.1:" + std::to_string(free_port());
  const std::string listener = (secured() ? "SASL_SSL://" : "PLAINTEXT://") + bootstrap();
  std::vector<std::string> settings{
      "process.roles=broker,controller", "node.id=1",
      "listeners=" + listener + ",CONTROLLER://" + controller, "advertised.listeners=" + listener,
      "controller.listener.names=CONTROLLER", "controller.quorum.voters=1@" + controller,
      "log.dirs=" + file("data"), "auto.create.topics.enable=false",
      "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=4",
      "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
      "group.initial.rebalance.delay.ms=0",
      // After a kill the controller refuses the new broker until the session of the old one has run
      // out, by default for 9 s.
      "broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=500"};
  settings.insert(settings.end(), settings_.begin(), settings_.end());
  std::string text = lines(settings);
  if (secured()) {
    UNCAC_TRY(make_certificates());
    for (const std::string& user : users_) {
      UNCAC_TRY(write_file(password_file(user), options(user).password));
      fs::permissions(password_file(user), fs::perms::owner_read | fs::perms::owner_write);
    }
    // Of two lines the later counts.
    text = settings_of_security() + text;
  }
  UNCAC_TRY(write_file(directory_ / "server.properties", text));
  UNCAC_ASSIGN(auto arguments, java());
  arguments.insert(arguments.end(), {"kafka.tools.StorageTool", "format", "-t",
                                     "AAAAAAAAAAAAAAAAAAAAAA", "-c", file("server.properties")});
  return run_to_end(arguments, std::chrono::seconds(60));
}

// An authority of this server's own, and the broker's certificate with its key behind it.
Status KafkaServer::make_certificates() const {
  UNCAC_ASSIGN(const std::string openssl, find_program("openssl", "openssl"));
  const std::chrono::seconds limit(30);
  UNCAC_TRY(write_file(directory_ / "extensions", "subjectAltName = IP:127.0.0.1\n"));
  UNCAC_TRY(run_to_end(
      {openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
       "-days", "2", "-subj", "/CN=tests", "-keyout", file("ca-key.pem"), "-out", file("ca.pem")},
      limit));
  UNCAC_TRY(run_to_end(
      {openssl, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
       "-subj", "/CN=kafka", "-keyout", file("key.pem"), "-out", file("request.pem")},
      limit));
  UNCAC_TRY(run_to_end({openssl, "x509", "-req", "-in", file("request.pem"), "-CA", file("ca.pem"),
                        "-CAkey", file("ca-key.pem"), "-days", "2", "-extfile", file("extensions"),
                        "-out", file("certificate.pem")},
                       limit));
  return write_file(directory_ / "broker.pem", whole_file(directory_ / "certificate.pem") +
                                                   whole_file(directory_ / "key.pem"));
}

std::string KafkaServer::settings_of_security() const {
  std::string text = whole_file(fs::path(UNCAC_SOURCE_DIR) / "deploy/kafka/server.properties") +
                     "\n" +
                     lines({"ssl.keystore.location=" + file("broker.pem"),
                            "ssl.truststore.location=" + file("ca.pem")}) +
                     "listener.name.sasl_ssl.plain.sasl.jaas.config="
                     "org.apache.kafka.common.security.plain.PlainLoginModule required";
  for (const std::string& user : users_) {
    text += " user_" + user + "=\"" + options(user).password + "\"";
  }
  return text + ";\n";
}

Status KafkaServer::lose(const std::function<void()>& meanwhile) {
  const fs::path data = directory_ / "data", copy = directory_ / "copy";
  pause();
  fs::copy(data, copy, fs::copy_options::recursive);
  resume();
  meanwhile();
  kill9();
  fs::remove_all(data);
  fs::rename(copy, data);
  return restart();
}

platform::KafkaOptions KafkaServer::options(const std::string& user) const {
  platform::KafkaOptions options;
  options.bootstrap = bootstrap();
  options.client_id = "tests";
  if (!secured()) return options;
  options.ca_file = file("ca.pem");
  options.user = user;
  // Of this server alone, so that no client can take another test's server for it.
  options.password = user + "-" + directory_.filename().string();
  return options;
}

std::vector<std::string> KafkaServer::arguments(const std::string& user) const {
  if (!secured()) return {"--kafka", bootstrap()};
  return {"--kafka",
          bootstrap(),
          "--kafka-ca",
          file("ca.pem"),
          "--kafka-user",
          user,
          "--kafka-password-file",
          password_file(user)};
}

std::string KafkaServer::properties(const std::string& user) const {
  if (!secured()) return lines({"bootstrap.servers=" + bootstrap()});
  return lines({"bootstrap.servers=" + bootstrap(), "security.protocol=SASL_SSL",
                "ssl.ca.location=" + file("ca.pem"), "sasl.mechanism=PLAIN",
                "sasl.username=" + user, "sasl.password=" + options(user).password});
}

Result<std::vector<std::string>> KafkaServer::command() const {
  UNCAC_ASSIGN(auto arguments, java());
  arguments.insert(arguments.end(), {"kafka.Kafka", file("server.properties")});
  return arguments;
}

// A broker that listens may still refuse work. It is ready when it names itself in the metadata and
// each partition has a leader.
bool KafkaServer::answers() const {
  if (!accepts_connections(port_)) return false;
  rd_kafka_conf_t* settings = rd_kafka_conf_new();
  std::istringstream text(properties("admin"));
  for (std::string line; std::getline(text, line);) {
    const auto middle = line.find('=');
    rd_kafka_conf_set(settings, line.substr(0, middle).c_str(), line.substr(middle + 1).c_str(),
                      nullptr, 0);
  }
  rd_kafka_conf_set_log_cb(settings, nullptr);  // it would report each failed attempt
  const std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client(
      rd_kafka_new(RD_KAFKA_PRODUCER, settings, nullptr, 0), &rd_kafka_destroy);
  if (!client) {
    rd_kafka_conf_destroy(settings);
    return false;
  }
  const struct rd_kafka_metadata* found = nullptr;
  if (rd_kafka_metadata(client.get(), 1, nullptr, &found, 1000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  const std::unique_ptr<const struct rd_kafka_metadata, decltype(&rd_kafka_metadata_destroy)>
      metadata(found, &rd_kafka_metadata_destroy);
  if (metadata->broker_cnt == 0) return false;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const auto& topic = metadata->topics[i];
    for (int k = 0; k < topic.partition_cnt; ++k) {
      if (topic.partitions[k].leader < 0) return false;
    }
  }
  return true;
}

}  // namespace uncac::testing
