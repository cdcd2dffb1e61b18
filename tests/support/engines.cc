#include "support/engines.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

namespace uncac::testing {
namespace {

struct Servers {
  std::mutex mutex;
  std::unique_ptr<PostgresServer> postgres;
  std::unique_ptr<RedisServer> redis;
  std::unique_ptr<KafkaServer> kafka;
};

Servers& servers() {
  static Servers all;
  return all;
}

template <class Server>
Server& started(std::unique_ptr<Server>& slot) {
  const std::lock_guard guard(servers().mutex);
  if (!slot) slot = must(Server::start());
  return *slot;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "uncac-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

PostgresServer& postgres() { return started(servers().postgres); }
RedisServer& redis() { return started(servers().redis); }
KafkaServer& kafka() { return started(servers().kafka); }

void make_topic(const platform::KafkaOptions& options, const std::string& name) {
  const std::map<std::string, std::string> kept{
      {"retention.ms", "-1"}, {"retention.bytes", "-1"}, {"max.message.bytes", "1000000"}};
  const std::vector<platform::KafkaTopic> topics{{name, kept},
                                                 {platform::dead_letter_topic(name), kept}};
  must(platform::make_kafka_topics(options, topics, 1));
}

void stop_servers() {
  Servers& all = servers();
  const std::lock_guard guard(all.mutex);
  all.kafka.reset();
  all.redis.reset();
  all.postgres.reset();
}

std::string unique_name(const std::string& stem) {
  static std::atomic<int> count = 0;
  return stem + "_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

FreshStore::FreshStore(const std::string& engine) : engine_(engine) {
  if (engine_ == "postgresql") {
    const std::string name = unique_name("store");
    must(postgres().create_database(name));
    conninfo_ = postgres().conninfo(name);
  }
  store_ = open();
  must(platform::migrate_platform(*store_));
}

void FreshStore::reopen() {
  store_.reset();
  store_ = open();
}

std::unique_ptr<platform::Store> FreshStore::second() { return open(); }

std::unique_ptr<platform::Store> FreshStore::open() {
  if (engine_ == "postgresql") return must(platform::open_postgres({conninfo_, ""}));
  return must(platform::open_sqlite(folder_.file("store.db")));
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  std::mutex mutex;
  std::condition_variable never;
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::milliseconds(3));
  }
  return true;
}

}  // namespace uncac::testing
