#include "needs_matrix/domain/pivot.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "needs_matrix/domain/cells.h"

namespace uncac::needs_matrix {

namespace {

// One dimension of the answer: its codes listed, and after them the place of the total. A question
// without columns has a line of no code: only the total's place.
struct Line {
  std::optional<Dimension> dimension;
  std::vector<Code> codes;
  std::size_t stride = 1;  // between two places of it in the sums

  std::size_t total() const { return codes.size() * stride; }
  bool is(Axis axis) const { return dimension && axis_of(*dimension) == axis; }
};

// Places along both lines that something counts in; each place has one part of each kind, and the
// parts add up. A line that is not of the kind adds nothing.
using Places = std::vector<std::size_t>;

// Every sum of one of `left` and one of `right`.
Places crossed(const Places& left, const Places& right) {
  Places out;
  out.reserve(left.size() * right.size());
  for (const auto a : left) {
    for (const auto b : right) out.push_back(a + b);
  }
  return out;
}

// Items that count in one place: those of a code, or all asked for the total.
struct Part {
  std::size_t place = 0;
  ItemSet items;
  std::uint32_t size = 0;
  std::size_t first_word = 0, end_word = 0;  // where its items lie

  bool meets(const ItemSet& set) const {
    std::uint64_t any = 0;
    for (std::size_t i = first_word; i < end_word; ++i) any |= items.words[i] & set.words[i];
    return any != 0;
  }
  std::uint32_t shared(const ItemSet& set) const {
    std::uint32_t ones = 0;
    for (std::size_t i = first_word; i < end_word; ++i) {
      ones += count_ones(items.words[i] & set.words[i]);
    }
    return ones;
  }
};

struct CellPart {
  std::size_t place = 0;
  CellCoordinate coordinate;
};

// A State that the filters leave.
struct Asked {
  StateIndex index = 0;
  ItemSet visible;        // within the filters
  std::size_t group = 0;  // those of one group count in the same places
};

// Of State and provision coordinates only: "other coordinates narrow only those stating".
struct Base {
  std::uint32_t cells = 0, visible = 0;
  std::uint32_t respondents = 0;
  std::uint32_t deposited = 0, deposited_respondents = 0;

  Base& operator+=(const Base& other) {
    cells += other.cells;
    visible += other.visible;
    respondents += other.respondents;
    deposited += other.deposited;
    deposited_respondents += other.deposited_respondents;
    return *this;
  }
};
struct Count {
  std::uint32_t states = 0, needs = 0;
};

// What one State has shown of one part so far.
struct Seen {
  std::uint32_t hit = 0;    // stamp of the cell part in which the State was counted last
  std::uint32_t needs = 0;  // likewise for needs
  ProvisionIndex article = 0;
  std::uint32_t types = 0;  // counted of this article
  bool respondent = false;
};

class Pivot {
 public:
  Pivot(const Question& question, const access::Scope& scope, const Snapshot& snapshot,
        StandingTables& tables)
      : question_(question),
        selection_(question.selection),
        snapshot_(snapshot),
        items_(*snapshot.items),
        tables_(tables) {
    for (StateIndex state = 0; state < snapshot.responses.size(); ++state) {
      if (!selection_.states[state]) continue;
      indices_.push_back(state);
      states_.push_back({state, visible_items(snapshot, state, scope) & selection_.items, 0});
    }
  }

  MatrixAnswer run() && {
    rows_.dimension = question_.rows;
    columns_.dimension = question_.columns;
    for (Line* line : {&rows_, &columns_}) {
      if (line->dimension) line->codes = listed(*line->dimension);
    }
    rows_.stride = columns_.codes.size() + 1;
    const std::size_t places = (rows_.codes.size() + 1) * rows_.stride;
    bases_.resize(places);
    counts_.resize(places);
    make_parts();

    // "Everything, bases included, is taken among the responses of each named round by itself (a
    // filter of several: of those together); a total over rounds uses the standing answer over all,
    // under a filter those of the filter."
    const Line* rounds = rows_.is(Axis::kRound)      ? &rows_
                         : columns_.is(Axis::kRound) ? &columns_
                                                     : nullptr;
    if (rounds != nullptr) {
      for (std::size_t i = 0; i < rounds->codes.size(); ++i) {
        pass(Rounds(std::vector<std::uint16_t>{rounds->codes[i]}), i * rounds->stride);
      }
    }
    pass(selection_.rounds, rounds == nullptr ? 0 : rounds->total());
    return answer();
  }

