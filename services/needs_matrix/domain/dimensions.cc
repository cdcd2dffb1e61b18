#include "needs_matrix/domain/dimensions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <numeric>
#include <set>
#include <utility>

namespace uncac::needs_matrix {

namespace {

using reference::Group;
using reference::Obligation;

constexpr std::array<std::string_view, kDimensionCount> kDimensions = {
    "state",      "regional_group", "subregion",  "state_set",     "chapter",
    "article",    "provision",      "obligation", "untoc_article", "type",
    "compliance", "challenge",      "need_state", "round"};
constexpr std::array<std::string_view, 2> kDonorDimensions = {"coverage", "provider"};
constexpr std::array<std::string_view, 4> kMeasures = {"states_stating", "needs_stated",
                                                       "share_of_respondents", "response_rate"};
constexpr std::array<std::string_view, 5> kDonorMeasures = {"unmet", "share_covered", "committed",
                                                            "disbursed", "days_since_first_stated"};

constexpr std::array<std::string_view, 4> kCompliances = {"YES", "IN_PART", "NO", "NOT_ANSWERED"};
constexpr std::array<std::string_view, 5> kNeedStates = {"STATED", "NONE_STATED", "NOT_ANSWERED",
                                                         "WITHHELD", "NOT_ASKED"};

template <std::size_t N>
std::optional<std::size_t> find(const std::array<std::string_view, N>& codes,
                                std::string_view text) {
  const auto at = std::find(codes.begin(), codes.end(), text);
  if (at == codes.end()) return std::nullopt;
  return static_cast<std::size_t>(at - codes.begin());
}

template <class Range, class Projection>
std::optional<Code> position(const Range& range, std::string_view text, Projection project) {
  for (std::size_t i = 0; i < range.size(); ++i) {
    if (project(range[i]) == text) return static_cast<Code>(i);
  }
  return std::nullopt;
}

std::vector<Code> first(std::size_t count) {
  std::vector<Code> codes(count);
  std::iota(codes.begin(), codes.end(), Code{0});
  return codes;
}

std::string provision_name(const reference::Reference& reference,
                           const reference::Provision& provision, Language language) {
  std::string name = provision.names.in(language);
  if (provision.paragraph != 0) {
    // "{title}, paragraph {number}" in each language's own order and punctuation.
    const std::string& pattern = reference.label("paragraph").in(language);
    const auto at = pattern.find("{}");
    name += pattern.substr(0, at) + std::to_string(provision.paragraph) + pattern.substr(at + 2);
  }
  if (provision.letter != '\0') name += std::string(" (") + provision.letter + ")";
  return name;
}

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row[b.size()];
}

}  // namespace

Axis axis_of(Dimension dimension) {
  if (dimension <= Dimension::kStateSet) return Axis::kState;
  if (dimension <= Dimension::kUntocArticle) return Axis::kProvision;
  return dimension == Dimension::kRound ? Axis::kRound : Axis::kCell;
}

std::string_view code(Dimension dimension) {
  return kDimensions[static_cast<std::size_t>(dimension)];
}
std::string_view code(Measure measure) { return kMeasures[static_cast<std::size_t>(measure)]; }

std::optional<Dimension> parse_dimension(std::string_view code) {
  const auto at = find(kDimensions, code);
  if (!at) return std::nullopt;
  return static_cast<Dimension>(*at);
}
std::optional<Measure> parse_measure(std::string_view code) {
  const auto at = find(kMeasures, code);
  if (!at) return std::nullopt;
  return static_cast<Measure>(*at);
}
bool is_dimension_of_donors(std::string_view code) {
  return find(kDonorDimensions, code).has_value();
}
bool is_measure_of_donors(std::string_view code) { return find(kDonorMeasures, code).has_value(); }
std::vector<std::string> dimension_codes() { return {kDimensions.begin(), kDimensions.end()}; }
std::vector<std::string> measure_codes() { return {kMeasures.begin(), kMeasures.end()}; }

std::vector<Code> codes_of(const Items& items, Dimension dimension, Language language) {
  const auto& reference = items.reference();
  std::vector<Code> codes;
  const auto each_item = [&](auto add) { items.all().for_each(add); };
  switch (dimension) {
    case Dimension::kState: {
      const auto order = reference.states_in_order(language);
      return {order.begin(), order.end()};
    }
    case Dimension::kRegionalGroup:
      return first(reference::kGroupCount);
    case Dimension::kSubregion:
      return first(reference.subregions().size());
    case Dimension::kStateSet:
      return first(reference.state_sets().size());
    case Dimension::kChapter:
      for (const Code code : first(reference.chapters().size())) {
        const auto& chapter = reference.chapters()[code].code;
        bool asked = false;
        each_item([&](ItemIndex item) {
          asked = asked || reference.provisions()[items.provision(item)].chapter == chapter;
        });
        if (asked) codes.push_back(code);
      }
      return codes;
    case Dimension::kArticle:
      each_item([&](ItemIndex item) {
        const Code article = items.article_of(item);
        if (codes.empty() || codes.back() != article) codes.push_back(article);
      });
      return codes;
    case Dimension::kProvision:
      each_item([&](ItemIndex item) { codes.push_back(items.provision(item)); });
      return codes;
    case Dimension::kObligation:
      return first(reference::kObligationCount);
    case Dimension::kUntocArticle: {
      std::set<Code> articles;
      for (const auto& pair : reference.crosswalk()) {
        if (serves(pair) && items.below(pair.uncac).any()) articles.insert(pair.untoc);
      }
      return {articles.begin(), articles.end()};
    }
    case Dimension::kType:
      for (const Code code : first(reference.types().size())) {
        if (!reference.types()[code].excludes_rest) codes.push_back(code);
      }
      return codes;
    case Dimension::kCompliance:
      return first(kCompliances.size());
    case Dimension::kChallenge:
      return first(reference.challenges().size());
    case Dimension::kNeedState:
      return first(kNeedStates.size());
    case Dimension::kRound:
      return codes;
  }
  return codes;
}

