#include "support/suite.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "platform/rpc/server.h"

namespace uncac::testing {
namespace {

// Whom deploy/kafka/access.csv names.
const std::vector<std::string> kKafkaUsers{"checklist-intake", "needs-matrix", "secretariat",
                                           "provider",         "public",       "operator"};

std::string local(int port) { return "127.0.0.1:" + std::to_string(port); }

std::string without_newline(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::map<std::string, std::unique_ptr<System>>& shared_systems() {
  static std::map<std::string, std::unique_ptr<System>> all;
  return all;
}

// Ends the shared systems while their servers still run, and lets the program fail when one does
// not leave as it should.
class EndOfSharedSystems final : public ::testing::Environment {
 public:
  void TearDown() override {
    for (auto& [profile, system] : shared_systems()) {
      if (!system) continue;  // it could not start, which failed the test that asked for it
      system->expect_ordered_end();
      system->expect_no_complaints();
    }
    shared_systems().clear();
  }
};

// GoogleTest wants to know before the first test runs.
const ::testing::Environment* const kEndOfSharedSystems =
    ::testing::AddGlobalTestEnvironment(new EndOfSharedSystems);

}  // namespace

System::System(std::string profile) : profile_(std::move(profile)) {
  const std::string keys = folder_.file("keys");
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"exercise", "keys", "--out", keys},
           {"exercise", "tokens", "--key", keys + "/token-signing.pem", "--out",
            folder_.file("tokens")}}) {
    std::vector<std::string> words{program("uncac")};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const Ended ended = run_to_end(words);
    if (ended.code != 0) throw std::runtime_error("uncac exercise: " + ended.err);
  }
}

// The processes before the servers that they use.
System::~System() {
  std::reverse(services_.begin(), services_.end());
  for (auto& service : services_) service->kill9();
}

std::unique_ptr<System> System::start(const std::string& profile) {
  if (profile == "embedded") return embedded();
  return distributed(profile == "replicated" ? 2 : 1);
}

std::unique_ptr<System> System::embedded(const std::vector<std::string>& sign_in) {
  std::unique_ptr<System> system(new System("embedded"));
  const int port = free_port();
  system->address_ = local(port);
  system->http_address_ = local(free_port());
  system->add_service("uncac-suite", "uncac-suite", port, free_port(),
                      system->front({"--data", system->folder_.file("store"), "--token-verify-key",
                                     system->folder_.file("keys/token-verify.pem")},
                                    sign_in));
  system->launch_all();
  return system;
}

std::unique_ptr<System> System::wired(int replicas, const Wiring& wiring) {
  const auto port_to = [&](const std::string& from, const std::string& to, int port) {
    return wiring ? wiring(from, to, port) : port;
  };
  std::unique_ptr<System> system(new System(replicas > 1 ? "replicated" : "distributed"));
  std::vector<std::string> kafka_settings;
  if (const int port = port_to("", "kafka", 0); port != 0) {
    kafka_settings.push_back("advertised.listeners=SASL_SSL://" + local(port));
  }
  system->kafka_ = must(KafkaServer::start_secured(kKafkaUsers, kafka_settings));
  const std::string kafka = local(port_to("", "kafka", system->kafka_->port()));
  set_up_kafka(*system->kafka_);
  system->postgres_ = must(PostgresServer::start());
  system->redis_ = must(RedisServer::start());
  const std::string verify_key = system->folder_.file("keys/token-verify.pem");
  // "ipv4:HOST:PORT,…" of every replica of a service, as `from` reaches them.
  std::map<std::string, std::vector<std::pair<std::string, int>>> replicas_of;
  const auto target = [&](const std::string& from, const std::string& program_name) {
    std::string text;
    for (const auto& [name, port] : replicas_of[program_name]) {
      text += (text.empty() ? "ipv4:" : ",") + local(port_to(from, name, port));
    }
    return text;
  };
  for (const std::string program_name : {"checklist-intake", "needs-matrix"}) {
    must(system->postgres_->create_database(program_name));
    for (int replica = 1; replica <= replicas; ++replica) {
      const std::string name =
          "uncac-" + program_name + (replica == 1 ? "" : "-" + std::to_string(replica));
      const int port = free_port();
      replicas_of[program_name].emplace_back(name, port);
      const int postgres = port_to(name, "postgres", system->postgres_->port());
      std::vector<std::string> arguments = system->kafka_->arguments(program_name);
      std::replace(arguments.begin(), arguments.end(), system->kafka_->bootstrap(), kafka);
      arguments.insert(arguments.end(),
                       {"--token-verify-key", verify_key, "--postgres",
                        "host=127.0.0.1 port=" + std::to_string(postgres) +
                            " dbname=" + program_name + " user=uncac",
                        "--redis", local(port_to(name, "redis", system->redis_->port()))});
      if (program_name == "needs-matrix") {
        arguments.insert(arguments.end(), {"--checklist-intake", target(name, "checklist-intake")});
      }
      system->add_service(name, "uncac-" + program_name, port, free_port(), std::move(arguments));
    }
  }
  const int port = free_port();
  system->address_ = local(port);
  system->http_address_ = local(free_port());
  system->add_service(
      "uncac-gateway", "uncac-gateway", port, free_port(),
      system->front({"--checklist-intake", target("uncac-gateway", "checklist-intake"),
                     "--needs-matrix", target("uncac-gateway", "needs-matrix")},
                    {}));
  system->launch_all();
  return system;
}

