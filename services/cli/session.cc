#include "cli/session.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "formats/problems.h"
#include "google/protobuf/util/json_util.h"
#include "platform/rpc/server.h"
#include "platform/runtime/options.h"

namespace uncac::cli {
namespace {

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

platform::Result<std::shared_ptr<grpc::Channel>> Session::channel() const {
  return platform::open_channel(server, {tls_ca, tls_certificate, tls_key});
}

platform::Status Session::prepare(grpc::ClientContext& context, int seconds) const {
  if (seconds > 0) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
  }
  if (token_file.empty()) return {};
  auto token = platform::read_file(token_file, 8192);
  if (!token) return std::move(token).error();
  // A newline or a stray byte would make gRPC drop the whole call without a word.
  if (token->find_first_not_of(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") !=
      std::string::npos) {
    return platform::make_error(platform::Reason::kUnauthenticated,
                                token_file + " does not hold a token");
  }
  context.AddMetadata("authorization", "Bearer " + *token);
  return {};
}

void print_problems(const Session& session, const std::vector<platform::Problem>& problems) {
  if (session.format == Format::kJson) {
    const auto all = formats::to_json(problems);
    std::printf("%s\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return;
  }
  for (const platform::Problem& p : problems) {
    std::fprintf(stderr, "%s\n", platform::to_line(p).c_str());
  }
}

int report(const Session& session, const platform::Error& error) {
  print_problems(session, error.problems);
  std::fprintf(stderr, "uncac: %s: %s\n", std::string(platform::row_of(error.reason).name).c_str(),
               error.message.c_str());
  const bool away = error.reason == platform::Reason::kUnavailable ||
                    error.reason == platform::Reason::kDeadlineExceeded;
  return away ? kNotReachable : kRefused;
}

std::string json_of(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return {};
  return text;
}

int print_json(const google::protobuf::Message& message) {
  const std::string text = json_of(message);
  if (text.empty()) return kRefused;
  std::printf("%s\n", text.c_str());
  return kDone;
}

void Table::print(std::size_t numbers_from) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width_of(row[i]), ' ');
      if (i > 0) line += "  ";
      line += i >= numbers_from ? space + row[i] : row[i] + space;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::printf("%s\n", line.c_str());
  }
}

void Table::print_csv() const {
  for (const auto& row : rows_) std::printf("%s\n", csv_line(row).c_str());
}

void note_exercise(bool exercise) {
  if (exercise) {
    std::fflush(stdout);  // where both go to one place, the note follows what it is about
    std::fprintf(stderr,
                 "note: exercise data: answers invented for an exercise, not a State's own\n");
  }
}

}  // namespace uncac::cli
