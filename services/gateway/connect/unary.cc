#include "gateway/connect/unary.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "gateway/connect/error.h"
#include "gateway/connect/gzip.h"
#include "gateway/connect/metadata.h"
#include "platform/rpc/byte_buffer.h"
#include "platform/text.h"

namespace uncac::gateway::connect {
namespace {

using platform::make_error;
using platform::Reason;
using platform::Result;
using std::chrono::milliseconds;

// Small answers gain nothing.
constexpr std::size_t kWorthPacking = 1'024;
constexpr std::size_t kMostTimeoutDigits = 10;

std::optional<Codec> codec_of(std::string_view content_type) {
  const std::size_t end = std::min(content_type.find(';'), content_type.size());
  const std::string_view type = platform::trimmed(content_type.substr(0, end));
  if (http::same_text(type, "application/proto")) return Codec::kProto;
  if (!http::same_text(type, "application/json")) return std::nullopt;
  // JSON is UTF-8 (RFC 8259), whatever else is said of it.
  const std::string parameters = http::lower(content_type.substr(end));
  const std::size_t charset = parameters.find("charset=");
  if (charset == std::string::npos) return Codec::kJson;
  const std::string_view named = std::string_view(parameters).substr(charset + 8);
  const bool is_utf8 = named.starts_with("utf-8") || named.starts_with("\"utf-8\"");
  return is_utf8 ? std::optional(Codec::kJson) : std::nullopt;
}

Result<std::optional<milliseconds>> timeout_of(std::string_view text) {
  if (text.empty()) return std::optional<milliseconds>();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (error != std::errc() || end != text.data() + text.size() || !digits ||
      text.size() > kMostTimeoutDigits) {
    return make_error(Reason::kInvalidInput,
                      "Connect-Timeout-Ms is no number of milliseconds of at most 10 digits");
  }
  return std::optional(milliseconds(number));
}

// gRPC tells a time-out in three digits, rounded up. A service must not be told a longer one than
// the caller gave.
milliseconds told_as(milliseconds timeout) {
  std::int64_t step = 1;
  while (timeout.count() / step >= 1'000) step *= 10;
  return std::max(milliseconds(timeout.count() / step * step - 1), milliseconds(0));
}

// 415, as the protocol has it: the client and this server have no coding in common.
http::Response unsupported_media_type() {
  http::Response response =
      http::problem(415, "Unsupported Media Type", "application/json or application/proto");
  response.headers.set("Accept-Post", "application/json, application/proto");
  return response;
}

grpc::Status unimplemented(const std::string& message) {
  return {grpc::StatusCode::UNIMPLEMENTED, message};
}

}  // namespace

http::Task<> Unary::handle(http::Exchange& exchange) const {
  const http::Request& request = exchange.request();
  const std::optional<Codec> codec = codec_of(request.headers.get("Content-Type"));
  if (!codec) {
    co_await exchange.respond(unsupported_media_type());
    co_return;
  }
  const auto* method = Transcoder::unary_method(request.path);
  const bool together = request.path == Together::kMethod;
  grpc::GenericStub* stub = backends_.find(request.path, request.headers.get("Uncac-Service"));
  if (method == nullptr || (stub == nullptr && !together)) {
    co_await exchange.respond(error_response(unimplemented("no such method")));
    co_return;
  }
  const auto refuse = [&](const platform::Error& error) {
    return exchange.respond(error_response(error));
  };
  const std::string_view version = request.headers.get("Connect-Protocol-Version");
  if (!version.empty() && version != "1") {
    co_await refuse(make_error(Reason::kInvalidInput, "Connect-Protocol-Version must be \"1\""));
    co_return;
  }
  const auto timeout = timeout_of(request.headers.get("Connect-Timeout-Ms"));
  if (!timeout) {
    co_await refuse(timeout.error());
    co_return;
  }
  const std::string_view coding = request.headers.get("Content-Encoding");
  const bool packed = coding == "gzip";
  if (!packed && !coding.empty() && coding != "identity") {
    http::Response response = error_response(unimplemented(
        "unknown compression \"" + std::string(coding) + "\": gzip and identity are known"));
    response.headers.set("Accept-Encoding", "gzip, identity");
    co_await exchange.respond(std::move(response));
    co_return;
  }
  auto metadata = to_metadata(exchange);
  if (!metadata) {
    co_await refuse(metadata.error());
    co_return;
  }
  auto body = co_await exchange.read_body();
  if (body && packed) body = gunzip(*body, largest_);
  if (body && *codec == Codec::kJson) body = transcoder_.to_bytes(*method->input_type(), *body);
  if (!body) {
    // The protocol knows no other word for what is too large.
    const platform::Error& error = body.error();
    http::Response refusal =
        error.reason == Reason::kTooLarge
            ? error_response(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, error.message))
            : error_response(error);
    co_await exchange.respond(std::move(refusal));
    co_return;
  }

  std::optional<std::chrono::system_clock::time_point> deadline;
  if (*timeout) deadline = std::chrono::system_clock::now() + told_as(**timeout);
  grpc::Status status;
  http::Response response;
  http::Headers told;  // by the service
  if (together) {
    auto answered = co_await together_.answer(*std::move(body), *std::move(metadata), deadline);
    if (answered) {
      response.body = *std::move(answered);
    } else {
      status = platform::to_grpc_status(answered.error());
    }
  } else {
    const auto call = std::make_shared<UnaryCall>();
    for (const auto& [name, value] : *metadata) call->context.AddMetadata(name, value);
    if (deadline) call->context.set_deadline(*deadline);
    call->request = platform::to_byte_buffer(*body);
    co_await calls_.unary(*stub, request.path, call);
    status = call->status;
    if (status.ok()) response.body = platform::to_bytes(call->reply);
    add_headers(call->context.GetServerInitialMetadata(), "", told);
    add_headers(call->context.GetServerTrailingMetadata(), "trailer-", told);
  }

  const bool as_json = *codec == Codec::kJson;
  if (status.ok() && as_json) {
    auto json = transcoder_.to_json(*method->output_type(), response.body);
    if (json) {
      response.body = *std::move(json);
    } else {
      status = platform::to_grpc_status(json.error());
    }
  }
  response.headers.set("Content-Type", as_json ? "application/json" : "application/proto");
  if (!status.ok()) response = error_response(status);
  for (const auto& [name, value] : told) response.headers.add(name, value);
  response.headers.add("Vary", "Accept-Encoding");
  if (response.body.size() >= kWorthPacking &&
      !http::best_coding(request.headers.get("Accept-Encoding"), {"gzip"}).empty()) {
    response.body = gzip(response.body);
    response.headers.set("Content-Encoding", "gzip");
  }
  co_await exchange.respond(std::move(response));
}

}  // namespace uncac::gateway::connect
