// What every verb shares: the server, who asks, how to print, and what an error means to a shell.
#pragma once

#include <grpcpp/grpcpp.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "formats/csv.h"
#include "platform/result.h"
#include "platform/rpc/call.h"
#include "uncac/common/v1/common.pb.h"

namespace uncac::cli {

// Exit codes of `uncac`: interfaces.md.
inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kNotReachable = 3;

enum class Format { kTable, kJson, kCsv };

struct Session {
  std::string server = "127.0.0.1:7400";
  std::string token_file;
  std::string tls_ca, tls_certificate, tls_key;
  Format format = Format::kTable;

  // Connects on first use. An unreadable token file is an error before anything is sent.
  platform::Result<std::shared_ptr<grpc::Channel>> channel() const;
  // Adds the token and a deadline; no deadline for 0 seconds.
  platform::Status prepare(grpc::ClientContext& context, int seconds) const;
};

// Problems to standard error, one a line; with --format json one array on standard output.
void print_problems(const Session& session, const std::vector<platform::Problem>& problems);
// Prints the error (its problems included) and says with which exit code to leave.
int report(const Session& session, const platform::Error& error);

// The services that operators ask one by one; the names of their stores.
inline constexpr std::array<const char*, 2> kServices{"checklist_intake", "needs_matrix"};

// One unary call: connect, prepare, call. `service`: which program is meant of those that all offer
// the method.
inline constexpr int kCallSeconds = 30;
template <class Stub, class Request, class Reply>
platform::Result<Reply> ask(const Session& session, const Request& request,
                            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                         Reply*),
                            int seconds = kCallSeconds, const std::string& service = {}) {
  UNCAC_ASSIGN(const std::shared_ptr<grpc::Channel> channel, session.channel());
  Stub stub(channel);
  grpc::ClientContext context;
  UNCAC_TRY(session.prepare(context, seconds));
  if (!service.empty()) context.AddMetadata("uncac-service", service);
  Reply reply;
  const grpc::Status status = (stub.*method)(&context, request, &reply);
  if (!status.ok()) return platform::from_grpc_status(status);
  return reply;
}

// A message as JSON with the field names of its proto; empty when it cannot be written so.
std::string json_of(const google::protobuf::Message& message);
// Prints it. The exit code.
int print_json(const google::protobuf::Message& message);

// A table for people: columns aligned, numbers to the right. UTF-8, one column a code point.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // `numbers_from`: columns from this one on are aligned to the right.
  void print(std::size_t numbers_from) const;
  void print_csv() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

using formats::csv_line;

// Says on standard error that invented answers are among what was shown.
void note_exercise(bool exercise);

}  // namespace uncac::cli