std::optional<Code> parse_code(const Items& items, Dimension dimension, std::string_view text) {
  const auto& reference = items.reference();
  switch (dimension) {
    case Dimension::kState:
      return reference.state(text);
    case Dimension::kRegionalGroup:
      if (const auto group = reference::parse_group(text)) return static_cast<Code>(*group);
      return std::nullopt;
    case Dimension::kSubregion:
      return position(reference.subregions(), text, [](const auto& name) { return name; });
    case Dimension::kStateSet: {
      const auto set = reference.state_set(text);
      if (!set) return std::nullopt;
      return static_cast<Code>(*set);
    }
    case Dimension::kChapter:
      return position(reference.chapters(), text, [](const auto& chapter) { return chapter.code; });
    case Dimension::kArticle: {
      const auto provision = reference.provision(text);
      if (!provision || reference.provisions()[*provision].article_index != *provision) return {};
      return provision;
    }
    case Dimension::kProvision:
      return reference.provision(text);
    case Dimension::kUntocArticle: {
      const auto provision = reference.provision(text);
      for (const auto& pair : reference.crosswalk()) {
        if (provision && pair.untoc == *provision) return provision;
      }
      return std::nullopt;
    }
    case Dimension::kObligation:
      if (const auto obligation = reference::parse_obligation(text)) {
        return static_cast<Code>(*obligation);
      }
      return std::nullopt;
    case Dimension::kType: {
      // "NO_ASSISTANCE_REQUIRED and an empty type both give none stated; neither is a code of
      // dimension `type`."
      const auto type = reference.type(text);
      if (!type || reference.types()[*type].excludes_rest) return std::nullopt;
      return *type;
    }
    case Dimension::kCompliance:
      return position(kCompliances, text, [](std::string_view code) { return code; });
    case Dimension::kChallenge:
      if (const auto challenge = reference.challenge(text)) return *challenge;
      return std::nullopt;
    case Dimension::kNeedState:
      return position(kNeedStates, text, [](std::string_view code) { return code; });
    case Dimension::kRound: {
      Code year = 0;
      const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), year);
      // "A round is any year from 2003 to the current one": the upper end is the question's.
      if (failed != std::errc{} || end != text.data() + text.size() || text.size() != 4 ||
          year < 2003) {
        return std::nullopt;
      }
      return year;
    }
  }
  return std::nullopt;
}

std::string code_text(const Items& items, Dimension dimension, Code code) {
  const auto& reference = items.reference();
  switch (dimension) {
    case Dimension::kState:
      return reference.states()[code].iso3;
    case Dimension::kRegionalGroup:
      return std::string(reference::code(static_cast<Group>(code)));
    case Dimension::kSubregion:
      return reference.subregions()[code];
    case Dimension::kStateSet:
      return reference.state_sets()[code].code;
    case Dimension::kChapter:
      return reference.chapters()[code].code;
    case Dimension::kArticle:
    case Dimension::kProvision:
    case Dimension::kUntocArticle:
      return reference.provisions()[code].id;
    case Dimension::kObligation:
      return std::string(reference::code(static_cast<Obligation>(code)));
    case Dimension::kType:
      return reference.types()[code].code;
    case Dimension::kCompliance:
      return std::string(kCompliances[code]);
    case Dimension::kChallenge:
      return reference.challenges()[code].code;
    case Dimension::kNeedState:
      return std::string(kNeedStates[code]);
    case Dimension::kRound:
      return std::to_string(code);
  }
  return {};
}

Header header_of(const Items& items, Dimension dimension, Code code, Language language) {
  const auto& reference = items.reference();
  const auto named = [&](const reference::Names& names) {
    return Header{code_text(items, dimension, code), names.in(language)};
  };
  switch (dimension) {
    case Dimension::kState:
      return named(reference.states()[code].names);
    case Dimension::kRegionalGroup:
      return named(reference.names(static_cast<Group>(code)));
    case Dimension::kSubregion:
      return named(reference.subregion_names(code));
    case Dimension::kStateSet:
      return named(reference.state_sets()[code].names);
    case Dimension::kChapter:
      return named(reference.chapters()[code].names);
    case Dimension::kArticle:
    case Dimension::kProvision:
    case Dimension::kUntocArticle:
      return {code_text(items, dimension, code),
              provision_name(reference, reference.provisions()[code], language)};
    case Dimension::kObligation:
      return named(reference.names(static_cast<Obligation>(code)));
    case Dimension::kType:
      return named(reference.types()[code].names);
    case Dimension::kCompliance:
      return named(reference.label("compliance." + std::string(kCompliances[code])));
    case Dimension::kChallenge:
      return named(reference.challenges()[code].names);
    case Dimension::kNeedState:
      return named(reference.label("need_state." + std::string(kNeedStates[code])));
    case Dimension::kRound:
      return {std::to_string(code), std::to_string(code)};
  }
  return {};
}

std::vector<std::string> suggestions(std::string_view text,
                                     const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongest = 64;  // a longer text is no typing mistake, and costs time
  if (text.size() > kLongest) return {};
  std::vector<std::pair<std::size_t, std::string>> near;
  const std::size_t allowed = std::max<std::size_t>(1, text.size() / 3);
  for (const auto& candidate : candidates) {
    const std::size_t distance = edits(text, candidate);
    if (distance <= allowed) near.emplace_back(distance, candidate);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < near.size() && i < 3; ++i) out.push_back(std::move(near[i].second));
  return out;
}

}  // namespace uncac::needs_matrix
