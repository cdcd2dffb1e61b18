#include "gateway/proxy.h"

#include <grpcpp/generic/generic_stub.h>

#include <mutex>
#include <utility>

namespace uncac::gateway {
namespace {

std::string text_of(const grpc::string_ref& text) { return {text.data(), text.size()}; }

// Ends a call that goes nowhere.
class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(grpc::Status status) { Finish(std::move(status)); }
  void OnDone() override { delete this; }
};

// One call under way: two pumps, one each way, each with one message in hand, so a slow reader
// slows the writer and nothing piles up here.
class Relayed {
 public:
  Relayed(grpc::GenericStub& stub, grpc::GenericCallbackServerContext* context)
      : server_(*this), client_(*this) {
    for (const auto& [key, value] : context->client_metadata()) {
      const std::string name = text_of(key);
      if (name[0] == ':' || name.rfind("grpc-", 0) == 0 || name == "user-agent" ||
          name == "content-type" || name == "te") {
        continue;
      }
      client_context_.AddMetadata(name, text_of(value));
    }
    client_context_.set_deadline(context->deadline());
    stub.PrepareBidiStreamingCall(&client_context_, context->method(), grpc::StubOptions(),
                                  &client_);
    // Each pump starts operations on this side from the other side's events, so each keeps the call
    // from ending under it: else a call that is cancelled meanwhile would be used after its end.
    client_.AddMultipleHolds(2);
    client_.StartCall();
    client_.StartRead(&down_);
    server_.StartRead(&up_);
  }

  grpc::ServerGenericBidiReactor* server() { return &server_; }

 private:
  class Server final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Server(Relayed& call) : call_(call) {}
    void OnReadDone(bool ok) override { call_.read_from_caller(ok); }
    void OnWriteDone(bool ok) override { call_.written_to_caller(ok); }
    void OnCancel() override { call_.client_context_.TryCancel(); }
    void OnDone() override { call_.release(); }

   private:
    Relayed& call_;
  };
  class Client final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
   public:
    explicit Client(Relayed& call) : call_(call) {}
    void OnReadDone(bool ok) override { call_.read_from_service(ok); }
    void OnWriteDone(bool ok) override { call_.written_to_service(ok); }
    void OnDone(const grpc::Status& status) override {
      call_.server_.Finish(status);
      call_.release();
    }

   private:
    Relayed& call_;
  };

  void read_from_caller(bool ok) {
    const std::lock_guard guard(mutex_);
    if (ended_) return;
    if (ok) {
      client_.StartWrite(&up_);
      return;
    }
    client_.StartWritesDone();
    end_pump_up();
  }
  void written_to_service(bool ok) {
    // Not ok: the service ended the call; its status comes through OnDone.
    if (ok) server_.StartRead(&up_);
  }
  void read_from_service(bool ok) {
    if (ok) {
      server_.StartWrite(&down_);
      return;
    }
    const std::lock_guard guard(mutex_);
    ended_ = true;
    end_pump_up();
    client_.RemoveHold();  // of the pump downwards
  }
  void written_to_caller(bool ok) {
    if (!ok) client_context_.TryCancel();
    client_.StartRead(&down_);
  }
  void end_pump_up() {
    if (std::exchange(pumping_up_, false)) client_.RemoveHold();
  }
  // Called once by each side when it is done.
  void release() {
    bool last = false;
    {
      const std::lock_guard guard(mutex_);
      last = --sides_ == 0;
    }
    if (last) delete this;
  }

  std::mutex mutex_;
  int sides_ = 2;
  bool pumping_up_ = true;
  bool ended_ = false;  // the service sent its last message
  grpc::ClientContext client_context_;
  grpc::ByteBuffer up_, down_;
  Server server_;
  Client client_;
};

}  // namespace

grpc::ServerGenericBidiReactor* Proxy::CreateReactor(grpc::GenericCallbackServerContext* context) {
  const auto meant = context->client_metadata().find("uncac-service");
  grpc::GenericStub* stub = backends_.find(
      context->method(), meant == context->client_metadata().end()
                             ? std::string_view()
                             : std::string_view(meant->second.data(), meant->second.size()));
  if (stub == nullptr) return new Refusal({grpc::StatusCode::UNIMPLEMENTED, "no such service"});
  return (new Relayed(*stub, context))->server();
}

}  // namespace uncac::gateway
