#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/filing.h"
#include "cli/verbs.h"
#include "formats/audience.h"
#include "platform/rpc/call.h"
#include "platform/rpc/problems.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"

namespace uncac::cli {
namespace {

using checklist::v1::ChecklistIntake;
using platform::Error;
using platform::Reason;
using platform::Result;
using platform::Status;

constexpr std::size_t kChunk = 64 << 10;
// A file of exercise size takes seconds; a deadline that a slow disk can break would lose nothing
// but the summary, so it is generous.
constexpr int kImportSeconds = 600;

std::string text_of(const checklist::v1::ResponseKey& key) {
  return key.state() + " " + key.checklist() + " " + std::to_string(key.round());
}

std::string_view text_of(checklist::v1::Outcome outcome) {
  switch (outcome) {
    case checklist::v1::OUTCOME_SUBMITTED:
      return "submitted";
    case checklist::v1::OUTCOME_AMENDED:
      return "amended";
    case checklist::v1::OUTCOME_UNCHANGED:
      return "unchanged";
    case checklist::v1::OUTCOME_SHARING_CHANGED:
      return "sharing changed";
    default:
      return "?";
  }
}

std::string_view text_of(checklist::v1::ResponseStatus status) {
  switch (status) {
    case checklist::v1::RESPONSE_STATUS_SUBMITTED:
      return "submitted";
    case checklist::v1::RESPONSE_STATUS_WITHDRAWN:
      return "withdrawn";
    case checklist::v1::RESPONSE_STATUS_VOID:
      return "void";
    default:
      return "?";
  }
}

void fill(checklist::v1::ResponseKey& key, const ResponseName& name) {
  key.set_state(name.state);
  key.set_checklist(name.checklist);
  key.set_round(name.round);
}

constexpr std::size_t kMostLines = 20;  // of a file's responses, for people

// With --keep-good each response is on record when the server names it, so it is printed then: who
// loses the server in the middle knows what was filed.
void print_response(const Session& session, const checklist::v1::ImportedResponse& response,
                    bool dry_run) {
  const auto& key = response.key();
  const auto& reply = response.reply();
  const std::string outcome(text_of(reply.outcome()));
  if (session.format == Format::kCsv) {
    std::printf("%s\n", csv_line({key.state(), key.checklist(), std::to_string(key.round()),
                                  outcome, std::to_string(reply.version()), reply.version_token(),
                                  std::to_string(reply.answers()),
                                  std::to_string(reply.sharing_decisions())})
                            .c_str());
  } else {
    std::printf("%s: %s%s version %d, %d answers, %d sharing decisions (%s)\n",
                text_of(key).c_str(), dry_run ? "would be " : "", outcome.c_str(), reply.version(),
                reply.answers(), reply.sharing_decisions(), reply.version_token().c_str());
  }
  std::fflush(stdout);
}

// Sends one file; the replies are read meanwhile, or both sides would stop at full buffers.
struct Import {
  std::vector<platform::Problem> problems;
  std::vector<checklist::v1::ImportedResponse> responses;
  checklist::v1::ImportSummary summary;
};

Result<Import> send_file(const Session& session, ChecklistIntake::Stub& stub,
                         const std::string& file, const SubmitOptions& options) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    return platform::make_error(Reason::kInvalidInput, file + ": cannot be read");
  }
  // What a workbook begins with. Its bytes as CSV would be nineteen problems of no help.
  if (in.peek() == 'P' && std::filesystem::path(file).extension() == ".xlsx") {
    return platform::make_error(Reason::kInvalidInput,
                                file + ": XLSX is not read yet; save the sheet as CSV UTF-8");
  }
  checklist::v1::ImportRequest first;
  checklist::v1::ImportOptions& import = *first.mutable_options();
  import.set_file_name(file);
  import.set_dry_run(options.dry_run);
  import.set_keep_good(options.keep_good);
  import.set_exercise(options.exercise);
  UNCAC_TRY(formats::fill_audience(options.audience, "--audience", *import.mutable_sharing()));
  import.mutable_sharing()->set_until(options.audience_until);
  grpc::ClientContext context;
  UNCAC_TRY(session.prepare(context, kImportSeconds));
  const auto stream = stub.ImportResponses(&context);
  Import result;
  const bool show_progress = isatty(STDERR_FILENO) == 1;
  std::thread sender([&] {
    bool open = stream->Write(first);
    std::string buffer(kChunk, '\0');
    long long sent = 0;
    while (open && in) {
      in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
      if (in.gcount() == 0) break;
      checklist::v1::ImportRequest part;
      part.set_chunk(buffer.data(), static_cast<std::size_t>(in.gcount()));
      open = stream->Write(part);
      sent += in.gcount();
      if (show_progress) std::fprintf(stderr, "\r%s: %lld kB sent", file.c_str(), sent / 1024);
    }
    // A file that could not be read to its end gets no end, and is refused whole.
    if (open && in.eof()) {
      checklist::v1::ImportRequest end;
      end.mutable_end()->set_bytes(sent);
      stream->Write(end);
    }
    stream->WritesDone();
    if (show_progress) std::fprintf(stderr, "\r\033[K");
  });
  checklist::v1::ImportReply reply;
  while (stream->Read(&reply)) {
    if (reply.has_problem()) result.problems.push_back(platform::from_proto(reply.problem()));
    if (reply.has_response()) {
      result.responses.push_back(reply.response());
      const bool shown = session.format == Format::kCsv || (session.format == Format::kTable &&
                                                            result.responses.size() <= kMostLines);
      if (shown) print_response(session, reply.response(), options.dry_run);
    }
    if (reply.has_summary()) result.summary = reply.summary();
  }
  sender.join();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) {
    Error error = platform::from_grpc_status(status);
    error.problems.insert(error.problems.begin(), result.problems.begin(), result.problems.end());
    return error;
  }
  return result;
}

