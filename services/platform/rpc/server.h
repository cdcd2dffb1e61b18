// A gRPC server and channels to others.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "platform/result.h"
#include "platform/runtime/options.h"

namespace uncac::platform {

// Certificates for mutual TLS: PEM files, all three or none.
struct TlsFiles {
  std::string ca, certificate, key;
  bool empty() const { return ca.empty() && certificate.empty() && key.empty(); }
};

// Tokens and answers leave the machine under mutual TLS only: refuses an address that is not
// loopback when there are no certificates.
Status may_listen(const Address& address, const TlsFiles& tls);

struct ServerLimits {
  int max_message_bytes = 4 << 20;
  std::chrono::milliseconds max_connection_age{15 * 60'000};
  int max_threads = 256;
};

// Owns the listening socket; not the services, which must outlive it. Health service and reflection
// included. start() and stop() by one thread.
class RpcServer {
 public:
  RpcServer();
  ~RpcServer();
  // Refuses a half-given TLS set, unreadable files and a port in use, by name.
  Status start(const Address& address, const TlsFiles& tls, const ServerLimits& limits,
               const std::vector<grpc::Service*>& services,
               grpc::CallbackGenericService* proxy = nullptr);
  int port() const { return port_; }
  // What grpc.health.v1.Health says; NOT_SERVING until told otherwise.
  void set_serving(bool serving);
  // Takes no new calls, gives those under way until `limit`, then cancels them. Waits for their
  // handlers, which must look at Call::cancelled.
  void stop(std::chrono::milliseconds limit);
  // To this very server, without a socket.
  std::shared_ptr<grpc::Channel> in_process_channel();

 private:
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// Round robin over all addresses that the name resolves to, or of a list (`ipv4:HOST:PORT,…`; with
// TLS each certificate there must be valid for the first host), and that say they serve. Connects
// on first use. A call that a server could not take goes to another one; beyond that, methods of
// `services` (full names) whose proto says that doing them twice does no harm are tried up to four
// times while servers are UNAVAILABLE, within a budget: when more than about one call in ten needs
// it, no more is.
Result<std::shared_ptr<grpc::Channel>> open_channel(const std::string& target, const TlsFiles& tls,
                                                    const std::vector<std::string>& services = {});

}  // namespace uncac::platform
