// The HTTP server on a real socket: good clients, slow ones, rude ones, and its end.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "gateway/http/server.h"
#include "platform/runtime/metrics.h"
#include "support/engines.h"

namespace uncac::gateway::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A client that sends what it is told, byte for byte.
class Client {
 public:
  explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Until `end` has come, or the connection ends.
  std::string read_until(std::string_view end) {
    while (got_.find(end) == std::string::npos) {
      char piece[4096];
      const ssize_t read = ::recv(socket_, piece, sizeof piece, 0);
      if (read <= 0) return std::exchange(got_, {});
      got_.append(piece, static_cast<std::size_t>(read));
    }
    const std::size_t upto = got_.find(end) + end.size();
    std::string text = got_.substr(0, upto);
    got_.erase(0, upto);
    return text;
  }
  std::string read_all() { return read_until(std::string_view("\0never\0", 7)); }
  std::string read_head() { return read_until("\r\n\r\n"); }
  std::string ask(std::string_view request) { return send(request) ? read_head() : ""; }

 private:
  int socket_;
  std::string got_;
};

Response text(std::string body) {
  Response response;
  response.headers.set("Content-Type", "text/plain");
  response.body = std::move(body);
  return response;
}

class HttpServer : public ::testing::Test {
 protected:
  HttpServer() {
    Route echo{{"POST"}, "/echo", [](Exchange& exchange) -> Task<> {
                 auto body = co_await exchange.read_body();
                 if (!body) {
                   co_await exchange.respond(problem(body.error()));
                   co_return;
                 }
                 co_await exchange.respond(text(*std::move(body)));
               }};
    echo.largest_body = 1 << 20;
    Route refuse{{"POST"}, "/refuse", [](Exchange& exchange) {
                   return exchange.respond(problem(409, "Conflict", ""));
                 }};
    refuse.largest_body = 100 << 20;
    Route pieces{{"GET"}, "/pieces", [](Exchange& exchange) -> Task<> {
                   if (!co_await exchange.begin(200, Headers())) co_return;
                   for (int i = 0; i < 3; ++i) {
                     if (!co_await exchange.write("piece " + std::to_string(i) + "\n")) co_return;
                   }
                 }};
    Route half{{"GET"}, "/half", [](Exchange& exchange) -> Task<> {
                 co_await exchange.begin(200, Headers());
                 co_await exchange.write("half");
                 throw std::runtime_error("broken");
               }};
    Route nothing{{"GET"}, "/nothing", [](Exchange&) -> Task<> { co_return; }};
    Route large{{"GET"}, "/large", [](Exchange& exchange) {
                  return exchange.respond(text(std::string(64 << 20, 'x')));
                }};
    Route held{{"GET"}, "/held", [this](Exchange& exchange) -> Task<> {
                 arrived_.set_value();
                 boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
                 while (!exchange.draining()) {
                   timer.expires_after(milliseconds(2));
                   co_await timer.async_wait(boost::asio::use_awaitable);
                 }
                 co_await exchange.respond(text("held"));
               }};
    ServerOptions options;
    options.limits.header_bytes = 4 << 10;
    options.limits.header = milliseconds(300);
    options.limits.write = milliseconds(300);
    options.limits.connections = 8;
    server_ = std::make_unique<Server>(
        options, std::vector<Route>{echo, refuse, pieces, half, nothing, large, held}, metrics_,
        ids_);
    EXPECT_TRUE(server_->start({"127.0.0.1", 0}).ok());
  }

  platform::Metrics metrics_;
  platform::SystemIds ids_;
  std::promise<void> arrived_;
  std::unique_ptr<Server> server_;
};

constexpr const char* kGet = " HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(HttpServer, AnswersRequestsOfOneConnectionOneAfterTheOther) {
  Client client(server_->port());
  ASSERT_TRUE(
      client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                  "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  EXPECT_EQ(client.read_head().substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_EQ(client.read_until("hello"), "hello");
  EXPECT_NE(client.read_head().find("Content-Length: 5"), std::string::npos);
  EXPECT_EQ(client.read_until("abcde"), "abcde");
}

TEST_F(HttpServer, GuardsEveryAnswer) {
  Client client(server_->port());
  for (const std::string path : {"/pieces", "/nothing-here", "/nothing"}) {
    const std::string head = client.ask("HEAD " + path + kGet);
    EXPECT_NE(head.find("Content-Security-Policy: default-src 'none'"), std::string::npos) << head;
    EXPECT_NE(head.find("X-Content-Type-Options: nosniff"), std::string::npos) << head;
  }
}

