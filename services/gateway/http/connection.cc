#include "gateway/http/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "platform/runtime/log.h"

namespace uncac::gateway::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

using platform::make_error;
using platform::Reason;
using platform::Result;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPiece = 64 << 10;
// A client that is still sending when it is refused must get to read why: what it sends is thrown
// away so long.
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kMostLingering = 16 << 20;

std::string text_of(boost::core::string_view text) { return {text.data(), text.size()}; }

// What came before the body, or why it is refused.
Result<Request> read_head(const wire::request<wire::buffer_body>& head, std::string peer) {
  const auto wrong = [](const char* what) { return make_error(Reason::kInvalidInput, what); };
  Request request;
  request.method = text_of(head.method_string());
  const std::string target = text_of(head.target());
  request.path = target.substr(0, target.find('?'));
  if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
  request.peer = std::move(peer);
  for (const auto& field : head) {
    request.headers.add(text_of(field.name_string()), text_of(field.value()));
  }
  if (!target.starts_with('/') || target.find('#') != std::string::npos) {
    return wrong("the request does not name a path that begins with '/'");
  }
  if (head.version() >= 11 && request.headers.count("Host") != 1) {
    return wrong("a request names its host once");
  }
  return request;
}

class Session final : public Connection,
                      public Exchange,
                      public std::enable_shared_from_this<Session> {
 public:
  Session(asio::ip::tcp::socket socket, Shared& shared)
      : shared_(shared), stream_(std::move(socket)) {
    beast::error_code error;
    const auto remote = stream_.socket().remote_endpoint(error);
    if (!error) peer_ = remote.address().to_string();
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), error);
  }

  Task<> run() override {
    bool open = true;
    while (open && !end_) {
      idle_ = true;
      open = co_await one_request();
    }
    beast::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  }

  void end_when_idle() override {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      self->end_ = true;
      if (self->idle_) self->stream_.cancel();
    });
  }

  // ---- Exchange ------------------------------------------------------------------------------

  const Request& request() const override { return request_; }
  const platform::TraceContext& trace() const override { return trace_; }
  bool draining() const override { return shared_.draining; }

  Task<Result<std::optional<std::string>>> read_piece() override {
    // Said before it is sent: nobody needs to send it.
    const auto length = parser_->content_length();
    if (length && *length > largest_body_) co_return too_large();
    if (std::exchange(continue_, false)) {
      wire::response<wire::empty_body> go_on(wire::status::continue_, parser_->get().version());
      stream_.expires_after(shared_.limits.write);
      co_await wire::async_write(stream_, go_on, kTuple);  // a failure shows in the read
    }
    if (parser_->is_done()) co_return std::optional<std::string>();
    std::string piece(kPiece, '\0');
    auto& body = parser_->get().body();
    body.data = piece.data();
    body.size = piece.size();
    stream_.expires_at(body_deadline_ + std::chrono::seconds(taken_ / shared_.limits.body_rate));
    auto [error, read] = co_await wire::async_read(stream_, buffer_, *parser_, kTuple);
    if (error && error != wire::error::need_buffer) {
      keep_ = false;
      if (error == wire::error::body_limit) co_return too_large();
      if (error == beast::error::timeout) {
        co_return make_error(Reason::kDeadlineExceeded, "the body did not come in time");
      }
      co_return make_error(Reason::kInvalidInput, "the body broke off: " + error.message());
    }
    piece.resize(kPiece - body.size);
    taken_ += piece.size();
    if (piece.empty() && parser_->is_done()) co_return std::optional<std::string>();
    co_return std::optional(std::move(piece));
  }

  Task<> respond(Response response) override {
    if (std::exchange(answered_, true)) co_return;
    const bool head_only = request_.method == "HEAD";
    const bool has_body =
        response.status >= 200 && response.status != 204 && response.status != 304;
    auto head = make_head(response.status, std::move(response.headers));
    if (has_body) head.content_length(response.body.size());
    sent_ += response.body.size();
    if (head_only || !has_body) response.body.clear();
    if (response.body.size() <= kPiece) {
      wire::response<wire::string_body> whole(std::move(head), std::move(response.body));
      stream_.expires_after(shared_.limits.write);
      auto [error, written] = co_await wire::async_write(stream_, whole, kTuple);
      if (error) broken_ = true;
      co_return;
    }
    if (!co_await write_head(head)) co_return;
    for (std::size_t at = 0; at < response.body.size(); at += kPiece) {
      if (!co_await write_all(asio::buffer(response.body.data() + at,
                                           std::min(kPiece, response.body.size() - at)))) {
        co_return;
      }
    }
  }

  Task<bool> begin(int status, Headers headers) override {
    answered_ = true;
    auto head = make_head(status, std::move(headers));
    chunked_ = head.version() >= 11;
    if (chunked_) {
      head.chunked(true);
    } else {
      head.keep_alive(keep_ = false);
    }
    co_return co_await write_head(head);
  }

  Task<bool> write(std::string_view piece) override {
    if (broken_) co_return false;
    // An empty chunk would end the answer.
    if (piece.empty() || request_.method == "HEAD") co_return true;
    sent_ += piece.size();
    const asio::const_buffer data(piece.data(), piece.size());
    if (chunked_) co_return co_await write_all(wire::make_chunk(data));
    co_return co_await write_all(data);
  }

  void break_off() override { broken_ = true; }

 private:
  using Head = wire::response<wire::empty_body>;

  // Whether another may follow.
  Task<bool> one_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.limits.header_bytes));
    parser_->body_limit(boost::none);  // by its route, which is not known yet
    answered_ = chunked_ = broken_ = false;
    keep_ = true;
    taken_ = sent_ = 0;
    request_ = {};
    if (buffer_.size() == 0) {
      // Waits for the first byte apart, since that may take long, and the rest may not.
      stream_.expires_after(shared_.limits.idle);
      auto [error, read] = co_await stream_.async_read_some(buffer_.prepare(4096), kTuple);
      if (error) co_return false;
      buffer_.commit(read);
    }
    idle_ = false;
    begun_ = std::chrono::steady_clock::now();
    stream_.expires_after(shared_.limits.header);
    auto [error, read] = co_await wire::async_read_header(stream_, buffer_, *parser_, kTuple);
    if (error) {
      keep_ = false;
      if (error == wire::error::end_of_stream || error == asio::error::operation_aborted ||
          error == asio::error::connection_reset) {
        co_return false;
      }
      // The library has closed the connection of who was too slow.
      if (error == beast::error::timeout) co_return false;
      const bool too_long = error == wire::error::header_limit;
      Response refusal = too_long ? problem(431, "Request Header Fields Too Large", "")
                                  : problem(400, "Bad Request", error.message());
      co_await respond(std::move(refusal));
      report(nullptr, status_);
      co_await linger();
      co_return false;
    }
    keep_ = parser_->get().keep_alive();
    body_deadline_ = std::chrono::steady_clock::now() + shared_.limits.body;
    const Route* route = co_await answer();
    if (chunked_ && !broken_ && request_.method != "HEAD") {
      co_await write_all(wire::make_chunk_last());
    }
    report(route, status_);
    if (broken_) co_return false;
    if (!parser_->is_done()) {
      co_await linger();
      co_return false;
    }
    co_return keep_;
  }

  // Null when no handler was asked.
  Task<const Route*> answer() {
    auto head = read_head(parser_->get(), peer_);
    if (!head) {
      co_await respond(problem(head.error()));
      co_return nullptr;
    }
    request_ = *std::move(head);
    trace_ = platform::continue_trace(request_.headers.get("traceparent"), shared_.ids);
    if (!shared_.rate.take(peer_, begun_)) {
      Response response =
          problem(make_error(Reason::kOverloaded, "too many requests from this address"));
      response.headers.set("Retry-After", "1");
      co_await respond(std::move(response));
      co_return nullptr;
    }
    if (auto preflight = shared_.policy.preflight(request_)) {
      co_await respond(*std::move(preflight));
      co_return nullptr;
    }
    std::vector<std::string> methods;
    const Route* route = shared_.router.find(request_.method, request_.path, methods);
    if (route == nullptr) {
      co_await respond(nothing_there(methods));
      co_return nullptr;
    }
    if (shared_.admit) {
      if (const platform::Status admitted = shared_.admit(request_); !admitted) {
        co_await respond(problem(admitted.error()));
        co_return route;
      }
    }
    parser_->body_limit(route->largest_body);
    largest_body_ = route->largest_body;
    continue_ = same_text(request_.headers.get("Expect"), "100-continue");
    std::string thrown;
    try {
      co_await route->handler(*this);
    } catch (const std::exception& wrong) {
      thrown = wrong.what();
    }
    if (!answered_) {
      platform::log::error(
          "request not answered",
          {{"route", route->path}, {"trace_id", trace_.trace_id}, {"why", thrown}});
      co_await respond(
          problem(make_error(Reason::kInternal, "the gateway failed; its log says why (trace " +
                                                    trace_.trace_id + ")")));
    } else if (!thrown.empty()) {
      break_off();
      platform::log::error(
          "request broken off",
          {{"route", route->path}, {"trace_id", trace_.trace_id}, {"why", thrown}});
    }
    co_return route;
  }

  static Response nothing_there(const std::vector<std::string>& methods) {
    if (methods.empty()) return problem(404, "Not Found", "there is nothing at this path");
    Response response = problem(405, "Method Not Allowed", "this path takes another method");
    std::string allowed;
    for (const std::string& method : methods) allowed += (allowed.empty() ? "" : ", ") + method;
    response.headers.set("Allow", allowed);
    return response;
  }

  static platform::Error too_large() {
    return make_error(Reason::kTooLarge, "the body is larger than this path takes");
  }

  Head make_head(int status, Headers headers) {
    status_ = status;
    shared_.policy.complete(request_, headers);
    Head head;
    head.version(parser_->is_header_done() ? parser_->get().version() : 11);
    head.result(static_cast<unsigned>(status));
    for (const auto& [name, value] : headers) head.insert(name, value);
    if (shared_.draining || end_ || !parser_->is_header_done() || !parser_->is_done()) {
      keep_ = false;
    }
    head.keep_alive(keep_);
    return head;
  }

  Task<bool> write_head(Head& head) {
    wire::response_serializer<wire::empty_body> serializer(head);
    stream_.expires_after(shared_.limits.write);
    auto [error, written] = co_await wire::async_write_header(stream_, serializer, kTuple);
    if (error) broken_ = true;
    co_return !error;
  }

  template <class Buffers>
  Task<bool> write_all(Buffers buffers) {
    stream_.expires_after(shared_.limits.write);
    auto [error, written] = co_await asio::async_write(stream_, buffers, kTuple);
    if (error) broken_ = true;
    co_return !error;
  }

  Task<> linger() {
    beast::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kLinger);
    for (std::size_t thrown_away = 0; thrown_away < kMostLingering;) {
      buffer_.clear();
      auto [error, read] = co_await stream_.async_read_some(buffer_.prepare(kPiece), kTuple);
      if (error) co_return;
      thrown_away += read;
    }
  }

  // Nothing of the person, and nothing of what was asked: no address, no query, no token.
  void report(const Route* route, int status) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
    const std::string path = route == nullptr ? "" : route->path;
    const platform::Labels labels{{"route", path}, {"status", std::to_string(status)}};
    shared_.metrics.counter("uncac_http_requests_total", "Requests answered.", labels).add();
    shared_.metrics
        .histogram("uncac_http_seconds", "Time from a request's begin to its answer.",
                   {{"route", path}})
        .observe(took.count());
    platform::log::info("request", {{"route", path},
                                    {"method", request_.method},
                                    {"status", std::to_string(status)},
                                    {"seconds", std::to_string(took.count())},
                                    {"bytes_in", std::to_string(taken_)},
                                    {"bytes_out", std::to_string(sent_)},
                                    {"whole", broken_ ? "no" : "yes"},
                                    {"trace_id", trace_.trace_id}});
  }

  Shared& shared_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::string peer_;
  std::optional<wire::request_parser<wire::buffer_body>> parser_;
  Request request_;
  platform::TraceContext trace_;
  std::chrono::steady_clock::time_point begun_, body_deadline_;
  bool continue_ = false;  // the client waits to be asked for the body
  bool keep_ = true;       // another request may follow
  bool answered_ = false, chunked_ = false;
  bool broken_ = false;  // nothing more goes over this connection
  bool idle_ = false, end_ = false;
  int status_ = 0;
  std::size_t taken_ = 0, sent_ = 0;
  std::size_t largest_body_ = 0;
};

}  // namespace

std::shared_ptr<Connection> make_connection(asio::ip::tcp::socket socket, Shared& shared) {
  return std::make_shared<Session>(std::move(socket), shared);
}

Task<Result<std::string>> Exchange::read_body() {
  std::string whole;
  while (true) {
    Result<std::optional<std::string>> piece = co_await read_piece();
    if (!piece) co_return std::move(piece).error();
    if (!*piece) co_return whole;
    whole += **piece;
  }
}

}  // namespace uncac::gateway::http
