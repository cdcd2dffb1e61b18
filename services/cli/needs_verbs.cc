#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "cli/verbs.h"
#include "platform/rpc/call.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::cli {
namespace {

using needs::v1::NeedsMatrix;
using platform::Reason;
using platform::Status;

Status add_filters(const std::vector<std::string>& where,
                   google::protobuf::RepeatedPtrField<needs::v1::Filter>& filters) {
  for (const std::string& text : where) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return platform::make_error(Reason::kInvalidInput,
                                  "--where \"" + text + "\": DIMENSION=VALUE[,VALUE]");
    }
    needs::v1::Filter& filter = *filters.Add();
    filter.set_dimension(text.substr(0, equals));
    std::size_t at = equals + 1;
    while (at <= text.size()) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      filter.add_values(text.substr(at, end - at));
      at = end + 1;
    }
  }
  return {};
}

bool is_share(const std::string& measure) {
  return measure == "share_of_respondents" || measure == "response_rate" ||
         measure == "share_covered";
}

std::string text_of(const needs::v1::Figure& figure, bool share) {
  if (figure.withheld()) return "withheld";
  if (figure.empty()) return "";
  char text[64];
  const int length = std::snprintf(text, sizeof text, share ? "%.4f" : "%.0f", figure.value());
  return {text, static_cast<std::size_t>(length)};
}

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
  const bool share = is_share(reply.measure());
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
  const bool share = is_share(reply.measure());
  std::vector<std::string> header{reply.rows()};
  if (reply.columns().empty()) {
    header.push_back(reply.measure());
  } else {
    for (const auto& column : reply.column_headers()) header.push_back(column.code());
    header.emplace_back("total");
  }
  std::printf("%s\n", csv_line(header).c_str());
  for (const auto& row : reply.matrix()) {
    std::vector<std::string> cells{row.header().code()};
    for (const auto& figure : row.figures()) cells.push_back(text_of(figure, share));
    if (!reply.columns().empty()) cells.push_back(text_of(row.total(), share));
    std::printf("%s\n", csv_line(cells).c_str());
  }
  std::vector<std::string> last{"total"};
  for (const auto& figure : reply.column_totals()) last.push_back(text_of(figure, share));
  last.push_back(text_of(reply.total(), share));
  std::printf("%s\n", csv_line(last).c_str());
}

void print_matrix_table(const needs::v1::QueryMatrixReply& reply) {
  const bool share = is_share(reply.measure());
  std::printf("%s by %s%s%s, as of %s\n\n", reply.measure().c_str(), reply.rows().c_str(),
              reply.columns().empty() ? "" : " and ", reply.columns().c_str(),
              reply.as_of().c_str());
  std::vector<std::string> header{reply.rows(), ""};
  if (reply.columns().empty()) {
    header.push_back(reply.measure());
  } else {
    for (const auto& column : reply.column_headers()) header.push_back(column.code());
    header.emplace_back("total");
  }
  Table table(std::move(header));
  for (const auto& row : reply.matrix()) {
    std::vector<std::string> cells{row.header().code(), row.header().name()};
    for (const auto& figure : row.figures()) cells.push_back(text_of(figure, share));
    if (!reply.columns().empty()) cells.push_back(text_of(row.total(), share));
    table.add(std::move(cells));
  }
  std::vector<std::string> last{"total", ""};
  for (const auto& figure : reply.column_totals()) last.push_back(text_of(figure, share));
  last.push_back(text_of(reply.total(), share));
  table.add(std::move(last));
  table.print(2);
  if (reply.total().withheld_cells() > 0) {
    std::printf("\n%lld State × provision not shared with you are in no figure\n",
                static_cast<long long>(reply.total().withheld_cells()));
  }
}

std::vector<std::string> row_of(const needs::v1::Need& need) {
  return {need.need(),
          need.state(),
          need.provision(),
          need.type(),
          need.state_priority(),
          need.coverage(),
          common::v1::Audience_Name(need.audience()).substr(9),
          need.stated_on()};
}

nlohmann::ordered_json to_json(const needs::v1::Need& need) {
  nlohmann::ordered_json json{{"need", need.need()},
                              {"state", need.state()},
                              {"provision", need.provision()},
                              {"type", need.type()},
                              {"type_text", need.type_text()},
                              {"state_priority", need.state_priority()},
                              {"coverage", need.coverage()},
                              {"audience", common::v1::Audience_Name(need.audience()).substr(9)},
                              {"stated_on", need.stated_on()},
                              {"checklist", need.checklist()},
                              {"round", need.round()}};
  // The feed does not say it: an amendment that left the need as it was is no change.
  if (need.version() > 0) json["version"] = need.version();
  if (need.exercise()) json["exercise"] = true;
  return json;
}

// Beside the data, so that a file of them holds nothing else; a person who reads a table needs
// none.
void print_position(const Session& session, const std::string& position) {
  if (session.format == Format::kTable) return;
  std::fprintf(stderr, "position: %s\n", position.c_str());
}

