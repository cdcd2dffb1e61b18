// PostgreSQL, Kafka or Redis dies, hangs, forgets or is full.
#include <hiredis/hiredis.h>

#include <stdexcept>

#include "faults/checks.h"
#include "faults/fault.h"
#include "integration/stores.h"

namespace uncac::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One command to Redis, as an operator types it.
void tell_redis(Scene& scene, const std::vector<std::string>& words) {
  const std::unique_ptr<redisContext, decltype(&redisFree)> connection(
      redisConnect("127.0.0.1", scene.system().redis().port()), &redisFree);
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  if (!connection || connection->err != 0) throw std::runtime_error("Redis is not reached");
  const std::unique_ptr<redisReply, decltype(&freeReplyObject)> reply(
      static_cast<redisReply*>(redisCommandArgv(connection.get(), static_cast<int>(texts.size()),
                                                texts.data(), sizes.data())),
      &freeReplyObject);
  if (!reply || reply->type == REDIS_REPLY_ERROR) {
    throw std::runtime_error("Redis refuses " + words[0]);
  }
}

// Everything under our keys becomes something else, as long as the fault lasts.
void fill_with_garbage(Scene& scene) {
  const std::string script =
      "for _, key in ipairs(redis.call('KEYS', 'uncac:*')) do\n"
      "  local turn = tonumber(ARGV[1]) % 3\n"
      "  if turn == 0 then redis.call('SET', key, 'garbage')\n"
      "  elseif turn == 1 then redis.call('DEL', key) redis.call('LPUSH', key, 'a list')\n"
      "  else redis.call('SET', key, string.rep('\\0\\255', 5000)) end\n"
      "end return 1";
  for (int turn = 0; turn < 60; ++turn) {
    tell_redis(scene, {"EVAL", script, "0", std::to_string(turn)});
    let_pass(milliseconds(100));
  }
}

void lose_last_second(Scene& scene) {
  must(scene.system().kafka().lose([] { let_pass(seconds(1)); }));
}

// With nothing to publish afterwards that would find out: everybody has gone home.
void lose_it_at_rest(Scene& scene) {
  must(scene.system().kafka().lose([&] {
    scene.await_work("after what will be left");
    scene.end_load();
    const auto waiting = [&] {
      return stored(scene.system(), "checklist_intake", "SELECT event_key FROM outbox LIMIT 1");
    };
    EXPECT_TRUE(eventually([&] { return waiting().empty(); }, seconds(30))) << "not published";
  }));
  Strings problems;
  EXPECT_TRUE(eventually(
      [&] {
        problems = check_matrix(scene.system(), scene.world());
        return problems.empty();
      },
      seconds(60)))
      << (problems.empty() ? "" : problems.front());
  scene.begin_load();
}

Fault of_postgres(const std::string& name, const char* kind, const char* cause,
                  std::function<void(PostgresServer&)> act, seconds pause, bool quick = false) {
  return {name,
          kind,
          cause,
          "filing waits and goes on by itself, nothing half; questions are answered all the time",
          House::kPlain,
          quick,
          [act = std::move(act)](Scene& scene) { act(scene.system().postgres()); },
          pause,
          seconds(3)};
}
// Away for so long, and a lease and a connection after that: until then nobody can say who is still
// allowed to see what.
Fault of_kafka(const std::string& name, const char* kind, const char* cause,
               std::function<void(Scene&)> act, seconds away = seconds(5), bool quick = false) {
  Fault fault{
      name,
      kind,
      cause,
      "filing goes on all the time, the outbox keeps what the broker does not take; who reads "
      "everything is answered, others as soon as audiences are certain again",
      House::kPlain,
      quick,
      std::move(act),
      seconds(3),
      seconds(3)};
  fault.strangers_pause = away + seconds(15);
  return fault;
}
Fault of_redis(const std::string& name, const char* kind, const char* cause,
               std::function<void(Scene&)> act, bool quick = false) {
  return {name,           kind,
          cause,          "right answers, a bounded delay; filing does not notice",
          House::kPlain,  quick,
          std::move(act), seconds(2),
          seconds(2)};
}

}  // namespace

std::vector<Fault> server_faults() {
  return {
      of_postgres(
          "postgres_killed", "kill -9, started again", "loss of a database's node",
          [](PostgresServer& postgres) {
            postgres.kill9();
            let_pass(seconds(2));
            must(postgres.restart());
          },
          seconds(15), true),
      of_postgres(
          "postgres_restarted", "stopped in order, started again", "an update",
          [](PostgresServer& postgres) { must(postgres.restart()); }, seconds(12)),
      of_postgres(
          "postgres_hung", "SIGSTOP for 15 s", "a disk that does not answer",
          [](PostgresServer& postgres) {
            postgres.pause();
            let_pass(seconds(15));
            postgres.resume();
          },
          seconds(25)),
      of_kafka(
          "broker_killed", "kill -9, started again with its data", "loss of a node",
          [](Scene& scene) {
            scene.system().kafka().kill9();
            let_pass(seconds(2));
            must(scene.system().kafka().restart());
          },
          seconds(10), true),
      of_kafka("broker_restarted", "stopped in order, started again with its data", "an update",
               [](Scene& scene) { must(scene.system().kafka().restart()); }),
      of_kafka(
          "broker_hung", "SIGSTOP for 30 s", "a broker that collects garbage, a frozen node",
          [](Scene& scene) {
            scene.system().kafka().pause();
            let_pass(seconds(30));
            scene.system().kafka().resume();
          },
          seconds(30)),
      of_kafka(
          "broker_away", "kill -9, started again after 30 s with its data",
          "a node that must be repaired",
          [](Scene& scene) {
            scene.system().kafka().kill9();
            let_pass(seconds(30));
            must(scene.system().kafka().restart());
          },
          seconds(40)),
      of_kafka("broker_forgets", "its last second is lost after it acknowledged",
               "power lost before the disk was synced, and no other copy", lose_last_second,
               seconds(15), true),
      of_kafka("broker_forgets_at_rest",
               "what it acknowledged last is lost, and nothing comes after",
               "power lost at the end of a day", lose_it_at_rest),
      of_redis("redis_stopped", "stopped, 5 s later started again", "an update",
               [](Scene& scene) {
                 must(scene.system().redis().stop());
                 let_pass(seconds(5));
                 must(scene.system().redis().restart());
               }),
      of_redis(
          "redis_hung", "SIGSTOP for 8 s", "a frozen node",
          [](Scene& scene) {
            scene.system().redis().pause();
            let_pass(seconds(8));
            scene.system().redis().resume();
          },
          true),
      of_redis("redis_replaced", "kill -9, an empty one in its place", "a node replaced",
               [](Scene& scene) {
                 scene.system().redis().kill9();
                 must(scene.system().redis().restart());
               }),
      of_redis("redis_full", "takes nothing more: maxmemory, noeviction", "too small a node",
               [](Scene& scene) {
                 tell_redis(scene, {"CONFIG", "SET", "maxmemory-policy", "noeviction"});
                 tell_redis(scene, {"CONFIG", "SET", "maxmemory", "1"});
                 let_pass(seconds(6));
                 tell_redis(scene, {"CONFIG", "SET", "maxmemory", "0"});
               }),
      of_redis("redis_garbage", "everything under our keys is overwritten for 6 s",
               "another program on the same Redis", fill_with_garbage),
  };
}

}  // namespace uncac::testing
