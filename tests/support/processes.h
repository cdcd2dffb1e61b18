// Programs of this project as processes of a test. All end with the object, and with the test when
// it crashes: the kernel kills them when the thread that started them ends, so start them from the
// main thread. What cannot be done at all (no such binary, a server that never gets ready) throws
// std::runtime_error, which fails the test with its reason.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace uncac::testing {

// `name` in the folder of the programs under test: UNCAC_BIN_DIR of the environment, else the one
// that the build put them into.
std::string program(const std::string& name);

std::string read_text(const std::string& file);
void write_text(const std::string& file, const std::string& text);

// A child process whose standard output and standard error go to files, at their ends.
class Process {
 public:
  // `arguments[0]` is the program's path. Of the environment it gets nothing that starts with
  // UNCAC_, so that nobody's own settings change a test.
  Process(const std::vector<std::string>& arguments, const std::string& out_file,
          const std::string& error_file);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool running();
  void kill9();
  void ask_to_stop();  // SIGTERM
  // Its exit code, 128 + n when signal n ended it; nothing when it still runs after `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit);
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  std::optional<int> code_;
};

// A program that ran to its end.
struct Ended {
  int code = 0;
  std::string out, err;
};
Ended run_to_end(const std::vector<std::string>& arguments,
                 std::chrono::milliseconds limit = std::chrono::seconds(90));

// A server of this project, with /readyz on a port of its own. Its log goes on over its starts.
class Service {
 public:
  Service(std::string name, std::vector<std::string> command, int health_port,
          std::string log_file);

  // Without waiting, so that several can start at once.
  void launch();
  // Until /readyz says 200.
  void wait_ready(std::chrono::milliseconds limit = std::chrono::seconds(60));
  bool ready() const;
  bool running() { return process_ && process_->running(); }
  void kill9();
  pid_t pid() const { return process_ ? process_->pid() : 0; }
  // SIGTERM; its exit code, and 137 when it had to be killed after `limit`.
  int stop(std::chrono::milliseconds limit = std::chrono::seconds(20));

  const std::string& name() const { return name_; }
  const std::string& log_file() const { return log_file_; }
  std::string log() const { return read_text(log_file_); }
  // Lines of the log, beyond those looked at before, that no healthy service writes: level error,
  // dead letters, and whatever is no log line (the last words of a crash).
  std::vector<std::string> new_complaints();

 private:
  std::string name_;
  std::vector<std::string> command_;
  int health_port_;
  std::string log_file_;
  std::size_t looked_at_ = 0;
  std::optional<Process> process_;
};

}  // namespace uncac::testing
