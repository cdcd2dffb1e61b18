#include "needs_matrix/actions/releases.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "access/token.h"
#include "needs_matrix/domain/release_columns.h"
#include "needs_matrix/store.h"
#include "platform/audit.h"
#include "platform/runtime/utf8.h"

namespace uncac::needs_matrix {
namespace {

using platform::Reason;
using platform::Result;
using platform::Status;
using platform::Transaction;

constexpr std::size_t kLongestTitle = 200;
constexpr int kPage = 200;
constexpr int kMostPage = 1000;
constexpr const char* kTotal = "total";

platform::Error refuse(const std::string& column, const std::string& rule,
                       const std::string& message) {
  platform::Error error = platform::make_error(Reason::kInvalidInput, "that is no release");
  error.problems.push_back({"", 0, column, platform::Severity::kError, rule, message});
  return error;
}

Status check_title(const std::string& title) {
  const bool fit =
      !title.empty() && title.size() <= kLongestTitle && platform::safe_utf8(title) == title &&
      std::none_of(title.begin(), title.end(),
                   [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (fit) return {};
  return refuse("title", "bad-title", "1 to 200 bytes of UTF-8 without control characters");
}

Result<Language> read_language(const std::string& text) {
  if (text.empty()) return Language::kEnglish;
  if (const auto language = reference::parse_language(text)) return *language;
  return refuse("language", "unknown-language",
                '"' + platform::safe_utf8(text, 20) + "\" is none of ar, en, es, fr, ru, zh");
}

// The regional groups; "in no group" comes last among the codes and is none.
constexpr std::size_t kReleasedGroups = reference::kGroupCount - 1;
static_assert(static_cast<std::size_t>(reference::Group::kNone) == kReleasedGroups);

// Which line of a column is which: the groups, then the total.
std::vector<std::string> line_codes() {
  std::vector<std::string> codes;
  for (std::size_t group = 0; group < kReleasedGroups; ++group) {
    codes.emplace_back(reference::code(static_cast<reference::Group>(group)));
  }
  codes.emplace_back(kTotal);
  return codes;
}

using ColumnName = std::tuple<std::string, std::string, std::string>;  // measure, columns, code
using EarlierColumns = std::map<ColumnName, std::vector<EarlierColumn>>;

// Of all releases before, by column, the newest first. Codes that the reference data no longer know
// are States of no figure any more.
Result<EarlierColumns> read_earlier(Transaction& transaction,
                                    const reference::Reference& reference) {
  UNCAC_ASSIGN(const std::vector<KeptColumn> kept, read_release_columns(transaction));
  const std::vector<std::string> lines = line_codes();
  const auto bits = [&](const std::vector<std::string>& codes) {
    StateBits states(reference.states().size());
    for (const std::string& code : codes) {
      if (const auto state = reference.state(code)) states[*state] = true;
    }
    return states;
  };
  EarlierColumns columns;
  for (const KeptColumn& from : kept) {
    EarlierColumn column{{bits(from.counted), bits(from.based)}, {}};
    for (const std::string& line : lines) {
      column.given.push_back(std::find(from.given.begin(), from.given.end(), line) !=
                             from.given.end());
    }
    columns[{from.measure, from.columns_by, from.code}].push_back(std::move(column));
  }
  return columns;
}

std::vector<std::string> codes_of_states(const reference::Reference& reference,
                                         const StateBits& states) {
  std::vector<std::string> codes;
  for (std::size_t state = 0; state < states.size(); ++state) {
    if (states[state]) codes.push_back(reference.states()[state].iso3);
  }
  return codes;
}

void fill(const ReleasedLine& from, needs::v1::ReleasedFigure& to) {
  to.set_value(from.value);
  to.set_base(from.base);
  to.set_left_out(std::string(code(from.left_out)));
}

struct Composed {
  std::vector<needs::v1::ReleasedTable> tables;
  std::vector<KeptColumn> columns;
  std::int64_t given = 0;  // figures
};

Composed compose(const reference::Reference& reference, const ReleaseMaterial& material,
                 const EarlierColumns& earlier) {
  const std::vector<std::string> lines = line_codes();
  std::vector<std::uint8_t> group_of;
  for (const auto& state : reference.states()) {
    group_of.push_back(static_cast<std::uint8_t>(state.primary_group));
  }
  Composed composed;
  for (const ReleaseTable& from : material.tables) {
    needs::v1::ReleasedTable& table = composed.tables.emplace_back();
    table.set_measure(std::string(code(from.question.measure)));
    if (from.question.columns) table.set_columns(std::string(code(*from.question.columns)));
    for (std::size_t group = 0; group + 1 < lines.size(); ++group) {
      table.add_rows()->mutable_header()->set_code(lines[group]);
    }
    for (const ReleaseColumn& column : from.columns) {
      const auto before = earlier.find({table.measure(), table.columns(), column.code});
      const std::vector<ReleasedLine> figures = release_lines(
          from.question.measure == Measure::kResponseRate ? Counts::kAnswered : Counts::kStating,
          column.now, group_of, kReleasedGroups, column.unknown,
          before == earlier.end() ? std::span<const EarlierColumn>() : before->second);
      // The last column is of all together: the rows' totals where there are columns.
      const bool all = from.question.columns && column.code.empty();
      if (!column.code.empty()) table.add_column_headers()->set_code(column.code);
      for (std::size_t group = 0; group + 1 < lines.size(); ++group) {
        needs::v1::ReleasedRow& row = *table.mutable_rows(static_cast<int>(group));
        fill(figures[group], all ? *row.mutable_total() : *row.add_figures());
      }
      fill(figures.back(),
           all || !from.question.columns ? *table.mutable_total() : *table.add_column_totals());
      KeptColumn kept{0,
                      table.measure(),
                      table.columns(),
                      column.code,
                      codes_of_states(reference, column.now.counted),
                      codes_of_states(reference, column.now.based),
                      {}};
      for (std::size_t line = 0; line < lines.size(); ++line) {
        if (figures[line].left_out == LeftOut::kNo) kept.given.push_back(lines[line]);
      }
      composed.given += static_cast<std::int64_t>(kept.given.size());
      composed.columns.push_back(std::move(kept));
    }
  }
  return composed;
}

// Kept without names: they are looked up in the reader's language. A code that the reference data
// no longer know stands for itself.
void name_headers(const Items& items, Language language, needs::v1::Release& release) {
  const auto name = [&](std::optional<Dimension> dimension, needs::v1::Header& header) {
    const auto known =
        dimension ? parse_code(items, *dimension, header.code()) : std::optional<Code>();
    header.set_name(known ? header_of(items, *dimension, *known, language).name : header.code());
  };
  for (needs::v1::ReleasedTable& table : *release.mutable_tables()) {
    for (needs::v1::Header& header : *table.mutable_column_headers()) {
      name(parse_dimension(table.columns()), header);
    }
    for (needs::v1::ReleasedRow& row : *table.mutable_rows()) {
      name(Dimension::kRegionalGroup, *row.mutable_header());
    }
  }
}

}  // namespace

Result<needs::v1::Release> make_release(const MatrixParts& parts, const platform::Call& call,
                                        const needs::v1::MakeReleaseRequest& request) {
  UNCAC_TRY(check_title(request.title()));
  UNCAC_ASSIGN(const Language language, read_language(request.language()));
  const access::Caller& caller = access::caller_of(call);
  const access::Scope scope = access::Scope::of(caller);
  UNCAC_ASSIGN(const NeedsQuestion everything,
               parse_needs_question(parts.live.items(), {}, "", "", parts.today()));
  UNCAC_ASSIGN(const FreshView fresh,
               fresh_view(parts, scope, everything.selection, request.freshness(), call));
  const ReleaseMaterial material =
      release_material(*fresh.view.snapshot, parts.tables, parts.today());

  const platform::ServiceContext& context = parts.context;
  UNCAC_ASSIGN(needs::v1::Release made, context.store.write([&](Transaction& transaction)
                                                                -> Result<needs::v1::Release> {
    // One after the other: each is held against those before it.
    UNCAC_TRY(transaction.lock("release"));
    UNCAC_ASSIGN(const std::optional<needs::v1::Release> newest, read_release(transaction, 0));
    UNCAC_ASSIGN(const EarlierColumns earlier, read_earlier(transaction, parts.reference()));
    Composed composed = compose(parts.reference(), material, earlier);
    needs::v1::Release release;
    release.set_title(request.title());
    release.set_as_of(platform::format_day(parts.today()));
    release.set_made_at(platform::format_moment(context.clock.now()));
    release.set_exercise(material.exercise);
    for (needs::v1::ReleasedTable& table : composed.tables) {
      *release.add_tables() = std::move(table);
    }
    if (request.dry_run()) return release;
    if (composed.given == 0) {
      return platform::make_error(
          Reason::kFailedPrecondition,
          newest ? "fewer than three States changed in every figure since release " +
                       std::to_string(newest->number()) + ", whose figures stand"
                 : "every figure would be of fewer than three States, or give one away");
    }
    release.set_number((newest ? newest->number() : 0) + 1);
    UNCAC_TRY(insert_release(transaction, release, composed.columns));
    UNCAC_TRY(platform::record_audit(transaction, context.clock, context.ids,
                                     {caller.subject, std::string(access::code(caller.role)),
                                      "release.make", "release/" + std::to_string(release.number()),
                                      release.title(), call.peer, release.SerializeAsString()}));
    return release;
  }));
  name_headers(parts.live.items(), language, made);
  return made;
}

Result<needs::v1::Release> get_release(const MatrixParts& parts,
                                       const needs::v1::GetReleaseRequest& request) {
  if (request.number() < 0) return refuse("number", "bad-number", "releases count from 1");
  UNCAC_ASSIGN(const Language language, read_language(request.language()));
  UNCAC_ASSIGN(std::optional<needs::v1::Release> release,
               parts.context.store.read([&](Transaction& transaction) {
                 return read_release(transaction, request.number());
               }));
  if (!release) {
    return platform::make_error(Reason::kNotFound,
                                request.number() == 0
                                    ? "no release was made yet"
                                    : "there is no release " + std::to_string(request.number()));
  }
  name_headers(parts.live.items(), language, *release);
  return *std::move(release);
}

Result<needs::v1::ListReleasesReply> list_releases(const MatrixParts& parts,
                                                   const needs::v1::ListReleasesRequest& request) {
  if (request.page_size() < 0 || request.page_size() > kMostPage) {
    return refuse("page_size", "bad-page-size", "0 to 1,000");
  }
  std::int64_t below = std::numeric_limits<std::int32_t>::max();
  if (!request.page_token().empty()) {
    const std::string& token = request.page_token();
    const auto [end, failed] = std::from_chars(token.data(), token.data() + token.size(), below);
    if (failed != std::errc{} || end != token.data() + token.size() || below < 1) {
      return refuse("page_token", "bad-page-token", "not one that was given out");
    }
  }
  const std::int64_t size = request.page_size() == 0 ? kPage : request.page_size();
  UNCAC_ASSIGN(std::vector<needs::v1::Release> releases,
               parts.context.store.read([&](Transaction& transaction) {
                 return read_releases(transaction, below, size + 1);
               }));
  needs::v1::ListReleasesReply reply;
  if (static_cast<std::int64_t>(releases.size()) > size) {
    releases.pop_back();
    reply.set_next_page_token(std::to_string(releases.back().number()));
  }
  for (needs::v1::Release& release : releases) {
    release.clear_tables();
    *reply.add_releases() = std::move(release);
  }
  return reply;
}

}  // namespace uncac::needs_matrix