std::string cloud_event(const needs::v1::FollowReply& change) {
  nlohmann::ordered_json event{{"specversion", "1.0"}};
  nlohmann::ordered_json data;
  switch (change.kind()) {
    case needs::v1::CHANGE_KIND_STATED:
      event["type"] = "uncac.needs.v1.Need";
      data = to_json(change.state_after());
      break;
    case needs::v1::CHANGE_KIND_REMOVED:
      event["type"] = "uncac.needs.v1.NeedRemoved";
      data = {{"need", change.need()}, {"removed_because", change.removed_because()}};
      break;
    case needs::v1::CHANGE_KIND_RESTARTED:
      event["type"] = "uncac.needs.v1.FeedRestarted";
      data = nlohmann::ordered_json::object();
      break;
    default:
      event["type"] = "uncac.needs.v1.FeedCaughtUp";
      data = nlohmann::ordered_json::object();
      break;
  }
  event["source"] = "/uncac/needs_matrix";
  // What tells of the feed itself has no event behind it; its place in the feed is its id.
  event["id"] = change.id().empty() ? change.position() : change.id();
  if (!change.need().empty()) event["subject"] = change.need();
  if (!change.time().empty()) event["time"] = change.time();
  event["datacontenttype"] = "application/json";
  event["position"] = change.position();
  event["data"] = std::move(data);
  return event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

const char* change_word(needs::v1::ChangeKind kind) {
  switch (kind) {
    case needs::v1::CHANGE_KIND_STATED:
      return "STATED";
    case needs::v1::CHANGE_KIND_REMOVED:
      return "REMOVED";
    default:
      return "RESTARTED";
  }
}

// The fields of a need's key, for one that is gone.
std::vector<std::string> removed_row(const std::string& need) {
  const std::size_t first = need.find(':'), last = need.rfind(':');
  std::vector<std::string> row(8);
  row[0] = need;
  if (first == std::string::npos || last == first) return row;
  row[1] = need.substr(0, first);
  row[2] = need.substr(first + 1, last - first - 1);
  row[3] = need.substr(last + 1);
  return row;
}

// Gives every change of the feed to `visit`, until it ends. The exit code.
int read_feed(const Session& session, const FollowOptions& options,
              const std::function<void(const needs::v1::FollowReply&)>& visit) {
  needs::v1::FollowRequest request;
  request.set_from(options.from);
  request.set_until_caught_up(options.until_caught_up);
  if (const Status added = add_filters(options.where, *request.mutable_where()); !added) {
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
  std::vector<needs::v1::FollowReply> changes;
  std::unordered_map<std::string, std::size_t> newest;  // by need: place in `changes`
  std::string position;
  const int code = read_feed(
      session, {options.since, options.where, true}, [&](const needs::v1::FollowReply& change) {
        position = change.position();
        if (change.kind() == needs::v1::CHANGE_KIND_CAUGHT_UP) return;
        if (const auto [at, first] = newest.try_emplace(change.need(), changes.size()); !first) {
          changes[at->second].clear_kind();  // a later one stands for it
          at->second = changes.size();
        }
        changes.push_back(change);
      });
  if (code != kDone) return code;
  std::erase_if(changes,
                [](const auto& old) { return old.kind() == needs::v1::CHANGE_KIND_UNSPECIFIED; });
  if (session.format == Format::kJson) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const auto& one : changes) {
      nlohmann::ordered_json json{{"change", change_word(one.kind())}};
      if (one.kind() == needs::v1::CHANGE_KIND_STATED) json.update(to_json(one.state_after()));
      if (one.kind() == needs::v1::CHANGE_KIND_REMOVED) {
        json["need"] = one.need();
        json["removed_because"] = one.removed_because();
      }
      all.push_back(std::move(json));
    }
    std::printf("%s\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else {
    std::vector<std::string> header{"change",    "need",           "state",    "provision",
                                    "type",      "state_priority", "coverage", "audience",
                                    "stated_on", "removed_because"};
    Table table(header);
    if (session.format == Format::kCsv) std::printf("%s\n", csv_line(header).c_str());
    for (const auto& one : changes) {
      const bool stated = one.kind() == needs::v1::CHANGE_KIND_STATED;
      std::vector<std::string> row{change_word(one.kind())};
      for (std::string& cell : stated ? row_of(one.state_after()) : removed_row(one.need())) {
        row.push_back(std::move(cell));
      }
      row.push_back(one.removed_because());
      if (session.format == Format::kCsv) {
        std::printf("%s\n", csv_line(row).c_str());
      } else {
        table.add(std::move(row));
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
  if (const Status added = add_filters(options.where, *request.mutable_where()); !added) {
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
  if (const Status added = add_filters(options.where, *request.mutable_where()); !added) {
    report(session, added.error());
    return kWrongUsage;
  }
  const std::vector<std::string> header{"need",           "state",    "provision", "type",
                                        "state_priority", "coverage", "audience",  "stated_on"};
  Table table(header);
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  if (session.format == Format::kCsv) std::printf("%s\n", csv_line(header).c_str());
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
        std::printf("%s\n", csv_line(row_of(need)).c_str());
      } else if (session.format == Format::kJson) {
        all.push_back(to_json(need));
      } else {
        table.add(row_of(need));
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

int follow_needs(const Session& session, const FollowOptions& options) {
  return read_feed(session, options, [](const needs::v1::FollowReply& change) {
    std::printf("%s\n", cloud_event(change).c_str());
    std::fflush(stdout);  // whoever reads a pipe wants each line now
  });
}

}  // namespace uncac::cli
