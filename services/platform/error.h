// What went wrong, as a value. One table says how each reason looks on every channel.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace uncac::platform {

// Stable: callers' programs branch on these names. Add, never rename.
enum class Reason {
  kInvalidInput,        // the caller's data breaks a rule; `problems` says which
  kTooLarge,            // over a limit on bytes, rows or depth
  kUnauthenticated,     // no identity, or one that does not verify
  kForbidden,           // the identity may not do this
  kNotFound,            // no such object, or none the caller may know of
  kConflict,            // somebody changed it first: read again, then decide
  kFailedPrecondition,  // the object is not in a state that allows this
  kPositionExpired,     // a position older than the log keeps, or of another log
  kDeadlineExceeded,    // not done within the caller's time; it may still happen
  kUnavailable,         // a part is not reachable; nothing was changed
  kOverloaded,          // too much at once; try later
  kInternal,            // a defect of this program
};

struct ReasonRow {
  Reason reason;
  std::string_view name;  // e.g. "INVALID_INPUT"
  int grpc_code;          // value of grpc::StatusCode
  int http_status;
  bool retryable;  // the same request may succeed later without a change
};

// Every reason once, in the order of the enum.
std::span<const ReasonRow> reason_table();
const ReasonRow& row_of(Reason reason);
// The row for a gRPC status code that came without our details (another program answered).
const ReasonRow& row_of_grpc_code(int grpc_code);

enum class Severity { kError, kWarning };

// One broken rule, placed where a person can find it. `file`, `row` and `column` are empty or 0
// when the input is not a file. Printed as `file:row: column: error: rule: message`.
struct Problem {
  std::string file;
  std::int64_t row = 0;  // line in the file, from 1; 0 = the whole input
  std::string column;    // the name of the column or field
  Severity severity = Severity::kError;
  std::string rule;     // stable, kebab-case: `unknown-type`
  std::string message;  // for a person; quotes what was read

  bool operator==(const Problem&) const = default;
};

std::string to_line(const Problem& problem);

struct Error {
  Reason reason = Reason::kInternal;
  std::string message;  // for a person; never a query, a stack or a secret
  std::vector<Problem> problems;
};

// "INVALID_INPUT: message", and one line for each problem after it.
std::string to_text(const Error& error);

}  // namespace uncac::platform