TEST_F(HttpServer, AnswersInPiecesAndToAnOldClientUntilTheEnd) {
  Client client(server_->port());
  EXPECT_NE(client.ask(std::string("GET /pieces") + kGet).find("chunked"), std::string::npos);
  EXPECT_EQ(client.read_until("0\r\n\r\n"),
            "8\r\npiece 0\n\r\n8\r\npiece 1\n\r\n8\r\npiece 2\n\r\n0\r\n\r\n");
  Client old(server_->port());
  EXPECT_EQ(old.ask("GET /pieces HTTP/1.0\r\n\r\n").find("chunked"), std::string::npos);
  EXPECT_EQ(old.read_all(), "piece 0\npiece 1\npiece 2\n");
}

TEST_F(HttpServer, HalfAnAnswerDoesNotLookWhole) {
  Client client(server_->port());
  client.ask(std::string("GET /half") + kGet);
  EXPECT_EQ(client.read_all(), "4\r\nhalf\r\n") << "no last piece";
}

TEST_F(HttpServer, WhatNoHandlerAnsweredIsAnError) {
  Client client(server_->port());
  EXPECT_EQ(client.ask(std::string("GET /nothing") + kGet).substr(9, 3), "500");
}

TEST_F(HttpServer, RefusesWhatItDoesNotTake) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"GET /none HTTP/1.1\r\nHost: a\r\n\r\n", "404"},
      {"DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", "413"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
           std::string(0x100001, 'x') + "\r\n0\r\n\r\n",
       "413"},
      {"GET /pieces HTTP/1.1\r\n\r\n", "400"},
      {"GET /pieces HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      {"GET pieces HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /pieces HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'x') + "\r\n\r\n", "431"},
      {"nonsense\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
       "400"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
  };
  for (const auto& [request, status] : cases) {
    Client client(server_->port());
    client.send(request);
    const std::string head = client.read_head();
    EXPECT_EQ(head.substr(0, 9) + head.substr(9, 3), "HTTP/1.1 " + status)
        << request.substr(0, 100) << "\n"
        << head;
  }
  Client client(server_->port());
  EXPECT_NE(client.ask("PUT /echo HTTP/1.1\r\nHost: a\r\n\r\n").find("Allow: POST"),
            std::string::npos);
}

TEST_F(HttpServer, ARefusalIsReadAlsoByWhoIsStillSending) {
  Client client(server_->port());
  ASSERT_TRUE(client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n"));
  ASSERT_TRUE(client.send(std::string(900'000, 'x')));
  const std::string head = client.read_head();
  EXPECT_EQ(head.substr(9, 3), "409");
  EXPECT_NE(head.find("Connection: close"), std::string::npos);
}

TEST_F(HttpServer, AsksForTheBodyOfWhoWaitsForThat) {
  Client client(server_->port());
  ASSERT_TRUE(
      client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: "
                  "100-continue\r\n\r\n"));
  EXPECT_EQ(client.read_head().substr(9, 3), "100");
  ASSERT_TRUE(client.send("ok"));
  EXPECT_EQ(client.read_head().substr(9, 3), "200");
}

TEST_F(HttpServer, ASlowHeaderAndASlowReaderAreEnded) {
  Client slow(server_->port());
  ASSERT_TRUE(slow.send("GET /pieces HTT"));
  EXPECT_EQ(slow.read_all(), "") << "closed without a word";
  // 64 MiB that nobody reads do not fit into the sockets' buffers.
  Client lazy(server_->port());
  ASSERT_TRUE(lazy.send(std::string("GET /large") + kGet));
  EXPECT_TRUE(testing::eventually([&] {
    return metrics_.text().find("route=\"/large\",status=\"200\"") != std::string::npos;
  })) << "the handler of the lazy reader did not end";
}

TEST_F(HttpServer, MoreConnectionsThanAllowedAreClosed) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(server_->port()));
    EXPECT_NE(clients.back()->ask(std::string("GET /nothing-here") + kGet), "");
  }
  Client one_too_many(server_->port());
  one_too_many.send(std::string("GET /pieces") + kGet);
  EXPECT_EQ(one_too_many.read_all(), "");
  clients.clear();
}

TEST_F(HttpServer, TheEndLosesNoRequestUnderWay) {
  Client idle(server_->port());
  EXPECT_NE(idle.ask(std::string("GET /nothing-here") + kGet), "");
  Client waiting(server_->port());
  ASSERT_TRUE(waiting.send(std::string("GET /held") + kGet));
  arrived_.get_future().wait();
  std::jthread ending([&] { server_->stop(seconds(10)); });
  const std::string head = waiting.read_head();
  EXPECT_EQ(head.substr(9, 3), "200");
  EXPECT_NE(head.find("Connection: close"), std::string::npos);
  EXPECT_EQ(waiting.read_all(), "held");
  EXPECT_EQ(idle.read_all().find("HTTP"), std::string::npos) << "ended, and at once";
}

}  // namespace
}  // namespace uncac::gateway::http
