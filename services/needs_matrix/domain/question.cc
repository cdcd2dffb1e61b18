#include "needs_matrix/domain/question.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace uncac::needs_matrix {

namespace {

using platform::Problem;
using platform::Severity;

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

// A question of thousands of mistakes must not cost more than one that can be answered.
constexpr std::size_t kMostProblems = 100;
constexpr std::size_t kMostSuggested = 10;

class Parser {
 public:
  Parser(const Items& items, Day today) : items_(items), today_(today) {}

  std::optional<Dimension> dimension(const std::string& field, const std::string& text) {
    if (const auto known = parse_dimension(text)) return known;
    if (is_dimension_of_donors(text)) {
      refuse(text, "dimension-not-available",
             quoted(text) + " needs the providers' records, which are not here yet");
    } else {
      refuse(field, "unknown-dimension",
             quoted(text) + " is not a dimension" + meant(text, dimension_codes()));
    }
    return std::nullopt;
  }

  Measure measure(const std::string& text) {
    if (text.empty()) return Measure::kStatesStating;
    if (const auto known = parse_measure(text)) return *known;
    if (is_measure_of_donors(text)) {
      refuse("measure", "measure-not-available",
             quoted(text) + " needs the providers' records, which are not here yet");
    } else {
      refuse("measure", "unknown-measure",
             quoted(text) + " is not a measure" + meant(text, measure_codes()));
    }
    return Measure::kStatesStating;
  }

  Day as_of(const std::string& text) {
    if (text.empty()) return today_;
    const auto day = platform::parse_day(text);
    if (!day) {
      refuse("as_of", "invalid-day", quoted(text) + " is not a day like 2007-11-30");
      return today_;
    }
    if (*day > today_) {
      refuse("as_of", "as-of-in-future",
             text + " is after today, " + platform::format_day(today_) + " (UTC)");
    }
    return *day;
  }

  Language language(const std::string& text) {
    if (text.empty()) return Language::kEnglish;
    if (const auto known = reference::parse_language(text)) return *known;
    refuse("language", "unknown-language", quoted(text) + " is none of ar, en, es, fr, ru, zh");
    return Language::kEnglish;
  }

  // "The API refuses to order States by anything but name"; nor groups of them, whose order would
  // be read as one.
  bool by_figure(const std::string& text, Dimension rows) {
    if (text.empty() || text == "name") return false;
    if (text != "figure") {
      refuse("order_by", "unknown-order", quoted(text) + " is neither name nor figure");
      return false;
    }
    if (axis_of(rows) == Axis::kState) {
      refuse("order_by", "no-ranking",
             "States and groups of States are listed by name; nothing ranks them");
    }
    return true;
  }

  Selection selection(const std::vector<Filter>& where) {
    Selection out;
    out.states.assign(items_.reference().states().size(), true);
    out.items = items_.all();
    for (const auto& filter : where) {
      const auto known = dimension("where", filter.dimension);
      if (!known) continue;
      const auto codes = values(*known, filter.values);
      if (codes.empty()) continue;  // a problem was reported
      narrow(out, *known, codes);
    }
    return out;
  }

  void refuse(std::string column, std::string rule, std::string message) {
    if (problems_.size() == kMostProblems) return;
    problems_.push_back(
        {"", 0, std::move(column), Severity::kError, std::move(rule), std::move(message)});
  }
  bool failed() const { return !problems_.empty(); }
  platform::Error error() && {
    return {platform::Reason::kInvalidInput, "the question cannot be asked", std::move(problems_)};
  }

 private:
  // Looking for a near code among all costs more than anything else here: for the first few only.
  std::string meant(std::string_view text, const std::vector<std::string>& candidates) const {
    std::string out;
    if (problems_.size() >= kMostSuggested) return out;
    for (const auto& near : suggestions(text, candidates)) {
      out += (out.empty() ? "; did you mean " : " or ") + near;
    }
    return out.empty() ? out : out + "?";
  }

