#include "servers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace uncac::testing {
namespace {

using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;
using std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr auto kPollInterval = std::chrono::milliseconds(20);
constexpr auto kStopLimit = std::chrono::seconds(20);
constexpr int kPortAttempts = 5;

template <class Condition>
bool wait_until(std::chrono::milliseconds limit, Condition condition) {
  const auto deadline = steady_clock::now() + limit;
  while (!condition()) {
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPollInterval);
  }
  return true;
}

std::string error_text(int number) { return std::generic_category().message(number); }

// The port if nobody has it, otherwise 0. 0 asks the kernel for any.
int try_port(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t length = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  const bool free = bind(fd, raw, length) == 0 && getsockname(fd, raw, &length) == 0;
  close(fd);
  return free ? ntohs(address.sin_port) : 0;
}

bool accepts_connections(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool yes = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return yes;
}

Result<std::string> find_program(const std::string& name, const std::string& package) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    const std::string file = std::string(rest.substr(0, end)) + "/" + name;
    if (access(file.c_str(), X_OK) == 0) return file;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return make_error(Reason::kFailedPrecondition,
                    name + " is missing: install the Debian package " + package);
}

// PostgreSQL has a process for each connection, and a signal to the first reaches none of them.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    // `pid (name) state parent …`, and the name may hold anything.
    const auto after_name = stat.rfind(')');
    if (after_name == std::string::npos || after_name + 4 > stat.size()) continue;
    if (std::atoi(stat.c_str() + after_name + 4) == parent) children.push_back(std::stoi(name));
  }
  return children;
}

void signal_all(pid_t pid, int signal) {
  // The first one first: once it is stopped it makes no more children.
  if (signal == SIGSTOP || signal == SIGKILL) kill(pid, SIGSTOP);
  for (const pid_t child : children_of(pid)) kill(child, signal);
  kill(pid, signal);
}

// Reaps the process if it has ended.
bool has_ended(pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; }

std::string whole_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string end_of_file(const fs::path& path) {
  const std::string text = whole_file(path);
  constexpr std::size_t kMost = 2000;
  return text.size() <= kMost ? text : "…" + text.substr(text.size() - kMost);
}

Status write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  if (!file) return make_error(Reason::kInternal, "cannot write " + path.string());
  return {};
}

std::string lines(const std::vector<std::string>& settings) {
  std::string text;
  for (const auto& setting : settings) text += setting + "\n";
  return text;
}

}  // namespace

int free_port() {
  constexpr int kLowest = 20000;
  int first_of_kernel = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first_of_kernel;
  if (first_of_kernel > kLowest + 1000) {
    std::random_device random;
    std::uniform_int_distribution<int> any(kLowest, first_of_kernel - 1);
    for (int i = 0; i < 100; ++i) {
      if (const int port = try_port(any(random)); port != 0) return port;
    }
  }
  return try_port(0);
}

// ---- what all have in common ----------------------------------------------------------------

Server::Server(Traits traits, std::vector<std::string> settings)
    : settings_(std::move(settings)),
      user_(geteuid()),
      group_(getegid()),
      traits_(std::move(traits)) {}

Server::~Server() {
  if (running()) {
    signal_all(pid_, SIGCONT);  // what is paused hears nothing but SIGKILL
    end_now(traits_.end_signal);
  }
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

template <class T, class... Arguments>
Result<std::unique_ptr<T>> Server::start_on_free_port(const Arguments&... arguments) {
  for (int attempt = 1;; ++attempt) {
    std::unique_ptr<T> server(new T(arguments...));
    Server& base = *server;
    base.port_ = free_port();
    UNCAC_TRY(base.make_directory());
    UNCAC_TRY(base.prepare());
    Status launched = base.launch();
    if (launched) return server;
    const bool clash = base.log_end().find("Address already in use") != std::string::npos;
    if (!clash || attempt == kPortAttempts) return std::move(launched).error();
  }
}

Status Server::make_directory() {
  const char* parent = std::getenv("TMPDIR");
  std::string pattern = parent == nullptr || *parent == '\0' ? "/tmp" : parent;
  pattern += "/uncac-" + traits_.name + ".XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    return make_error(Reason::kInternal, "cannot make " + pattern + ": " + error_text(errno));
  }
  directory_ = pattern;
  return {};
}

