#include "support/servers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
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
#include <fstream>
#include <iterator>
#include <random>
#include <string_view>
#include <system_error>
#include <utility>

#include "support/server_parts.h"

namespace uncac::testing {

using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;
namespace fs = std::filesystem;

namespace {

constexpr auto kStopLimit = std::chrono::seconds(20);

// The port, kept for this process, if nobody has it, otherwise 0. 0 asks the kernel for any.
int keep_port(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t length = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  // After bind(): before it, a port would be given that another one keeps.
  const int on = 1;
  if (bind(fd, raw, length) == 0 && getsockname(fd, raw, &length) == 0 &&
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0) {
    return ntohs(address.sin_port);  // never closed
  }
  close(fd);
  return 0;
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

std::string end_of_file(const fs::path& path) {
  const std::string text = whole_file(path);
  constexpr std::size_t kMost = 2000;
  return text.size() <= kMost ? text : "…" + text.substr(text.size() - kMost);
}

}  // namespace

// ---- parts of all ---------------------------------------------------------------------------

std::string error_text(int number) { return std::generic_category().message(number); }

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

std::string whole_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
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

int free_port() {
  constexpr int kLowest = 20000;
  int first_of_kernel = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first_of_kernel;
  if (first_of_kernel > kLowest + 1000) {
    std::random_device random;
    std::uniform_int_distribution<int> any(kLowest, first_of_kernel - 1);
    for (int i = 0; i < 100; ++i) {
      if (const int port = keep_port(any(random)); port != 0) return port;
    }
  }
  return keep_port(0);
}

// ---- a server -------------------------------------------------------------------------------

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

}  // namespace uncac::testing
