#include "support/gate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/servers.h"

namespace uncac::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

enum Mode { kOpen, kDelay, kLose, kHold, kHoldReplies, kSwallow, kCut, kBreak, kEnd };

// A sender waits when so much of its is here; as a network would make it.
constexpr std::size_t kMostKept = 4u << 20;

// What lost packets cost: one is sent again after 200 ms, and after twice as long each time more.
class Loss {
 public:
  milliseconds next() {
    if (dice_() % 10 != 0) return milliseconds(0);
    return milliseconds(200) * (1 << dice_() % 3);
  }

 private:
  std::minstd_rand dice_{2009};
};

sockaddr_in local(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

struct Chunk {
  Clock::time_point due;
  std::string bytes;
};

// One direction of one connection.
struct Way {
  int from = -1, to = -1;
  bool replies = false;
  bool at_end = false;   // `from` sends no more
  bool told = false;     // and `to` was told so
  std::size_t kept = 0;  // bytes
  std::deque<Chunk> chunks;
};

}  // namespace

struct Gate::Pair {
  Pair(int caller, int server) {
    up.from = down.to = caller;
    up.to = down.from = server;
    down.replies = true;
  }
  ~Pair() {
    // As a network that is gone: a reset, no orderly end.
    const linger now{1, 0};
    for (const int socket : {up.from, up.to}) {
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      close(socket);
    }
  }
  Way up, down;
  bool lost_bytes = false;
  bool broken = false;
};

struct Gate::State {
  int listener = -1;
  int wake = -1;
  std::mutex mutex;
  std::condition_variable done;
  // Asked for by others, under the mutex; the thread takes it over and counts.
  Mode asked = kOpen;
  milliseconds asked_delay{0};
  int target = 0;
  std::uint64_t asked_count = 0, done_count = 0;
  // The thread's own.
  Mode mode = kOpen;
  milliseconds delay{0};
  Loss loss;
  int leads_to = 0;
  bool ended = false;
  std::list<Pair> pairs;

  void take_over();
  void accept_one(std::atomic<long>& connections);
  void read(Pair& pair, Way& way);
  static void write(Pair& pair, Way& way, std::atomic<std::uint64_t>& replied);
  bool passes(const Way& way) const {
    return mode != kHold && mode != kCut && !(mode == kHoldReplies && way.replies);
  }
  milliseconds longest_wait() const;
};

// At an order of a test. Breaking is over at once; the other modes last.
void Gate::State::take_over() {
  std::uint64_t ignored = 0;
  [[maybe_unused]] const ssize_t got = ::read(wake, &ignored, sizeof ignored);
  const std::lock_guard guard(mutex);
  if (asked_count == done_count) return;
  leads_to = target;
  if (asked == kBreak || asked == kCut) pairs.clear();
  if (asked == kEnd) ended = true;
  if (asked != kBreak && asked != kEnd) mode = asked;
  delay = mode == kDelay ? asked_delay : milliseconds(0);
  if (mode == kOpen) pairs.remove_if([](const Pair& pair) { return pair.lost_bytes; });
  done_count = asked_count;
  done.notify_all();
}