// With what the side that answers HTTP is told beside `arguments`.
std::vector<std::string> System::front(std::vector<std::string> arguments,
                                       const std::vector<std::string>& sign_in) const {
  arguments.insert(arguments.end(), {"--http-listen", http_address_});
  if (sign_in.empty()) {
    arguments.insert(arguments.end(), {"--exercise-identities", tokens_folder()});
  } else {
    arguments.insert(arguments.end(), {"--public-url", "http://" + http_address_,
                                       "--token-signing-key", signing_key_file()});
    arguments.insert(arguments.end(), sign_in.begin(), sign_in.end());
  }
  // Where there is a dashboard, it is served.
  if (const char* const folder = std::getenv("UNCAC_WEB_DIR")) {
    arguments.insert(arguments.end(), {"--web-dir", folder});
  }
  return arguments;
}

void System::add_service(const std::string& name, const std::string& program_name, int port,
                         int health_port, std::vector<std::string> arguments) {
  std::vector<std::string> command{program(program_name), "--listen", local(port),
                                   "--health-listen", local(health_port)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  services_.push_back(std::make_unique<Service>(name, std::move(command), health_port,
                                                folder_.file(name + ".log")));
}

void System::launch_all() {
  for (auto& service : services_) {
    if (!service->running()) service->launch();
  }
  for (auto& service : services_) service->wait_ready();
}

std::vector<std::string> System::command_line(const std::string& token_file,
                                              const std::vector<std::string>& arguments) const {
  std::vector<std::string> words{program("uncac"), "--server", address_};
  if (!token_file.empty()) words.insert(words.end(), {"--token", token_file});
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

Ended System::uncac(const std::string& reader, const std::vector<std::string>& arguments) {
  const std::string token_file =
      reader.empty() ? std::string() : folder_.file("tokens/" + reader + ".jwt");
  return run_to_end(command_line(token_file, arguments));
}

Ended System::uncac_with_token(const std::string& token,
                               const std::vector<std::string>& arguments) {
  return run_to_end(command_line(file("other.jwt", token), arguments));
}

std::unique_ptr<Process> System::uncac_in_background(const std::string& reader,
                                                     const std::vector<std::string>& arguments,
                                                     const std::string& out_file,
                                                     const std::string& error_file) {
  return std::make_unique<Process>(
      command_line(folder_.file("tokens/" + reader + ".jwt"), arguments), out_file, error_file);
}

std::string System::token(const std::string& reader) const {
  return without_newline(read_text(folder_.file("tokens/" + reader + ".jwt")));
}

std::string System::signing_key() const { return read_text(signing_key_file()); }

std::string System::file(const std::string& name, const std::string& text) {
  write_text(folder_.file(name), text);
  return folder_.file(name);
}

std::string System::kafka_config(const std::string& user) {
  const std::string path = folder_.file("kafka-" + user + ".properties");
  // Written once: a program that was given it before may just be reading it.
  if (!std::filesystem::exists(path)) write_text(path, kafka_->properties(user));
  return path;
}

std::shared_ptr<grpc::Channel> System::channel() {
  return must(platform::open_channel(address_, {}));
}

void System::authorize(grpc::ClientContext& context, const std::string& reader) const {
  if (!reader.empty()) context.AddMetadata("authorization", "Bearer " + token(reader));
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
}

Service& System::service(const std::string& name) {
  for (auto& service : services_) {
    if (service->name() == name) return *service;
  }
  throw std::runtime_error("no service " + name);
}

void System::expect_no_complaints() {
  for (auto& service : services_) {
    EXPECT_EQ(service->new_complaints(), std::vector<std::string>());
  }
}

// The front first, as a deployment does it: nobody is left who calls the others.
void System::expect_ordered_end() {
  for (auto service = services_.rbegin(); service != services_.rend(); ++service) {
    EXPECT_TRUE((*service)->running()) << (*service)->name() << ":\n" << (*service)->log();
    EXPECT_EQ((*service)->stop(), 0) << (*service)->name() << ":\n" << (*service)->log();
  }
}

void set_up_kafka(const KafkaServer& kafka) {
  const std::string folder = std::string(UNCAC_SOURCE_DIR) + "/deploy/kafka/";
  std::vector<std::string> words{program("uncac-kafka-setup")};
  const std::vector<std::string> whose = kafka.arguments();
  words.insert(words.end(), whose.begin(), whose.end());
  words.insert(words.end(), {"--topics", folder + "topics.csv"});
  if (kafka.secured()) words.insert(words.end(), {"--access", folder + "access.csv"});
  const Ended ended = run_to_end(words);
  if (ended.code != 0) throw std::runtime_error("uncac-kafka-setup: " + ended.err);
}

System& shared_system(const std::string& profile) {
  std::unique_ptr<System>& system = shared_systems()[profile];
  if (!system) system = System::start(profile);
  return *system;
}

}  // namespace uncac::testing
