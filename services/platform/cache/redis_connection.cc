#include "platform/cache/redis_connection.h"

#include <hiredis/hiredis.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>

namespace uncac::platform {
namespace {

using Failure = RedisConnection::Failure;
using Fault = RedisConnection::Fault;

// hiredis writes without MSG_NOSIGNAL: a connection that Redis has closed would end the process
// with SIGPIPE. Blocked for this thread and taken away again if it came; the process's own choice
// stays.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~WithoutSigpipe() {
    if (!was_pending_) {
      const timespec now{};
      while (sigtimedwait(&sigpipe_, nullptr, &now) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  bool was_pending_ = false;
  sigset_t sigpipe_{};
  sigset_t before_{};
};

// False when the deadline came first.
bool wait_for(int descriptor, short events, Instant deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd one{descriptor, events, 0};
    const int ready = ::poll(&one, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (ready > 0) return true;
    if (ready == 0 && left.count() <= 0) return false;
    if (ready < 0 && errno != EINTR) return true;  // the next read or write says what is wrong
  }
}

std::vector<std::string> numeric_addresses(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  std::vector<std::string> addresses;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof(text), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  freeaddrinfo(found);
  return addresses;
}

// The resolver has no time limit, and a name server that is gone keeps it for many seconds: so it
// runs on a thread of its own, which ends by itself and touches nothing but what it shares with us.
std::vector<std::string> resolve(const std::string& host, Instant deadline, Failure& failure) {
  std::vector<std::string> literal = numeric_addresses(host, AI_NUMERICHOST);
  if (!literal.empty()) return literal;
  struct Question {
    std::mutex mutex;
    std::condition_variable answered;
    bool done = false;
    std::vector<std::string> addresses;
  };
  const auto question = std::make_shared<Question>();
  std::thread([question, host] {
    std::vector<std::string> addresses = numeric_addresses(host, 0);
    const std::lock_guard guard(question->mutex);
    question->addresses = std::move(addresses);
    question->done = true;
    question->answered.notify_one();
  }).detach();
  std::unique_lock guard(question->mutex);
  if (!question->answered.wait_until(guard, deadline, [&] { return question->done; })) {
    failure = {Fault::kTimedOut, "resolving its name took too long"};
    return {};
  }
  if (question->addresses.empty()) failure = {Fault::kLost, "its name does not resolve"};
  return std::move(question->addresses);
}

std::string first_word(const char* text, std::size_t length) {
  const std::string_view whole(text, length);
  return std::string(whole.substr(0, whole.find(' ')).substr(0, 40));
}

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

}  // namespace

void RedisConnection::Free::operator()(redisContext* context) const { redisFree(context); }

std::unique_ptr<RedisConnection> RedisConnection::open(const std::string& host, int port,
                                                       const std::string& password,
                                                       Instant deadline, Failure& failure) {
  for (const std::string& address : resolve(host, deadline, failure)) {
    redisContext* context = redisConnectNonBlock(address.c_str(), port);
    if (context == nullptr) {
      failure = {Fault::kLost, "no memory for a connection"};
      return nullptr;
    }
    std::unique_ptr<RedisConnection> connection(new RedisConnection(context));
    if (context->err != 0) {
      failure = {Fault::kLost, context->errstr};
      continue;
    }
    if (!connection->finish_connecting(deadline, failure)) continue;
    if (password.empty()) return connection;
    const std::optional<RedisReply> reply = connection->ask({"AUTH", password}, deadline, failure);
    if (!reply) continue;
    if (reply->error.empty()) return connection;
    failure = {Fault::kRefused, "it does not accept the password"};
    return nullptr;
  }
  return nullptr;
}

bool RedisConnection::finish_connecting(Instant deadline, Failure& failure) {
  if (!wait_for(context_->fd, POLLOUT, deadline)) {
    failure = {Fault::kTimedOut, "connecting took too long"};
    return false;
  }
  int error = 0;
  socklen_t length = sizeof(error);
  if (::getsockopt(context_->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) {
    failure = {Fault::kLost, std::strerror(error)};
    return false;
  }
  const int yes = 1;  // without it a command waits for the acknowledgement of the one before
  ::setsockopt(context_->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  return true;
}

std::optional<RedisReply> RedisConnection::ask(const std::vector<std::string_view>& words,
                                               Instant deadline, Failure& failure) {
  const auto lost = [&]() -> std::optional<RedisReply> {
    failure = {Fault::kLost, context_->err != 0 ? context_->errstr : "the connection broke"};
    return std::nullopt;
  };
  const auto late = [&]() -> std::optional<RedisReply> {
    failure = {Fault::kTimedOut, "an answer took too long"};
    return std::nullopt;
  };
  const WithoutSigpipe guard;
  std::vector<const char*> arguments;
  std::vector<std::size_t> lengths;
  for (const std::string_view word : words) {
    arguments.push_back(word.data());
    lengths.push_back(word.size());
  }
  if (redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), arguments.data(),
                             lengths.data()) != REDIS_OK) {
    return lost();
  }
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return lost();
    if (done == 0 && !wait_for(context_->fd, POLLOUT, deadline)) return late();
  }
  for (;;) {
    void* raw = nullptr;
    if (redisGetReply(context_.get(), &raw) != REDIS_OK) return lost();
    if (raw != nullptr) {
      const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
      if (reply->type == REDIS_REPLY_ERROR) {
        return RedisReply{first_word(reply->str, reply->len), {}};
      }
      if (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS) {
        return RedisReply{{}, std::string(reply->str, reply->len)};
      }
      return RedisReply{};
    }
    if (!wait_for(context_->fd, POLLIN, deadline)) return late();
    if (redisBufferRead(context_.get()) != REDIS_OK) return lost();
  }
}

}  // namespace uncac::platform
