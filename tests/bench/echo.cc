#include "bench/echo.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

namespace uncac::bench {
namespace {

class Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Reactor(const grpc::ByteBuffer& answer) : answer_(answer) { StartRead(&request_); }

 private:
  void OnReadDone(bool /*ok*/) override {
    StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }

  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;  // shares the bytes
};

class Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    answer_ = grpc::ByteBuffer(&slice, 1);
  }
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* /*context*/) override {
    return new Reactor(answer_);  // deletes itself in OnDone
  }

 private:
  grpc::ByteBuffer answer_;
};

std::string read_to_end(int from) {
  std::string all;
  char piece[4096];
  for (ssize_t got = 0; (got = read(from, piece, sizeof piece)) > 0;) {
    all.append(piece, static_cast<std::size_t>(got));
  }
  close(from);
  return all;
}

// Not to the end of the pipe: a process that was started meanwhile may hold its other end open.
std::string read_sized(int from) {
  std::size_t size = 0;
  if (read(from, &size, sizeof size) != sizeof size) return "";
  std::string all(size, '\0');
  for (std::size_t have = 0; have < size;) {
    const ssize_t got = read(from, all.data() + have, size - have);
    if (got <= 0) return "";
    have += static_cast<std::size_t>(got);
  }
  close(from);
  return all;
}

bool write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(to, bytes.data(), bytes.size());
    if (written <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  close(to);
  return bytes.empty();
}

[[noreturn]] void run(int from, int to) {
  Service service(read_sized(from));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server || !write_all(to, "127.0.0.1:" + std::to_string(port))) _exit(1);
  server->Wait();
  _exit(0);
}

}  // namespace

Echo::Echo() {
  int there[2], back[2];
  if (pipe(there) != 0 || pipe(back) != 0) return;
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    close(there[1]);
    close(back[0]);
    run(there[0], back[1]);
  }
  close(there[0]);
  close(back[1]);
  to_ = there[1];
  from_ = back[0];
}

Echo::~Echo() {
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

std::string Echo::serve(const std::string& bytes) {
  const std::size_t size = bytes.size();
  const std::string sized = std::string(reinterpret_cast<const char*>(&size), sizeof size) + bytes;
  if (process_ <= 0 || !write_all(to_, sized)) return "";
  return read_to_end(from_);
}

}  // namespace uncac::bench