Result<pid_t> Server::spawn(const std::vector<std::string>& arguments) const {
  // Between fork and exec only system calls are safe, for other threads of the test may hold any
  // lock; so everything else is made ready here.
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const std::string folder = directory_.string();
  const std::string log = log_path().string();
  const pid_t parent = getpid();
  const bool other_user = user_ != geteuid();

  std::array<int, 2> failure{};  // closed by a successful exec, otherwise brings the errno
  if (pipe2(failure.data(), O_CLOEXEC) != 0) {
    return make_error(Reason::kInternal, "no pipe: " + error_text(errno));
  }
  // Unlike fork(), runs no handlers of libraries in the child.
  const pid_t pid = _Fork();
  if (pid == 0) {
    setsid();  // a Ctrl-C is for the test; this process then ends with it
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    signal(SIGPIPE, SIG_DFL);
    const int input = open("/dev/null", O_RDONLY);
    const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    bool good = input >= 0 && output >= 0 && dup2(input, 0) == 0 && dup2(output, 1) == 1 &&
                dup2(output, 2) == 2 && chdir(folder.c_str()) == 0;
    // The C library's own functions would look for the test's other threads.
    good = good && (!other_user || (syscall(SYS_setgroups, 0, nullptr) == 0 &&
                                    syscall(SYS_setresgid, group_, group_, group_) == 0 &&
                                    syscall(SYS_setresuid, user_, user_, user_) == 0));
    // After the change of user, which would clear it.
    good = good && prctl(PR_SET_PDEATHSIG, traits_.end_signal) == 0;
    // Inherited sockets would stay open after the test has closed them.
    good = good && close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
    if (good && getppid() == parent) execve(argv[0], argv.data(), environ);
    const int number = errno;
    [[maybe_unused]] const auto written = write(failure[1], &number, sizeof number);
    _exit(127);
  }
  const int fork_error = errno;
  close(failure[1]);
  int number = 0;
  ssize_t got = 0;
  if (pid > 0) {
    do got = read(failure[0], &number, sizeof number);
    while (got < 0 && errno == EINTR);
  }
  close(failure[0]);
  if (pid < 0) return make_error(Reason::kInternal, "cannot fork: " + error_text(fork_error));
  if (got > 0) {
    waitpid(pid, nullptr, 0);
    return make_error(Reason::kFailedPrecondition,
                      "cannot start " + arguments[0] + ": " + error_text(number));
  }
  return pid;
}

Status Server::run_to_end(const std::vector<std::string>& arguments,
                          std::chrono::seconds limit) const {
  UNCAC_ASSIGN(const pid_t pid, spawn(arguments));
  int code = 0;
  if (!wait_until(limit, [&] { return waitpid(pid, &code, WNOHANG) != 0; })) {
    signal_all(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return make_error(Reason::kDeadlineExceeded, arguments[0] + " did not end");
  }
  if (code != 0) {
    return make_error(Reason::kFailedPrecondition, arguments[0] + " failed:\n" + log_end());
  }
  return {};
}

Status Server::launch() {
  UNCAC_ASSIGN(const auto arguments, command());
  std::error_code ignored;
  fs::remove(log_path(), ignored);  // what an earlier run printed is no news
  UNCAC_ASSIGN(pid_, spawn(arguments));
  bool ended = false;
  const bool ready = wait_until(traits_.start_limit, [&] {
    ended = !running();
    return ended || answers();
  });
  if (ready && !ended) return {};
  const std::string what =
      ended ? " ended at its start:\n"
            : " did not answer within " + std::to_string(traits_.start_limit.count()) + " s:\n";
  if (!ended) kill9();
  return make_error(Reason::kUnavailable, traits_.name + what + log_end());
}

bool Server::running() {
  if (pid_ != 0 && has_ended(pid_)) pid_ = 0;
  return pid_ != 0;
}

void Server::end_now(int signal) {
  if (signal == SIGKILL) {
    signal_all(pid_, SIGKILL);
  } else {
    kill(pid_, signal);
    if (!wait_until(kStopLimit, [this] { return !running(); })) signal_all(pid_, SIGKILL);
  }
  if (pid_ != 0) waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

Status Server::stop() {
  if (!running()) return {};
  resume();
  kill(pid_, traits_.stop_signal);
  if (wait_until(kStopLimit, [this] { return !running(); })) return {};
  kill9();
  return make_error(Reason::kDeadlineExceeded,
                    traits_.name + " did not stop within 20 s:\n" + log_end());
}

void Server::kill9() {
  if (running()) end_now(SIGKILL);
}

void Server::pause() {
  if (running()) signal_all(pid_, SIGSTOP);
}

void Server::resume() {
  if (running()) signal_all(pid_, SIGCONT);
}

Status Server::restart() {
  UNCAC_TRY(stop());
  return launch();
}

std::string Server::log_end() const { return end_of_file(log_path()); }

// ---- Redis ----------------------------------------------------------------------------------

RedisServer::RedisServer(std::vector<std::string> settings)
    : Server({"redis", SIGTERM, SIGKILL, std::chrono::seconds(20)}, std::move(settings)) {}

Result<std::unique_ptr<RedisServer>> RedisServer::start(const std::vector<std::string>& settings) {
  return start_on_free_port<RedisServer>(settings);
}

Status RedisServer::prepare() {
  return write_file(directory_ / "redis.conf",
                    "bind 127.0.0.1\nport " + std::to_string(port_) + "\ndir \"" +
                        directory_.string() + "\"\nsave \"\"\nappendonly no\n" + lines(settings_));
}

Result<std::vector<std::string>> RedisServer::command() const {
  UNCAC_ASSIGN(auto program, find_program("redis-server", "redis-server"));
  return std::vector<std::string>{program, (directory_ / "redis.conf").string()};
}

bool RedisServer::answers() const {
  const std::unique_ptr<redisContext, decltype(&redisFree)> context(
      redisConnectWithTimeout("127.0.0.1", port_, timeval{1, 0}), &redisFree);
  if (!context || context->err != 0) return false;
  redisSetTimeout(context.get(), timeval{1, 0});
  const std::unique_ptr<void, decltype(&freeReplyObject)> reply(redisCommand(context.get(), "PING"),
                                                                &freeReplyObject);
  if (!reply) return false;
  const auto* answer = static_cast<redisReply*>(reply.get());
  const std::string_view text(answer->str == nullptr ? "" : answer->str);
  // With `requirepass` it refuses us, and so is there.
  return text == "PONG" || text.starts_with("NOAUTH");
}

// ---- PostgreSQL -----------------------------------------------------------------------------

namespace {
using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
}

// SIGINT sends clients away; SIGTERM would wait for them. SIGQUIT ends it at once, but gives its
// shared memory back, which SIGKILL would leave on the machine.
PostgresServer::PostgresServer(std::vector<std::string> settings)
    : Server({"postgres", SIGINT, SIGQUIT, std::chrono::seconds(60)}, std::move(settings)) {}

Result<std::unique_ptr<PostgresServer>> PostgresServer::start(
    const std::vector<std::string>& settings) {
  return start_on_free_port<PostgresServer>(settings);
}

Status PostgresServer::prepare() {
  int newest = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > newest && access((entry.path() / "bin/initdb").c_str(), X_OK) == 0) {
      newest = version;
      programs_ = entry.path() / "bin";
    }
  }
  if (newest == 0) {
    return make_error(Reason::kFailedPrecondition,
                      "PostgreSQL is missing: install the Debian package postgresql");
  }
  if (geteuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr) {
      return make_error(Reason::kFailedPrecondition,
                        "no user postgres: install the Debian package postgresql");
    }
    user_ = user->pw_uid;
    group_ = user->pw_gid;
    if (chown(directory_.c_str(), user_, group_) != 0) {
      return make_error(Reason::kInternal, "cannot give " + directory_.string() +
                                               " to postgres: " + error_text(errno));
    }
  }
  Status made =
      run_to_end({(programs_ / "initdb").string(), "-D", (directory_ / "data").string(), "-U",
                  "uncac", "-A", "trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"},
                 std::chrono::seconds(60));
  if (!made && user_ != geteuid()) {
    made.error().message += "(It runs as the user postgres, who must be able to enter TMPDIR.)";
  }
  return made;
}