  std::set<Code> values(Dimension dimension, const std::vector<std::string>& texts) {
    const std::string name(code(dimension));
    if (texts.empty()) refuse(name, "missing-value", "a filter names at least one value");
    std::set<Code> codes;
    for (const auto& text : texts) {
      const auto known = parse_code(items_, dimension, text);
      const int year = static_cast<int>(std::chrono::year_month_day(today_).year());
      if (!known || (dimension == Dimension::kRound && *known > year)) {
        refuse(name, "unknown-value", why_unknown(dimension, text));
      } else if (axis_of(dimension) == Axis::kProvision && dimension != Dimension::kObligation &&
                 !items_of_filter(items_, dimension, *known).any()) {
        // Answering 0 would show a blank as "no need".
        refuse(name, "not-in-any-checklist", "no checklist asks about " + quoted(text));
      } else {
        codes.insert(*known);
      }
    }
    return codes;
  }

  std::string why_unknown(Dimension dimension, const std::string& text) const {
    if (dimension == Dimension::kState && items_.reference().is_other_party(text)) {
      return quoted(text) + " is a party to the Convention and no State";
    }
    std::vector<std::string> candidates;
    if (problems_.size() >= kMostSuggested)
      return quoted(text) + " is not a value of " + std::string(code(dimension));
    for (const Code known : codes_of(items_, dimension, Language::kEnglish)) {
      candidates.push_back(code_text(items_, dimension, known));
    }
    return quoted(text) + " is not a value of " + std::string(code(dimension)) +
           meant(text, candidates);
  }

  void narrow(Selection& out, Dimension dimension, const std::set<Code>& codes) const {
    auto& named = out.named[static_cast<std::size_t>(dimension)];
    if (named) {
      std::erase_if(*named, [&](Code known) { return !codes.contains(known); });
    } else {
      named.emplace(codes.begin(), codes.end());
    }
    std::uint32_t bits = 0;
    if (axis_of(dimension) == Axis::kCell) {
      for (const Code known : codes) bits |= std::uint32_t{1} << known;
    }
    switch (axis_of(dimension)) {
      case Axis::kState:
        out.states_named = true;
        for (StateIndex state = 0; state < out.states.size(); ++state) {
          const bool in = std::any_of(codes.begin(), codes.end(), [&](Code known) {
            return is_state_in(items_, dimension, known, state);
          });
          if (!in) out.states[state] = false;
        }
        return;
      case Axis::kProvision: {
        out.provisions_named = true;
        ItemSet any;
        for (const Code known : codes) any |= items_of_filter(items_, dimension, known);
        out.items &= any;
        return;
      }
      case Axis::kRound:
        out.rounds = *named;
        return;
      case Axis::kCell:
        break;
    }
    if (dimension == Dimension::kType) out.types = out.types.value_or(~0U) & bits;
    if (dimension == Dimension::kCompliance) {
      out.compliance = static_cast<std::uint8_t>(out.compliance.value_or(0xff) & bits);
    }
    if (dimension == Dimension::kChallenge) {
      out.challenges.push_back(static_cast<std::uint16_t>(bits));
    }
    if (dimension == Dimension::kNeedState) {
      out.need_states = static_cast<std::uint8_t>(out.need_states.value_or(0xff) & bits);
    }
  }

  const Items& items_;
  const Day today_;
  std::vector<Problem> problems_;
};

// Filters sorted by dimension, values sorted and once each: one text for one question.
std::string canonical(const RawQuestion& raw, const Question& question) {
  std::set<std::string> filters;
  for (const auto& filter : raw.where) {
    std::string text = filter.dimension + "=";
    for (const auto& value : std::set<std::string>(filter.values.begin(), filter.values.end())) {
      text += value + "|";
    }
    filters.insert(std::move(text));
  }
  std::string out = raw.rows + ';' + raw.columns + ';' + std::string(code(question.measure)) + ';' +
                    platform::format_day(question.as_of) + ';' +
                    std::string(reference::code(question.language)) +
                    (question.by_figure ? ";figure" : "");
  for (const auto& filter : filters) out += ';' + filter;
  return out;
}

}  // namespace

