#include <cstdio>

#include "cli/verbs.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::cli {
namespace {

using needs::v1::NeedsMatrix;

// Why a figure is not given, for a person.
const char* because(const std::string& code) {
  if (code == "too-few-states") return "fewer than three States, or all but fewer than three";
  if (code == "too-few-changed") return "fewer than three States changed since it was last given";
  return "it would give away a figure left out";
}

// A mark for each reason, explained beneath the table.
const char* mark_of(const std::string& code) {
  if (code == "too-few-states") return "(a)";
  return code == "too-few-changed" ? "(b)" : "(c)";
}

std::string text_of(const needs::v1::ReleasedFigure& figure) {
  if (!figure.left_out().empty()) return mark_of(figure.left_out());
  if (figure.base() == 0) return std::to_string(figure.value());
  return std::to_string(figure.value()) + " of " + std::to_string(figure.base());
}

// The lines of a table turned on their side: articles are many, groups are few.
void print_table(const needs::v1::ReleasedTable& from) {
  const bool columns = !from.columns().empty();
  std::printf("\n%s by regional_group%s%s\n\n", from.measure().c_str(), columns ? " and " : "",
              from.columns().c_str());
  std::vector<std::string> header;
  if (columns) header = {from.columns(), ""};
  for (const auto& row : from.rows()) header.push_back(row.header().code());
  header.emplace_back("total");
  Table table(std::move(header));
  for (int column = 0; column < from.totals_size(); ++column) {
    std::vector<std::string> cells;
    if (columns) {
      cells = {from.column_headers(column).code(), from.column_headers(column).name()};
    }
    for (const auto& row : from.rows()) cells.push_back(text_of(row.figures(column)));
    cells.push_back(text_of(from.totals(column)));
    table.add(std::move(cells));
  }
  table.print(columns ? 2 : 0);
}

void print_csv(const needs::v1::ReleasedTable& table) {
  const auto line = [&](const std::string& group, int column,
                        const needs::v1::ReleasedFigure& figure) {
    const bool given = figure.left_out().empty();
    const bool rate = table.columns().empty();
    std::printf("%s\n",
                csv_line({table.measure(), table.columns(), group,
                          rate ? "" : table.column_headers(column).code(),
                          given ? std::to_string(figure.value()) : "",
                          given && rate ? std::to_string(figure.base()) : "", figure.left_out()})
                    .c_str());
  };
  for (int column = 0; column < table.totals_size(); ++column) {
    for (const auto& row : table.rows()) line(row.header().code(), column, row.figures(column));
    line("total", column, table.totals(column));
  }
}

int print_release(const Session& session, const needs::v1::Release& release) {
  if (session.format == Format::kJson) return print_json(release);
  if (session.format == Format::kCsv) {
    std::printf("measure,columns,regional_group,code,value,base,left_out\n");
    for (const auto& table : release.tables()) print_csv(table);
    note_exercise(release.exercise());
    return kDone;
  }
  if (release.number() > 0) {
    std::printf("release %d: %s\n", release.number(), release.title().c_str());
  } else {
    std::printf("dry run: %s\n", release.title().c_str());
  }
  std::printf("as of %s, made at %s\n", release.as_of().c_str(), release.made_at().c_str());
  for (const auto& table : release.tables()) print_table(table);
  std::printf(
      "\nStates that state a need; of the response rate, States that answered, of those that had "
      "deposited. Left out:\n");
  for (const char* code : {"too-few-states", "too-few-changed", "gives-others-away"}) {
    std::printf("%s %s\n", mark_of(code), because(code));
  }
  note_exercise(release.exercise());
  return kDone;
}

}  // namespace

int make_release(const Session& session, const ReleaseOptions& options) {
  needs::v1::MakeReleaseRequest request;
  request.set_title(options.title);
  request.set_dry_run(options.dry_run);
  request.set_none_lost(options.none_lost);
  request.set_language(options.language);
  const auto reply = ask(session, request, &NeedsMatrix::Stub::MakeRelease);
  if (!reply) return report(session, reply.error());
  return print_release(session, *reply);
}

int get_release(const Session& session, int number, const std::string& language) {
  needs::v1::GetReleaseRequest request;
  request.set_number(number);
  request.set_language(language);
  const auto reply = ask(session, request, &NeedsMatrix::Stub::GetRelease);
  if (!reply) return report(session, reply.error());
  return print_release(session, *reply);
}

int list_releases(const Session& session) {
  needs::v1::ListReleasesRequest request;
  request.set_page_size(1000);
  needs::v1::ListReleasesReply all;
  do {
    const auto reply = ask(session, request, &NeedsMatrix::Stub::ListReleases);
    if (!reply) return report(session, reply.error());
    for (const auto& release : reply->releases()) *all.add_releases() = release;
    request.set_page_token(reply->next_page_token());
  } while (!request.page_token().empty());
  if (session.format == Format::kJson) return print_json(all);
  Table table({"number", "as_of", "made_at", "title"});
  if (session.format == Format::kCsv) std::printf("number,as_of,made_at,title\n");
  bool exercise = false;
  for (const auto& release : all.releases()) {
    exercise = exercise || release.exercise();
    std::vector<std::string> row{std::to_string(release.number()), release.as_of(),
                                 release.made_at(), release.title()};
    if (session.format == Format::kCsv) {
      std::printf("%s\n", csv_line(row).c_str());
    } else {
      table.add(std::move(row));
    }
  }
  if (session.format == Format::kTable) table.print(99);
  note_exercise(exercise);
  return kDone;
}

}  // namespace uncac::cli
