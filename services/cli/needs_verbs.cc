#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "formats/matrix.h"
#include "formats/needs.h"
#include "platform/rpc/call.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::cli {
namespace {

using needs::v1::NeedsMatrix;
using platform::Status;

nlohmann::ordered_json to_json(const needs::v1::Figure& figure, bool share) {
  nlohmann::ordered_json json;
  // Never a number that somebody could add up where there is none to see.
  if (figure.withheld() || figure.empty()) {
    json["value"] = nullptr;
  } else if (share) {
    json["value"] = figure.value();
  } else {
    json["value"] = static_cast<std::int64_t>(figure.value());
  }
  json["withheld"] = figure.withheld();
  json["base"] = figure.base();
  json["withheld_cells"] = figure.withheld_cells();
  return json;
}

void print_matrix_json(const needs::v1::QueryMatrixReply& reply) {
  const bool share = formats::is_share(reply.measure());
  const auto header = [](const needs::v1::Header& from) {
    return nlohmann::ordered_json{{"code", from.code()}, {"name", from.name()}};
  };
  const auto figures = [&](const auto& from) {
    auto to = nlohmann::ordered_json::array();
    for (const auto& figure : from) to.push_back(to_json(figure, share));
    return to;
  };
  nlohmann::ordered_json json{{"rows", reply.rows()},
                              {"columns", reply.columns()},
                              {"measure", reply.measure()},
                              {"as_of", reply.as_of()}};
  json["column_headers"] = nlohmann::ordered_json::array();
  for (const auto& column : reply.column_headers())
    json["column_headers"].push_back(header(column));
  json["matrix"] = nlohmann::ordered_json::array();
  for (const auto& row : reply.matrix()) {
    nlohmann::ordered_json to{{"header", header(row.header())},
                              {"figures", figures(row.figures())}};
    if (!reply.columns().empty()) to["total"] = to_json(row.total(), share);
    json["matrix"].push_back(std::move(to));
  }
  json["column_totals"] = figures(reply.column_totals());
  json["total"] = to_json(reply.total(), share);
  json["position"] = reply.position();
  json["exercise"] = reply.exercise();
  std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void print_matrix_csv(const needs::v1::QueryMatrixReply& reply) {
  for (const auto& line : formats::matrix_table(reply)) std::printf("%s\n", csv_line(line).c_str());
}

void print_matrix_table(const needs::v1::QueryMatrixReply& reply) {
  std::printf("%s by %s%s%s, as of %s\n\n", reply.measure().c_str(), reply.rows().c_str(),
              reply.columns().empty() ? "" : " and ", reply.columns().c_str(),
              reply.as_of().c_str());
  const auto line = [](const std::string& code, const std::string& name,
                       std::vector<std::string> figures) {
    figures.insert(figures.begin(), {code, name});
    return figures;
  };
  Table table(line(reply.rows(), "", formats::figure_header(reply)));
  for (const auto& row : reply.matrix()) {
    table.add(line(row.header().code(), row.header().name(), formats::figures_of(reply, row)));
  }
  table.add(line("total", "", formats::totals_of(reply)));
  table.print(2);
  if (reply.total().withheld_cells() > 0) {
    std::printf("\n%lld State × provision not shared with you are in no figure\n",
                static_cast<long long>(reply.total().withheld_cells()));
  }
}

// Beside the data, so that a file of them holds nothing else; a person who reads a table needs
// none.
void print_position(const Session& session, const std::string& position) {
  if (session.format == Format::kTable) return;
  std::fprintf(stderr, "position: %s\n", position.c_str());
}

// Gives every change of the feed to `visit`, until it ends. The exit code.
int read_feed(const Session& session, const FollowOptions& options,
              const std::function<void(const needs::v1::FollowReply&)>& visit) {
  needs::v1::FollowRequest request;
  request.set_from(options.from);
  request.set_until_caught_up(options.until_caught_up);
  if (const Status added = formats::add_filters(options.where, "--where", *request.mutable_where());
      !added) {
    report(session, added.error());
    return kWrongUsage;
  }
  const auto channel = session.channel();
  if (!channel) return report(session, channel.error());
  grpc::ClientContext context;
  if (const Status ready = session.prepare(context, 0); !ready) {
    return report(session, ready.error());
  }
  const auto stub = NeedsMatrix::NewStub(*channel);
  const auto stream = stub->Follow(&context, request);
  needs::v1::FollowReply change;
  while (stream->Read(&change)) visit(change);
  const grpc::Status status = stream->Finish();
  return status.ok() ? kDone : report(session, platform::from_grpc_status(status));
}

// What changed after a position, the last change of each need: RESTARTED says to drop the copy
// first.
int list_changes(const Session& session, const QuestionOptions& options) {
  if (!options.as_of.empty() || !options.after.empty() || !options.reader.empty()) {
    std::fprintf(stderr, "uncac: --since goes with --where only\n");
    return kWrongUsage;
  }
  formats::LastChanges last;
  std::string position;
  const int code = read_feed(session, {options.since, options.where, true},
                             [&](const needs::v1::FollowReply& change) {
                               position = change.position();
                               last.add(change);
                             });
  if (code != kDone) return code;
  const std::vector<needs::v1::FollowReply> changes = last.take();
  if (session.format == Format::kJson) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const auto& one : changes) all.push_back(formats::change_json(one));
    std::printf("%s\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else {
    Table table(formats::change_header());
    if (session.format == Format::kCsv) {
      std::printf("%s\n", csv_line(formats::change_header()).c_str());
    }
    for (const auto& one : changes) {
      if (session.format == Format::kCsv) {
        std::printf("%s\n", csv_line(formats::change_row(one)).c_str());
      } else {
        table.add(formats::change_row(one));
      }
    }
    if (session.format == Format::kTable) {
      table.print(99);
      std::printf("\n%zu changes\n", changes.size());
    }
  }
  print_position(session, position);
  return kDone;
}

}  // namespace

