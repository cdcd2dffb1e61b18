#include "gateway/events/needs.h"

#include <boost/asio/this_coro.hpp>
#include <nlohmann/json.hpp>

#include "formats/needs.h"
#include "gateway/connect/metadata.h"
#include "gateway/dimensions.h"
#include "gateway/stream_call.h"

namespace uncac::gateway::events {
namespace {

using platform::make_error;
using platform::Reason;
using platform::Result;
using std::chrono::milliseconds;

constexpr const char* kMethod = "/uncac.needs.v1.NeedsMatrix/Follow";
// How soon a stream says good-bye when the server drains.
constexpr milliseconds kLook{1'000};
// A comment after that many looks without an event, so that whoever stands between does not take
// the connection for dead.
constexpr int kLooksPerHeartbeat = 15;
// A refusal is there within this; a stream without one has begun.
constexpr milliseconds kFirst{500};
constexpr std::size_t kPiece = 64 << 10;
// What a browser waits before it comes back.
constexpr const char* kRetry = "retry: 2000\n\n";

Result<needs::v1::FollowRequest> read_request(const http::Request& request) {
  needs::v1::FollowRequest follow;
  follow.set_tell_caught_up(true);
  const std::vector<Field> fields{
      {"from", [&](std::string text) { follow.set_from(std::move(text)); }}};
  UNCAC_TRY(read_question(request, fields, *follow.mutable_where()));
  if (request.headers.has("last-event-id")) {
    follow.set_from(std::string(request.headers.get("last-event-id")));
  }
  return follow;
}

const char* name_of(needs::v1::ChangeKind kind) {
  switch (kind) {
    case needs::v1::CHANGE_KIND_STATED:
      return "need.stated";
    case needs::v1::CHANGE_KIND_REMOVED:
      return "need.removed";
    case needs::v1::CHANGE_KIND_RESTARTED:
      return "restarted";
    default:
      return "caught-up";
  }
}

// As text/event-stream has it. Neither a position nor a CloudEvents object on one line holds an end
// of line.
bool append(const std::string& message, std::string& to) {
  needs::v1::FollowReply change;
  if (!change.ParseFromString(message)) return false;
  to += "id: " + change.position() + "\nevent: " + name_of(change.kind()) +
        "\ndata: " + formats::cloud_event(change) + "\n\n";
  return true;
}

std::string ended(const platform::Error& error) {
  return "event: ended\ndata: " + http::problem(error).body + "\n\n";
}

}  // namespace

http::Task<> Needs::handle(http::Exchange& exchange) const {
  Result<needs::v1::FollowRequest> request = read_request(exchange.request());
  const Result<connect::Way> way = connect::way_to(backends_, exchange, kMethod);
  if (!request || !way) {
    http::Response response = http::problem(request ? way.error() : request.error());
    co_await exchange.respond(std::move(response));
    co_return;
  }
  const auto executor = co_await boost::asio::this_coro::executor;
  StreamCall call(calls_, *way->stub, kMethod, way->metadata, executor);
  const std::string message = request->SerializeAsString();
  co_await call.write(message);
  call.end_writing();

  StreamCall::Read read = co_await call.read(kFirst);
  if (read == StreamCall::Read::kEnd && !call.status().ok()) {
    http::Response response = http::problem(platform::from_grpc_status(call.status()));
    co_await exchange.respond(std::move(response));
    co_return;
  }
  http::Headers headers{{"Content-Type", "text/event-stream; charset=utf-8"},
                        {"Cache-Control", "no-store"},
                        {"X-Accel-Buffering", "no"}};
  if (!co_await exchange.begin(200, std::move(headers))) co_return;
  std::string piece = kRetry;
  int looks = 0;
  while (read != StreamCall::Read::kEnd) {
    if (read == StreamCall::Read::kMessage) {
      looks = 0;
      if (!append(call.message(), piece)) {
        piece += ended(make_error(Reason::kInternal, "the service's answer cannot be read"));
        break;
      }
      // What comes right behind goes out with it.
      if (piece.size() < kPiece) {
        read = co_await call.read(milliseconds(1));
        if (read != StreamCall::Read::kNothingYet) continue;
      }
    } else if (exchange.draining()) {
      piece += ended(make_error(Reason::kUnavailable, "going away; come back"));
      break;
    } else if (++looks % kLooksPerHeartbeat == 0) {
      piece += ":\n\n";
    }
    if (!piece.empty()) {
      if (!co_await exchange.write(piece)) co_return;
      piece.clear();
    }
    read = co_await call.read(kLook);
  }
  if (read == StreamCall::Read::kEnd && !call.status().ok()) {
    piece += ended(platform::from_grpc_status(call.status()));
  }
  if (!piece.empty()) co_await exchange.write(piece);
}

}  // namespace uncac::gateway::events
