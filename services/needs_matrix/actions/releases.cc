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
#include "platform/text.h"

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
  const platform::TextScan scan = platform::scan_text(title);
  const bool fit = scan.fault == platform::TextFault::kNone && !platform::blank(title) &&
                   scan.characters <= kLongestTitle &&
                   title.find_first_of("\t\r\n") == std::string::npos;
  if (fit) return {};
  return refuse("title", "bad-title",
                "one line of 1 to 200 characters of UTF-8, without control characters");
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

ColumnName name_of(const ReleaseTable& table, const ReleaseColumn& column) {
  return {std::string(code(table.question.measure)),
          table.question.columns ? std::string(code(*table.question.columns)) : std::string(),
          column.code};
}

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
    EarlierColumn column{bits(from.counted), {}};
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

// How many States of each line had deposited.
std::vector<std::int64_t> deposited(const reference::Reference& reference, Day today) {
  std::vector<std::int64_t> lines(kReleasedGroups + 1);
  for (const auto& state : reference.states()) {
    const auto group = static_cast<std::size_t>(state.primary_group);
    if (group >= kReleasedGroups || !state.deposited_by(today)) continue;
    ++lines[group];
    ++lines.back();
  }
  return lines;
}

// The lines of every column, by table.
using Lines = std::vector<std::vector<std::vector<ReleasedLine>>>;

// What was given of one line by earlier releases: how many answered, and how many state a need.
struct GivenBefore {
  std::vector<std::int64_t> answered, stating;
};
std::vector<GivenBefore> given_before(const std::vector<std::uint8_t>& group_of,
                                      const EarlierColumns& earlier) {
  std::vector<GivenBefore> lines(kReleasedGroups + 1);
  for (const auto& [name, columns] : earlier) {
    const bool rate = std::get<0>(name) == code(Measure::kResponseRate);
    for (const EarlierColumn& column : columns) {
      for (std::size_t line = 0; line <= kReleasedGroups; ++line) {
        if (!column.given[line]) continue;
        std::int64_t states = 0;
        for (std::size_t state = 0; state < group_of.size(); ++state) {
          const bool in =
              line == kReleasedGroups ? group_of[state] < kReleasedGroups : group_of[state] == line;
          states += in && column.counted[state];
        }
        (rate ? lines[line].answered : lines[line].stating).push_back(states);
      }
    }
  }
  return lines;
}

void leave_out(ReleasedLine& line) { line = {0, LeftOut::kGivesOthersAway}; }

// See tells_beside(). First what states a need, beside rates of before; then the rate, beside what
// is left and what was given before.
void keep_apart(const ReleaseMaterial& material, const std::vector<std::uint8_t>& group_of,
                const EarlierColumns& earlier, Lines& lines) {
  const std::vector<GivenBefore> before = given_before(group_of, earlier);
  const auto beside_any = [](const std::vector<std::int64_t>& answered,
                             const std::vector<std::int64_t>& stating) {
    for (const std::int64_t one : answered) {
      for (const std::int64_t other : stating) {
        if (tells_beside(one, other)) return true;
      }
    }
    return false;
  };
  // A total beside all groups but one would give that one.
  const auto with_its_groups = [](std::vector<ReleasedLine>& column) {
    const bool all = std::all_of(column.begin(), column.end() - 1, [](const ReleasedLine& line) {
      return line.left_out == LeftOut::kNo;
    });
    if (!all && column.back().left_out == LeftOut::kNo) leave_out(column.back());
  };
  std::vector<GivenBefore> known = before;
  for (const bool rates : {false, true}) {
    for (std::size_t table = 0; table < lines.size(); ++table) {
      if ((material.tables[table].question.measure == Measure::kResponseRate) != rates) continue;
      for (auto& column : lines[table]) {
        for (std::size_t line = 0; line < column.size(); ++line) {
          if (column[line].left_out != LeftOut::kNo) continue;
          const std::vector<std::int64_t> value{column[line].value};
          const bool tells = rates ? beside_any(value, known[line].stating)
                                   : beside_any(known[line].answered, value);
          if (tells) leave_out(column[line]);
        }
        with_its_groups(column);
        for (std::size_t line = 0; line < column.size(); ++line) {
          if (column[line].left_out != LeftOut::kNo) continue;
          (rates ? known[line].answered : known[line].stating).push_back(column[line].value);
        }
      }
    }
  }
}

Lines decide(const reference::Reference& reference, const ReleaseMaterial& material,
             const EarlierColumns& earlier) {
  std::vector<std::uint8_t> group_of;
  for (const auto& state : reference.states()) {
    group_of.push_back(static_cast<std::uint8_t>(state.primary_group));
  }
  Lines lines;
  for (const ReleaseTable& table : material.tables) {
    auto& of_table = lines.emplace_back();
    for (const ReleaseColumn& column : table.columns) {
      const auto before = earlier.find(name_of(table, column));
      of_table.push_back(release_lines(
          column.counted, group_of, kReleasedGroups, column.unknown,
          before == earlier.end() ? std::span<const EarlierColumn>() : before->second));
    }
  }
  keep_apart(material, group_of, earlier, lines);
  return lines;
}

