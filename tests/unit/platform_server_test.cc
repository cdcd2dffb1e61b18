// The server itself: its port, health, mutual TLS, a service for every method, coming back.
#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "platform/rpc/call.h"
#include "platform/rpc/server.h"
#include "platform/rpc/service_config.h"
#include "support/engines.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  static_cast<void>(buffer.Dump(&slices));
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

grpc::ByteBuffer buffer_of(const std::string& text) {
  const grpc::Slice slice(text);
  return {&slice, 1};
}

struct Answer {
  grpc::Status status;
  std::string body;
};

// Any method without generated code, within 15 seconds.
Answer ask(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
           const std::string& body, bool wait_for_ready = false) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(15));
  context.set_wait_for_ready(wait_for_ready);
  const grpc::ByteBuffer request = buffer_of(body);
  grpc::ByteBuffer reply;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, method, {}, &request, &reply,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  Answer answer;
  answer.status = done.get_future().get();
  if (answer.status.ok()) answer.body = text_of(reply);
  return answer;
}

// grpc.health.v1.HealthCheckResponse { ServingStatus status = 1; }
std::string health(const std::shared_ptr<grpc::Channel>& channel, bool wait_for_ready = false) {
  const Answer answer = ask(channel, "/grpc.health.v1.Health/Check", "", wait_for_ready);
  if (!answer.status.ok()) return "error";
  return answer.body == "\x08\x01"   ? "serving"
         : answer.body == "\x08\x02" ? "not serving"
                                     : "unknown";
}

std::shared_ptr<grpc::Channel> channel_to(const RpcServer& server, const TlsFiles& tls = {}) {
  auto channel = open_channel("127.0.0.1:" + std::to_string(server.port()), tls);
  EXPECT_TRUE(channel.ok());
  return *channel;
}

// Answers every method with its name and what it was given.
class Echo final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* call) override {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      explicit Reactor(std::string method) : method_(std::move(method)) { StartRead(&request_); }
      void OnReadDone(bool ok) override {
        if (!ok) return Finish(grpc::Status::CANCELLED);
        reply_ = buffer_of(method_ + " " + text_of(request_));
        StartWriteAndFinish(&reply_, {}, grpc::Status::OK);
      }
      void OnDone() override { delete this; }

     private:
      const std::string method_;
      grpc::ByteBuffer request_, reply_;
    };
    ++asked;
    return new Reactor(call->method());
  }
  std::atomic<int> asked = 0;
};

TEST(PlatformServer, HealthSaysWhatItIsTold) {
  RpcServer server;
  ASSERT_TRUE(server.start({"127.0.0.1", 0}, {}, {}, {}));
  const auto channel = server.in_process_channel();
  EXPECT_EQ(health(channel), "not serving");
  server.set_serving(true);
  EXPECT_EQ(health(channel), "serving");
  server.set_serving(false);
  EXPECT_EQ(health(channel), "not serving");
}

// A replica that is starting or leaving says so, and callers go to another one.
TEST(PlatformServer, AServerThatDoesNotServeGetsNoCalls) {
  Echo starting, serving;
  RpcServer one, two;
  ASSERT_TRUE(one.start({"127.0.0.1", 0}, {}, {}, {}, &starting));
  ASSERT_TRUE(two.start({"127.0.0.1", 0}, {}, {}, {}, &serving));
  two.set_serving(true);
  const auto both = open_channel(
      "ipv4:127.0.0.1:" + std::to_string(one.port()) + ",127.0.0.1:" + std::to_string(two.port()),
      {});
  ASSERT_TRUE(both.ok());
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ask(*both, "/a.B/C", "x", true).status.ok());
  EXPECT_EQ(starting.asked, 0);
  EXPECT_EQ(serving.asked, 20);
  one.set_serving(true);
  EXPECT_TRUE(testing::eventually(
      [&] { return ask(*both, "/a.B/C", "x", true).status.ok() && starting.asked > 0; }));
  two.set_serving(false);
  EXPECT_TRUE(testing::eventually([&] {
    const int before = serving.asked;
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(ask(*both, "/a.B/C", "x", true).status.ok());
    return serving.asked == before;
  }));
}

// Whose proto says that doing it twice does no harm; nothing else.
TEST(PlatformServer, OnlyHarmlessMethodsAreTriedAgain) {
  const std::string config = service_config({"uncac.checklist.v1.ChecklistIntake"});
  EXPECT_THAT(config, HasSubstr(R"("method":"GetResponse")"));
  EXPECT_THAT(config, HasSubstr(R"("method":"Submit")"));
  EXPECT_THAT(config, Not(HasSubstr("WithdrawResponse")));
  EXPECT_THAT(config, Not(HasSubstr("SetSharing")));
  EXPECT_THAT(service_config({}), Not(HasSubstr("retryPolicy")));
}

