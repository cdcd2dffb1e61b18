#include "gateway/import/responses.h"

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "formats/audience.h"
#include "formats/problems.h"
#include "gateway/connect/metadata.h"
#include "gateway/stream_call.h"
#include "platform/rpc/problems.h"
#include "uncac/checklist/v1/checklist.pb.h"

namespace uncac::gateway::import {
namespace {

using checklist::v1::ImportedResponse;
using checklist::v1::ImportOptions;
using checklist::v1::ImportReply;
using checklist::v1::ImportRequest;
using checklist::v1::ImportSummary;
using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;
using Json = nlohmann::ordered_json;

constexpr const char* kMethod = "/uncac.checklist.v1.ChecklistIntake/ImportResponses";
constexpr std::chrono::hours kLongest{1};

platform::Error wrong(const std::string& parameter, const std::string& rule,
                      const std::string& what) {
  platform::Error error =
      make_error(Reason::kInvalidInput, "the parameter " + parameter + " is not understood");
  error.problems.push_back({"", 0, parameter, platform::Severity::kError, rule, what});
  return error;
}

Result<bool> read_flag(const http::Request& request, const char* name) {
  const std::optional<std::string> value = request.parameter(name);
  if (!value || *value == "0") return false;
  if (*value == "1") return true;
  return wrong(name, "not-a-flag", "\"" + value->substr(0, 20) + "\" is not 0 or 1");
}

Result<ImportOptions> read_options(const http::Request& request) {
  constexpr std::array<std::string_view, 6> kKnown = {"dry_run", "keep_good", "exercise",
                                                      "file",    "audience",  "audience_until"};
  for (const auto& [name, value] : request.parameters()) {
    if (!name.empty() && std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
      return wrong(name.substr(0, 40), "unknown-parameter", "an import has no such parameter");
    }
  }
  ImportOptions options;
  options.set_file_name(request.parameter("file").value_or("file"));
  UNCAC_ASSIGN(const bool dry_run, read_flag(request, "dry_run"));
  UNCAC_ASSIGN(const bool keep_good, read_flag(request, "keep_good"));
  UNCAC_ASSIGN(const bool exercise, read_flag(request, "exercise"));
  options.set_dry_run(dry_run);
  options.set_keep_good(keep_good);
  options.set_exercise(exercise);
  UNCAC_TRY(formats::fill_audience(request.parameter("audience").value_or(""), "audience",
                                   *options.mutable_sharing()));
  options.mutable_sharing()->set_until(request.parameter("audience_until").value_or(""));
  return options;
}

// The body as the messages of the call. A body that breaks off gets no end, so the service refuses
// what came of it.
http::Task<Status> send(http::Exchange& exchange, StreamCall& call, ImportOptions options) {
  ImportRequest first;
  *first.mutable_options() = std::move(options);
  const std::string head = first.SerializeAsString();
  bool open = co_await call.write(head);
  std::int64_t bytes = 0;
  while (open) {
    Result<std::optional<std::string>> piece = co_await exchange.read_piece();
    if (!piece) {
      call.end_writing();
      co_return std::move(piece).error();
    }
    ImportRequest part;
    if (*piece) {
      bytes += static_cast<std::int64_t>((*piece)->size());
      part.set_chunk(*std::move(*piece));
    } else {
      part.mutable_end()->set_bytes(bytes);
      open = false;
    }
    const std::string text = part.SerializeAsString();
    if (!co_await call.write(text)) break;
  }
  call.end_writing();
  co_return Status();
}

struct Import {
  std::vector<platform::Problem> problems;
  Json responses = Json::array();
  std::optional<ImportSummary> summary;
};

http::Task<Status> receive(StreamCall& call, const connect::Transcoder& transcoder,
                           Import& import) {
  while (true) {
    const StreamCall::Read read = co_await call.read(kLongest);
    if (read == StreamCall::Read::kNothingYet) continue;
    if (read == StreamCall::Read::kEnd) break;
    ImportReply reply;
    if (!reply.ParseFromString(call.message())) {
      co_return make_error(Reason::kInternal, "the service's answer cannot be read");
    }
    if (reply.has_problem()) {
      import.problems.push_back(platform::from_proto(reply.problem()));
    } else if (reply.has_response()) {
      auto json =
          transcoder.to_json(*ImportedResponse::descriptor(), reply.response().SerializeAsString());
      if (!json) co_return std::move(json).error();
      import.responses.push_back(Json::parse(*json));
    } else if (reply.has_summary()) {
      import.summary = reply.summary();
    }
  }
  if (!call.status().ok()) co_return platform::from_grpc_status(call.status());
  co_return Status();
}

http::Response answer(const Import& import, const connect::Transcoder& transcoder) {
  const ImportSummary& summary = *import.summary;
  const auto json = transcoder.to_json(*ImportSummary::descriptor(), summary.SerializeAsString());
  if (!json) return http::problem(json.error());
  const Json body{{"summary", Json::parse(*json)},
                  {"responses", import.responses},
                  {"problems", formats::to_json(import.problems)}};
  const bool broken = std::any_of(import.problems.begin(), import.problems.end(),
                                  [](const platform::Problem& problem) {
                                    return problem.severity == platform::Severity::kError;
                                  });
  if (summary.refused() == 0 && !broken) return http::json(200, body);
  return http::problem(make_error(Reason::kInvalidInput,
                                  std::to_string(summary.refused()) + " of " +
                                      std::to_string(summary.responses()) + " responses refused, " +
                                      std::to_string(import.problems.size()) + " problems shown"),
                       body);
}

}  // namespace

http::Task<> Responses::handle(http::Exchange& exchange) const {
  using boost::asio::experimental::awaitable_operators::operator&&;
  const http::Request& request = exchange.request();
  Result<ImportOptions> options = read_options(request);
  const Result<connect::Way> way = connect::way_to(backends_, exchange, kMethod);
  if (!options || !way) {
    http::Response response = http::problem(options ? way.error() : options.error());
    co_await exchange.respond(std::move(response));
    co_return;
  }
  const auto executor = co_await boost::asio::this_coro::executor;
  StreamCall call(calls_, *way->stub, kMethod, way->metadata, executor);
  Import import;
  // Both at once: a service that speaks before it has heard all would else stop at full buffers.
  auto [sent, received] =
      co_await (send(exchange, call, *std::move(options)) && receive(call, transcoder_, import));
  http::Response response;
  if (!sent) {
    response = http::problem(sent.error());
  } else if (!received) {
    platform::Error error = std::move(received).error();
    error.problems.insert(error.problems.begin(), import.problems.begin(), import.problems.end());
    response = http::problem(error);
  } else if (!import.summary) {
    response = http::problem(make_error(Reason::kInternal, "the service gave no summary"));
  } else {
    response = answer(import, transcoder_);
  }
  co_await exchange.respond(std::move(response));
}

}  // namespace uncac::gateway::import