 private:
  std::vector<Code> listed(Dimension dimension) const {
    std::vector<Code> codes;
    const auto candidates = dimension == Dimension::kRound
                                ? rounds_filed(snapshot_)
                                : codes_of(items_, dimension, question_.language);
    for (const Code code : candidates) {
      if (!selection_.allows(items_, dimension, code)) continue;
      if (dimension == Dimension::kRound && !is_round_seen(code)) continue;
      codes.push_back(code);
    }
    return codes;
  }

  // "Of round, those of answers seen": read as answers that the reader sees among the States and
  // provisions that the filters leave, standing in that round by itself.
  bool is_round_seen(Code round) const {
    const auto standing =
        tables_.of(snapshot_, question_.as_of, Rounds(std::vector<std::uint16_t>{round}), indices_);
    for (std::size_t s = 0; s < states_.size(); ++s) {
      if ((standing.columns[s]->answered & states_[s].visible).any()) return true;
    }
    return false;
  }

  void make_parts() {
    // States: the places of the codes that one is in and of the total.
    std::map<Places, std::size_t> groups;
    for (Asked& state : states_) {
      Places places = crossed(places_of(rows_, state.index), places_of(columns_, state.index));
      const auto [at, inserted] = groups.try_emplace(std::move(places), groups.size());
      if (inserted) group_places_.push_back(at->first);
      state.group = at->second;
    }
    // Provisions: every pair of a row's and a column's items that meet.
    for (const Part& row : parts_of(rows_)) {
      for (const Part& column : parts_of(columns_)) {
        Part part{row.place + column.place, row.items & column.items, 0, kItemWords, 0};
        part.size = part.items.count();
        for (std::size_t i = 0; i < kItemWords; ++i) {
          if (part.items.words[i] == 0) continue;
          part.first_word = std::min(part.first_word, i);
          part.end_word = i + 1;
        }
        if (part.size != 0) parts_.push_back(part);
      }
    }
    parts_of_item_.resize(items_.size());
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      parts_[p].items.for_each(
          [&](ItemIndex item) { parts_of_item_[item].push_back(static_cast<std::uint32_t>(p)); });
    }
    seen_.resize(parts_.size());
    // What stands in a cell.
    const auto filters = CellCoordinate::of(selection_);
    for (const auto& [row_place, row] : cells_of(rows_, filters)) {
      for (const auto& [column_place, both] : cells_of(columns_, row)) {
        cell_parts_.push_back({row_place + column_place, both});
      }
    }
  }

  Places places_of(const Line& line, StateIndex state) const {
    if (!line.is(Axis::kState)) return {0};
    Places out{line.total()};
    for (std::size_t i = 0; i < line.codes.size(); ++i) {
      if (is_state_in(items_, *line.dimension, line.codes[i], state))
        out.push_back(i * line.stride);
    }
    return out;
  }

  std::vector<Part> parts_of(const Line& line) const {
    Part all;
    all.items = selection_.items;
    if (!line.is(Axis::kProvision)) return {all};
    all.place = line.total();
    std::vector<Part> out{all};
    for (std::size_t i = 0; i < line.codes.size(); ++i) {
      Part part;
      part.place = i * line.stride;
      part.items = items_of_row(items_, *line.dimension, line.codes[i]) & selection_.items;
      out.push_back(part);
    }
    return out;
  }

  std::vector<std::pair<std::size_t, CellCoordinate>> cells_of(const Line& line,
                                                               const CellCoordinate& outer) const {
    if (!line.is(Axis::kCell)) return {{0, outer}};
    std::vector<std::pair<std::size_t, CellCoordinate>> out{{line.total(), outer}};
    for (std::size_t i = 0; i < line.codes.size(); ++i) {
      out.emplace_back(i * line.stride, outer.with(*line.dimension, line.codes[i]));
    }
    return out;
  }

