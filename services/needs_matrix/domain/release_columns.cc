#include "needs_matrix/domain/release_columns.h"

#include <array>
#include <map>
#include <set>
#include <utility>

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

// Those who see the same are one reader: a State may name thousands of providers.
std::vector<access::Scope> readers(const Snapshot& snapshot) {
  using Sight = std::set<std::pair<std::size_t, std::size_t>>;  // State, and group of its decisions
  std::map<std::string, Sight> sights;
  for (std::size_t state = 0; state < snapshot.sharing.size(); ++state) {
    const auto& groups = snapshot.sharing[state]->groups;
    for (std::size_t group = 0; group < groups.size(); ++group) {
      for (const std::string& provider : groups[group].named) {
        sights[provider].emplace(state, group);
      }
    }
  }
  std::set<Sight> seen;
  std::vector<std::string> texts{"public", "provider:-"};  // the latter is named by nobody
  for (const auto& [provider, sight] : sights) {
    if (seen.insert(sight).second) texts.push_back("provider:" + provider);
  }
  std::vector<access::Scope> scopes;
  for (const std::string& text : texts) {
    if (auto scope = access::Scope::parse_reader(text)) scopes.push_back(*std::move(scope));
  }
  return scopes;
}

access::Scope everything() {
  access::Caller caller;
  caller.role = access::Role::kSecretariat;
  return access::Scope::of(caller);
}

}  // namespace

std::span<const ReleaseQuestion> release_questions() { return kQuestions; }

std::optional<ReleaseMaterial> release_material(const Snapshot& snapshot, StandingTables& tables,
                                                Day today, const std::function<bool()>& stop) {
  const Items& items = *snapshot.items;
  // What a State narrowed since is known to whom saw it before.
  Snapshot remembered = snapshot;
  remembered.sharing = snapshot.ever_shared;
  const std::vector<access::Scope> scopes = readers(remembered);
  const auto order = items.reference().states_in_order(Language::kEnglish);
  ReleaseMaterial material;
  for (const ReleaseQuestion& asked : kQuestions) {
    const Question question = by_state(items, asked, today);
    const bool deposits = asked.measure == Measure::kResponseRate;
    const MatrixAnswer all = answer(question, everything(), snapshot, tables);
    material.exercise = material.exercise || all.exercise;
    ReleaseTable table{asked, {}};
    const std::size_t columns = asked.columns ? all.columns.size() : 1;
    for (std::size_t c = 0; c < columns; ++c) {
      ReleaseColumn column;
      if (asked.columns) column.code = all.columns[c].code;
      column.counted.resize(order.size());
      for (std::size_t row = 0; row < order.size(); ++row) {
        const Figure& figure = all.figures[row][c];
        column.counted[order[row]] = !figure.empty && figure.value > 0;
      }
      table.columns.push_back(std::move(column));
    }
    for (const access::Scope& scope : scopes) {
      if (stop()) return std::nullopt;
      const MatrixAnswer seen = answer(question, scope, remembered, tables);
      for (std::size_t c = 0; c < columns; ++c) {
        StateBits unknown(order.size());
        for (std::size_t row = 0; row < order.size(); ++row) {
          const Figure& figure = seen.figures[row][c];
          // One visible need, or one visible answer, tells him that the State is counted.
          const bool known = !figure.withheld && !figure.empty && figure.value > 0;
          // Whether a State deposited is public; one that had not is in no rate.
          const bool possible =
              !deposits || items.reference().states()[order[row]].deposited_by(today);
          unknown[order[row]] = figure.withheld_cells > 0 && !known && possible;
        }
        table.columns[c].unknown.push_back(std::move(unknown));
      }
    }
    material.tables.push_back(std::move(table));
  }
  return material;
}

}  // namespace uncac::needs_matrix