void Gate::State::accept_one(std::atomic<long>& connections) {
  const int caller = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (caller < 0) return;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = local(leads_to);
  const bool leads = mode != kCut && leads_to != 0 && server >= 0 &&
                     connect(server, reinterpret_cast<const sockaddr*>(&address),
                             sizeof address) == 0;  // of this machine: at once, or refused
  if (!leads) {
    const linger now{1, 0};
    setsockopt(caller, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(caller);
    if (server >= 0) close(server);
    return;
  }
  ++connections;
  fcntl(server, F_SETFL, O_NONBLOCK);
  const int yes = 1;
  for (const int one : {caller, server}) {
    setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  pairs.emplace_back(caller, server);
}

void Gate::State::read(Pair& pair, Way& way) {
  std::array<char, 1u << 16> buffer;
  const ssize_t got = recv(way.from, buffer.data(), buffer.size(), 0);
  if (got > 0) {
    if (mode == kSwallow && way.replies) {
      pair.lost_bytes = true;
      return;
    }
    way.kept += static_cast<std::size_t>(got);
    const milliseconds late = mode == kLose ? loss.next() : delay;
    way.chunks.push_back(
        {Clock::now() + late, std::string(buffer.data(), static_cast<std::size_t>(got))});
  } else if (got == 0) {
    way.at_end = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    pair.broken = true;
  }
}

void Gate::State::write(Pair& pair, Way& way, std::atomic<std::uint64_t>& replied) {
  while (!way.chunks.empty() && way.chunks.front().due <= Clock::now()) {
    std::string& bytes = way.chunks.front().bytes;
    const ssize_t sent = send(way.to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EINTR) pair.broken = true;
      return;
    }
    way.kept -= static_cast<std::size_t>(sent);
    if (way.replies) replied += static_cast<std::uint64_t>(sent);
    bytes.erase(0, static_cast<std::size_t>(sent));
    if (bytes.empty()) way.chunks.pop_front();
  }
  if (way.at_end && way.chunks.empty() && !way.told) {
    way.told = true;
    shutdown(way.to, SHUT_WR);
  }
}

milliseconds Gate::State::longest_wait() const {
  milliseconds longest(1000);
  for (const Pair& pair : pairs) {
    for (const Way* way : {&pair.up, &pair.down}) {
      if (way->chunks.empty() || !passes(*way)) continue;
      const auto left = std::chrono::ceil<milliseconds>(way->chunks.front().due - Clock::now());
      // What is due and not sent waits for room, which poll() tells of.
      if (left.count() > 0) longest = std::min(longest, left);
    }
  }
  return longest;
}

Gate::Gate() : port_(free_port()), state_(std::make_unique<State>()) {
  state_->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  state_->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  const sockaddr_in address = local(port_);
  const int on = 1;
  if (state_->listener < 0 || state_->wake < 0 ||
      setsockopt(state_->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(state_->listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(state_->listener, 256) != 0) {
    throw std::runtime_error("no gate on port " + std::to_string(port_));
  }
  thread_ = std::jthread([this] { run(); });
}

Gate::~Gate() {
  command(kEnd, {});
  thread_.join();
  state_->pairs.clear();
  close(state_->listener);
  close(state_->wake);
}

void Gate::command(int mode, milliseconds by) {
  std::unique_lock lock(state_->mutex);
  state_->asked = static_cast<Mode>(mode);
  state_->asked_delay = by;
  const std::uint64_t count = ++state_->asked_count;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(state_->wake, &one, sizeof one);
  state_->done.wait(lock, [&] { return state_->done_count >= count; });
}

void Gate::lead_to(int port) {
  {
    const std::lock_guard guard(state_->mutex);
    state_->target = port;
  }
  command(kOpen, {});
}
void Gate::open() { command(kOpen, {}); }
void Gate::delay(milliseconds by) { command(kDelay, by); }
void Gate::lose_packets() { command(kLose, {}); }
void Gate::hold() { command(kHold, {}); }
void Gate::hold_replies() { command(kHoldReplies, {}); }
void Gate::swallow_replies() { command(kSwallow, {}); }
void Gate::cut() { command(kCut, {}); }
void Gate::break_connections() { command(kBreak, {}); }

void Gate::run() {
  State& state = *state_;
  std::vector<pollfd> polled;
  while (!state.ended) {
    polled.assign({{state.wake, POLLIN, 0}, {state.listener, POLLIN, 0}});
    for (const Pair& pair : state.pairs) {
      const auto events = [&](const Way& in, const Way& out) {
        // Both ways of one connection have this socket: it is read of and written to.
        short wanted = 0;
        if (state.passes(in) && !in.at_end && in.kept < kMostKept) wanted |= POLLIN;
        if (state.passes(out) && !out.chunks.empty() && out.chunks.front().due <= Clock::now()) {
          wanted |= POLLOUT;
        }
        return wanted;
      };
      // Without anything wanted poll() would still tell of a hang-up, again and again.
      const short caller = events(pair.up, pair.down), server = events(pair.down, pair.up);
      polled.push_back({caller != 0 ? pair.up.from : -1, caller, 0});
      polled.push_back({server != 0 ? pair.up.to : -1, server, 0});
    }
    poll(polled.data(), polled.size(), static_cast<int>(state.longest_wait().count()));
    const std::size_t known = state.pairs.size();
    auto pair = state.pairs.begin();
    for (std::size_t i = 0; i < known; ++i, ++pair) {
      constexpr short kSomething = POLLIN | POLLHUP | POLLERR;
      const std::array<short, 2> told{polled[2 + 2 * i].revents, polled[3 + 2 * i].revents};
      const std::array<Way*, 2> ways{&pair->up, &pair->down};
      for (std::size_t k = 0; k < ways.size(); ++k) {
        Way& way = *ways[k];
        if (!state.passes(way)) continue;
        if ((told[k] & kSomething) != 0 && !way.at_end) state.read(*pair, way);
        State::write(*pair, way, replied_);
      }
    }
    state.pairs.remove_if(
        [](const Pair& one) { return one.broken || (one.up.told && one.down.told); });
    if (polled[1].revents != 0) state.accept_one(connections_);
    if (polled[0].revents != 0) state.take_over();
  }
}

}  // namespace uncac::testing
