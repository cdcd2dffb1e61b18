// Real servers for tests: a process, a port and a folder of their own, gone when the object is.
//
//   UNCAC_ASSIGN(auto redis, testing::RedisServer::start());
//   redis->pause();   // it still accepts connections and answers nobody
//
// A missing binary or jar is an Error that says what to install; tests fail on it, none is skipped.
// One thread at a time may use a server. The servers die with the thread that started them (the
// kernel sees to it, so also when a test crashes; only a PostgreSQL that is paused at that moment
// stays): start them from one that lives as long as they shall, such as the main thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/events/event_log.h"
#include "platform/result.h"

namespace uncac::testing {

// A port of 127.0.0.1 that nobody has and that the kernel does not hand out by itself, kept until
// this process ends: nobody else is given it, and who listens there must set SO_REUSEADDR, as
// servers do. 0 when there is none. From the kernel's own range, a client that keeps trying to
// reach a stopped server can be given the server's port as its own; it is then connected to
// itself, and the server cannot start there again.
int free_port();

class Server {
 public:
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Ends the process and removes its folder.
  virtual ~Server();

  // As an administrator does it: asks and waits, at most 20 s, then kills and returns an Error. The
  // data stay for `restart`. Nothing to do when it does not run.
  platform::Status stop();
  // As a loss of power to this process and all its children. The data stay for `restart`.
  void kill9();
  // As a machine that hangs: the connections stay open, nothing answers. Nothing to do when it does
  // not run.
  void pause();
  void resume();
  // Stops it if it runs, and starts it on the same port and data. Returns once it answers.
  platform::Status restart();
  // Whether the process is there, paused or not.
  bool running();

  // On 127.0.0.1.
  int port() const { return port_; }
  // Where its data lie, as long as the object lives.
  const std::filesystem::path& directory() const { return directory_; }
  // The end of what the server printed since it was last started.
  std::string log_end() const;

 protected:
  struct Traits {
    std::string name;
    int stop_signal;  // asks it to shut down in order
    int end_signal;   // ends it at once, for the destructor and when the test dies
    std::chrono::seconds start_limit;
  };
  explicit Server(Traits traits, std::vector<std::string> settings);

  // Everything before the first start, with `directory_` and `port_` there already.
  virtual platform::Status prepare() = 0;
  // The program's full path and its arguments.
  virtual platform::Result<std::vector<std::string>> command() const = 0;
  // Whether the server takes work. Called again and again until it does; bounded to about a second.
  virtual bool answers() const = 0;

  // Makes the folder and starts the server.
  template <class T, class... Arguments>
  static platform::Result<std::unique_ptr<T>> start_on_free_port(const Arguments&... arguments);
  // Runs a helper program to its end, with the server's user, folder and log.
  platform::Status run_to_end(const std::vector<std::string>& arguments,
                              std::chrono::seconds limit) const;

  std::filesystem::path directory_;
  std::vector<std::string> settings_;
  int port_ = 0;
  uid_t user_;
  gid_t group_;

 private:
  platform::Status make_directory();
  platform::Status launch();
  platform::Result<pid_t> spawn(const std::vector<std::string>& arguments) const;
  void end_now(int signal);
  std::filesystem::path log_path() const { return directory_ / "log"; }

  Traits traits_;
  pid_t pid_ = 0;  // 0 when it does not run
};

class RedisServer final : public Server {
 public:
  // `settings`: lines of redis.conf beside the defaults of these tests, which keep nothing on disk.
  static platform::Result<std::unique_ptr<RedisServer>> start(
      const std::vector<std::string>& settings = {});

 private:
  friend class Server;
  explicit RedisServer(std::vector<std::string> settings);
  platform::Status prepare() override;
  platform::Result<std::vector<std::string>> command() const override;
  bool answers() const override;
};

// Version as installed (the newest if several). As root it runs as the user `postgres`, because
// PostgreSQL refuses root; then that user must be able to enter TMPDIR.
class PostgresServer final : public Server {
 public:
  // `settings`: `name=value` of postgresql.conf; `fsync=on` where time on the disk matters.
  static platform::Result<std::unique_ptr<PostgresServer>> start(
      const std::vector<std::string>& settings = {});

  // For libpq: a superuser, without a password.
  std::string conninfo(const std::string& database = "postgres") const;
  // Makes an empty database in UTF-8 and returns its conninfo.
  platform::Result<std::string> create_database(const std::string& name);

 private:
  friend class Server;
  explicit PostgresServer(std::vector<std::string> settings);
  platform::Status prepare() override;
  platform::Result<std::vector<std::string>> command() const override;
  bool answers() const override;

  std::filesystem::path programs_;
};

// Apache Kafka, one broker that is its own controller, from the jars in UNCAC_KAFKA_HOME, which
// `scripts/test` fetches and sets. Topics are not made by themselves.
class KafkaServer final : public Server {
 public:
  // Without TLS and users. `settings`: `name=value` of server.properties.
  static platform::Result<std::unique_ptr<KafkaServer>> start(
      const std::vector<std::string>& settings = {});
  // With deploy/kafka/server.properties: TLS, a password for each of `users` and for "admin", who
  // may do everything. The others may do nothing until access rules are made.
  static platform::Result<std::unique_ptr<KafkaServer>> start_secured(
      const std::vector<std::string>& users, const std::vector<std::string>& settings = {});

  std::string bootstrap() const { return "127.0.0.1:" + std::to_string(port_); }
  bool secured() const { return !users_.empty(); }
  // Starts again without anything that it confirmed while `meanwhile` ran: it did not sync its
  // disk, and the machine lost its power.
  platform::Status lose(const std::function<void()>& meanwhile);
  // How a client of ours, a program of ours, and any client of librdkafka (lines for kcat -F) prove
  // that they are `user`; on a broker without users the name is not used.
  platform::KafkaOptions options(const std::string& user = "admin") const;
  std::vector<std::string> arguments(const std::string& user = "admin") const;
  std::string properties(const std::string& user) const;

 private:
  friend class Server;
  KafkaServer(std::vector<std::string> settings, std::vector<std::string> users);
  platform::Status prepare() override;
  platform::Result<std::vector<std::string>> command() const override;
  bool answers() const override;
  platform::Result<std::vector<std::string>> java() const;
  platform::Status make_certificates() const;
  std::string settings_of_security() const;
  std::string password_file(const std::string& user) const { return file("password-" + user); }
  std::string file(const std::string& name) const { return (directory_ / name).string(); }

  std::vector<std::string> users_;  // empty: no security
};

}  // namespace uncac::testing
