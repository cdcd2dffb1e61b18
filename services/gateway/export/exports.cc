#include "gateway/export/exports.h"

#include <boost/asio/this_coro.hpp>
#include <nlohmann/json.hpp>

#include "formats/csv.h"
#include "formats/matrix.h"
#include "formats/needs.h"
#include "gateway/connect/metadata.h"
#include "gateway/dimensions.h"
#include "gateway/export/workbook.h"
#include "gateway/stream_call.h"
#include "platform/rpc/byte_buffer.h"
#include "platform/runtime/log.h"

namespace uncac::gateway::exports {
namespace {

using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;

constexpr const char* kQueryMatrix = "/uncac.needs.v1.NeedsMatrix/QueryMatrix";
constexpr const char* kListNeeds = "/uncac.needs.v1.NeedsMatrix/ListNeeds";
constexpr const char* kFollow = "/uncac.needs.v1.NeedsMatrix/Follow";
constexpr int kPage = 5'000;
constexpr std::chrono::seconds kLongestCall{30};
// Of changes since a position, which are sent once the last one is known.
constexpr std::size_t kMostChanges = 200'000;
constexpr std::chrono::hours kLongest{1};

// One question of the matrix service, as the caller.
template <class Reply>
http::Task<Result<Reply>> ask(const Backends& backends, Calls& calls,
                              const http::Exchange& exchange, const char* method,
                              const std::string& request) {
  const Result<connect::Way> way = connect::way_to(backends, exchange, method);
  if (!way) co_return way.error();
  auto call = std::make_shared<UnaryCall>();
  for (const auto& [name, value] : way->metadata) call->context.AddMetadata(name, value);
  call->context.set_deadline(std::chrono::system_clock::now() + kLongestCall);
  call->request = platform::to_byte_buffer(request);
  co_await calls.unary(*way->stub, method, call);
  if (!call->status.ok()) co_return platform::from_grpc_status(call->status);
  Reply reply;
  if (!reply.ParseFromString(platform::to_bytes(call->reply))) {
    co_return make_error(Reason::kInternal, "the service's answer cannot be read");
  }
  co_return reply;
}

http::Headers file_headers(const std::string& type, const std::string& name,
                           const std::string& position) {
  return {{"Content-Type", type},
          {"Content-Disposition", "attachment; filename=\"" + name + "\""},
          // Who may see it can change at any moment.
          {"Cache-Control", "private, no-store"},
          {"Uncac-Position", position}};
}

std::string name_of(const http::Request& request) {
  return request.path.substr(request.path.rfind('/') + 1);
}

bool is_csv(const http::Request& request) { return request.path.ends_with(".csv"); }

constexpr const char* kCsv = "text/csv; charset=utf-8; header=present";
constexpr const char* kJsonLines = "application/jsonl; charset=utf-8";

std::string line_of(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

// As RFC 4180 ends a line.
std::string csv(const std::vector<std::string>& cells) { return formats::csv_line(cells) + "\r\n"; }

Result<http::Response> matrix_file(const http::Request& request,
                                   const needs::v1::QueryMatrixReply& matrix) {
  http::Response response;
  if (is_csv(request)) {
    for (const auto& cells : formats::matrix_table(matrix)) response.body += csv(cells);
    response.headers = file_headers(kCsv, name_of(request), matrix.position());
    return response;
  }
  UNCAC_ASSIGN(response.body, matrix_workbook(matrix));
  response.headers =
      file_headers("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                   name_of(request), matrix.position());
  return response;
}

Result<needs::v1::QueryMatrixRequest> read_matrix(const http::Request& request) {
  needs::v1::QueryMatrixRequest question;
  const std::vector<Field> fields{
      {"rows", [&](std::string text) { question.set_rows(std::move(text)); }},
      {"columns", [&](std::string text) { question.set_columns(std::move(text)); }},
      {"measure", [&](std::string text) { question.set_measure(std::move(text)); }},
      {"as_of", [&](std::string text) { question.set_as_of(std::move(text)); }},
      {"language", [&](std::string text) { question.set_language(std::move(text)); }},
      {"order_by", [&](std::string text) { question.set_order_by(std::move(text)); }},
      {"reader", [&](std::string text) { question.set_reader(std::move(text)); }}};
  UNCAC_TRY(read_question(request, fields, *question.mutable_where()));
  return question;
}

Result<needs::v1::ListNeedsRequest> read_list(const http::Request& request) {
  needs::v1::ListNeedsRequest list;
  const std::vector<Field> fields{
      {"as_of", [&](std::string text) { list.set_as_of(std::move(text)); }},
      {"language", [&](std::string text) { list.set_language(std::move(text)); }},
      {"reader", [&](std::string text) { list.set_reader(std::move(text)); }}};
  UNCAC_TRY(read_question(request, fields, *list.mutable_where()));
  list.set_page_size(kPage);
  return list;
}

std::string page_of(const http::Request& request, const needs::v1::ListNeedsReply& reply) {
  std::string piece;
  for (const auto& need : reply.needs()) {
    piece += is_csv(request) ? csv(formats::need_row(need)) : line_of(formats::need_json(need));
  }
  return piece;
}

std::string changes_file(const http::Request& request,
                         const std::vector<needs::v1::FollowReply>& changes) {
  std::string body = is_csv(request) ? csv(formats::change_header()) : std::string();
  for (const auto& change : changes) {
    body +=
        is_csv(request) ? csv(formats::change_row(change)) : line_of(formats::change_json(change));
  }
  return body;
}

}  // namespace

http::Task<> Exports::matrix(http::Exchange& exchange) const {
  const Result<needs::v1::QueryMatrixRequest> question = read_matrix(exchange.request());
  http::Response response;
  if (!question) {
    response = http::problem(question.error());
  } else {
    const std::string message = question->SerializeAsString();
    const auto reply = co_await ask<needs::v1::QueryMatrixReply>(backends_, calls_, exchange,
                                                                 kQueryMatrix, message);
    Result<http::Response> file =
        reply ? matrix_file(exchange.request(), *reply) : Result<http::Response>(reply.error());
    response = file ? *std::move(file) : http::problem(file.error());
  }
  co_await exchange.respond(std::move(response));
}

http::Task<> Exports::needs(http::Exchange& exchange) const {
  const http::Request& request = exchange.request();
  if (const std::optional<std::string> since = request.parameter("since")) {
    co_await changes(exchange, *since);
    co_return;
  }
  Result<needs::v1::ListNeedsRequest> list = read_list(request);
  std::optional<platform::Error> refusal;
  if (!list) refusal = list.error();
  bool begun = false;
  while (!refusal) {
    const std::string message = list->SerializeAsString();
    const auto reply =
        co_await ask<needs::v1::ListNeedsReply>(backends_, calls_, exchange, kListNeeds, message);
    if (!reply) {
      refusal = reply.error();
      break;
    }
    std::string piece = page_of(request, *reply);
    if (!begun) {
      // Of the first page: what changes while the others are fetched comes after it.
      http::Headers headers =
          file_headers(is_csv(request) ? kCsv : kJsonLines, name_of(request), reply->position());
      if (!co_await exchange.begin(200, std::move(headers))) co_return;
      begun = true;
      if (is_csv(request)) piece.insert(0, csv(formats::need_header()));
    }
    if (!co_await exchange.write(piece)) co_return;
    if (reply->next_page_token().empty()) co_return;
    list->set_page_token(reply->next_page_token());
  }
  if (begun) {
    platform::log::warning("export broken off", {{"error", refusal->message}});
    exchange.break_off();
    co_return;
  }
  http::Response response = http::problem(*refusal);
  co_await exchange.respond(std::move(response));
}

http::Task<> Exports::changes(http::Exchange& exchange, const std::string& since) const {
  const http::Request& request = exchange.request();
  needs::v1::FollowRequest follow;
  follow.set_from(since);
  follow.set_until_caught_up(true);
  const std::vector<Field> fields{{"since", [](const std::string&) {}}};
  const Status read_all = read_question(request, fields, *follow.mutable_where());
  const Result<connect::Way> way = connect::way_to(backends_, exchange, kFollow);
  std::optional<platform::Error> refusal;
  if (!read_all) {
    refusal = read_all.error();
  } else if (!way) {
    refusal = way.error();
  } else if (since.empty()) {
    refusal = make_error(Reason::kInvalidInput, "since: a position, or \"start\"");
  }
  http::Response response;
  if (refusal) {
    response = http::problem(*refusal);
    co_await exchange.respond(std::move(response));
    co_return;
  }
  const auto executor = co_await boost::asio::this_coro::executor;
  StreamCall call(calls_, *way->stub, kFollow, way->metadata, executor);
  const std::string message = follow.SerializeAsString();
  co_await call.write(message);
  call.end_writing();
  formats::LastChanges last;
  std::string position;
  while (!refusal) {
    const StreamCall::Read read = co_await call.read(kLongest);
    if (read == StreamCall::Read::kNothingYet) continue;
    if (read == StreamCall::Read::kEnd) break;
    needs::v1::FollowReply change;
    if (!change.ParseFromString(call.message())) {
      refusal = make_error(Reason::kInternal, "the service's answer cannot be read");
    } else if (last.size() >= kMostChanges) {
      refusal = make_error(Reason::kTooLarge, "more than 200,000 changes: export the whole");
    } else {
      position = change.position();
      last.add(std::move(change));
    }
  }
  if (!refusal && !call.status().ok()) refusal = platform::from_grpc_status(call.status());
  if (refusal) {
    response = http::problem(*refusal);
  } else {
    response.headers =
        file_headers(is_csv(request) ? kCsv : kJsonLines, name_of(request), position);
    response.body = changes_file(request, last.take());
  }
  co_await exchange.respond(std::move(response));
}

}  // namespace uncac::gateway::exports
