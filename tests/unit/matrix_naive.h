// The rules of domain.md ("Needs matrix", "Exactly") once more, as slowly and plainly as they are
// written: lists of facts, codes as text, loops. Shares no rule with the fast one; what they share
// is the reference data, the shapes of facts and figures, and who may read an audience.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "unit/matrix_random.h"

namespace uncac::needs_matrix::testing {

class Naive {
 public:
  explicit Naive(const std::vector<Fact>& facts) {
    std::map<VersionKey, Revision> version_revisions;
    std::map<SharingKey, Revision> sharing_revisions;
    const auto newer = [](auto& held, const auto& key, Revision revision) {
      const auto found = held.find(key);
      if (found != held.end() && !(found->second < revision)) return false;
      held[key] = revision;
      return true;
    };
    for (const auto& fact : facts) {
      if (const auto* filed = std::get_if<VersionFact>(&fact)) {
        if (newer(version_revisions, filed->version.key, filed->revision)) {
          versions_[filed->version.key] = filed->version;
        }
      } else if (const auto* shared = std::get_if<SharingFact>(&fact)) {
        if (newer(sharing_revisions, shared->key, shared->revision)) {
          sharing_[shared->key] = *shared;
        }
      } else {
        const auto& [key, revision] = std::get<2>(fact);
        if (const auto* version = std::get_if<VersionKey>(&key)) {
          if (newer(version_revisions, *version, revision)) versions_.erase(*version);
        } else if (newer(sharing_revisions, std::get<SharingKey>(key), revision)) {
          sharing_.erase(std::get<SharingKey>(key));
        }
      }
    }
  }

  MatrixAnswer ask(const RawQuestion& raw, const Scope& scope, Day today) const {
    MatrixAnswer out;
    const Asked asked = prepare(raw, scope, raw.as_of.empty() ? today : day(raw.as_of));
    const auto rows = listed(asked, raw.rows);
    const auto columns = listed(asked, raw.columns);
    for (const auto& row : rows) {
      auto& figures = out.figures.emplace_back();
      out.rows.push_back({row, ""});
      if (raw.columns.empty()) figures.push_back(figure(asked, {{raw.rows, row}}));
      for (const auto& column : columns) {
        figures.push_back(figure(asked, {{raw.rows, row}, {raw.columns, column}}));
      }
      if (!raw.columns.empty()) out.row_totals.push_back(figure(asked, {{raw.rows, row}}));
    }
    for (const auto& column : columns) {
      out.columns.push_back({column, ""});
      out.column_totals.push_back(figure(asked, {{raw.columns, column}}));
    }
    out.total = figure(asked, {});
    return out;
  }

  // Keys of the needs in the order of lists.
  std::vector<std::string> list(const std::vector<Filter>& where, const Scope& scope,
                                Day as_of) const {
    RawQuestion raw;
    raw.where = where;
    const Asked asked = prepare(raw, scope, as_of);
    const Demands demands = demands_of(asked, {});
    const auto& cells = cells_of(asked, rounds_of(asked, {}));
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto& [s, p, visible] = asked.places[i];
      if (!visible || !cells[i].answer) continue;
      for (const auto& code : type_codes_) {
        if (needs(*cells[i].answer, code) && fits(demands, cells[i], true, code)) {
          keys.push_back(the_reference().states()[s].iso3 + ":" +
                         the_reference().provisions()[p].id + ":" + code);
        }
      }
    }
    return keys;
  }

 private:
  using Named = std::vector<std::pair<std::string, std::string>>;  // dimension and code of a place
  using RoundSet = std::optional<std::set<int>>;
  struct Cell {
    std::optional<Answer> answer;
    bool asked = false;         // by a checklist with a standing response
    bool any_response = false;  // the State has one
  };
  struct Place {
    StateIndex state;
    ProvisionIndex provision;
    bool visible;
  };
  struct Asked {
    const RawQuestion& raw;
    Day as_of;
    std::vector<Place> places;  // State × provision that the filters leave
    mutable std::map<RoundSet, std::vector<Cell>> cells;  // of these places
  };
  // The sets of codes that something in a cell must be in: one per filter and one per row or
  // column.
  using Sets = std::vector<std::set<std::string>>;
  struct Demands {
    Sets types, compliances, challenges, need_states;
  };