int ask_matrix(const Session& session, const QuestionOptions& options) {
  needs::v1::QueryMatrixRequest request;
  request.set_rows(options.rows);
  request.set_columns(options.columns);
  request.set_measure(options.measure);
  request.set_as_of(options.as_of);
  request.set_language(options.language);
  request.set_order_by(options.order_by);
  request.set_reader(options.reader);
  for (const std::string& token : options.after) {
    request.mutable_freshness()->add_version_tokens(token);
  }
  if (const Status added = formats::add_filters(options.where, "--where", *request.mutable_where());
      !added) {
    report(session, added.error());
    return kWrongUsage;
  }
  const auto reply = ask(session, request, &NeedsMatrix::Stub::QueryMatrix);
  if (!reply) return report(session, reply.error());
  if (session.format == Format::kJson) {
    print_matrix_json(*reply);
    return kDone;
  }
  if (session.format == Format::kCsv) {
    print_matrix_csv(*reply);
  } else {
    print_matrix_table(*reply);
  }
  note_exercise(reply->exercise());
  return kDone;
}

int list_needs(const Session& session, const QuestionOptions& options) {
  if (!options.since.empty()) return list_changes(session, options);
  needs::v1::ListNeedsRequest request;
  request.set_as_of(options.as_of);
  request.set_language(options.language);
  request.set_reader(options.reader);
  request.set_page_size(5000);
  for (const std::string& token : options.after) {
    request.mutable_freshness()->add_version_tokens(token);
  }
  if (const Status added = formats::add_filters(options.where, "--where", *request.mutable_where());
      !added) {
    report(session, added.error());
    return kWrongUsage;
  }
  Table table(formats::need_header());
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  if (session.format == Format::kCsv) {
    std::printf("%s\n", csv_line(formats::need_header()).c_str());
  }
  bool exercise = false;
  std::size_t count = 0;
  // Of the first page: what changes while the others are fetched comes after it.
  std::string position;
  do {
    const auto reply = ask(session, request, &NeedsMatrix::Stub::ListNeeds);
    if (!reply) return report(session, reply.error());
    if (position.empty()) position = reply->position();
    exercise = exercise || reply->exercise();
    for (const auto& need : reply->needs()) {
      ++count;
      if (session.format == Format::kCsv) {
        std::printf("%s\n", csv_line(formats::need_row(need)).c_str());
      } else if (session.format == Format::kJson) {
        all.push_back(formats::need_json(need));
      } else {
        table.add(formats::need_row(need));
      }
    }
    request.set_page_token(reply->next_page_token());
  } while (!request.page_token().empty());
  if (session.format == Format::kJson) {
    std::printf("%s\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  }
  if (session.format == Format::kTable) {
    table.print(99);
    std::printf("\n%zu needs\n", count);
  }
  print_position(session, position);
  note_exercise(exercise);
  return kDone;
}

int show_need_history(const Session& session, const std::string& need, const std::string& reader) {
  needs::v1::GetNeedHistoryRequest request;
  request.set_need(need);
  request.set_reader(reader);
  const auto reply = ask(session, request, &NeedsMatrix::Stub::GetNeedHistory);
  if (!reply) return report(session, reply.error());
  if (session.format == Format::kJson) return print_json(*reply);
  Table table({"day", "stated", "state_priority", "checklist", "round", "version"});
  bool exercise = false;
  for (const auto& entry : reply->entries()) {
    const bool answered = !entry.checklist().empty();
    table.add({entry.day(), entry.stated() ? "YES" : "NO", entry.state_priority(),
               entry.checklist(), answered ? std::to_string(entry.round()) : "",
               entry.version() > 0 ? std::to_string(entry.version()) : ""});
    exercise = exercise || entry.exercise();
  }
  if (session.format == Format::kCsv) {
    table.print_csv();
  } else if (reply->withheld()) {
    std::printf("not shared with you\n");
  } else {
    table.print(99);
  }
  note_exercise(exercise);
  return kDone;
}

int follow_needs(const Session& session, const FollowOptions& options) {
  return read_feed(session, options, [](const needs::v1::FollowReply& change) {
    std::printf("%s\n", formats::cloud_event(change).c_str());
    std::fflush(stdout);  // whoever reads a pipe wants each line now
  });
}

}  // namespace uncac::cli
