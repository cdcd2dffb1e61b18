// Health over HTTP, the ordered end, and the signal that starts it.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <nlohmann/json.hpp>
#include <semaphore>

#include "platform/runtime/process.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

struct Answer {
  int status = 0;
  std::string body;
};

// Sends `request` as it is and reads until the server closes.
Answer send_raw(int port, const std::string& request) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  const timeval limit{10, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string text;
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
      ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    char piece[4096];
    for (ssize_t got; (got = ::recv(descriptor, piece, sizeof(piece), 0)) > 0;) {
      text.append(piece, static_cast<std::size_t>(got));
    }
  }
  ::close(descriptor);
  Answer answer;
  if (text.starts_with("HTTP/1.1 ")) answer.status = std::stoi(text.substr(9, 3));
  const auto head_end = text.find("\r\n\r\n");
  if (head_end != std::string::npos) answer.body = text.substr(head_end + 4);
  return answer;
}

Answer get(int port, const std::string& path) {
  return send_raw(port, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

TEST(PlatformHealth, SaysByNameWhatIsNotReady) {
  Metrics metrics;
  metrics.counter("uncac_seen_total", "seen").add();
  std::atomic<bool> store = false;
  HealthServer server(metrics);
  server.add_condition("store \"main\"", [&] { return store.load(); });
  server.add_condition("projection", []() -> bool { throw std::runtime_error("broken"); });
  const Result<int> port = server.start({"127.0.0.1", 0});
  ASSERT_TRUE(port) << port.error().message;

  EXPECT_EQ(get(*port, "/healthz").status, 200);
  ::testing::internal::CaptureStderr();
  Answer answer = get(*port, "/readyz");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("projection"));
  EXPECT_EQ(answer.status, 503);
  auto body = nlohmann::json::parse(answer.body);
  EXPECT_EQ(body["ready"], false);
  EXPECT_EQ(body["failing"], (nlohmann::json{"store \"main\"", "projection"}));
  store = true;
  body = nlohmann::json::parse(get(*port, "/readyz").body);
  EXPECT_EQ(body["failing"], nlohmann::json{"projection"});
  EXPECT_THAT(get(*port, "/metrics").body, HasSubstr("uncac_seen_total 1"));
  EXPECT_EQ(get(*port, "/else").status, 404);
}

TEST(PlatformHealth, IsReadyWhenAllHoldAndNotWhileDraining) {
  Metrics metrics;
  HealthServer server(metrics);
  server.add_condition("store", [] { return true; });
  const Result<int> port = server.start({"127.0.0.1", 0});
  ASSERT_TRUE(port);
  EXPECT_TRUE(server.ready());
  EXPECT_EQ(get(*port, "/readyz").status, 200);
  server.set_draining();
  EXPECT_FALSE(server.ready());
  const Answer answer = get(*port, "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("draining"));
  EXPECT_EQ(get(*port, "/healthz").status, 200) << "draining is alive";
}

TEST(PlatformHealth, ABodyIsRefused) {
  Metrics metrics;
  HealthServer server(metrics);
  const Result<int> port = server.start({"127.0.0.1", 0});
  ASSERT_TRUE(port);
  const std::string body(100'000, 'x');
  const Answer answer = send_raw(
      *port,
      "POST /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n" +
          body);
  EXPECT_GE(answer.status, 400);
  EXPECT_EQ(get(*port, "/healthz").status, 200);
}

TEST(PlatformHealth, APortInUseIsRefusedByName) {
  Metrics metrics;
  HealthServer first(metrics);
  const Result<int> port = first.start({"127.0.0.1", 0});
  ASSERT_TRUE(port);
  HealthServer second(metrics);
  const Result<int> refused = second.start({"127.0.0.1", *port});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("127.0.0.1:" + std::to_string(*port)));
  first.stop();
  HealthServer third(metrics);
  EXPECT_TRUE(third.start({"127.0.0.1", *port})) << "free again at once";
}

TEST(PlatformShutdown, RunsTheStepsInTheirOrder) {
  std::vector<int> order;
  Shutdown shutdown;
  shutdown.add("first", milliseconds(5000), [&] { order.push_back(1); });
  shutdown.add("throws", milliseconds(5000), [&] {
    order.push_back(2);
    throw std::runtime_error("broken");
  });
  shutdown.add("last", milliseconds(5000), [&] { order.push_back(3); });
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(shutdown.run(), 0);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("throws"));
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(PlatformShutdown, AHungStepIsNamedAndTheRestIsNotRun) {
  std::binary_semaphore release(0);
  std::promise<void> ended;
  std::atomic<bool> ran = false;
  Shutdown shutdown;
  shutdown.add("hangs", milliseconds(20), [&] {
    release.acquire();
    ended.set_value();
  });
  shutdown.add("after", milliseconds(5000), [&] { ran = true; });
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(shutdown.run(), 70);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("hangs"));
  EXPECT_FALSE(ran);
  release.release();
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST(PlatformStopSignal, ReturnsFromWaitOnEitherSignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    // A process of its own: the signals stay blocked in the one that constructs it.
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      StopSignal stop;
      ::kill(::getpid(), signal);
      ::alarm(20);
      stop.wait();
      ::_exit(0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  }
}

}  // namespace
}  // namespace uncac::platform