  Asked prepare(const RawQuestion& raw, const Scope& scope, Day as_of) const {
    Asked asked{raw, as_of, {}, {}};
    // A filter is about the State or about the provision: each is asked by itself.
    std::vector<ProvisionIndex> left;
    for (const auto p : items_) {
      if (in_filters(asked, std::nullopt, p)) left.push_back(p);
    }
    for (StateIndex s = 0; s < the_reference().states().size(); ++s) {
      if (!in_filters(asked, s, std::nullopt)) continue;
      for (const auto p : left) asked.places.push_back({s, p, sees(scope, s, p)});
    }
    return asked;
  }
  const std::vector<Cell>& cells_of(const Asked& asked, const RoundSet& rounds) const {
    const auto [at, fresh] = asked.cells.try_emplace(rounds);
    if (fresh) {
      std::map<StateIndex, std::vector<Version>> standing;
      for (const auto& place : asked.places) {
        const auto [known, first] = standing.try_emplace(place.state);
        if (first) known->second = responses(place.state, asked.as_of, rounds);
        at->second.push_back(cell_of(place.provision, known->second));
      }
    }
    return at->second;
  }
  static Demands demands_of(const Asked& asked, const Named& named) {
    return {demands(asked, named, "type"), demands(asked, named, "compliance"),
            demands(asked, named, "challenge"), demands(asked, named, "need_state")};
  }

  static bool is_item(ProvisionIndex p) {
    for (const auto& list : the_reference().checklists()) {
      if (std::count(list.items.begin(), list.items.end(), p) != 0) return true;
    }
    return false;
  }
  static std::vector<std::string> type_codes() {
    std::vector<std::string> codes;
    for (const auto& known : the_reference().types()) {
      if (known.code != "NO_ASSISTANCE_REQUIRED") codes.push_back(known.code);
    }
    return codes;
  }
  static bool needs(const Answer& answer, const std::string& code) {
    return (answer.needed >> type(code) & 1) != 0;
  }
  static bool needs_any(const Answer& answer) {
    for (const auto& known : the_reference().types()) {
      if (known.code != "NO_ASSISTANCE_REQUIRED" && needs(answer, known.code)) return true;
    }
    return false;
  }

  bool sees(const Scope& scope, StateIndex s, ProvisionIndex p) const {
    if (scope.reads_all_of(the_reference().states()[s].iso3)) return true;
    const auto decision = sharing_.find({s, p});
    return decision != sharing_.end() &&
           scope.reads_shared(decision->second.audience, decision->second.named);
  }

  // The newest version up to the day of each (checklist, round), withdrawn and void ones left out.
  std::vector<Version> responses(StateIndex s, Day as_of, const RoundSet& rounds) const {
    std::map<std::pair<int, int>, Version> newest;
    for (const auto& [key, version] : versions_) {
      if (key.state != s || version.submitted_on > as_of) continue;
      if (rounds && !rounds->contains(key.round)) continue;
      auto& held = newest[{key.checklist, key.round}];
      if (held.key.version < key.version) held = version;
    }
    std::vector<Version> out;
    for (const auto& [key, version] : newest) {
      bool gone = version.status == ResponseStatus::kWithdrawn && version.withdrawn_on <= as_of;
      for (const auto& [other_key, other] : versions_) {
        gone = gone || (other.status == ResponseStatus::kVoid && other_key.state == s &&
                        other_key.checklist == key.first && other_key.round == key.second &&
                        other_key.version >= version.key.version);
      }
      if (!gone) out.push_back(version);
    }
    return out;
  }
  static std::tuple<Day, int, bool> place(const Version& version) {
    return {version.submitted_on, version.key.round,
            the_reference().checklists()[version.key.checklist].code == "uncac-comprehensive"};
  }
  static const Answer* answered(const Version& version, ProvisionIndex p) {
    for (const auto& answer : version.answers) {
      if (answer.provision == p && answer.compliance != Compliance::kNotAnswered) return &answer;
    }
    return nullptr;
  }