// Ends every first call of a method, as a server does that is about to leave.
class Leaving final : public grpc::CallbackGenericService {
 public:
  explicit Leaving(grpc::StatusCode code) : code_(code) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* call) override {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      explicit Reactor(const grpc::Status& status) {
        if (status.ok()) {
          StartWriteAndFinish(&reply_, {}, status);
        } else {
          Finish(status);
        }
      }
      void OnDone() override { delete this; }

     private:
      grpc::ByteBuffer reply_ = buffer_of("");
    };
    const std::lock_guard guard(mutex_);
    const bool first = ++asked_[call->method()] == 1;
    return new Reactor(first ? grpc::Status(code_, "leaving") : grpc::Status::OK);
  }

 private:
  const grpc::StatusCode code_;
  std::mutex mutex_;
  std::map<std::string, int> asked_;
};

TEST(PlatformServer, WhatAServerThatLeavesDidNotBeginIsTriedAgain) {
  for (const auto code : {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::CANCELLED}) {
    Leaving leaving(code);
    RpcServer server;
    ASSERT_TRUE(server.start({"127.0.0.1", 0}, {}, {}, {}, &leaving));
    server.set_serving(true);
    const std::string intake = "uncac.checklist.v1.ChecklistIntake";
    const auto channel = open_channel("127.0.0.1:" + std::to_string(server.port()), {}, {intake});
    ASSERT_TRUE(channel.ok());
    EXPECT_TRUE(ask(*channel, "/" + intake + "/GetResponse", "", true).status.ok()) << code;
    EXPECT_EQ(ask(*channel, "/" + intake + "/WithdrawResponse", "", true).status.error_code(), code)
        << "once is what it may happen";
  }
}

// Takes no call at all, until told otherwise.
class Refusing final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      explicit Reactor(bool refuses) {
        if (refuses) {
          Finish({grpc::StatusCode::UNAVAILABLE, "not now"});
        } else {
          StartWriteAndFinish(&reply_, {}, grpc::Status::OK);
        }
      }
      void OnDone() override { delete this; }

     private:
      grpc::ByteBuffer reply_ = buffer_of("");
    };
    ++asked;
    return new Reactor(refuses);
  }
  std::atomic<int> asked = 0;
  std::atomic<bool> refuses = true;
};

// A service in trouble does not get four times its calls on top of that.
TEST(PlatformServer, WhenManyCallsFailTheyAreNotTriedAgain) {
  Refusing refusing;
  RpcServer server;
  ASSERT_TRUE(server.start({"127.0.0.1", 0}, {}, {}, {}, &refusing));
  server.set_serving(true);
  const std::string intake = "uncac.checklist.v1.ChecklistIntake";
  const auto channel = open_channel("127.0.0.1:" + std::to_string(server.port()), {}, {intake});
  ASSERT_TRUE(channel.ok());
  const auto get = [&] { return ask(*channel, "/" + intake + "/GetResponse", "", true).status; };
  const auto unavailable = grpc::StatusCode::UNAVAILABLE;

  EXPECT_EQ(get().error_code(), unavailable);
  EXPECT_EQ(refusing.asked, 4) << "one call that fails is tried up to four times";

  // Of 100 tokens each failure takes one, and with half of them gone nothing is tried again: so 49
  // failures at most are followed by another try, however many calls there are.
  constexpr int kCallers = 20;
  constexpr int kEach = 10;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([&] {
        for (int k = 0; k < kEach; ++k) EXPECT_EQ(get().error_code(), unavailable);
      });
    }
  }
  EXPECT_LE(refusing.asked, 1 + kCallers * kEach + 49);

  // What goes well gives a tenth of a token back: it takes ten times as many calls.
  refusing.refuses = false;
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(get().ok());
  refusing.refuses = true;
  refusing.asked = 0;
  EXPECT_EQ(get().error_code(), unavailable);
  EXPECT_EQ(refusing.asked, 1) << "40 tokens of 100";
  refusing.refuses = false;
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(get().ok());
  refusing.refuses = true;
  refusing.asked = 0;
  EXPECT_EQ(get().error_code(), unavailable);
  EXPECT_EQ(refusing.asked, 4) << "well again, and tried again";
}

