// Types of assistance, challenges, and the checklists that use them.
#include <algorithm>
#include <array>

#include "reference/loader.h"

namespace uncac::reference {
namespace {

constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
constexpr std::string_view kSmalls = "abcdefghijklmnopqrstuvwxyz0123456789-";

// The checklists that must be there, and how much of them. Others may be added as data alone.
struct KnownChecklist {
  std::string_view code;
  std::size_t items;
  std::size_t types;
};
constexpr std::string_view kComprehensive = "uncac-comprehensive";
constexpr std::array kKnownChecklists{KnownChecklist{"uncac-2007", 15, 11},
                                      KnownChecklist{kComprehensive, 188, 11}};
// What the comprehensive checklist covers.
constexpr int kFirstArticle = 5;
constexpr int kLastArticle = 59;

}  // namespace

void Loader::load_types() {
  const Table* rows = table("assistance_types.csv");
  if (rows == nullptr) return;
  for (const Record& record : rows->records) {
    const At code{*rows, record, "code"};
    filled({*rows, record, "label"});
    filled({*rows, record, "category_2016"});
    one_of({*rows, record, "text"}, {"NONE", "OPTIONAL", "ASKED", "REQUIRED"});
    one_of({*rows, record, "label_confidence"}, {"high", "medium", "low"});
    one_of({*rows, record, "category_confidence"}, {"high", "medium", "low"});
    const bool excludes_rest = yes({*rows, record, "excludes_rest"});
    if (!enter_code(code, kCapitals, 1, 40, out_->types_.size(), out_->type_by_code_)) continue;
    out_->types_.push_back({.code = code.text(),
                            .label = record["label"],
                            .text_required = record["text"] == "REQUIRED",
                            .excludes_rest = excludes_rest,
                            .category_2016 = record["category_2016"]});
  }
}

void Loader::load_challenges() {
  const Table* rows = table("challenges.csv");
  if (rows == nullptr) return;
  for (const Record& record : rows->records) {
    const At code{*rows, record, "code"};
    filled({*rows, record, "label"});
    one_of({*rows, record, "confidence"}, {"high", "medium", "low"});
    const bool text_required = yes({*rows, record, "text_required"});
    if (!enter_code(code, kCapitals, 1, 40, out_->challenges_.size(), out_->challenge_by_code_)) {
      continue;
    }
    out_->challenges_.push_back(
        {.code = code.text(), .label = record["label"], .text_required = text_required});
  }
}

void Loader::load_checklists() {
  const Table* rows = table("checklists.csv");
  if (rows == nullptr) return;
  for (const Record& record : rows->records) {
    const At code{*rows, record, "code"};
    filled({*rows, record, "title"});
    if (!enter_code(code, kSmalls, 1, 40, out_->checklists_.size(), out_->checklist_by_code_)) {
      continue;
    }
    Checklist checklist;
    checklist.code = code.text();
    checklist.title = record["title"];
    checklist.item_of.assign(out_->provisions_.size(), Checklist::kNoItem);
    checklist.knows_type.assign(out_->types_.size(), false);
    out_->checklists_.push_back(std::move(checklist));
  }
  for (const KnownChecklist& known : kKnownChecklists) {
    if (!complete({"checklists.csv"}) || out_->checklist(known.code)) continue;
    report_file("checklists.csv", "code", "missing-row", "no row for " + std::string(known.code));
    incomplete_.emplace("checklists.csv");
  }
  if (!complete({"checklists.csv"})) return;
  load_checklist_items();
  load_checklist_types();
  check_known_checklists();
}

void Loader::load_checklist_items() {
  const Table* rows = table("checklist_items.csv");
  if (rows == nullptr || out_->provisions_.empty()) return;
  for (const Record& record : rows->records) {
    const At at{*rows, record, "item"};
    one_of({*rows, record, "confidence"}, {"high", "medium", "low"});
    const auto code = look_up({*rows, record, "checklist"}, out_->checklist_by_code_);
    const auto index = look_up(at, out_->provision_by_id_);
    if (!code || !index) continue;
    Checklist& checklist = out_->checklists_[*code];
    const Provision& provision = out_->provisions_[*index];
    if (provision.letter != '\0' || !at.text().starts_with("uncac/")) {
      reject(at, "not-an-item", "an item is an article or a paragraph of uncac");
      continue;
    }
    if (checklist.has(*index)) {
      reject(at, "duplicate-key", quoted(at.text()) + " stands in the checklist before");
      continue;
    }
    if (!checklist.items.empty() && *index < checklist.items.back()) {
      report(at, "wrong-order", "the item is not in treaty order");
    }
    checklist.item_of[*index] = static_cast<std::uint16_t>(checklist.items.size());
    checklist.items.push_back(*index);
  }
}

void Loader::load_checklist_types() {
  const Table* rows = table("checklist_types.csv");
  if (rows == nullptr || !complete({"assistance_types.csv"})) return;
  for (const Record& record : rows->records) {
    const At at{*rows, record, "type"};
    one_of({*rows, record, "printed"}, {"YES", "LIKELY", "SOME_ARTICLES", "DOUBTFUL"});
    const auto code = look_up({*rows, record, "checklist"}, out_->checklist_by_code_);
    const auto type = look_up(at, out_->type_by_code_);
    if (!code || !type) continue;
    Checklist& checklist = out_->checklists_[*code];
    if (checklist.knows_type[*type]) {
      reject(at, "duplicate-key", quoted(at.text()) + " stands in the checklist before");
      continue;
    }
    checklist.knows_type[*type] = true;
    checklist.types.push_back(static_cast<TypeIndex>(*type));
  }
  for (Checklist& checklist : out_->checklists_) {
    std::sort(checklist.types.begin(), checklist.types.end());
  }
}

void Loader::check_known_checklists() {
  const bool items = complete({"checklist_items.csv"}) && !out_->provisions_.empty();
  const bool types = complete({"checklist_types.csv", "assistance_types.csv"});
  for (const KnownChecklist& known : kKnownChecklists) {
    const std::string code(known.code);
    const Checklist& checklist = out_->checklists_[*out_->checklist(code)];
    if (types) {
      check_count("checklist_types.csv", "type", "types of " + code, checklist.types.size(),
                  known.types);
    }
    if (!items) continue;
    check_count("checklist_items.csv", "item", "items of " + code, checklist.items.size(),
                known.items);
    if (code != kComprehensive) continue;
    for (std::size_t i = 0; i < out_->provisions_.size(); ++i) {
      const Provision& provision = out_->provisions_[i];
      const bool expected = is_item(provision) && provision.article >= kFirstArticle &&
                            provision.article <= kLastArticle;
      if (expected == checklist.has(static_cast<ProvisionIndex>(i))) continue;
      report_file("checklist_items.csv", "item", expected ? "missing-row" : "not-an-item",
                  expected ? "no row for " + provision.id + " in " + code
                           : provision.id + " is not an item of " + code);
    }
  }
}

// A numbered paragraph of uncac, or an article without any.
bool Loader::is_item(const Provision& provision) const {
  if (!provision.id.starts_with("uncac/") || provision.letter != '\0') return false;
  return provision.paragraph > 0 || uncac_articles_.at(provision.article).paragraphs == 0;
}

}  // namespace uncac::reference
