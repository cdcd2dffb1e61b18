#include "platform/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/rpc/service_config.h"
#include "platform/runtime/socket_host.h"

namespace uncac::platform {
namespace {

constexpr int kKeepaliveMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
// Answers (a page of 10,000 needs) are longer than what is asked.
constexpr int kLargestAnswer = 64 << 20;
// Threads of a completion queue that wait for calls rather than end: with the library's two, a
// thread is made and ended again for nearly every call of a busy server.
constexpr int kIdleThreads = 32;

struct TlsTexts {
  std::string ca, certificate, key;
};

Result<TlsTexts> read_tls(const TlsFiles& files) {
  if (files.ca.empty() || files.certificate.empty() || files.key.empty()) {
    return make_error(Reason::kInvalidInput,
                      std::string("mutual TLS needs a CA, a certificate and a key, all three or "
                                  "none; missing:") +
                          (files.ca.empty() ? " CA" : "") +
                          (files.certificate.empty() ? " certificate" : "") +
                          (files.key.empty() ? " key" : ""));
  }
  TlsTexts texts;
  UNCAC_ASSIGN(texts.ca, read_file(files.ca));
  UNCAC_ASSIGN(texts.certificate, read_file(files.certificate));
  UNCAC_ASSIGN(texts.key, read_secret_file(files.key));
  return texts;
}

// Why gRPC could not listen: it only says that it could not.
std::string why_not_listening(const Address& address) {
  const std::string host = socket_host(address.host);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found)) {
    return gai_strerror(error);
  }
  std::string why;
  for (const addrinfo* one = found; one != nullptr && why.empty(); one = one->ai_next) {
    const int descriptor = ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) continue;
    const int yes = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    // listen() as well: with SO_REUSEADDR only that is refused on a port somebody listens on.
    if (::bind(descriptor, one->ai_addr, one->ai_addrlen) != 0 || ::listen(descriptor, 1) != 0) {
      why = std::strerror(errno);
    }
    ::close(descriptor);
  }
  freeaddrinfo(found);
  return why;
}

}  // namespace

Status may_listen(const Address& address, const TlsFiles& tls) {
  const bool loopback = address.host.rfind("127.", 0) == 0 || address.host == "localhost" ||
                        address.host == "[::1]" || address.host == "::1";
  if (loopback || !tls.empty()) return {};
  return make_error(Reason::kInvalidInput,
                    "--listen " + address.text() +
                        ": an address that others reach needs --tls-ca, --tls-certificate and "
                        "--tls-key");
}

RpcServer::RpcServer() = default;

RpcServer::~RpcServer() { stop(std::chrono::milliseconds(0)); }

Status RpcServer::start(const Address& address, const TlsFiles& tls, const ServerLimits& limits,
                        const std::vector<grpc::Service*>& services,
                        grpc::CallbackGenericService* proxy) {
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (!tls.empty()) {
    UNCAC_ASSIGN(const TlsTexts texts, read_tls(tls));
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = texts.ca;
    options.pem_key_cert_pairs.push_back({texts.key, texts.certificate});
    credentials = grpc::SslServerCredentials(options);
  }
  // Both are switches of the library for servers built after them.
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  grpc::ServerBuilder builder;
  builder.AddListeningPort(address.text(), credentials, &port_);
  for (grpc::Service* service : services) builder.RegisterService(service);
  if (proxy != nullptr) builder.RegisterCallbackGenericService(proxy);
  builder.SetMaxReceiveMessageSize(limits.max_message_bytes);
  builder.SetMaxSendMessageSize(kLargestAnswer);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, kIdleThreads);
  grpc::ResourceQuota quota("server");
  quota.SetMaxThreads(limits.max_threads);
  builder.SetResourceQuota(quota);
  // Two processes that share a port by accident would each get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Old connections are asked to come back, so that callers find new replicas. Calls and streams
  // under way on them go on.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             static_cast<int>(limits.max_connection_age.count()));
  // Without pings a stream whose reader lost its power stays open, and holds its thread, for ever.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kKeepaliveMs / 2);
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0) {
    server_.reset();
    const std::string why = why_not_listening(address);
    return make_error(
        Reason::kFailedPrecondition,
        "cannot listen on " + address.text() + ": " +
            (!why.empty()  ? why
             : tls.empty() ? "the server did not start"
                           : "the certificate " + tls.certificate + ", its key " + tls.key +
                                 " and the CA " + tls.ca + " are not usable together"));
  }
  set_serving(false);
  return {};
}

void RpcServer::set_serving(bool serving) {
  if (server_ && server_->GetHealthCheckService() != nullptr) {
    server_->GetHealthCheckService()->SetServingStatus(serving);
  }
}

void RpcServer::stop(std::chrono::milliseconds limit) {
  if (!server_) return;
  server_->Shutdown(std::chrono::system_clock::now() + limit);
  server_->Wait();
  server_.reset();
}

std::shared_ptr<grpc::Channel> RpcServer::in_process_channel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kLargestAnswer);
  return server_ ? server_->InProcessChannel(arguments) : nullptr;
}

Result<std::shared_ptr<grpc::Channel>> open_channel(const std::string& target, const TlsFiles& tls,
                                                    const std::vector<std::string>& services) {
  if (target.empty()) return make_error(Reason::kInvalidInput, "a server's address is missing");
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (!tls.empty()) {
    UNCAC_ASSIGN(const TlsTexts texts, read_tls(tls));
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = texts.ca;
    options.pem_private_key = texts.key;
    options.pem_cert_chain = texts.certificate;
    credentials = grpc::SslCredentials(options);
  }
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetServiceConfigJSON(service_config(services));
  arguments.SetMaxReceiveMessageSize(kLargestAnswer);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // The default waits up to two minutes for a service that restarts in seconds. The least is also
  // how long one attempt may take, so it leaves time for a TLS handshake.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  // Of a list of addresses the library would look for the whole list in each certificate.
  constexpr std::string_view kList = "ipv4:";
  if (!tls.empty() && target.starts_with(kList)) {
    arguments.SetSslTargetNameOverride(
        target.substr(kList.size(), target.find(':', kList.size()) - kList.size()));
  }
  // Our services are neighbours: a proxy for the web in the environment is not meant for them.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(target, credentials, arguments);
}

}  // namespace uncac::platform