// Answers with the connection that it was asked over; "/a.B/Held" not before release().
class Connections final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* call) override {
    const bool held = call->method() == "/a.B/Held";
    auto* reactor = new Reactor(call->peer());
    if (held) {
      held_.set_value(reactor);
    } else {
      reactor->answer();
    }
    return reactor;
  }
  // Whether a call is held, soon.
  bool holds_one() { return future_.wait_for(std::chrono::seconds(15)) == kReady; }
  void release() { future_.get()->answer(); }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Reactor(const std::string& peer) : reply_(buffer_of(peer)) {}
    void answer() { StartWriteAndFinish(&reply_, {}, grpc::Status::OK); }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer reply_;
  };
  static constexpr auto kReady = std::future_status::ready;
  std::promise<Reactor*> held_;
  std::future<Reactor*> future_ = held_.get_future();
};

// So callers find new replicas; nobody notices, also not who asked before and is answered after.
TEST(PlatformServer, AnOldConnectionIsRenewedAndNoCallFails) {
  Connections connections;
  RpcServer server;
  ServerLimits limits;
  limits.max_connection_age = milliseconds(300);
  ASSERT_TRUE(server.start({"127.0.0.1", 0}, {}, limits, {}, &connections));
  server.set_serving(true);
  const auto channel = channel_to(server);
  std::future<Answer> held =
      std::async(std::launch::async, [&] { return ask(channel, "/a.B/Held", "", true); });
  ASSERT_TRUE(connections.holds_one());

  std::set<std::string> seen;
  int failed = 0;
  EXPECT_TRUE(testing::eventually([&] {
    const Answer answer = ask(channel, "/a.B/C", "");
    if (!answer.status.ok()) ++failed;
    seen.insert(answer.body);
    return seen.size() >= 4;
  })) << "connections: "
      << seen.size();
  EXPECT_EQ(failed, 0);

  connections.release();
  const Answer late = held.get();
  EXPECT_TRUE(late.status.ok()) << late.status.error_message();
  EXPECT_TRUE(seen.contains(late.body)) << "over the connection it began on";
}

TEST(PlatformServer, APortInUseIsRefusedByName) {
  RpcServer first;
  ASSERT_TRUE(first.start({"127.0.0.1", 0}, {}, {}, {}));
  RpcServer second;
  const Status refused = second.start({"127.0.0.1", first.port()}, {}, {}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("127.0.0.1:" + std::to_string(first.port())));
  EXPECT_THAT(refused.error().message, HasSubstr("in use"));
}

TEST(PlatformServer, AChannelFindsAServerThatCameBackQuickly) {
  RpcServer server;
  ASSERT_TRUE(server.start({"127.0.0.1", 0}, {}, {}, {}));
  const int port = server.port();
  const auto channel = channel_to(server);
  server.set_serving(true);
  ASSERT_EQ(health(channel, true), "serving");
  server.stop(milliseconds(100));
  server.stop(milliseconds(100));  // again: nothing
  EXPECT_EQ(health(channel), "error");
  ASSERT_TRUE(server.start({"127.0.0.1", port}, {}, {}, {}));
  server.set_serving(true);
  EXPECT_EQ(health(channel, true), "serving");
}

TEST(PlatformServer, AProxyTakesEveryOtherMethod) {
  Echo echo;
  RpcServer server;
  ASSERT_TRUE(server.start({"127.0.0.1", 0}, {}, {}, {}, &echo));
  server.set_serving(true);
  const auto channel = channel_to(server);
  EXPECT_EQ(ask(channel, "/some.Service/Method", "hello").body, "/some.Service/Method hello");
  EXPECT_EQ(health(channel), "serving");
}

TEST(PlatformServer, AnAddressMustBeGiven) { EXPECT_FALSE(open_channel("", {})); }

// ---- mutual TLS -------------------------------------------------------------------------------

