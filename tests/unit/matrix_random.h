// Random facts, scopes and questions for the properties of the matrix. Few States, articles, dates
// and rounds, so that ties, later paragraphs, withdrawals and hidden cells meet often.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "unit/matrix_support.h"

namespace uncac::needs_matrix::testing {

using Fact = std::variant<VersionFact, SharingFact, std::pair<FactKey, Revision>>;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  int below(int end) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(end)); }
  bool one_in(int n) { return below(n) == 0; }
  template <class T>
  const T& of(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
  }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

inline const std::vector<std::string>& some_states() {
  static const std::vector<std::string> states = {"KEN", "UGA", "TUR", "COK", "BRA", "FRA"};
  return states;
}

// The items of a few articles: with and without paragraphs, in one checklist and in both.
inline std::vector<ProvisionIndex> some_items() {
  std::vector<ProvisionIndex> out;
  for (const auto* article : {"uncac/5", "uncac/7", "uncac/15", "uncac/44", "uncac/52"}) {
    the_items()->below(provision(article)).for_each([&](ItemIndex i) {
      out.push_back(the_items()->provision(i));
    });
  }
  return out;
}

inline Answer random_answer(Random& random, ProvisionIndex id) {
  Answer out;
  out.provision = id;
  out.compliance = static_cast<Compliance>(random.below(4));
  if (!out.answered()) return out;
  const int types = static_cast<int>(the_reference().types().size());
  for (int i = random.below(4); i > 0; --i) {
    out.need(static_cast<TypeIndex>(random.below(types)), static_cast<Priority>(random.below(4)));
  }
  out.challenges = static_cast<std::uint16_t>(random.below(256) & random.below(256));
  return out;
}

// A log: every key has its facts in one order of revisions, all different.
inline std::vector<Fact> random_facts(Random& random) {
  std::vector<Fact> facts;
  const auto items = some_items();
  const Day start = day("2007-01-01");
  for (const auto& iso3 : some_states()) {
    std::int64_t counter = 0;
    for (ChecklistIndex list = 0; list < 2; ++list) {
      for (const int round : {2007, 2010, 2012}) {
        if (random.one_in(3)) continue;
        Day submitted_on = start + std::chrono::days(random.below(12) * 200);
        for (int number = 1; number <= 1 + random.below(3); ++number) {
          Version version;
          version.key = {state(iso3), list, static_cast<std::uint16_t>(round),
                         static_cast<std::uint16_t>(number)};
          submitted_on += std::chrono::days(random.below(3) * 100);
          version.submitted_on = submitted_on;
          version.exercise = random.one_in(4);
          for (const auto id : items) {
            if (!the_reference().checklists()[list].has(id) || random.one_in(3)) continue;
            version.answers.push_back(random_answer(random, id));
            if (version.answers.back().needed != 0 && random.one_in(3)) {
              const auto first =
                  static_cast<TypeIndex>(std::countr_zero(version.answers.back().needed));
              version.texts.push_back({id, first, "words " + std::to_string(random.below(9))});
            }
          }
          facts.emplace_back(VersionFact{version, {1, ++counter}});
          if (random.one_in(4)) {
            version.status = ResponseStatus::kWithdrawn;
            version.withdrawn_on = submitted_on + std::chrono::days(random.below(5) * 100);
            facts.emplace_back(VersionFact{version, {1, ++counter}});
          }
          if (random.one_in(6)) {
            version.status = ResponseStatus::kVoid;
            facts.emplace_back(VersionFact{version, {2, ++counter}});
          }
          if (random.one_in(15))
            facts.emplace_back(std::pair(FactKey(version.key), Revision{2, ++counter}));
        }
      }
    }
    for (const auto id : items) {
      for (int i = random.below(3); i > 0; --i) {
        SharingFact fact;
        fact.key = {state(iso3), id};
        fact.audience = static_cast<Audience>(random.below(4));
        if (fact.audience == Audience::kNamed) fact.named = {random.one_in(2) ? "EX1" : "EX2"};
        fact.sequence = ++counter;
        fact.revision = {1, counter};
        facts.emplace_back(fact);
      }
      if (random.one_in(15)) {
        facts.emplace_back(std::pair(FactKey(SharingKey{state(iso3), id}), Revision{2, ++counter}));
      }
    }
  }
  return facts;
}