void print_summary(const Session& session, const std::string& file, const Import& import) {
  if (session.format != Format::kTable) return;
  if (import.responses.size() > kMostLines) {
    std::printf("… and %zu more responses\n", import.responses.size() - kMostLines);
  }
  const auto& s = import.summary;
  std::printf(
      "%s: %d responses in %lld rows: %d submitted, %d amended, %d unchanged, %d sharing changed, "
      "%d "
      "refused%s\n",
      file.c_str(), s.responses(), static_cast<long long>(s.rows()), s.submitted(), s.amended(),
      s.unchanged(), s.sharing_changed(), s.refused(),
      s.dry_run() ? " (dry run: nothing changed)" : "");
}

}  // namespace

int submit_responses(const Session& session, const SubmitOptions& options) {
  if (options.audience.empty() && !options.audience_until.empty()) {
    std::fprintf(stderr, "uncac: --audience-until needs --audience\n");
    return kWrongUsage;
  }
  checklist::v1::SharingChoice choice;
  if (const Status filled = formats::fill_audience(options.audience, "--audience", choice);
      !filled) {
    report(session, filled.error());
    return kWrongUsage;
  }
  const auto channel = session.channel();
  if (!channel) return report(session, channel.error());
  const auto stub = ChecklistIntake::NewStub(*channel);
  int code = kDone;
  std::vector<std::string> tokens;
  std::vector<platform::Problem> problems;
  if (session.format == Format::kCsv) {
    std::printf("state,checklist,round,outcome,version,version_token,answers,sharing_decisions\n");
  }
  for (const std::string& file : options.files) {
    const Result<Import> import = send_file(session, *stub, file, options);
    if (!import) return report(session, import.error());
    problems.insert(problems.end(), import->problems.begin(), import->problems.end());
    if (session.format != Format::kJson) print_problems(session, import->problems);
    print_summary(session, file, *import);
    if (import->summary.problems_left_out() > 0) {
      std::fprintf(stderr, "%s: and %lld more problems\n", file.c_str(),
                   static_cast<long long>(import->summary.problems_left_out()));
    }
    if (import->summary.refused() > 0) code = kRefused;
    for (const platform::Problem& problem : import->problems) {
      if (problem.severity == platform::Severity::kError) code = kRefused;
    }
    if (import->summary.dry_run()) continue;
    for (const auto& response : import->responses) {
      if (response.reply().outcome() != checklist::v1::OUTCOME_UNCHANGED) {
        tokens.push_back(response.reply().version_token());
      }
    }
  }
  if (session.format == Format::kJson) print_problems(session, problems);
  if (!options.no_wait) await_matrix(session, tokens);
  return code;
}

