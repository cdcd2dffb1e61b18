#include "support/event_streams.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace uncac::testing {
namespace {

int connect_to(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  const std::string host = address.substr(0, colon);
  if (::inet_pton(AF_INET, host.c_str(), &to.sin_addr) != 1) throw std::runtime_error(address);
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0 || ::connect(descriptor, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error(address + ": " + std::strerror(errno));
  }
  return descriptor;
}

}  // namespace

EventStreams::~EventStreams() {
  for (std::size_t i = 0; i < streams_.size(); ++i) close(i);
}

void EventStreams::close(std::size_t stream) {
  int& descriptor = streams_[stream].descriptor;
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

std::size_t EventStreams::open(const std::string& path, const std::vector<std::string>& headers) {
  Stream& stream = streams_.emplace_back();
  stream.descriptor = connect_to(address_);
  std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + address_ + "\r\n";
  for (const std::string& header : headers) request += header + "\r\n";
  request += "\r\n";
  if (::send(stream.descriptor, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    throw std::runtime_error("the request was not taken");
  }
  return streams_.size() - 1;
}

bool EventStreams::read_until(std::chrono::milliseconds limit,
                              const std::function<bool()>& enough) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::vector<pollfd> waiting;
  std::vector<std::size_t> which;
  while (!enough()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    waiting.clear();
    which.clear();
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (streams_[i].descriptor < 0 || streams_[i].deaf) continue;
      waiting.push_back({streams_[i].descriptor, POLLIN, 0});
      which.push_back(i);
    }
    ::poll(waiting.data(), waiting.size(),
           static_cast<int>(std::min<std::int64_t>(left.count(), 100)));
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      Stream& stream = streams_[which[i]];
      char piece[1 << 16];
      const ssize_t read = ::recv(stream.descriptor, piece, sizeof piece, 0);
      if (read <= 0) {
        close(which[i]);
      } else {
        stream.raw.append(piece, static_cast<std::size_t>(read));
        take(stream);
      }
    }
  }
  return true;
}

// Chunks are taken apart by lines: what is sent holds no line that is a chunk's head, since events
// begin with "id:", "event:", "data:", "retry:" or ":".
void EventStreams::take(Stream& stream) {
  if (stream.head) {
    const std::size_t end = stream.raw.find("\r\n\r\n");
    if (end == std::string::npos) return;
    stream.status = std::stoi(stream.raw.substr(9, 3));
    stream.raw.erase(0, end + 4);
    stream.head = false;
    stream.events.push_back({});
  }
  for (std::size_t end = stream.raw.find('\n'); end != std::string::npos;
       end = stream.raw.find('\n')) {
    std::string line = stream.raw.substr(0, end);
    stream.raw.erase(0, end + 1);
    ServerEvent& open = stream.events.back();
    if (line.starts_with("id: ")) {
      open.id = line.substr(4);
    } else if (line.starts_with("event: ")) {
      open.name = line.substr(7);
    } else if (line.starts_with("data: ")) {
      open.data = line.substr(6);
    } else if (line == ":") {
      ++stream.heartbeats;
    } else if (line.empty()) {
      if (!open.name.empty()) stream.events.push_back({});
    } else if (!line.starts_with("retry: ")) {
      stream.rest += line + "\n";
    }
  }
}

std::size_t EventStreams::count(std::size_t stream, const std::string& name) const {
  const auto& events = streams_[stream].events;
  return static_cast<std::size_t>(std::count_if(
      events.begin(), events.end(), [&](const ServerEvent& one) { return one.name == name; }));
}

}  // namespace uncac::testing
