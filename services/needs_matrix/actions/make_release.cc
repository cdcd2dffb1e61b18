#include "needs_matrix/actions/make_release.h"

#include <algorithm>

#include "access/token.h"
#include "needs_matrix/actions/read_releases.h"
#include "needs_matrix/domain/release_tables.h"
#include "needs_matrix/store.h"
#include "platform/audit.h"
#include "platform/text.h"

namespace uncac::needs_matrix {
namespace {

using platform::Reason;
using platform::Result;
using platform::Status;
using platform::Transaction;

constexpr std::size_t kLongestTitle = 200;
constexpr const char* kTotal = "total";

Status check_title(const std::string& title) {
  const platform::TextScan scan = platform::scan_text(title);
  const bool fit = scan.fault == platform::TextFault::kNone && !platform::blank(title) &&
                   scan.characters <= kLongestTitle &&
                   title.find_first_of("\t\r\n") == std::string::npos;
  if (fit) return {};
  return refused("that is no release", "title", "bad-title",
                 "one line of 1 to 200 characters of UTF-8, without control characters");
}

// Which line of a column is which: the groups, then the total.
std::vector<std::string> line_codes() {
  std::vector<std::string> codes;
  for (std::size_t group = 0; group < kReleasedGroups; ++group) {
    codes.emplace_back(reference::code(static_cast<reference::Group>(group)));
  }
  codes.emplace_back(kTotal);
  return codes;
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
  std::vector<std::int64_t> lines(kReleasedLines);
  for (const auto& state : reference.states()) {
    const auto group = static_cast<std::size_t>(state.primary_group);
    if (group >= kReleasedGroups || !state.deposited_by(today)) continue;
    ++lines[group];
    ++lines.back();
  }
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
  std::vector<std::uint8_t> group_of;
  for (const auto& state : reference.states()) {
    group_of.push_back(static_cast<std::uint8_t>(state.primary_group));
  }
  const ReleaseLines lines = decide_release(material, group_of, earlier);
  Composed composed;
  for (std::size_t t = 0; t < material.tables.size(); ++t) {
    const ReleaseTable& from = material.tables[t];
    const bool rate = from.question.measure == Measure::kResponseRate;
    needs::v1::ReleasedTable& table = composed.tables.emplace_back();
    const ColumnName name = name_of(from, {});
    table.set_measure(name.measure);
    table.set_columns(name.columns);
    for (std::size_t group = 0; group < kReleasedGroups; ++group) {
      table.add_rows()->mutable_header()->set_code(codes[group]);
    }
    for (std::size_t c = 0; c < from.columns.size(); ++c) {
      const ReleaseColumn& column = from.columns[c];
      if (from.question.columns) table.add_column_headers()->set_code(column.code);
      KeptColumn kept{
          0, name.measure, name.columns, column.code, codes_of_states(reference, column.counted),
          {}};
      for (std::size_t line = 0; line < kReleasedLines; ++line) {
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

}  // namespace

Result<needs::v1::Release> make_release(const MatrixParts& parts, const platform::Call& call,
                                        const needs::v1::MakeReleaseRequest& request) {
  UNCAC_TRY(check_title(request.title()));
  UNCAC_ASSIGN(const Language language, release_language(request.language()));
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

}  // namespace uncac::needs_matrix