  static Cell cell_of(ProvisionIndex p, const std::vector<Version>& standing) {
    Cell cell;
    const Version* source = nullptr;
    for (const auto& version : standing) {
      cell.any_response = true;
      if (the_reference().checklists()[version.key.checklist].has(p)) cell.asked = true;
      if (answered(version, p) && (!source || place(version) > place(*source))) source = &version;
    }
    if (source == nullptr) return cell;
    const std::string below = the_reference().provisions()[p].id + ".";
    for (const auto& version : standing) {
      if (!(place(version) > place(*source))) continue;
      for (const auto& answer : version.answers) {
        if (answer.compliance != Compliance::kNotAnswered &&
            the_reference().provisions()[answer.provision].id.starts_with(below)) {
          return cell;  // the article's answer left
        }
      }
    }
    cell.answer = *answered(*source, p);
    return cell;
  }

  static bool state_in(const std::string& dimension, const std::string& code, StateIndex s) {
    const auto& facts = the_reference().states()[s];
    if (dimension == "state") return facts.iso3 == code;
    if (dimension == "regional_group") return reference::code(facts.primary_group) == code;
    if (dimension == "subregion") return facts.subregion == code;
    if (dimension == "state_set") {
      const auto& members =
          the_reference().state_sets()[the_reference().state_set(code).value()].members;
      return std::count(members.begin(), members.end(), s) != 0;
    }
    return true;
  }
  // The articles of the other convention that the crosswalk puts beside the provision's article,
  // where more than the subject is the same.
  static std::set<std::string> serves_untoc(ProvisionIndex p) {
    const auto& reference = the_reference();
    std::set<std::string> out;
    for (const auto& pair : reference.crosswalk()) {
      const bool same_duty = pair.relation == reference::Relation::kEquivalent ||
                             pair.relation == reference::Relation::kOverlapping;
      if (same_duty &&
          reference.provisions()[pair.uncac].article == reference.provisions()[p].article) {
        out.insert(reference.provisions()[pair.untoc].id);
      }
    }
    return out;
  }
  static bool provision_in(const std::string& dimension, const std::string& code, ProvisionIndex p,
                           bool filter) {
    const auto& facts = the_reference().provisions()[p];
    if (dimension == "chapter") return facts.chapter == code;
    if (dimension == "article") return facts.id == code || facts.id.starts_with(code + ".");
    if (dimension == "provision")
      return facts.id == code || (filter && facts.id.starts_with(code + "."));
    if (dimension == "obligation") return reference::code(facts.obligation) == code;
    if (dimension == "untoc_article") return serves_untoc(p).contains(code);
    return true;
  }

  static bool in_row(const Named& named, StateIndex s, ProvisionIndex p) {
    for (const auto& [dimension, code] : named) {
      if (!state_in(dimension, code, s) || !provision_in(dimension, code, p, false)) return false;
    }
    return true;
  }
  static bool in_filters(const Asked& asked, std::optional<StateIndex> s,
                         std::optional<ProvisionIndex> p) {
    for (const auto& filter : asked.raw.where) {
      bool any = false;
      for (const auto& value : filter.values) {
        any = any || ((!s || state_in(filter.dimension, value, *s)) &&
                      (!p || provision_in(filter.dimension, value, *p, true)));
      }
      if (!any) return false;
    }
    return true;
  }

  static RoundSet rounds_of(const Asked& asked, const Named& named) {
    RoundSet out;
    const auto keep = [&](const std::set<int>& years) {
      if (!out) {
        out = years;
        return;
      }
      std::erase_if(*out, [&](int year) { return !years.contains(year); });
    };
    for (const auto& filter : asked.raw.where) {
      if (filter.dimension != "round") continue;
      std::set<int> years;
      for (const auto& value : filter.values) years.insert(std::stoi(value));
      keep(years);
    }
    for (const auto& [dimension, code] : named) {
      if (dimension == "round") out = std::set<int>{std::stoi(code)};  // by itself
    }
    return out;
  }

  static Sets demands(const Asked& asked, const Named& named, const std::string& dimension) {
    Sets out;
    for (const auto& filter : asked.raw.where) {
      if (filter.dimension == dimension)
        out.emplace_back(filter.values.begin(), filter.values.end());
    }
    for (const auto& [named_dimension, code] : named) {
      if (named_dimension == dimension) out.push_back({code});
    }
    return out;
  }
  static bool in_all(const Sets& demands, const std::string& code) {
    return std::all_of(demands.begin(), demands.end(),
                       [&](const auto& demand) { return demand.contains(code); });
  }

