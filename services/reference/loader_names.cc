// Names in the six languages, and the order of the States by them.
#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "reference/collation.h"
#include "reference/loader.h"

namespace uncac::reference {
namespace {

constexpr std::array<Language, kLanguageCount> kLanguages{Language::kArabic,  Language::kEnglish,
                                                          Language::kSpanish, Language::kFrench,
                                                          Language::kRussian, Language::kChinese};

constexpr std::string_view kPlace = "{}";  // of the number in the word `paragraph`

std::string& in(Names& names, Language language) {
  return names.by_language[static_cast<std::size_t>(language)];
}

// "type" of "type.LEGAL_ADVICE", "uncac" of "uncac/44"; nothing of "KEN", all of one kind.
std::string_view kind_of(std::string_view key) {
  const std::size_t end = key.find_first_of("./");
  return end == std::string_view::npos ? std::string_view() : key.substr(0, end);
}

bool has_one_place(std::string_view text) {
  const std::size_t at = text.find(kPlace);
  return at != std::string_view::npos && text.find(kPlace, at + 1) == std::string_view::npos;
}

}  // namespace

void Loader::load_names() {
  load_state_names();
  load_article_names();
  load_labels();
  load_words();
}

void Loader::load_state_names() {
  if (!complete({"states.csv"})) return;
  NamesByKey names;
  for (const State& state : out_->states_) {
    in(names[state.iso3], Language::kEnglish) = state.name;
  }
  if (!read_names("state_names.csv", "iso3", names)) return;
  for (State& state : out_->states_) state.names = names.at(state.iso3);
  order_states();
}

void Loader::load_article_names() {
  auto& provisions = out_->provisions_;
  if (provisions.empty()) return;
  NamesByKey names;
  for (const Provision& provision : provisions) {
    if (!provision.parent) in(names[provision.id], Language::kEnglish) = provision.title;
  }
  if (!read_names("article_names.csv", "article", names)) return;
  for (Provision& provision : provisions) {
    provision.names = names.at(provisions[provision.article_index].id);
  }
}

void Loader::load_labels() {
  if (!complete({"chapters.csv", "assistance_types.csv", "challenges.csv", "checklists.csv",
                 "subregions.csv", "state_sets.csv"})) {
    return;
  }
  NamesByKey names;
  const auto expect = [&](const std::string& key, const std::string& english) {
    in(names[key], Language::kEnglish) = english;
  };
  for (const Chapter& chapter : out_->chapters_) expect("chapter." + chapter.code, chapter.title);
  for (const AssistanceType& type : out_->types_) expect("type." + type.code, type.label);
  for (const Challenge& one : out_->challenges_) expect("challenge." + one.code, one.label);
  for (const Checklist& list : out_->checklists_) expect("checklist." + list.code, list.title);
  for (const std::string& name : out_->subregions_) expect("subregion." + name, name);
  for (const StateSet& set : out_->sets_) expect("state_set." + set.code, set.name);
  if (!read_names("labels.csv", "key", names)) return;
  for (Chapter& chapter : out_->chapters_) chapter.names = names.at("chapter." + chapter.code);
  for (AssistanceType& type : out_->types_) type.names = names.at("type." + type.code);
  for (Challenge& one : out_->challenges_) one.names = names.at("challenge." + one.code);
  for (Checklist& list : out_->checklists_) list.names = names.at("checklist." + list.code);
  for (const std::string& name : out_->subregions_) {
    out_->subregion_names_.push_back(names.at("subregion." + name));
  }
  for (StateSet& set : out_->sets_) set.names = names.at("state_set." + set.code);
}

// Their English stands in this file, since no other data file has these codes.
void Loader::load_words() {
  NamesByKey names;
  for (const std::string_view key : label_keys()) names[std::string(key)];
  for (std::size_t i = 0; i < kGroupCount; ++i) {
    names["group." + std::string(code(static_cast<Group>(i)))];
  }
  for (std::size_t i = 0; i < kObligationCount; ++i) {
    names["obligation." + std::string(code(static_cast<Obligation>(i)))];
  }
  if (!read_names("words.csv", "key", names)) return;
  for (std::size_t i = 0; i < kGroupCount; ++i) {
    out_->groups_[i] = names.at("group." + std::string(code(static_cast<Group>(i))));
  }
  for (std::size_t i = 0; i < kObligationCount; ++i) {
    out_->obligations_[i] = names.at("obligation." + std::string(code(static_cast<Obligation>(i))));
  }
  for (const std::string_view key : label_keys()) {
    auto word = names.extract(std::string(key));
    out_->labels_.emplace(key, std::move(word.mapped()));
  }
}

bool Loader::read_names(std::string_view file, std::string_view key_column, NamesByKey& names) {
  const Table* rows = table(file);
  if (rows == nullptr) return false;
  const std::size_t before = problems_.size();
  const bool english = rows->file == "words.csv";
  std::set<std::string_view> seen;
  std::set<std::tuple<std::string_view, Language, std::string_view>> given;  // kind, language, name
  for (const Record& record : rows->records) {
    const At key{*rows, record, key_column};
    one_of({*rows, record, "sure"}, {"HIGH", "MEDIUM", "LOW"});
    const auto entry = names.find(key.text());
    if (entry == names.end()) {
      reject(key, "unknown-code", quoted(key.text()) + " is not known here");
      continue;
    }
    if (!seen.insert(key.text()).second) {
      reject(key, "duplicate-key", quoted(key.text()) + " stands in the file before");
      continue;
    }
    const std::string_view kind = kind_of(key.text());
    for (const Language language : kLanguages) {
      if (language == Language::kEnglish && !english) continue;
      const At at{*rows, record, code(language)};
      if (!name_stands(at)) continue;
      if (key.text() == "paragraph" && !has_one_place(at.text())) {
        report(at, "no-place", "the word must have {} once, for the number");
      }
      // Two things of one kind that look alike could not be told apart in a list.
      if (!given.emplace(kind, language, at.text()).second) {
        report(at, "duplicate-name", quoted(at.text()) + " is also the name of another");
      }
      in(entry->second, language) = at.text();
    }
  }
  if (complete({file})) {
    for (const auto& [key, unused] : names) {
      if (!seen.contains(key)) report_file(file, key_column, "missing-row", "no row for " + key);
    }
  }
  return problems_.size() == before;
}

bool Loader::name_stands(const At& at) {
  if (!filled(at)) return false;
  const auto fault = fault_of_name(at.text());
  if (!fault) return true;
  report(at, fault->rule, quoted(at.text()) + ": " + fault->message);
  return false;
}

// The index is by English name, so that its order need not be asked for. load_states() has seen to
// that, row by row.
void Loader::order_states() {
  const auto& states = out_->states_;
  for (const Language language : kLanguages) {
    const auto collation = Collation::of(language);
    if (!collation) {
      report_file("state_names.csv", code(language), "no-collation", collation.error().message);
      continue;
    }
    std::vector<std::pair<std::string, std::string_view>> keys;
    keys.reserve(states.size());
    for (const State& state : states) {
      keys.emplace_back(collation->key(state.names.in(language)), state.iso3);
    }
    auto& order = out_->states_in_order_[static_cast<std::size_t>(language)];
    order.resize(states.size());
    std::iota(order.begin(), order.end(), StateIndex{0});
    std::sort(order.begin(), order.end(),
              [&](StateIndex a, StateIndex b) { return keys[a] < keys[b]; });
  }
}

}  // namespace uncac::reference
