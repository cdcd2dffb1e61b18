#include "gateway/connect/together.h"

#include <google/protobuf/descriptor.pb.h>

#include "gateway/connect/codec.h"
#include "platform/rpc/byte_buffer.h"
#include "platform/rpc/call.h"
#include "uncac/gateway/v1/gateway.pb.h"

namespace uncac::gateway::connect {
namespace {

using platform::make_error;
using platform::Reason;
using platform::Result;

constexpr std::string_view kTypes = "type.googleapis.com/";
constexpr std::string_view kMeant = "uncac-service";

platform::Error wrong(int question, const char* field, const char* rule, std::string what) {
  platform::Error error = make_error(Reason::kInvalidInput, "a question that cannot be asked here");
  error.problems.push_back({"", 0, "questions[" + std::to_string(question) + "]." + field,
                            platform::Severity::kError, rule, std::move(what)});
  return error;
}

// The message's full name behind the last slash of an Any's type.
std::string_view name_of(std::string_view type_url) {
  return type_url.substr(type_url.rfind('/') + 1);
}

v1::Answer to_answer(const std::string& method, UnaryCall& call) {
  v1::Answer answer;
  if (!call.status.ok()) {
    common::v1::Status& error = *answer.mutable_error();
    if (!error.ParseFromString(call.status.error_details())) error.Clear();
    error.set_code(call.status.error_code());
    error.set_message(call.status.error_message());
    return answer;
  }
  const auto* known = Transcoder::unary_method(method);
  answer.mutable_reply()->set_type_url(std::string(kTypes) + known->output_type()->full_name());
  answer.mutable_reply()->set_value(platform::to_bytes(call.reply));
  return answer;
}

}  // namespace

Result<std::vector<Calls::Planned>> Together::plan(
    const std::string& request, const Metadata& metadata,
    std::optional<std::chrono::system_clock::time_point> deadline) const {
  v1::AskRequest asked;
  if (!asked.ParseFromString(request)) {
    return make_error(Reason::kInvalidInput, "the body is no AskRequest");
  }
  if (asked.questions().empty() || asked.questions_size() > kMostQuestions) {
    return make_error(Reason::kInvalidInput, "1 to " + std::to_string(kMostQuestions) +
                                                 " questions, not " +
                                                 std::to_string(asked.questions_size()));
  }
  std::vector<Calls::Planned> planned;
  for (int at = 0; at < asked.questions_size(); ++at) {
    v1::Question& question = *asked.mutable_questions(at);
    const std::string path = "/" + question.method();
    const auto* method = Transcoder::unary_method(path);
    grpc::GenericStub* const stub = backends_.find(path, question.service());
    if (method == nullptr || stub == nullptr) {
      return wrong(at, "method", "unknown-method", "no such method");
    }
    if (method->options().idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS) {
      return wrong(at, "method", "changes-something", "what changes something is called alone");
    }
    if (name_of(question.request().type_url()) != method->input_type()->full_name()) {
      return wrong(at, "request", "wrong-type",
                   "the method takes a " + method->input_type()->full_name());
    }
    auto call = std::make_shared<UnaryCall>();
    for (const auto& [name, value] : metadata) {
      if (name != kMeant) call->context.AddMetadata(name, value);
    }
    if (!question.service().empty()) {
      call->context.AddMetadata(std::string(kMeant), question.service());
    }
    if (deadline) call->context.set_deadline(*deadline);
    call->request = platform::to_byte_buffer(question.request().value());
    planned.push_back({stub, path, std::move(call)});
  }
  return planned;
}

http::Task<Result<std::string>> Together::answer(
    std::string request, Metadata metadata,
    std::optional<std::chrono::system_clock::time_point> deadline) const {
  Result<std::vector<Calls::Planned>> planned = plan(request, metadata, deadline);
  if (!planned) co_return std::move(planned).error();
  std::vector<Calls::Planned> under_way = *planned;
  co_await calls_.all(std::move(under_way));
  v1::AskReply reply;
  std::size_t size = 0;
  for (const Calls::Planned& one : *planned) {
    v1::Answer answer = to_answer(one.method, *one.call);
    size += answer.reply().value().size();
    if (size > kLargestReply) {
      answer.mutable_error()->set_code(grpc::StatusCode::RESOURCE_EXHAUSTED);
      answer.mutable_error()->set_message("too large beside the others: ask it alone");
    }
    *reply.add_answers() = std::move(answer);
  }
  co_return reply.SerializeAsString();
}

}  // namespace uncac::gateway::connect
