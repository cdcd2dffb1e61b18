#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/filing.h"
#include "cli/verbs.h"
#include "formats/audience.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::cli {
namespace {

using checklist::v1::ChecklistIntake;
using needs::v1::NeedsMatrix;
using platform::Result;
using platform::Status;

using Decisions = google::protobuf::RepeatedPtrField<checklist::v1::SharingDecision>;

std::string suspended_text(const checklist::v1::SharingDecision& decision) {
  if (!decision.has_suspended()) return "";
  const checklist::v1::SharingChoice& choice = decision.suspended();
  return audience_text(choice) + (choice.until().empty() ? "" : " until " + choice.until());
}

// As a table or as CSV.
void print_decisions(const Session& session, const Decisions& decisions) {
  std::vector<std::string> header{"provision", "audience",    "named",
                                  "until",     "recorded_at", "suspended"};
  const bool csv = session.format == Format::kCsv;
  // Only after a restore is there anything to say in the last column.
  const bool any_suspended = std::any_of(decisions.begin(), decisions.end(),
                                         [](const auto& d) { return d.has_suspended(); });
  const std::size_t columns = any_suspended ? header.size() : header.size() - 1;
  header.resize(columns);
  if (csv) std::printf("%s\n", csv_line(header).c_str());
  Table table(std::move(header));
  for (const auto& d : decisions) {
    std::string named;
    for (const std::string& provider : d.named()) named += (named.empty() ? "" : "|") + provider;
    std::string audience = common::v1::Audience_Name(d.audience()).substr(9);
    std::vector<std::string> row{d.provision(), std::move(audience), std::move(named),
                                 d.until(),     d.recorded_at(),     suspended_text(d)};
    row.resize(columns);
    if (csv) {
      std::printf("%s\n", csv_line(row).c_str());
    } else {
      table.add(std::move(row));
    }
  }
  if (!csv) table.print(99);
}

int send(const Session& session, const checklist::v1::SetSharingRequest& request) {
  const auto reply = ask(session, request, &ChecklistIntake::Stub::SetSharing);
  if (!reply) return report(session, reply.error());
  if (!reply->version_token().empty()) await_matrix(session, {reply->version_token()});
  if (session.format == Format::kJson) return print_json(*reply);
  print_decisions(session, reply->decisions());
  if (session.format == Format::kTable) {
    std::printf(
        "\n%d provisions, %d %s%s\n", reply->decisions_size(), reply->changed(),
        request.dry_run() ? "would change" : "changed",
        reply->version_token().empty() ? "" : (" (" + reply->version_token() + ")").c_str());
  }
  return kDone;
}

checklist::v1::SetSharingRequest request_for(const ShareOptions& options) {
  checklist::v1::SetSharingRequest request;
  request.set_state(options.state);
  for (const std::string& provision : options.provisions) request.add_provisions(provision);
  request.set_reason(options.reason);
  request.set_dry_run(options.dry_run);
  return request;
}

// One line of a preview.
struct Seen {
  std::string provision;
  std::string audience;  // of the decision in force; empty without one
  std::string need_state;
  std::vector<std::string> types;
};

struct Preview {
  std::vector<Seen> lines;
  bool exercise = false;
};

void of_state(const std::string& state, needs::v1::Filter& filter) {
  filter.set_dimension("state");
  filter.add_values(state);
}

// The one need state that the State's cell of this row is in.
std::string need_state_of(const needs::v1::QueryMatrixReply& matrix,
                          const needs::v1::MatrixRow& row) {
  if (row.total().withheld()) return "WITHHELD";
  for (int i = 0; i < row.figures_size(); ++i) {
    if (row.figures(i).value() > 0) return matrix.column_headers(i).code();
  }
  return "";
}

Result<Preview> preview(const Session& session, const std::string& state,
                        const std::string& reader) {
  checklist::v1::ListSharingRequest sharing_request;
  sharing_request.set_state(state);
  UNCAC_ASSIGN(const checklist::v1::ListSharingReply sharing,
               ask(session, sharing_request, &ChecklistIntake::Stub::ListSharing));
  std::map<std::string, std::string> audiences;
  for (const auto& decision : sharing.decisions()) {
    audiences[decision.provision()] = common::v1::Audience_Name(decision.audience()).substr(9);
  }

  needs::v1::QueryMatrixRequest question;
  question.set_rows("provision");
  question.set_columns("need_state");
  question.set_reader(reader);
  of_state(state, *question.add_where());
  UNCAC_ASSIGN(const needs::v1::QueryMatrixReply matrix,
               ask(session, question, &NeedsMatrix::Stub::QueryMatrix));

  std::map<std::string, std::vector<std::string>> types;
  needs::v1::ListNeedsRequest list;
  list.set_page_size(5000);
  list.set_reader(reader);
  of_state(state, *list.add_where());
  // Not older than the answer beside which it stands.
  list.mutable_freshness()->set_at_least(matrix.position());
  do {
    UNCAC_ASSIGN(const needs::v1::ListNeedsReply reply,
                 ask(session, list, &NeedsMatrix::Stub::ListNeeds));
    for (const auto& need : reply.needs()) types[need.provision()].push_back(need.type());
    list.set_page_token(reply.next_page_token());
  } while (!list.page_token().empty());

  Preview result;
  result.exercise = matrix.exercise();
  for (const auto& row : matrix.matrix()) {
    const std::string& provision = row.header().code();
    result.lines.push_back(
        {provision, audiences[provision], need_state_of(matrix, row), types[provision]});
  }
  return result;
}

std::string joined(const std::vector<std::string>& types) {
  std::string text;
  for (const std::string& type : types) text += (text.empty() ? "" : "|") + type;
  return text;
}

void print_preview_json(const std::string& state, const std::string& reader,
                        const Preview& preview) {
  auto lines = nlohmann::ordered_json::array();
  for (const Seen& seen : preview.lines) {
    lines.push_back({{"provision", seen.provision},
                     {"audience", seen.audience},
                     {"need_state", seen.need_state},
                     {"types", seen.types}});
  }
  const nlohmann::ordered_json json{{"state", state},
                                    {"reader", reader},
                                    {"exercise", preview.exercise},
                                    {"provisions", std::move(lines)}};
  std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

}  // namespace

int set_sharing(const Session& session, const ShareOptions& options) {
  if (options.audience.empty() && !options.reinstate) {
    std::fprintf(stderr, "uncac: share set needs --audience or --reinstate\n");
    return kWrongUsage;
  }
  checklist::v1::SetSharingRequest request = request_for(options);
  request.set_reinstate(options.reinstate);
  if (!options.reinstate) {
    checklist::v1::SharingChoice& choice = *request.mutable_choice();
    if (const Status filled = formats::fill_audience(options.audience, "--audience", choice);
        !filled) {
      report(session, filled.error());
      return kWrongUsage;
    }
    choice.set_until(options.until);
  }
  return send(session, request);
}

int revoke_sharing(const Session& session, const ShareOptions& options) {
  checklist::v1::SetSharingRequest request = request_for(options);
  request.mutable_choice()->set_audience(common::v1::AUDIENCE_RESTRICTED);
  return send(session, request);
}

int list_sharing(const Session& session, const std::string& state) {
  checklist::v1::ListSharingRequest request;
  request.set_state(state);
  const auto reply = ask(session, request, &ChecklistIntake::Stub::ListSharing);
  if (!reply) return report(session, reply.error());
  if (session.format == Format::kJson) return print_json(*reply);
  print_decisions(session, reply->decisions());
  return kDone;
}

int preview_sharing(const Session& session, const std::string& state, const std::string& reader) {
  const Result<Preview> seen = preview(session, state, reader);
  if (!seen) return report(session, seen.error());
  if (session.format == Format::kJson) {
    print_preview_json(state, reader, *seen);
    return kDone;
  }
  const std::vector<std::string> header{"provision", "audience", "need_state", "types"};
  const bool csv = session.format == Format::kCsv;
  if (csv) std::printf("%s\n", csv_line(header).c_str());
  Table table(header);
  for (const Seen& line : seen->lines) {
    std::vector<std::string> row{line.provision, line.audience, line.need_state,
                                 joined(line.types)};
    if (csv) {
      std::printf("%s\n", csv_line(row).c_str());
    } else {
      table.add(std::move(row));
    }
  }
  if (!csv) table.print(99);
  note_exercise(seen->exercise);
  return kDone;
}

}  // namespace uncac::cli
