// An HTTP/1.1 server on few threads. Boost.Beast is included in connection.cc alone, Asio's and
// Beast's own code compiled once in boost.cc.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http/exchange.h"
#include "platform/result.h"
#include "platform/runtime/metrics.h"
#include "platform/runtime/options.h"

namespace uncac::gateway::http {

struct ServerLimits {
  std::size_t header_bytes = 16 << 10;
  std::size_t connections = 20'000;          // more are closed at once
  std::chrono::milliseconds header{10'000};  // from a request's first byte to its empty line
  std::chrono::milliseconds idle{75'000};    // between two requests of a connection
  // To send all of a body; and this much longer for what came of it: a large file over a slow line
  // takes its time, a sender of single bytes does not get it.
  std::chrono::milliseconds body{60'000};
  std::size_t body_rate = 8'000;            // bytes a second
  std::chrono::milliseconds write{30'000};  // for one piece of an answer
  // Of one client's address, on average and at once; 0: no limit. Behind a proxy all clients have
  // its address: then it is the proxy's business.
  int requests_per_second = 0;
};

struct ServerOptions {
  ServerLimits limits;
  int threads = 2;
  // Origins of other sites whose pages may call: "https://example.org". Without credentials: such a
  // page holds a token of its own.
  std::vector<std::string> allowed_origins;
  // Before every handler: whose request it is may be put into its headers, or it is refused.
  std::function<platform::Status(Request&)> admit;
};

// start() and stop() by one thread.
class Server {
 public:
  Server(ServerOptions options, std::vector<Route> routes, platform::Metrics& metrics,
         platform::Ids& ids);
  ~Server();

  platform::Status start(const platform::Address& address);
  int port() const;
  // Answers what comes and asks every client to connect anew, here or elsewhere.
  void drain();
  // Takes no more, gives requests under way until `limit`, then breaks them off.
  void stop(std::chrono::milliseconds limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uncac::gateway::http
