// Errors on the wire: gRPC's status with our details in it, and back.
#include <algorithm>

#include "platform/rpc/call.h"
#include "platform/rpc/problems.h"
#include "platform/runtime/utf8.h"
#include "uncac/common/v1/common.pb.h"

namespace uncac::platform {
namespace {

namespace wire = ::uncac::common::v1;

// gRPC refuses a call whose headers are longer than 8 KiB, and the caller would see only that. The
// status is one block of headers: grpc-message (percent-encoded) and grpc-status-details-bin
// (base64), and room for the small ones beside them.
constexpr std::size_t kHeaderBytes = 8192 - 768;
constexpr std::size_t kMessageBytes = 1000;
constexpr std::size_t kProblemTextBytes = 400;

// How long grpc-message gets: everything but printable ASCII becomes %XX.
std::size_t percent_encoded(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) length += c >= ' ' && c <= '~' && c != '%' ? 1 : 3;
  return length;
}

void fill(const Problem& problem, wire::Problem& out) {
  out.set_file(safe_utf8(problem.file, kProblemTextBytes));
  out.set_row(problem.row);
  out.set_column(safe_utf8(problem.column, kProblemTextBytes));
  out.set_severity(problem.severity == Severity::kError ? wire::SEVERITY_ERROR
                                                        : wire::SEVERITY_WARNING);
  out.set_rule(safe_utf8(problem.rule, kProblemTextBytes));
  out.set_message(safe_utf8(problem.message, kProblemTextBytes));
}

std::string details_of(const ReasonRow& row, const std::string& message,
                       const wire::ErrorDetail& detail) {
  wire::Status status;
  status.set_code(row.grpc_code);
  status.set_message(message);
  status.add_details()->PackFrom(detail);
  return status.SerializeAsString();
}

}  // namespace

Problem from_proto(const wire::Problem& problem) {
  return {problem.file(),
          problem.row(),
          problem.column(),
          problem.severity() == wire::SEVERITY_WARNING ? Severity::kWarning : Severity::kError,
          problem.rule(),
          problem.message()};
}

grpc::Status to_grpc_status(const Error& error) {
  const ReasonRow& row = row_of(error.reason);
  wire::ErrorDetail detail;
  detail.set_reason(std::string(row.name));
  detail.set_retryable(row.retryable);
  std::string message = safe_utf8(error.message, kMessageBytes);

  // Base64 makes four bytes of three. The message stands in both headers; 64 is for the sentence
  // about what was left out, which stands in both too.
  const std::size_t encoded = percent_encoded(message) + 64;
  const std::size_t limit = (kHeaderBytes - encoded) / 4 * 3;
  std::size_t used = details_of(row, message, detail).size() + 64 + 16;
  std::size_t left_out = 0;
  for (const Problem& problem : error.problems) {
    wire::Problem next;
    fill(problem, next);
    const std::size_t size = next.ByteSizeLong() + 4;  // its tag and length
    // After the first that does not fit no later one is taken: what is shown is the beginning.
    if (left_out > 0 || used + size > limit) {
      ++left_out;
      continue;
    }
    used += size;
    *detail.add_problems() = std::move(next);
  }
  if (left_out > 0) message += " (" + std::to_string(left_out) + " more problems are not shown)";
  return {static_cast<grpc::StatusCode>(row.grpc_code), message, details_of(row, message, detail)};
}

Error from_grpc_status(const grpc::Status& status) {
  Error error;
  error.reason = row_of_grpc_code(static_cast<int>(status.error_code())).reason;
  error.message = safe_utf8(status.error_message());
  wire::Status details;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details())) {
    return error;
  }
  for (const auto& any : details.details()) {
    wire::ErrorDetail detail;
    if (!any.Is<wire::ErrorDetail>() || !any.UnpackTo(&detail)) continue;
    const auto table = reason_table();
    const auto row = std::find_if(table.begin(), table.end(), [&](const ReasonRow& one) {
      return one.name == detail.reason();
    });
    // A reason that only a newer program knows: the code's row is the best this one can say.
    if (row != table.end()) error.reason = row->reason;
    for (const auto& problem : detail.problems()) {
      error.problems.push_back(from_proto(problem));
    }
    break;
  }
  return error;
}

}  // namespace uncac::platform