  // Is the cell, or with `type` the State × provision × type, in the coordinates.
  static bool fits(const Demands& demands, const Cell& cell, bool visible,
                   const std::optional<std::string>& type_code) {
    std::string need_state, compliance = "none";
    if (!visible) {
      need_state = "WITHHELD";
    } else if (cell.answer) {
      need_state = (type_code ? needs(*cell.answer, *type_code) : needs_any(*cell.answer))
                       ? "STATED"
                       : "NONE_STATED";
      compliance = cell.answer->compliance == Compliance::kYes      ? "YES"
                   : cell.answer->compliance == Compliance::kInPart ? "IN_PART"
                                                                    : "NO";
    } else if (cell.any_response && !cell.asked) {
      need_state = "NOT_ASKED";
    } else {
      need_state = compliance = "NOT_ANSWERED";
    }
    if (demands.need_states.empty() ? need_state != "STATED"
                                    : !in_all(demands.need_states, need_state)) {
      return false;
    }
    if (!in_all(demands.compliances, compliance)) return false;
    for (const auto& demand : demands.challenges) {
      bool any = false;
      for (const auto& code : demand) {
        any =
            any || (visible && cell.answer &&
                    (cell.answer->challenges >> the_reference().challenge(code).value() & 1) != 0);
      }
      if (!any) return false;
    }
    return !type_code || in_all(demands.types, *type_code);
  }

