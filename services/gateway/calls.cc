#include "gateway/calls.h"

#include <atomic>
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
  std::vector<Planned> one;
  one.push_back({&stub, std::move(method), std::move(call)});
  return all(std::move(one));
}

http::Task<> Calls::all(std::vector<Planned> planned) {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&](auto handler) {
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        // One more than calls: whoever waits may go on, and take `planned` along, only when the
        // last one has been begun here.
        auto left = std::make_shared<std::atomic<std::size_t>>(planned.size() + 1);
        const auto one_less = [executor, left](auto& waiting_for) {
          if (--*left == 0) asio::post(executor, [waiting_for] { std::move (*waiting_for)(); });
          waiting_for.reset();
        };
        for (const Planned& one : planned) {
          const auto& call = one.call;
          if (!begin(call->context)) {
            call->status = grpc::Status(grpc::StatusCode::CANCELLED, "the gateway is ending");
            --*left;
            continue;
          }
          one.stub->UnaryCall(&call->context, one.method, grpc::StubOptions(), &call->request,
                              &call->reply,
                              [this, call, mine = waiting, one_less](grpc::Status status) mutable {
                                call->status = std::move(status);
                                one_less(mine);
                                finish(call->context);
                              });
        }
        one_less(waiting);
      },
      asio::use_awaitable);
}

}  // namespace uncac::gateway
