#include "platform/error.h"

#include <array>
#include <cstddef>

namespace uncac::platform {
namespace {

// The gRPC codes by number, so that this file (and every domain folder behind it) needs no gRPC
// header: https://grpc.io/docs/guides/status-codes
constexpr std::array kTable{
    ReasonRow{Reason::kInvalidInput, "INVALID_INPUT", 3, 400, false},
    ReasonRow{Reason::kTooLarge, "TOO_LARGE", 8, 413, false},
    ReasonRow{Reason::kUnauthenticated, "UNAUTHENTICATED", 16, 401, false},
    ReasonRow{Reason::kForbidden, "FORBIDDEN", 7, 403, false},
    ReasonRow{Reason::kNotFound, "NOT_FOUND", 5, 404, false},
    ReasonRow{Reason::kConflict, "CONFLICT", 10, 409, false},
    ReasonRow{Reason::kFailedPrecondition, "FAILED_PRECONDITION", 9, 409, false},
    ReasonRow{Reason::kPositionExpired, "POSITION_EXPIRED", 11, 410, false},
    ReasonRow{Reason::kDeadlineExceeded, "DEADLINE_EXCEEDED", 4, 504, true},
    ReasonRow{Reason::kUnavailable, "UNAVAILABLE", 14, 503, true},
    ReasonRow{Reason::kOverloaded, "OVERLOADED", 8, 429, true},
    ReasonRow{Reason::kInternal, "INTERNAL", 13, 500, false},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].reason) != i) return false;
  }
  return true;
}
static_assert(in_enum_order());

}  // namespace

std::span<const ReasonRow> reason_table() { return kTable; }

const ReasonRow& row_of(Reason reason) { return kTable[static_cast<std::size_t>(reason)]; }

const ReasonRow& row_of_grpc_code(int grpc_code) {
  // Who cancels a call does not ask how it ended. Whoever is told so did not: the other side went
  // away before it had answered.
  constexpr int kCancelled = 1;
  if (grpc_code == kCancelled) return row_of(Reason::kUnavailable);
  for (const ReasonRow& row : kTable) {
    if (row.grpc_code == grpc_code) return row;
  }
  return row_of(Reason::kInternal);
}

std::string to_line(const Problem& problem) {
  std::string line;
  if (!problem.file.empty()) line += problem.file + ":";
  if (problem.row > 0) line += std::to_string(problem.row) + ":";
  if (!line.empty()) line += " ";
  if (!problem.column.empty()) line += problem.column + ": ";
  line += problem.severity == Severity::kError ? "error: " : "warning: ";
  line += problem.rule + ": " + problem.message;
  return line;
}

std::string to_text(const Error& error) {
  std::string text{row_of(error.reason).name};
  text += ": " + error.message;
  for (const Problem& problem : error.problems) text += "\n" + to_line(problem);
  return text;
}

}  // namespace uncac::platform