int export_response(const Session& session, const ResponseName& name, int version) {
  const auto channel = session.channel();
  if (!channel) return report(session, channel.error());
  checklist::v1::ExportRequest request;
  fill(*request.mutable_key(), name);
  request.set_version(version);
  grpc::ClientContext context;
  if (const Status ready = session.prepare(context, kImportSeconds); !ready) {
    return report(session, ready.error());
  }
  const auto stub = ChecklistIntake::NewStub(*channel);
  const auto stream = stub->ExportResponse(&context, request);
  checklist::v1::ExportReply reply;
  while (stream->Read(&reply)) std::fwrite(reply.chunk().data(), 1, reply.chunk().size(), stdout);
  const grpc::Status status = stream->Finish();
  return status.ok() ? kDone : report(session, platform::from_grpc_status(status));
}

int list_responses(const Session& session, const ResponseName& name) {
  checklist::v1::ListResponsesRequest request;
  request.set_state(name.state);
  request.set_checklist(name.checklist);
  request.set_page_size(1000);
  checklist::v1::ListResponsesReply all;
  do {
    auto reply = ask(session, request, &ChecklistIntake::Stub::ListResponses);
    if (!reply) return report(session, reply.error());
    for (const auto& response : reply->responses()) {
      if (name.round == 0 || response.key().round() == name.round) {
        *all.add_responses() = response;
      }
    }
    request.set_page_token(reply->next_page_token());
  } while (!request.page_token().empty());
  if (session.format == Format::kJson) return print_json(all);
  Table table({"state", "checklist", "round", "version", "submitted_on", "status", "answers"});
  bool exercise = false;
  if (session.format == Format::kCsv) {
    std::printf("state,checklist,round,version,submitted_on,status,answers\n");
  }
  for (const auto& r : all.responses()) {
    exercise = exercise || r.exercise();
    std::vector<std::string> row{r.key().state(),
                                 r.key().checklist(),
                                 std::to_string(r.key().round()),
                                 std::to_string(r.version()),
                                 r.submitted_on(),
                                 std::string(text_of(r.status())),
                                 std::to_string(r.answers())};
    if (session.format == Format::kCsv) {
      std::printf("%s\n", csv_line(row).c_str());
    } else {
      table.add(std::move(row));
    }
  }
  if (session.format == Format::kTable) table.print(6);
  note_exercise(exercise);
  return kDone;
}

int show_history(const Session& session, const ResponseName& name) {
  checklist::v1::GetHistoryRequest request;
  fill(*request.mutable_key(), name);
  const auto reply = ask(session, request, &ChecklistIntake::Stub::GetHistory);
  if (!reply) return report(session, reply.error());
  if (session.format == Format::kJson) return print_json(*reply);
  Table table({"version", "action", "day", "recorded_at", "recorded_by", "answers", "reason"});
  if (session.format == Format::kCsv) {
    std::printf("version,action,day,recorded_at,recorded_by,answers,reason\n");
  }
  for (const auto& e : reply->entries()) {
    std::vector<std::string> row{
        std::to_string(e.version()), e.action(), e.day(), e.recorded_at(), e.recorded_by(),
        std::to_string(e.answers()), e.reason()};
    if (session.format == Format::kCsv) {
      std::printf("%s\n", csv_line(row).c_str());
    } else {
      table.add(std::move(row));
    }
  }
  if (session.format == Format::kTable) table.print(99);
  return kDone;
}

int withdraw_response(const Session& session, const ResponseName& name, const std::string& reason) {
  checklist::v1::WithdrawRequest request;
  fill(*request.mutable_key(), name);
  request.set_reason(reason);
  const auto reply = ask(session, request, &ChecklistIntake::Stub::WithdrawResponse);
  if (!reply) return report(session, reply.error());
  await_matrix(session, {reply->version_token()});
  if (session.format == Format::kJson) return print_json(*reply);
  std::printf("%s: withdrawn from today on (version %d, %s)\n", text_of(reply->key()).c_str(),
              reply->version(), reply->version_token().c_str());
  return kDone;
}

int void_response(const Session& session, const ResponseName& name, const std::string& reason) {
  checklist::v1::VoidRequest request;
  fill(*request.mutable_key(), name);
  request.set_reason(reason);
  const auto reply = ask(session, request, &ChecklistIntake::Stub::VoidResponse);
  if (!reply) return report(session, reply.error());
  await_matrix(session, {reply->version_token()});
  if (session.format == Format::kJson) return print_json(*reply);
  std::printf("%s: void on all days (version %d, %s)\n", text_of(reply->key()).c_str(),
              reply->version(), reply->version_token().c_str());
  return kDone;
}

}  // namespace uncac::cli