  void pass(const Rounds& rounds, std::size_t round_place) {
    const auto standing = tables_.of(snapshot_, question_.as_of, rounds, indices_);
    // Bases are added up by group first: every State has some in every part, and the places of a
    // group are several.
    std::vector<Base> group_bases(group_places_.size() * parts_.size());
    for (std::size_t s = 0; s < states_.size(); ++s) {
      count_bases(states_[s], *standing.columns[s],
                  group_bases.data() + states_[s].group * parts_.size());
      count_stating(states_[s], *standing.columns[s], round_place);
    }
    for (std::size_t group = 0; group < group_places_.size(); ++group) {
      for (std::size_t p = 0; p < parts_.size(); ++p) {
        for (const auto place : group_places_[group]) {
          bases_[parts_[p].place + place + round_place] += group_bases[group * parts_.size() + p];
        }
      }
    }
  }

  // `bases`: of the State's group, by part.
  void count_bases(const Asked& state, const StateStanding& standing, Base* bases) {
    const ItemSet& visible = state.visible;
    const bool sees_all = visible == selection_.items;
    const bool sees_any = visible.any();
    const ItemSet answered = standing.answered & visible;
    if ((answered & standing.exercise).any()) exercise_ = true;
    const bool deposited = items_.reference().states()[state.index].deposited_by(question_.as_of);
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const Part& part = parts_[p];
      const std::uint32_t seen = sees_all ? part.size : sees_any ? part.shared(visible) : 0;
      const bool respondent = seen != 0 && part.meets(answered);
      seen_[p].respondent = respondent;
      Base& base = bases[p];
      base.cells += part.size;
      base.visible += seen;
      base.respondents += respondent;
      // "Both sides of the response rate count only States of which the reader sees something
      // there."
      base.deposited += deposited && seen != 0;
      base.deposited_respondents += deposited && respondent;
    }
  }

  void count_stating(const Asked& state, const StateStanding& standing, std::size_t round_place) {
    const bool counts_states = question_.measure == Measure::kStatesStating ||
                               question_.measure == Measure::kShareOfRespondents;
    const bool counts_needs = question_.measure == Measure::kNeedsStated;
    if (!counts_states && !counts_needs) return;  // the response rate is all base
    for (const auto& cell : cell_parts_) {
      ++stamp_;
      const ItemSet hits =
          counts_states
              ? cell.coordinate.hits(standing, items_.all(), selection_.items, state.visible)
              : cell.coordinate.stating(standing, items_.all(), state.visible);
      if (!hits.any()) continue;
      hits.for_each([&](ItemIndex item) {
        for (const auto p : parts_of_item_[item]) {
          const std::uint32_t fresh =
              counts_states ? fresh_state(seen_[p])
                            : fresh_needs(seen_[p], item,
                                          standing.needs[item] & cell.coordinate.need_types());
          if (fresh == 0) continue;
          for (const auto place : group_places_[state.group]) {
            Count& count = counts_[parts_[p].place + place + cell.place + round_place];
            (counts_states ? count.states : count.needs) += fresh;
          }
        }
      });
    }
  }

  // 1 the first time this State counts here.
  std::uint32_t fresh_state(Seen& seen) const {
    // "Other coordinates narrow only those stating": a share is of the respondents, so a State that
    // is only NOT_ANSWERED, NOT_ASKED or WITHHELD there is in neither side of it.
    if (question_.measure == Measure::kShareOfRespondents && !seen.respondent) return 0;
    if (seen.hit == stamp_) return 0;
    seen.hit = stamp_;
    return 1;
  }

  // How many of `types` this State has not yet been counted with: "needs of one State × article ×
  // type count once, whether stated for the article or for several of its paragraphs". Items come
  // in treaty order, so those of one article come together.
  std::uint32_t fresh_needs(Seen& seen, ItemIndex item, std::uint32_t types) const {
    const ProvisionIndex article = items_.article_of(item);
    if (seen.needs != stamp_ || seen.article != article) {
      seen.needs = stamp_;
      seen.article = article;
      seen.types = 0;
    }
    const std::uint32_t fresh = types & ~seen.types;
    seen.types |= types;
    return count_ones(fresh);
  }