// A certificate authority of this test, and what it signs.
class Authority {
 public:
  Authority() : key_(EVP_EC_gen("P-256")) { certificate_ = make("test authority", key_, nullptr); }
  ~Authority() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  // Files of a certificate of its own in `folder`.
  TlsFiles issue(const std::string& folder, const std::string& name) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = make(name, key, certificate_);
    const TlsFiles files{folder + "/" + name + ".ca", folder + "/" + name + ".crt",
                         folder + "/" + name + ".key"};
    write(files.ca, [&](BIO* bio) { PEM_write_bio_X509(bio, certificate_); });
    write(files.certificate, [&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
    write(files.key, [&](BIO* bio) {
      PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_free(certificate);
    EVP_PKEY_free(key);
    return files;
  }

 private:
  X509* make(const std::string& name, EVP_PKEY* key, X509* issuer) {
    X509* one = X509_new();
    X509_set_version(one, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(one), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(one), -3600);
    X509_gmtime_adj(X509_getm_notAfter(one), 3600);
    X509_set_pubkey(one, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(one, X509_get_subject_name(issuer != nullptr ? issuer : one));
    extend(one, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (issuer != nullptr) extend(one, NID_subject_alt_name, "IP:127.0.0.1");
    X509_sign(one, key_, EVP_sha256());
    return one;
  }
  static void extend(X509* certificate, int kind, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  template <class Print>
  static void write(const std::string& path, const Print& print) {
    BIO* bio = BIO_new_file(path.c_str(), "w");
    print(bio);
    BIO_free(bio);
    ::chmod(path.c_str(), 0600);
  }

  EVP_PKEY* key_;
  X509* certificate_;
  long serial_ = 0;
};

class PlatformServerTls : public ::testing::Test {
 protected:
  PlatformServerTls() {
    std::string pattern = ::testing::TempDir() + "uncac-tls-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~PlatformServerTls() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
  Authority ours_, others_;
};

TEST_F(PlatformServerTls, OnlyWhoHasOurCertificateGetsIn) {
  RpcServer server;
  const TlsFiles own = ours_.issue(folder_, "server");
  const Status started = server.start({"127.0.0.1", 0}, own, {}, {});
  ASSERT_TRUE(started) << started.error().message;
  server.set_serving(true);
  EXPECT_EQ(health(channel_to(server, ours_.issue(folder_, "client"))), "serving");
  EXPECT_EQ(health(channel_to(server)), "error") << "without TLS";

  // Trusts our server, but shows a certificate of another authority.
  TlsFiles stranger = others_.issue(folder_, "stranger");
  stranger.ca = own.ca;
  EXPECT_EQ(health(channel_to(server, stranger)), "error");

  // Trusts our server and shows none at all.
  std::ifstream stream(own.ca);
  grpc::SslCredentialsOptions options;
  options.pem_root_certs.assign(std::istreambuf_iterator<char>(stream), {});
  EXPECT_EQ(health(grpc::CreateChannel("127.0.0.1:" + std::to_string(server.port()),
                                       grpc::SslCredentials(options))),
            "error");

  // Our client does not talk to a server of another authority either.
  RpcServer foreign;
  ASSERT_TRUE(foreign.start({"127.0.0.1", 0}, others_.issue(folder_, "foreign"), {}, {}));
  foreign.set_serving(true);
  EXPECT_EQ(health(channel_to(foreign, ours_.issue(folder_, "client"))), "error");
}

TEST_F(PlatformServerTls, OfAListOfAddressesEachIsFound) {
  Echo first, second;
  RpcServer one, two;
  ASSERT_TRUE(one.start({"127.0.0.1", 0}, ours_.issue(folder_, "one"), {}, {}, &first));
  ASSERT_TRUE(two.start({"127.0.0.1", 0}, ours_.issue(folder_, "two"), {}, {}, &second));
  one.set_serving(true);
  two.set_serving(true);
  const auto channel = open_channel(
      "ipv4:127.0.0.1:" + std::to_string(one.port()) + ",127.0.0.1:" + std::to_string(two.port()),
      ours_.issue(folder_, "client"));
  ASSERT_TRUE(channel.ok());
  EXPECT_TRUE(testing::eventually([&] {
    EXPECT_TRUE(ask(*channel, "/a.B/C", "x", true).status.ok());
    return first.asked > 0 && second.asked > 0;
  }));
}

TEST_F(PlatformServerTls, HalfASetIsRefusedByName) {
  const TlsFiles whole = ours_.issue(folder_, "server");
  RpcServer server;
  for (const TlsFiles& half :
       {TlsFiles{"", whole.certificate, whole.key}, TlsFiles{whole.ca, "", whole.key},
        TlsFiles{whole.ca, whole.certificate, ""}}) {
    const Status refused = server.start({"127.0.0.1", 0}, half, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, Reason::kInvalidInput);
    EXPECT_THAT(refused.error().message, HasSubstr("missing"));
    EXPECT_FALSE(open_channel("127.0.0.1:1", half));
  }
}

TEST_F(PlatformServerTls, FilesThatCannotBeUsedAreNamed) {
  const TlsFiles whole = ours_.issue(folder_, "server");
  RpcServer server;
  TlsFiles gone = whole;
  gone.certificate = folder_ + "/none.crt";
  EXPECT_THAT(server.start({"127.0.0.1", 0}, gone, {}, {}).error().message, HasSubstr("none.crt"));
  TlsFiles mixed = whole;
  mixed.key = others_.issue(folder_, "other").key;
  const Status refused = server.start({"127.0.0.1", 0}, mixed, {}, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("other.key"));
  ::chmod(whole.key.c_str(), 0644);
  EXPECT_THAT(server.start({"127.0.0.1", 0}, whole, {}, {}).error().message,
              HasSubstr("server.key"));
}

}  // namespace
}  // namespace uncac::platform