Result<std::vector<std::string>> PostgresServer::command() const {
  std::vector<std::string> settings{
      "port=" + std::to_string(port_), "listen_addresses=127.0.0.1",
      "unix_socket_directories=" + directory_.string(), "shared_buffers=32MB",
      // In the folder of the data, so that it goes with it.
      "dynamic_shared_memory_type=mmap",
      // What a killed process has written is with the kernel; only the loss of the machine would
      // need this, and it costs seconds at each restart after a kill.
      "fsync=off"};
  settings.insert(settings.end(), settings_.begin(), settings_.end());  // the last word counts
  std::vector<std::string> arguments{(programs_ / "postgres").string(), "-D",
                                     (directory_ / "data").string()};
  for (const auto& setting : settings) {
    arguments.emplace_back("-c");
    arguments.push_back(setting);
  }
  return arguments;
}

bool PostgresServer::answers() const {
  return PQping((conninfo() + " connect_timeout=2").c_str()) == PQPING_OK;
}

std::string PostgresServer::conninfo(const std::string& database) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " dbname=" + database + " user=uncac";
}

Result<std::string> PostgresServer::create_database(const std::string& name) {
  const Connection connection(PQconnectdb(conninfo().c_str()), &PQfinish);
  const std::unique_ptr<char, decltype(&PQfreemem)> quoted(
      PQescapeIdentifier(connection.get(), name.data(), name.size()), &PQfreemem);
  if (PQstatus(connection.get()) != CONNECTION_OK || !quoted) {
    return make_error(Reason::kUnavailable, PQerrorMessage(connection.get()));
  }
  const std::string text = "create database " + std::string(quoted.get());
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), text.c_str()),
                                                             &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    return make_error(Reason::kConflict, PQerrorMessage(connection.get()));
  }
  return conninfo(name);
}

// ---- Kafka ----------------------------------------------------------------------------------

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
  int controller_port = free_port();
  while (controller_port == port_) controller_port = free_port();
  const std::string controller = "127.0.0.1:" + std::to_string(controller_port);
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
