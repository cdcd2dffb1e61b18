#include <hiredis/hiredis.h>
#include <signal.h>

#include <string_view>

#include "support/server_parts.h"

namespace uncac::testing {

using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;

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

}  // namespace uncac::testing
