// One connection to Redis on which nothing waits beyond a deadline. Private to the room's cache.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result.h"
#include "platform/time.h"

struct redisContext;

namespace uncac::platform {

struct RedisReply {
  // First word of an error reply ("WRONGTYPE"), else empty. The rest is not kept: Redis repeats
  // arguments in it, and arguments are answers and passwords.
  std::string error;
  std::string text;  // of a string reply
};

// Used by one thread at a time. hiredis is non-blocking here and this class waits with poll(),
// since hiredis' own time-outs hold for each read or write and not for the command.
class RedisConnection {
 public:
  enum class Fault { kTimedOut, kLost, kRefused };
  struct Failure {
    Fault fault;
    std::string why;  // for the log; never holds an argument of a command
  };

  // Resolves, connects and authenticates (`password` may be empty).
  static std::unique_ptr<RedisConnection> open(const std::string& host, int port,
                                               const std::string& password, Instant deadline,
                                               Failure& failure);
  // nullopt after a fault; the connection is then of no more use.
  std::optional<RedisReply> ask(const std::vector<std::string_view>& words, Instant deadline,
                                Failure& failure);

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };
  explicit RedisConnection(redisContext* context) : context_(context) {}
  bool finish_connecting(Instant deadline, Failure& failure);

  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace uncac::platform
