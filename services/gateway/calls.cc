#include "gateway/calls.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace uncac::gateway {

namespace asio = boost::asio;

bool Calls::begin(grpc::ClientContext& context) {
  const std::lock_guard guard(mutex_);
  if (!ended_) under_way_.insert(&context);
  return !ended_;
}

void Calls::finish(grpc::ClientContext& context) {
  const std::lock_guard guard(mutex_);
  under_way_.erase(&context);
  changed_.notify_all();
}

void Calls::end() {
  std::unique_lock lock(mutex_);
  ended_ = true;
  for (grpc::ClientContext* context : under_way_) context->TryCancel();
  changed_.wait(lock, [&] { return under_way_.empty(); });
}

http::Task<> Calls::unary(grpc::GenericStub& stub, std::string method,
                          std::shared_ptr<UnaryCall> call) {
  if (!begin(call->context)) {
    call->status = grpc::Status(grpc::StatusCode::CANCELLED, "the gateway is ending");
    co_return;
  }
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&](auto handler) {
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        stub.UnaryCall(&call->context, method, grpc::StubOptions(), &call->request, &call->reply,
                       [this, call, waiting, executor](grpc::Status status) mutable {
                         call->status = std::move(status);
                         asio::post(executor, [waiting] { std::move (*waiting)(); });
                         waiting.reset();
                         finish(call->context);
                       });
      },
      asio::use_awaitable);
}

}  // namespace uncac::gateway
