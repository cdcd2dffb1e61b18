#include "support/processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "support/engines.h"

namespace uncac::testing {
namespace {

// The environment without what this project reads.
std::vector<std::string> plain_environment() {
  std::vector<std::string> plain;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (text.rfind("UNCAC_", 0) != 0) plain.push_back(text);
  }
  return plain;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// "HTTP/1.1 200 OK", or nothing when nobody answers within a second.
std::string status_line(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return "";
  const timeval limit{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  std::string line;
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    std::array<char, 256> buffer{};
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got > 0) line.assign(buffer.data(), static_cast<std::size_t>(got));
  }
  close(fd);
  return line.substr(0, line.find('\r'));
}

// gRPC's own lines about connections that come and go: "E1124 10:07:56.393880000 …".
bool is_grpc_line(const std::string& line) {
  if (line.size() < 6 || std::strchr("DIEW", line[0]) == nullptr) return false;
  return line.find_first_not_of("0123456789", 1) == 5 && line[5] == ' ';
}

}  // namespace

std::string program(const std::string& name) {
  const char* folder = std::getenv("UNCAC_BIN_DIR");
#ifdef UNCAC_BIN_DIR
  if (folder == nullptr || *folder == '\0') folder = UNCAC_BIN_DIR;
#endif
  const std::string path = std::string(folder == nullptr ? "." : folder) + "/" + name;
  if (access(path.c_str(), X_OK) != 0) throw std::runtime_error(path + " is no program");
  return path;
}

std::string read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_text(const std::string& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (!out) throw std::runtime_error("cannot write " + file);
}

// ---- Process --------------------------------------------------------------------------------

Process::Process(const std::vector<std::string>& arguments, const std::string& out_file,
                 const std::string& error_file) {
  // Between fork and exec only system calls are safe, for other threads of the test may hold any
  // lock; so everything else is made ready here.
  std::vector<std::string> words = arguments;
  std::vector<std::string> settings = plain_environment();
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> environment = pointers(settings);
  const pid_t parent = getpid();
  pid_ = _Fork();
  if (pid_ == 0) {
    setsid();  // a Ctrl-C is for the test; this process then ends with it
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    signal(SIGPIPE, SIG_DFL);
    const int input = open("/dev/null", O_RDONLY);
    const int output = open(out_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    const int errors = open(error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    const bool good = input >= 0 && output >= 0 && errors >= 0 && dup2(input, 0) == 0 &&
                      dup2(output, 1) == 1 && dup2(errors, 2) == 2 &&
                      prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                      close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
    if (good && getppid() == parent) execve(argv[0], argv.data(), environment.data());
    _exit(127);
  }
  if (pid_ < 0) throw std::runtime_error("cannot fork for " + arguments[0]);
}

Process::~Process() { kill9(); }

bool Process::running() { return !wait(std::chrono::milliseconds(0)); }

void Process::kill9() {
  if (code_) return;
  kill(pid_, SIGKILL);
  wait(std::chrono::seconds(10));
}

void Process::ask_to_stop() {
  if (!code_) kill(pid_, SIGTERM);
}

std::optional<int> Process::wait(std::chrono::milliseconds limit) {
  eventually(
      [this] {
        if (code_) return true;
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
        code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return true;
      },
      limit);
  return code_;
}

Ended run_to_end(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) {
  const TemporaryFolder folder;
  Process process(arguments, folder.file("out"), folder.file("err"));
  const std::optional<int> code = process.wait(limit);
  if (!code) {
    process.kill9();
    throw std::runtime_error(arguments[0] + " did not end:\n" + read_text(folder.file("out")) +
                             read_text(folder.file("err")));
  }
  return {*code, read_text(folder.file("out")), read_text(folder.file("err"))};
}

// ---- Service --------------------------------------------------------------------------------

Service::Service(std::string name, std::vector<std::string> command, int health_port,
                 std::string log_file)
    : name_(std::move(name)),
      command_(std::move(command)),
      health_port_(health_port),
      log_file_(std::move(log_file)) {}

void Service::launch() {
  process_.reset();
  process_.emplace(command_, log_file_, log_file_);
}

bool Service::ready() const {
  return status_line(health_port_, "/readyz").find(" 200 ") != std::string::npos;
}

void Service::wait_ready(std::chrono::milliseconds limit) {
  bool ended = false;
  const bool is_ready = eventually(
      [&] {
        ended = !running();
        return ended || ready();
      },
      limit);
  if (is_ready && !ended) return;
  throw std::runtime_error(name_ + (ended ? " ended at its start:\n" : " did not get ready:\n") +
                           log());
}

void Service::kill9() {
  if (process_) process_->kill9();
}

int Service::stop(std::chrono::milliseconds limit) {
  if (!process_) return 0;
  process_->ask_to_stop();
  std::optional<int> code = process_->wait(limit);
  if (!code) {
    process_->kill9();
    code = 137;
  }
  process_.reset();
  return *code;
}

std::vector<std::string> Service::new_complaints() {
  const std::string text = log();
  // A line under way is looked at when it is whole.
  const std::size_t end = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
  std::istringstream lines(text.substr(looked_at_, end - looked_at_));
  looked_at_ = end;
  std::vector<std::string> complaints;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || is_grpc_line(line)) continue;
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    if (!entry.is_object() || entry.value("level", "") == "error" ||
        entry.value("event", "") == "dead letter") {
      complaints.push_back(name_ + ": " + line);
    }
  }
  return complaints;
}

}  // namespace uncac::testing
