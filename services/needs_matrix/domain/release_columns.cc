#include "needs_matrix/domain/release_columns.h"

#include <array>
#include <set>

#include "needs_matrix/domain/pivot.h"

namespace uncac::needs_matrix {
namespace {

constexpr std::array kQuestions{
    ReleaseQuestion{Measure::kResponseRate, std::nullopt},
    ReleaseQuestion{Measure::kStatesStating, Dimension::kArticle},
    ReleaseQuestion{Measure::kStatesStating, Dimension::kType},
    ReleaseQuestion{Measure::kStatesStating, Dimension::kChallenge},
};

// The table's question with a row for each State, so that each figure is 0 or 1.
Question by_state(const Items& items, const ReleaseQuestion& asked, Day today) {
  Question question;
  question.rows = Dimension::kState;
  question.columns = asked.columns;
  question.measure = asked.measure;
  question.as_of = today;
  question.selection.states.assign(items.reference().states().size(), true);
  question.selection.items = items.all();
  return question;
}

std::vector<access::Scope> readers(const Snapshot& snapshot) {
  std::set<std::string> providers{"-"};  // one that no State names
  for (const auto& sharing : snapshot.sharing) {
    for (const auto& group : sharing->groups) {
      providers.insert(group.named.begin(), group.named.end());
    }
  }
  std::vector<access::Scope> scopes{access::Scope::of({})};  // the public
  for (const std::string& provider : providers) {
    if (auto scope = access::Scope::parse_reader("provider:" + provider)) {
      scopes.push_back(*std::move(scope));
    }
  }
  return scopes;
}

// Everybody's scope: the secretariat's.
access::Scope everything() {
  access::Caller caller;
  caller.role = access::Role::kSecretariat;
  return access::Scope::of(caller);
}

const Figure& figure_of(const MatrixAnswer& answer, std::size_t state, std::size_t column) {
  const bool total = column == answer.columns.size();
  return total && !answer.row_totals.empty() ? answer.row_totals[state]
                                             : answer.figures[state][column];
}

}  // namespace

std::span<const ReleaseQuestion> release_questions() { return kQuestions; }

ReleaseMaterial release_material(const Snapshot& snapshot, StandingTables& tables, Day today) {
  const Items& items = *snapshot.items;
  const std::vector<access::Scope> scopes = readers(snapshot);
  const auto order = items.reference().states_in_order(Language::kEnglish);
  ReleaseMaterial material;
  for (const ReleaseQuestion& asked : kQuestions) {
    const Question question = by_state(items, asked, today);
    const bool deposits = asked.measure == Measure::kResponseRate;
    const MatrixAnswer all = answer(question, everything(), snapshot, tables);
    material.exercise = material.exercise || all.exercise;
    ReleaseTable table{asked, {}};
    for (std::size_t c = 0; c <= all.columns.size(); ++c) {
      ReleaseColumn column;
      if (c < all.columns.size()) column.code = all.columns[c].code;
      column.now = {StateBits(order.size()), StateBits(order.size())};
      for (std::size_t row = 0; row < order.size(); ++row) {
        const Figure& figure = figure_of(all, row, c);
        column.now.counted[order[row]] = !figure.empty && figure.value > 0;
        column.now.based[order[row]] = figure.base > 0;
      }
      table.columns.push_back(std::move(column));
    }
    for (const access::Scope& scope : scopes) {
      const MatrixAnswer seen = answer(question, scope, snapshot, tables);
      for (std::size_t c = 0; c <= seen.columns.size(); ++c) {
        Unknown unknown{StateBits(order.size()), StateBits(order.size())};
        for (std::size_t row = 0; row < order.size(); ++row) {
          const Figure& figure = figure_of(seen, row, c);
          // One visible need, or one visible answer, tells him that the State is in it.
          const bool hidden = figure.withheld_cells > 0;
          const bool counted = !figure.withheld && !figure.empty && figure.value > 0;
          const bool based = !figure.withheld && figure.base > 0;
          // When a State deposited is public; one that had not is in no rate.
          const bool possible = !deposits || table.columns[c].now.based[order[row]];
          unknown.counted[order[row]] = hidden && !counted && possible;
          unknown.based[order[row]] = !deposits && hidden && !based;
        }
        table.columns[c].unknown.push_back(std::move(unknown));
      }
    }
    material.tables.push_back(std::move(table));
  }
  return material;
}

}  // namespace uncac::needs_matrix
