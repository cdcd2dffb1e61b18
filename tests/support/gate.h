// A gate on the way between two programs: connections to its port go on to another port of this
// machine until a test delays, holds or cuts them. For faults of a network, without a kernel that
// knows of them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

namespace uncac::testing {

// All methods may be called by any thread; what they ask for holds when they return.
class Gate {
 public:
  // Listens on a free port at once; leads nowhere until told.
  Gate();
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  int port() const { return port_; }
  void lead_to(int port);

  // As at first: what comes goes on. Connections that lost bytes are closed.
  void open();
  // Each byte arrives so much later, in both directions.
  void delay(std::chrono::milliseconds by);
  // Packets are lost and sent again, as TCP does it: one piece in ten arrives 200 to 800 ms late,
  // and everything behind it with it, in both directions.
  void lose_packets();
  // Connections stay open and nothing passes: a cable that is out. What was sent arrives after
  // open().
  void hold();
  // Requests pass and are carried out; replies arrive after open().
  void hold_replies();
  // Requests pass, replies are thrown away: done, but nobody hears of it.
  void swallow_replies();
  // Connections break now, and new ones as soon as they are made.
  void cut();
  // Connections break now; new ones are as ever.
  void break_connections();
  // Connections that were made, ever.
  long connections() const { return connections_; }
  // Bytes of replies that were handed on to callers, ever.
  std::uint64_t replied() const { return replied_; }

 private:
  struct Pair;
  struct State;
  void run();
  void command(int mode, std::chrono::milliseconds by);

  int port_ = 0;
  std::atomic<long> connections_ = 0;
  std::atomic<std::uint64_t> replied_ = 0;
  std::unique_ptr<State> state_;
  std::jthread thread_;
};

}  // namespace uncac::testing