  Figure figure(std::size_t row, std::size_t column) const {
    // A line of what stands in a cell does not narrow the base: all its places share the total's.
    const auto part = [](const Line& line, std::size_t at, bool of_base) {
      return of_base && line.is(Axis::kCell) ? 0 : at * line.stride;
    };
    const Base& base = bases_[part(rows_, row, true) + part(columns_, column, true)];
    const Count& count = counts_[part(rows_, row, false) + part(columns_, column, false)];
    Figure out;
    const bool rate = question_.measure == Measure::kResponseRate;
    out.base = rate ? base.deposited : base.respondents;
    out.withheld_cells = std::int64_t{base.cells} - base.visible;
    out.withheld = base.cells != 0 && base.visible == 0;
    if (out.withheld) return out;
    out.empty = is_share(question_.measure) && out.base == 0;
    if (out.empty) return out;
    switch (question_.measure) {
      case Measure::kStatesStating:
        out.value = count.states;
        break;
      case Measure::kNeedsStated:
        out.value = count.needs;
        break;
      case Measure::kShareOfRespondents:
        out.value = static_cast<double>(count.states) / static_cast<double>(out.base);
        break;
      case Measure::kResponseRate:
        out.value = static_cast<double>(base.deposited_respondents) / static_cast<double>(out.base);
        break;
    }
    return out;
  }

  // By the figure where asked: largest first, those without one last; equal ones as ever.
  std::vector<std::size_t> order_of_rows() const {
    std::vector<std::size_t> order(rows_.codes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (!question_.by_figure) return order;
    std::vector<double> weight;
    for (const std::size_t row : order) {
      const Figure total = figure(row, columns_.codes.size());
      weight.push_back(total.withheld || total.empty ? -1.0 : total.value);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return weight[a] > weight[b]; });
    return order;
  }

  MatrixAnswer answer() const {
    MatrixAnswer out;
    for (const Code code : columns_.codes) {
      out.columns.push_back(header_of(items_, *columns_.dimension, code, question_.language));
    }
    const std::size_t rows = rows_.codes.size(), columns = columns_.codes.size();
    const bool crossed_lines = columns_.dimension.has_value();
    for (const std::size_t row : order_of_rows()) {
      out.rows.push_back(header_of(items_, *rows_.dimension, rows_.codes[row], question_.language));
      auto& figures = out.figures.emplace_back();
      if (!crossed_lines) {
        figures.push_back(figure(row, 0));
        continue;
      }
      for (std::size_t column = 0; column < columns; ++column) {
        figures.push_back(figure(row, column));
      }
      out.row_totals.push_back(figure(row, columns));
    }
    for (std::size_t column = 0; column < columns; ++column) {
      out.column_totals.push_back(figure(rows, column));
    }
    out.total = figure(rows, columns);
    out.exercise = exercise_;
    return out;
  }

  const Question& question_;
  const Selection& selection_;
  const Snapshot& snapshot_;
  const Items& items_;
  StandingTables& tables_;
  std::vector<StateIndex> indices_;  // of the States below
  std::vector<Asked> states_;        // only those, so that one State costs the same among many
  std::vector<Places> group_places_;
  Line rows_, columns_;
  std::vector<Part> parts_;
  std::vector<std::vector<std::uint32_t>> parts_of_item_;
  std::vector<CellPart> cell_parts_;
  std::vector<Base> bases_;
  std::vector<Count> counts_;
  std::vector<Seen> seen_;  // by part, of the State in hand
  std::uint32_t stamp_ = 0;
  bool exercise_ = false;
};

}  // namespace

MatrixAnswer answer(const Question& question, const access::Scope& scope, const Snapshot& snapshot,
                    StandingTables& tables) {
  return Pivot(question, scope, snapshot, tables).run();
}

}  // namespace uncac::needs_matrix
