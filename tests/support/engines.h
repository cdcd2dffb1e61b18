// The engines that the contract suites run over: real servers, started once per test program on
// free ports, a fresh database or topic per test.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "platform/events/event_log.h"
#include "platform/store/store.h"
#include "support/servers.h"

namespace uncac::testing {

// A folder of its own, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// The servers of this test program, each started when first asked for. A server that cannot be
// started fails the test: nothing is skipped.
PostgresServer& postgres();
RedisServer& redis();
KafkaServer& kafka();
// A topic and its dead-letter topic, everything in them kept for ever.
void make_topic(const platform::KafkaOptions& options, const std::string& name);
// Ends them; main() of the test program calls it, since their ports and folders outlive a test.
void stop_servers();

// A name that no other test of this run has.
std::string unique_name(const std::string& stem);

// A fresh store with the platform's tables: "sqlite" or "postgresql".
class FreshStore {
 public:
  explicit FreshStore(const std::string& engine);
  platform::Store& operator*() { return *store_; }
  platform::Store* operator->() { return store_.get(); }
  platform::Store& store() { return *store_; }
  // Closes it and opens the same data again.
  void reopen();
  // PostgreSQL only: another process's view of the same database.
  std::unique_ptr<platform::Store> second();

 private:
  std::unique_ptr<platform::Store> open();
  std::string engine_;
  TemporaryFolder folder_;
  std::string conninfo_;
  std::unique_ptr<platform::Store> store_;
};

template <class T>
T must(platform::Result<T> result) {
  if (!result) throw std::runtime_error(platform::to_text(result.error()));
  return *std::move(result);
}
inline void must(const platform::Status& status) {
  if (!status) throw std::runtime_error(platform::to_text(status.error()));
}

// True as soon as `condition` holds, asked every few milliseconds for at most `limit`.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = std::chrono::seconds(20));

}  // namespace uncac::testing