inline bool tell(Fold& fold, const Fact& fact) {
  if (const auto* version = std::get_if<VersionFact>(&fact)) return fold.apply(*version).ok();
  if (const auto* sharing = std::get_if<SharingFact>(&fact)) return fold.apply(*sharing).ok();
  const auto& [key, revision] = std::get<2>(fact);
  return fold.remove(key, revision).ok();
}

inline Scope random_scope(Random& random) {
  switch (random.below(6)) {
    case 0:
      return secretariat();
    case 1:
      return the_public();
    case 2:
      return focal_point("KEN");
    case 3:
      return provider("EX1");
    case 4:
      return provider("EX2");
    default:
      return Scope::of({Role::kOperator, "", "", ""});
  }
}

inline std::vector<std::string> values_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kState:
      return some_states();
    case Dimension::kRegionalGroup:
      return {"AFR", "WEOG", "APG", "NONE", "GRULAC"};
    case Dimension::kSubregion:
      return {"Eastern Africa", "South America", "Western Asia"};
    case Dimension::kStateSet:
      return {"EAC", "AU", "OECD_DAC", "LDC", "SIDS"};
    case Dimension::kChapter:
      return {"II", "III", "IV", "V"};
    case Dimension::kArticle:
      return {"uncac/5", "uncac/7", "uncac/15", "uncac/44", "uncac/52"};
    case Dimension::kProvision:
      return {"uncac/5.1", "uncac/44", "uncac/44.4", "uncac/15", "uncac/7"};
    case Dimension::kObligation:
      return {"MANDATORY", "OPTIONAL", "ENDEAVOUR", "MIXED", "CONSIDER"};
    case Dimension::kUntocArticle:
      return {"untoc/8", "untoc/9", "untoc/16", "untoc/13"};
    case Dimension::kType:
      return {"LEGAL_ADVICE", "MODEL_LEGISLATION", "OTHER", "ONSITE_EXPERT"};
    case Dimension::kCompliance:
      return {"YES", "IN_PART", "NO", "NOT_ANSWERED"};
    case Dimension::kChallenge:
      return {"INTERAGENCY", "LIMITED_CAPACITY", "OTHER"};
    case Dimension::kNeedState:
      return {"STATED", "NONE_STATED", "NOT_ANSWERED", "WITHHELD", "NOT_ASKED"};
    case Dimension::kRound:
      return {"2007", "2010", "2012"};
  }
  return {};
}

inline std::vector<Filter> random_filters(Random& random, int most) {
  std::vector<Filter> where;
  for (int i = random.below(most + 1); i > 0; --i) {
    const auto dimension = static_cast<Dimension>(random.below(kDimensionCount));
    Filter filter{std::string(code(dimension)), {}};
    for (int n = 1 + random.below(3); n > 0; --n)
      filter.values.push_back(random.of(values_of(dimension)));
    where.push_back(std::move(filter));
  }
  return where;
}

inline std::string random_day(Random& random) {
  if (random.one_in(3)) return "";
  return platform::format_day(day("2006-12-01") + std::chrono::days(random.below(40) * 100));
}

inline RawQuestion random_question(Random& random) {
  RawQuestion raw;
  const int rows = random.below(kDimensionCount);
  raw.rows = code(static_cast<Dimension>(rows));
  if (random.one_in(2)) {
    const int columns = random.below(kDimensionCount);
    if (columns != rows) raw.columns = code(static_cast<Dimension>(columns));
  }
  raw.measure = code(static_cast<Measure>(random.below(4)));
  raw.where = random_filters(random, 3);
  raw.as_of = random_day(random);
  raw.language = random.of(std::vector<std::string>{"", "en", "ar", "es", "fr", "ru", "zh"});
  if (random.one_in(4) && axis_of(static_cast<Dimension>(rows)) != Axis::kState) {
    raw.order_by = "figure";
  }
  return raw;
}

}  // namespace uncac::needs_matrix::testing
