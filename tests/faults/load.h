// Work that goes on while something breaks: States file, amend, withdraw and share, readers ask,
// partners follow the feed. What was acknowledged, when, and what was answered wrongly.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "support/acts.h"
#include "support/follower.h"

namespace uncac::testing {

// One client with States of its own, and what must therefore be on record of them. Lives longer
// than a load: the next one goes on with it.
struct Filer {
  Filer(const Strings& states, std::uint64_t seed) : acts(seed) {
    for (const std::string& state : states) records[state];
  }
  Acts acts;
  std::map<std::string, Record> records;      // as acknowledged
  std::map<std::string, std::string> tokens;  // by State: of the last act that changed something
};

// All that a system must know, load after load.
struct World {
  explicit World(System& system);
  std::vector<std::unique_ptr<Filer>> filers;  // the last one's State is the witness's
  std::unique_ptr<Filer> importer;             // works only when a fault asks it to
  std::unique_ptr<Follower> secretariat, everybody;

  // What is known now, to be known again after a store was put back to now.
  struct Memory {
    std::vector<std::pair<std::map<std::string, Record>, std::map<std::string, std::string>>>
        filers;
  };
  Memory remember() const;
  void put_back(const Memory& memory);

  std::map<std::string, common::v1::Audience> needs(const std::string& audience) const;
  std::vector<std::string> tokens() const;
  std::map<std::string, const Record*> records() const;
};

struct Figures {
  long acknowledged = 0;  // acts
  long answered = 0;      // questions
  long refused = 0;       // attempts that failed and were made again
  long late = 0;          // answers not there within a second of the act that they must know
  // Longest time in which no act of anybody was acknowledged, no question answered, and none of
  // somebody without a token.
  std::chrono::milliseconds filing_pause{0}, asking_pause{0}, strangers_pause{0};
};

// Times at which something went well. Safe for concurrent use.
class Timeline {
 public:
  void add();
  long count() const;
  std::chrono::milliseconds longest_pause(std::chrono::steady_clock::time_point end) const;

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin_ = Clock::now();
  mutable std::mutex mutex_;
  std::vector<Clock::time_point> times_;
};

// Begins with the object. Used by one thread.
class Load {
 public:
  Load(System& system, World& world);
  ~Load();

  // Everybody who works has had something done since this was last asked.
  bool all_went_on();
  long acknowledged() const { return filed_.count(); }
  // Every act under way is tried until it is acknowledged, at most so long; then all has ended.
  void finish(std::chrono::milliseconds limit);
  // After finish().
  Figures figures() const;
  const Strings& wrong() const { return wrong_; }
  // Why attempts failed, and how many.
  const std::map<std::string, long>& refusals() const { return refusals_; }

 private:
  class Worker;
  void file(Filer& filer, std::size_t worker);
  void watch(Filer& filer, std::size_t worker);
  void ask(const std::string& reader, std::size_t worker);
  void follow(Follower& follower);
  std::optional<Act> done(Asked& asked, Filer& filer, Act act, std::size_t worker);
  void read_back(Asked& asked, Filer& filer, const std::string& state);
  template <class Call>
  grpc::Status until_answered(const Call& call);
  void pace(std::chrono::milliseconds by);
  void say_wrong(std::string what);
  void refused(const grpc::Status& status);
  bool ending() const { return ending_.load(); }

  System& system_;
  World& world_;
  Timeline filed_, answered_, answered_strangers_;
  std::atomic<long> refused_ = 0, late_ = 0;
  std::atomic<bool> ending_ = false, given_up_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  Strings wrong_;
  std::map<std::string, long> refusals_;
  std::vector<std::atomic<long>> done_;  // by worker
  std::vector<long> seen_;               // as of the last all_went_on()
  std::chrono::steady_clock::time_point end_;
  std::vector<std::jthread> threads_;
};

}  // namespace uncac::testing
