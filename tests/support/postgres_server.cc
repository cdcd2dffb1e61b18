#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "support/server_parts.h"

namespace uncac::testing {

using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;
namespace fs = std::filesystem;

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

}  // namespace uncac::testing
