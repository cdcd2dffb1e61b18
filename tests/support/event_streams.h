// Readers of server-sent events over plain sockets: one or thousands, by one thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace uncac::testing {

struct ServerEvent {
  std::string id, name, data;
};

// Used by one thread.
class EventStreams {
 public:
  // `address`: HOST:PORT.
  explicit EventStreams(std::string address) : address_(std::move(address)) {}
  ~EventStreams();
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;

  // Opens one more, its number from 0. Each header is "Name: value".
  std::size_t open(const std::string& path, const std::vector<std::string>& headers = {});
  // Takes what comes until `enough()`; false when `limit` passed first. Streams in `deaf` are not
  // read from.
  bool read_until(std::chrono::milliseconds limit, const std::function<bool()>& enough);
  void set_deaf(std::size_t stream) { streams_[stream].deaf = true; }

  std::size_t size() const { return streams_.size(); }
  const std::vector<ServerEvent>& events(std::size_t stream) const {
    return streams_[stream].events;
  }
  // Of that name.
  std::size_t count(std::size_t stream, const std::string& name) const;
  // 0 before the answer's first line is here.
  int status(std::size_t stream) const { return streams_[stream].status; }
  // What came that is no event, without the heads: of a refusal, its body.
  const std::string& rest(std::size_t stream) const { return streams_[stream].rest; }
  std::size_t heartbeats(std::size_t stream) const { return streams_[stream].heartbeats; }
  bool ended(std::size_t stream) const { return streams_[stream].descriptor < 0; }
  void close(std::size_t stream);

 private:
  struct Stream {
    int descriptor = -1;
    bool deaf = false;
    int status = 0;
    std::string raw;   // not yet looked at
    bool head = true;  // of the answer, still to come
    std::string rest;
    std::vector<ServerEvent> events;
    std::size_t heartbeats = 0;
  };
  static void take(Stream& stream);

  const std::string address_;
  std::vector<Stream> streams_;
};

}  // namespace uncac::testing