  Figure figure(const Asked& asked, const Named& named) const {
    const Demands demands = demands_of(asked, named);
    const bool type_named = !demands.types.empty();
    const auto& known = cells_of(asked, rounds_of(asked, named));
    std::set<StateIndex> seen, respondents, stating;
    std::set<std::tuple<StateIndex, int, std::string>> needs_counted;
    std::int64_t cells = 0, visible_cells = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
      const auto& [s, p, visible] = asked.places[i];
      const Cell& cell = known[i];
      if (!in_row(named, s, p)) continue;
      ++cells;
      visible_cells += visible;
      if (visible) seen.insert(s);
      if (visible && cell.answer) respondents.insert(s);
      if (!type_named && fits(demands, cell, visible, std::nullopt)) stating.insert(s);
      if (!type_named && !cell.answer) continue;  // only needs are left to count
      for (const auto& code : type_codes_) {
        if (!fits(demands, cell, visible, code)) continue;
        if (type_named) stating.insert(s);
        if (visible && cell.answer && needs(*cell.answer, code)) {
          needs_counted.insert({s, the_reference().provisions()[p].article, code});
        }
      }
    }
    Figure out;
    std::set<StateIndex> base = respondents, part;
    if (asked.raw.measure == "response_rate") {
      base.clear();
      for (const auto s : seen) {
        if (the_reference().states()[s].deposited_by(asked.as_of)) base.insert(s);
      }
      for (const auto s : base) {
        if (respondents.contains(s)) part.insert(s);
      }
    } else {
      for (const auto s : base) {
        if (stating.contains(s)) part.insert(s);
      }
    }
    out.base = static_cast<std::int64_t>(base.size());
    out.withheld_cells = cells - visible_cells;
    out.withheld = cells > 0 && visible_cells == 0;
    if (out.withheld) return out;
    if (asked.raw.measure == "needs_stated") {
      out.value = static_cast<double>(needs_counted.size());
    } else if (asked.raw.measure.empty() || asked.raw.measure == "states_stating") {
      out.value = static_cast<double>(stating.size());
    } else if (base.empty()) {
      out.empty = true;
    } else {
      out.value = static_cast<double>(part.size()) / static_cast<double>(base.size());
    }
    return out;
  }

  // Every code of the dimension that the filters allow.
  std::vector<std::string> listed(const Asked& asked, const std::string& dimension) const {
    std::vector<std::string> all;
    const auto& reference = the_reference();
    if (dimension == "state")
      for (const auto& s : reference.states()) all.push_back(s.iso3);
    if (dimension == "regional_group") all = {"AFR", "APG", "EEG", "GRULAC", "WEOG", "NONE"};
    if (dimension == "subregion")
      all = {reference.subregions().begin(), reference.subregions().end()};
    if (dimension == "state_set")
      for (const auto& s : reference.state_sets()) all.push_back(s.code);
    if (dimension == "type") all = type_codes();
    if (dimension == "compliance") all = {"YES", "IN_PART", "NO", "NOT_ANSWERED"};
    if (dimension == "need_state") {
      all = {"STATED", "NONE_STATED", "NOT_ANSWERED", "WITHHELD", "NOT_ASKED"};
    }
    if (dimension == "challenge")
      for (const auto& c : reference.challenges()) all.push_back(c.code);
    if (dimension == "obligation") {
      all = {"MANDATORY", "CONSIDER",    "ENDEAVOUR", "ENCOURAGED",
             "OPTIONAL",  "PROHIBITION", "MIXED",     "NONE"};
    }
    for (const auto& facts : reference.provisions()) {
      const auto p = static_cast<ProvisionIndex>(&facts - reference.provisions().data());
      if (!is_item(p)) continue;
      const std::string code = dimension == "chapter" ? facts.chapter
                               : dimension == "article"
                                   ? reference.provisions()[facts.article_index].id
                               : dimension == "provision" ? facts.id
                                                          : "";
      if (!code.empty() && (all.empty() || all.back() != code)) all.push_back(code);
    }
    if (dimension == "untoc_article") {
      std::set<std::string> served;
      for (const auto p : items_) {
        for (const auto& id : serves_untoc(p)) served.insert(id);
      }
      for (int article = 1; article <= 41; ++article) {
        const std::string id = "untoc/" + std::to_string(article);
        if (served.contains(id)) all.push_back(id);
      }
    }
    if (dimension == "round") {
      for (int year = 2003; year <= 2026; ++year) {
        const auto& cells = cells_of(asked, std::set<int>{year});
        bool answer_seen = false;
        for (std::size_t i = 0; i < cells.size(); ++i) {
          answer_seen = answer_seen || (asked.places[i].visible && cells[i].answer.has_value());
        }
        if (answer_seen) all.push_back(std::to_string(year));
      }
    }
    bool filters_states = false, filters_provisions = false;
    for (const auto& filter : asked.raw.where) {
      const auto axis = axis_of(parse_dimension(filter.dimension).value());
      filters_states = filters_states || axis == Axis::kState;
      filters_provisions = filters_provisions || axis == Axis::kProvision;
    }
    std::vector<std::string> out;
    for (const auto& code : all) {
      const bool by_name = dimension == "provision" || in_all(demands(asked, {}, dimension), code);
      const auto axis = axis_of(parse_dimension(dimension).value());
      // Only the filters of the dimension's own kind make a code impossible.
      const auto fits_filters = [&](StateIndex s, ProvisionIndex p) {
        for (const auto& filter : asked.raw.where) {
          if (axis_of(parse_dimension(filter.dimension).value()) != axis) continue;
          bool any = false;
          for (const auto& value : filter.values) {
            any = any || (state_in(filter.dimension, value, s) &&
                          provision_in(filter.dimension, value, p, true));
          }
          if (!any) return false;
        }
        return true;
      };
      bool has_any = false;
      if (axis == Axis::kState) {
        for (StateIndex s = 0; s < reference.states().size(); ++s) {
          has_any = has_any || (state_in(dimension, code, s) && fits_filters(s, 0));
        }
      } else {
        for (const auto p : items_) {
          has_any = has_any || (provision_in(dimension, code, p, false) && fits_filters(0, p));
        }
      }
      const bool unfiltered = (axis == Axis::kState && !filters_states) ||
                              (axis == Axis::kProvision && !filters_provisions) ||
                              axis == Axis::kCell || axis == Axis::kRound;
      if (by_name && (unfiltered || has_any)) out.push_back(code);
    }
    return out;
  }

  const std::vector<std::string> type_codes_ = type_codes();
  std::map<VersionKey, Version> versions_;
  std::map<SharingKey, SharingFact> sharing_;
  std::vector<ProvisionIndex> items_ = [] {
    std::vector<ProvisionIndex> items;
    for (ProvisionIndex p = 0; p < the_reference().provisions().size(); ++p) {
      if (is_item(p)) items.push_back(p);
    }
    return items;
  }();
};

}  // namespace uncac::needs_matrix::testing
