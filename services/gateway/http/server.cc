#include "gateway/http/server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "gateway/http/connection.h"
#include "platform/runtime/log.h"
#include "platform/runtime/socket_host.h"

namespace uncac::gateway::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using platform::make_error;
using platform::Reason;
using platform::Status;
using std::chrono::milliseconds;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
// After a failed accept, for want of descriptors say.
constexpr milliseconds kBetweenAccepts{100};

}  // namespace

struct Server::State {
  State(ServerOptions all_options, std::vector<Route> routes, platform::Metrics& metrics,
        platform::Ids& ids)
      : options(std::move(all_options)),
        shared{options.limits,
               Router(std::move(routes)),
               Policy(options.allowed_origins),
               options.admit,
               Rate(options.limits.requests_per_second),
               metrics,
               ids},
        io(options.threads),
        acceptor(asio::make_strand(io)),
        open(metrics.gauge("uncac_http_connections", "HTTP connections open now.")),
        refused(metrics.counter("uncac_http_connections_refused_total",
                                "HTTP connections closed at once: too many were open.")) {}

  Status listen(const platform::Address& address) {
    boost::system::error_code error;
    tcp::resolver resolver(io);
    const auto found =
        resolver.resolve(platform::socket_host(address.host), std::to_string(address.port),
                         tcp::resolver::passive, error);
    if (!error) acceptor.open(found.begin()->endpoint().protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(found.begin()->endpoint(), error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port = acceptor.local_endpoint(error).port();
    if (!error) return {};
    return make_error(Reason::kFailedPrecondition,
                      "cannot listen on " + address.text() + " for HTTP: " + error.message());
  }

  Task<> accept() {
    while (acceptor.is_open()) {
      // Each connection has its own strand: it is used by one thread at a time.
      auto [error, socket] = co_await acceptor.async_accept(asio::make_strand(io), kTuple);
      if (error == asio::error::operation_aborted) co_return;
      if (error) {
        platform::log::warning("HTTP connection not accepted", {{"why", error.message()}});
        asio::steady_timer timer(acceptor.get_executor(), kBetweenAccepts);
        co_await timer.async_wait(kTuple);
        continue;
      }
      begin(std::move(socket));
    }
  }

  void begin(tcp::socket socket) {
    const auto executor = socket.get_executor();
    std::shared_ptr<Connection> connection;
    {
      const std::lock_guard guard(mutex);
      if (connections.size() >= options.limits.connections) {
        refused.add();
        return;
      }
      connection = make_connection(std::move(socket), shared);
      connections.insert(connection);
      open.set(static_cast<double>(connections.size()));
    }
    asio::co_spawn(
        executor, [connection]() -> Task<> { co_await connection->run(); },
        [this, connection](const std::exception_ptr& thrown) {
          if (thrown) platform::log::error("HTTP connection threw");
          const std::lock_guard guard(mutex);
          connections.erase(connection);
          open.set(static_cast<double>(connections.size()));
          if (connections.empty()) none_left.notify_all();
        });
  }

  const ServerOptions options;
  Shared shared;
  asio::io_context io;
  tcp::acceptor acceptor;
  int port = 0;
  platform::Metrics::Gauge& open;
  platform::Metrics::Counter& refused;
  std::mutex mutex;
  std::condition_variable none_left;
  std::set<std::shared_ptr<Connection>> connections;
  std::vector<std::jthread> threads;
};

Server::Server(ServerOptions options, std::vector<Route> routes, platform::Metrics& metrics,
               platform::Ids& ids)
    : state_(std::make_unique<State>(std::move(options), std::move(routes), metrics, ids)) {}

Server::~Server() {
  state_->io.stop();
  state_->threads.clear();
}

Status Server::start(const platform::Address& address) {
  UNCAC_TRY(state_->listen(address));
  asio::co_spawn(state_->acceptor.get_executor(), state_->accept(), asio::detached);
  for (int i = 0; i < state_->options.threads; ++i) {
    state_->threads.emplace_back([this] { state_->io.run(); });
  }
  return {};
}

int Server::port() const { return state_->port; }

void Server::drain() { state_->shared.draining = true; }

void Server::stop(milliseconds limit) {
  State& state = *state_;
  if (state.threads.empty()) return;
  drain();
  asio::post(state.acceptor.get_executor(), [&state] {
    boost::system::error_code ignored;
    state.acceptor.close(ignored);
  });
  {
    std::unique_lock lock(state.mutex);
    for (const auto& connection : state.connections) connection->end_when_idle();
    state.none_left.wait_for(lock, limit, [&] { return state.connections.empty(); });
  }
  state.io.stop();
  state.threads.clear();
  // What is still under way ends with its coroutine.
}

}  // namespace uncac::gateway::http
