#include "gateway/stream_call.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/rpc/byte_buffer.h"

namespace uncac::gateway {

namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// On the executor alone. gRPC's threads only post to it.
struct StreamCall::State {
  explicit State(const asio::any_io_executor& on) : executor(on), reading(on), writing(on) {}
  asio::any_io_executor executor;
  // Each waits for an event and is cancelled by it; a limit is its time.
  asio::steady_timer reading, writing;
  Reactor* reactor = nullptr;  // as long as operations may be started on it
  bool read_under_way = false, arrived = false;
  bool write_under_way = false, written = false;
  bool done = false;
  std::string message;
  grpc::Status status;

  // No more operations: gRPC may end the call.
  void let_go();
};

// Lives until gRPC has ended the call.
class StreamCall::Reactor final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Reactor(Calls& calls, std::shared_ptr<State> state) : calls_(calls), state_(std::move(state)) {}

  void OnReadDone(bool ok) override {
    asio::post(state_->executor, [state = state_, ok,
                                  message = ok ? platform::to_bytes(in) : std::string()]() mutable {
      state->read_under_way = false;
      state->arrived = ok;
      state->message = std::move(message);
      if (!ok) state->let_go();
      state->reading.cancel();
    });
  }
  void OnWriteDone(bool ok) override {
    asio::post(state_->executor, [state = state_, ok] {
      state->write_under_way = false;
      state->written = ok;
      state->writing.cancel();
    });
  }
  void OnDone(const grpc::Status& status) override {
    asio::post(state_->executor, [state = state_, status] {
      state->done = true;
      state->status = status;
      state->reading.cancel();
      state->writing.cancel();
    });
    calls_.finish(context);
    delete this;
  }

  grpc::ClientContext context;
  grpc::ByteBuffer in, out;

 private:
  Calls& calls_;
  const std::shared_ptr<State> state_;
};

void StreamCall::State::let_go() {
  if (Reactor* last = std::exchange(reactor, nullptr)) last->RemoveHold();
}

StreamCall::StreamCall(Calls& calls, grpc::GenericStub& stub, const std::string& method,
                       const Metadata& metadata, asio::any_io_executor executor)
    : state_(std::make_shared<State>(executor)) {
  auto reactor = std::make_unique<Reactor>(calls, state_);
  if (!calls.begin(reactor->context)) {
    state_->done = true;
    state_->status = grpc::Status(grpc::StatusCode::CANCELLED, "the gateway is ending");
    return;
  }
  for (const auto& [name, value] : metadata) reactor->context.AddMetadata(name, value);
  stub.PrepareBidiStreamingCall(&reactor->context, method, grpc::StubOptions(), reactor.get());
  // Operations are started from outside of its call-backs.
  reactor->AddHold();
  reactor->StartCall();
  state_->reactor = reactor.release();  // its own from now on
}

StreamCall::~StreamCall() {
  if (state_->reactor != nullptr) state_->reactor->context.TryCancel();
  state_->let_go();
}

http::Task<StreamCall::Read> StreamCall::read(std::chrono::milliseconds limit) {
  const std::shared_ptr<State> state = state_;
  if (state->reactor != nullptr && !state->read_under_way) {
    state->read_under_way = true;
    state->reactor->StartRead(&state->reactor->in);
  }
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!state->arrived && !state->done && std::chrono::steady_clock::now() < end) {
    state->reading.expires_at(end);
    co_await state->reading.async_wait(kTuple);
  }
  if (std::exchange(state->arrived, false)) co_return Read::kMessage;
  co_return state->done ? Read::kEnd : Read::kNothingYet;
}

std::string& StreamCall::message() { return state_->message; }

const grpc::Status& StreamCall::status() const { return state_->status; }

http::Task<bool> StreamCall::write(const std::string& message) {
  const std::shared_ptr<State> state = state_;
  if (state->reactor == nullptr) co_return false;
  state->reactor->out = platform::to_byte_buffer(message);
  state->write_under_way = true;
  state->reactor->StartWrite(&state->reactor->out);
  while (state->write_under_way) {
    state->writing.expires_at(std::chrono::steady_clock::time_point::max());
    co_await state->writing.async_wait(kTuple);
  }
  co_return state->written;
}

void StreamCall::end_writing() {
  if (state_->reactor != nullptr) state_->reactor->StartWritesDone();
}

}  // namespace uncac::gateway
