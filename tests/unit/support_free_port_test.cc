#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "support/servers.h"

namespace uncac::testing {
namespace {

// Listens on the port for a moment; the error number, or 0.
int error_of_listening(int port, bool reuse) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const int on = reuse ? 1 : 0;
  const bool listens = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                       bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                       listen(fd, 1) == 0;
  const int error = listens ? 0 : errno;
  close(fd);
  return error;
}

// Another call, here or in another process, tries a port as who does not reuse it.
TEST(FreePort, IsGivenToNobodyElse) {
  EXPECT_EQ(error_of_listening(free_port(), false), EADDRINUSE);
}

TEST(FreePort, IsThereForAServerThatStartsTwice) {
  const int port = free_port();
  EXPECT_EQ(error_of_listening(port, true), 0);
  EXPECT_EQ(error_of_listening(port, true), 0);
}

}  // namespace
}  // namespace uncac::testing