bool is_state_in(const Items& items, Dimension dimension, Code code, StateIndex state) {
  const auto& reference = items.reference();
  const auto& facts = reference.states()[state];
  switch (dimension) {
    case Dimension::kState:
      return state == code;
    // "Groups by the primary group."
    case Dimension::kRegionalGroup:
      return static_cast<Code>(facts.primary_group) == code;
    case Dimension::kSubregion:
      return facts.subregion == reference.subregions()[code];
    case Dimension::kStateSet: {
      const auto& members = reference.state_sets()[code].members;
      return std::binary_search(members.begin(), members.end(), state);
    }
    default:
      return true;
  }
}

ItemSet items_of_row(const Items& items, Dimension dimension, Code code) {
  if (dimension != Dimension::kProvision) return items_of_filter(items, dimension, code);
  ItemSet one;
  if (items.item_of(code) != kNoItem) one.set(items.item_of(code));
  return one;
}

ItemSet items_of_filter(const Items& items, Dimension dimension, Code code) {
  const auto& reference = items.reference();
  if (dimension == Dimension::kArticle || dimension == Dimension::kProvision) {
    return items.below(code);
  }
  ItemSet out;
  if (dimension == Dimension::kUntocArticle) {
    for (const auto& pair : reference.crosswalk()) {
      if (pair.untoc == code && serves(pair)) out |= items.below(pair.uncac);
    }
    return out;
  }
  items.all().for_each([&](ItemIndex item) {
    const auto& provision = reference.provisions()[items.provision(item)];
    if (dimension == Dimension::kChapter ? provision.chapter == reference.chapters()[code].code
                                         : static_cast<Code>(provision.obligation) == code) {
      out.set(item);
    }
  });
  return out;
}

bool Selection::allows(const Items& all, Dimension dimension, Code code) const {
  const auto& filter = named[static_cast<std::size_t>(dimension)];
  // A provision named as a filter brings everything below it along; the set of items knows.
  if (filter && dimension != Dimension::kProvision &&
      !std::binary_search(filter->begin(), filter->end(), code)) {
    return false;
  }
  if (axis_of(dimension) == Axis::kState && states_named) {
    for (StateIndex state = 0; state < states.size(); ++state) {
      if (states[state] && is_state_in(all, dimension, code, state)) return true;
    }
    return false;
  }
  if (axis_of(dimension) == Axis::kProvision && provisions_named) {
    return (items & items_of_row(all, dimension, code)).any();
  }
  return true;
}

platform::Result<Question> parse_question(const Items& items, const RawQuestion& raw, Day today) {
  Parser parser(items, today);
  Question question;
  if (raw.rows.empty()) {
    parser.refuse("rows", "missing-dimension", "a question names the dimension of its rows");
  } else if (const auto rows = parser.dimension("rows", raw.rows)) {
    question.rows = *rows;
  }
  if (!raw.columns.empty()) {
    question.columns = parser.dimension("columns", raw.columns);
    if (raw.columns == raw.rows) {
      parser.refuse("columns", "same-dimension", "rows and columns are the same dimension");
    }
  }
  question.measure = parser.measure(raw.measure);
  question.as_of = parser.as_of(raw.as_of);
  question.language = parser.language(raw.language);
  question.by_figure = parser.by_figure(raw.order_by, question.rows);
  question.selection = parser.selection(raw.where);
  if (parser.failed()) return std::move(parser).error();
  question.text = canonical(raw, question);
  return question;
}

platform::Result<NeedsQuestion> parse_needs_question(const Items& items,
                                                     const std::vector<Filter>& where,
                                                     const std::string& as_of,
                                                     const std::string& language, Day today) {
  Parser parser(items, today);
  NeedsQuestion question;
  question.as_of = parser.as_of(as_of);
  question.language = parser.language(language);
  question.selection = parser.selection(where);
  if (parser.failed()) return std::move(parser).error();
  return question;
}

}  // namespace uncac::needs_matrix
