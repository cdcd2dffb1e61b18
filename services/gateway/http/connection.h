// One connection: its requests one after the other. Not for handlers.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "gateway/http/router.h"
#include "gateway/http/server.h"

namespace uncac::gateway::http {

// What the connections of a server share. Outlives them.
struct Shared {
  const ServerLimits limits;
  const Router router;
  const Policy policy;
  const std::function<platform::Status(Request&)> admit;  // none: everybody
  Rate rate;
  platform::Metrics& metrics;
  platform::Ids& ids;
  std::atomic<bool> draining = false;
};

class Connection {
 public:
  virtual ~Connection() = default;
  // Until the client or the server ends it.
  virtual Task<> run() = 0;
  // From any thread: ends it at once when it waits for its next request, else after the answer
  // under way.
  virtual void end_when_idle() = 0;
};
std::shared_ptr<Connection> make_connection(boost::asio::ip::tcp::socket socket, Shared& shared);

}  // namespace uncac::gateway::http