struct Composed {
  std::vector<needs::v1::ReleasedTable> tables;
  std::vector<KeptColumn> columns;
  std::int64_t given = 0;  // figures
};

Composed compose(const reference::Reference& reference, const ReleaseMaterial& material,
                 const EarlierColumns& earlier, Day today) {
  const std::vector<std::string> codes = line_codes();
  const std::vector<std::int64_t> bases = deposited(reference, today);
  const Lines lines = decide(reference, material, earlier);
  Composed composed;
  for (std::size_t t = 0; t < material.tables.size(); ++t) {
    const ReleaseTable& from = material.tables[t];
    const bool rate = from.question.measure == Measure::kResponseRate;
    needs::v1::ReleasedTable& table = composed.tables.emplace_back();
    const auto [measure, columns_by, none] = name_of(from, {});
    table.set_measure(measure);
    table.set_columns(columns_by);
    for (std::size_t group = 0; group < kReleasedGroups; ++group) {
      table.add_rows()->mutable_header()->set_code(codes[group]);
    }
    for (std::size_t c = 0; c < from.columns.size(); ++c) {
      const ReleaseColumn& column = from.columns[c];
      if (from.question.columns) table.add_column_headers()->set_code(column.code);
      KeptColumn kept{
          0, measure, columns_by, column.code, codes_of_states(reference, column.counted), {}};
      for (std::size_t line = 0; line <= kReleasedGroups; ++line) {
        const ReleasedLine& figure = lines[t][c][line];
        needs::v1::ReleasedFigure& to =
            line < kReleasedGroups ? *table.mutable_rows(static_cast<int>(line))->add_figures()
                                   : *table.add_totals();
        to.set_value(figure.value);
        to.set_left_out(std::string(code(figure.left_out)));
        if (figure.left_out != LeftOut::kNo) continue;
        if (rate) to.set_base(bases[line]);
        kept.given.push_back(codes[line]);
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
  const platform::ServiceContext& context = parts.context;
  const platform::Moment now = context.clock.now();
  const Day today = platform::day_of(now);
  const access::Caller& caller = access::caller_of(call);
  UNCAC_ASSIGN(const NeedsQuestion everything,
               parse_needs_question(parts.live.items(), {}, "", "", today));
  // Everybody reads it, so this replica must know what everybody may see.
  UNCAC_TRY(must_know_audiences(parts, access::Scope::of({}), everything.selection));
  UNCAC_ASSIGN(const FreshView fresh, fresh_view(parts, access::Scope::of(caller),
                                                 everything.selection, request.freshness(), call));
  const auto stopped = [&] {
    return platform::make_error(Reason::kDeadlineExceeded, "no release was made in time");
  };
  const std::optional<ReleaseMaterial> material =
      release_material(*fresh.view.snapshot, parts.tables, today, call.cancelled);
  if (!material) return stopped();
  UNCAC_ASSIGN(needs::v1::Release made, context.store.write([&](Transaction& transaction)
                                                                -> Result<needs::v1::Release> {
    // One after the other: each is held against those before it.
    UNCAC_TRY(transaction.lock("release"));
    UNCAC_ASSIGN(const std::optional<std::string> held, releases_held(transaction));
    if (held && !request.none_lost() && !request.dry_run()) {
      return platform::make_error(
          Reason::kFailedPrecondition,
          "this store was restored from a backup of " + *held +
              "; a release made after it could be subtracted from this one, so say that none "
              "was");
    }
    UNCAC_ASSIGN(const std::optional<needs::v1::Release> newest, read_release(transaction, 0));
    if (newest && newest->made_at() >= platform::format_moment(now)) {
      return platform::make_error(Reason::kConflict, "release " + std::to_string(newest->number()) +
                                                         " was made meanwhile; look at it first");
    }
    UNCAC_ASSIGN(const EarlierColumns earlier, read_earlier(transaction, parts.reference()));
    Composed composed = compose(parts.reference(), *material, earlier, today);
    needs::v1::Release release;
    release.set_title(request.title());
    release.set_as_of(platform::format_day(today));
    release.set_made_at(platform::format_moment(now));
    release.set_exercise(material->exercise);
    for (needs::v1::ReleasedTable& table : composed.tables) {
      *release.add_tables() = std::move(table);
    }
    if (request.dry_run()) return release;
    if (composed.given == 0) {
      return platform::make_error(
          Reason::kFailedPrecondition,
          newest ? "fewer than three States changed in every figure since it was last given; "
                   "what was released stands"
                 : "every figure would be of fewer than three States, or give one away");
    }
    release.set_number((newest ? newest->number() : 0) + 1);
    // Who waits no longer is told that nothing was made.
    if (call.cancelled()) return stopped();
    UNCAC_TRY(free_releases(transaction));
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
