// Chapters, articles, paragraphs and letters, and the crosswalk between the two conventions.
#include <algorithm>

#include "reference/loader.h"

namespace uncac::reference {

void Loader::load_chapters() {
  const Table* chapters = table("chapters.csv");
  if (chapters == nullptr) return;
  Index seen;
  for (const Record& record : chapters->records) {
    filled({*chapters, record, "title"});
    if (!enter_code({*chapters, record, "code"}, "IVX", 1, 4, seen.size(), seen)) continue;
    out_->chapters_.push_back({.code = record["code"], .title = record["title"]});
  }
}

void Loader::load_articles(std::string_view file, std::map<int, Article>& articles) {
  const Table* rows = table(file);
  if (rows == nullptr) return;
  const bool uncac = file.starts_with("uncac");
  constexpr int kRejected = -1;
  int previous = 0;  // the number of the row before
  for (const Record& record : rows->records) {
    const At number_at{*rows, record, "number"};
    const auto article_number = number(number_at, 1, 199);
    const auto paragraphs = number({*rows, record, "paragraphs"}, 0, 99);
    filled({*rows, record, "title"});
    std::string chapter = uncac ? record["chapter"] : "";
    if (uncac && complete({"chapters.csv"}) &&
        std::none_of(out_->chapters_.begin(), out_->chapters_.end(),
                     [&](const Chapter& known) { return known.code == chapter; })) {
      report({*rows, record, "chapter"}, "unknown-code",
             quoted(chapter) + " is not a chapter of chapters.csv");
    }
    if (!article_number || !paragraphs) {
      incomplete_.emplace(file);
      previous = kRejected;
      continue;
    }
    if (articles.contains(*article_number)) {
      reject(number_at, "duplicate-key", "article " + number_at.text() + " stands twice");
      previous = kRejected;
      continue;
    }
    if (previous != kRejected && *article_number != previous + 1) {
      report(number_at, "wrong-order",
             "article " + number_at.text() + " follows article " + std::to_string(previous));
    }
    previous = *article_number;
    articles[*article_number] = {
        .chapter = std::move(chapter), .title = record["title"], .paragraphs = *paragraphs};
  }
}

void Loader::load_paragraphs() {
  const Table* rows = table("uncac_paragraphs.csv");
  if (rows == nullptr || !complete({"uncac_articles.csv"})) return;
  std::pair<int, int> previous{0, 0};
  for (const Record& record : rows->records) {
    const At at{*rows, record, "item"};
    Item item = read_item(*rows, record);
    const auto id = parse_provision_id(at.text());
    if (!id || id->treaty != "uncac" || id->letter != '\0') {
      reject(at, "bad-code", quoted(at.text()) + " is not of the form uncac/44.4 or uncac/15");
      continue;
    }
    const auto known = uncac_articles_.find(id->article);
    const int paragraphs = known == uncac_articles_.end() ? -1 : known->second.paragraphs;
    if (id->paragraph > paragraphs || (id->paragraph == 0 && paragraphs > 0)) {
      reject(at, "unknown-code",
             paragraphs < 0 ? "there is no article " + std::to_string(id->article)
                            : "article " + std::to_string(id->article) + " has " +
                                  std::to_string(paragraphs) + " numbered paragraphs");
      continue;
    }
    const std::pair<int, int> key{id->article, id->paragraph};
    if (!items_.emplace(key, std::move(item)).second) {
      reject(at, "duplicate-key", quoted(at.text()) + " stands in the file before");
      continue;
    }
    if (key < previous) report(at, "wrong-order", "the row is not in treaty order");
    previous = key;
  }
  if (items_.size() != rows->records.size()) return;  // a rejected row is missed by nobody else
  for (const auto& [number, article] : uncac_articles_) {
    for (int paragraph = std::min(1, article.paragraphs); paragraph <= article.paragraphs;
         ++paragraph) {
      if (items_.contains({number, paragraph})) continue;
      report_file(rows->file, "item", "missing-row",
                  paragraph == 0 ? "no row for uncac/" + std::to_string(number)
                                 : "no row for paragraph " + std::to_string(paragraph) +
                                       " of uncac/" + std::to_string(number));
      incomplete_.insert(rows->file);
    }
  }
}

Loader::Item Loader::read_item(const Table& table, const Record& record) {
  Item item;
  const At last{table, record, "last_letter"};
  if (!last.text().empty() && shaped(last, "abcdefghijklmnopqrstuvwxyz", 1, 1)) {
    item.last_letter = last.text()[0];
  }
  const At level{table, record, "obligation"};
  if (const auto obligation = parse_obligation(level.text())) {
    item.obligation = *obligation;
  } else {
    report(level, "unknown-code", quoted(level.text()) + " is not a level of obligation");
  }
  if (item.obligation == Obligation::kMixed && record["note"].empty()) {
    report({table, record, "note"}, "mixed-without-note",
           "a mixed level needs a note that says which verb asks for what");
  }
  const At letters{table, record, "letter_obligations"};
  for (const std::string_view part : split(letters.text())) {
    const char letter = part.size() > 2 && part[1] == '=' ? part[0] : '\0';
    if (letter < 'a' || letter > item.last_letter) {
      report(letters, "unknown-letter",
             quoted(part) + " does not begin with one of its letters and \"=\"");
      continue;
    }
    const auto obligation = parse_obligation(part.substr(2));
    if (!obligation) {
      report(letters, "unknown-code", quoted(part) + " names no level of obligation");
    } else if (!item.letter_obligations.emplace(letter, *obligation).second) {
      report(letters, "duplicate-key", std::string("letter ") + letter + " stands twice");
    }
  }
  const bool differ = std::any_of(item.letter_obligations.begin(), item.letter_obligations.end(),
                                  [&](const auto& own) { return own.second != item.obligation; });
  if (!item.letter_obligations.empty() && !differ) {
    report(letters, "says-nothing", "every letter has the level of its paragraph anyway");
  }
  return item;
}

void Loader::build_provisions() {
  if (!complete({"uncac_articles.csv", "uncac_paragraphs.csv", "untoc_articles.csv"})) return;
  auto& provisions = out_->provisions_;
  for (const auto& [number, article] : uncac_articles_) {
    const std::string id = "uncac/" + std::to_string(number);
    const ProvisionIndex top = add(id, article, std::nullopt, Obligation::kNone);
    std::optional<Obligation> common;
    for (auto row = items_.lower_bound({number, 0});
         row != items_.end() && row->first.first == number; ++row) {
      const int paragraph = row->first.second;
      const Item& item = row->second;
      ProvisionIndex index = top;
      if (paragraph > 0) {
        index = add(id + "." + std::to_string(paragraph), article, top, item.obligation);
      }
      add_letters(index, item);
      provisions[index].end = static_cast<ProvisionIndex>(provisions.size());
      common = !common || *common == item.obligation ? item.obligation : Obligation::kMixed;
    }
    provisions[top].obligation = common.value_or(Obligation::kNone);
    provisions[top].end = static_cast<ProvisionIndex>(provisions.size());
  }
  for (const auto& [number, article] : untoc_articles_) {
    add("untoc/" + std::to_string(number), article, std::nullopt, Obligation::kNone);
  }
}

ProvisionIndex Loader::add(const std::string& id, const Article& article,
                           std::optional<ProvisionIndex> parent, Obligation obligation) {
  auto& provisions = out_->provisions_;
  const auto index = static_cast<ProvisionIndex>(provisions.size());
  const ProvisionId parts = parse_provision_id(id).value_or(ProvisionId{});
  out_->provision_by_id_.emplace(id, index);
  provisions.push_back({.id = id,
                        .title = article.title,
                        .article = parts.article,
                        .paragraph = parts.paragraph,
                        .letter = parts.letter,
                        .chapter = article.chapter,
                        .article_index = parent ? provisions[*parent].article_index : index,
                        .parent = parent,
                        .end = static_cast<ProvisionIndex>(index + 1),
                        .obligation = obligation});
  return index;
}

void Loader::add_letters(ProvisionIndex parent, const Item& item) {
  const Provision above = out_->provisions_[parent];  // a copy: adding moves the vector
  for (char letter = 'a'; letter <= item.last_letter; ++letter) {
    const auto own = item.letter_obligations.find(letter);
    add(above.id + "." + letter, uncac_articles_.at(above.article), parent,
        own == item.letter_obligations.end() ? item.obligation : own->second);
  }
}

std::optional<ProvisionIndex> Loader::article(const At& at, std::string_view treaty) {
  const auto index = look_up(at, out_->provision_by_id_);
  if (!index) return std::nullopt;
  if (!out_->provisions_[*index].parent && at.text().starts_with(treaty)) return index;
  reject(at, "not-an-article", quoted(at.text()) + " is not an article of " + std::string(treaty));
  return std::nullopt;
}

void Loader::load_crosswalk() {
  const Table* rows = table("crosswalk.csv");
  if (rows == nullptr || out_->provisions_.empty()) return;
  std::pair<ProvisionIndex, ProvisionIndex> previous{0, 0};
  for (const Record& record : rows->records) {
    const At relation_at{*rows, record, "relation"};
    const bool known = one_of(relation_at, {"EQUIVALENT", "OVERLAPPING", "RELATED"});
    one_of({*rows, record, "confidence"}, {"high", "medium", "low"});
    filled({*rows, record, "note"});
    const auto uncac = article({*rows, record, "uncac"}, "uncac");
    const auto untoc = article({*rows, record, "untoc"}, "untoc");
    if (!known) incomplete_.insert(rows->file);
    if (!uncac || !untoc || !known) continue;
    const std::pair<ProvisionIndex, ProvisionIndex> key{*uncac, *untoc};
    const Relation relation = relation_at.text() == "EQUIVALENT"    ? Relation::kEquivalent
                              : relation_at.text() == "OVERLAPPING" ? Relation::kOverlapping
                                                                    : Relation::kRelated;
    if (!pairs_.emplace(key, Pair{.record = &record, .relation = relation, .twins = {}}).second) {
      reject({*rows, record, "untoc"}, "duplicate-key", "the pair stands in the file before");
      continue;
    }
    if (key < previous) {
      report({*rows, record, "uncac"}, "wrong-order", "the pair is not in treaty order");
    }
    previous = key;
    out_->crosswalk_.push_back({.uncac = *uncac,
                                .untoc = *untoc,
                                .relation = relation,
                                .confidence = record["confidence"]});
  }
}

void Loader::load_crosswalk_paragraphs() {
  const Table* rows = table("crosswalk_paragraphs.csv");
  if (rows == nullptr || !complete({"crosswalk.csv"}) || out_->provisions_.empty()) return;
  const auto& provisions = out_->provisions_;
  std::set<std::pair<std::string, std::string>> seen;
  for (const Record& record : rows->records) {
    const At uncac_at{*rows, record, "uncac"};
    const At untoc_at{*rows, record, "untoc"};
    const auto uncac = look_up(uncac_at, out_->provision_by_id_);
    const auto untoc = parse_provision_id(untoc_at.text());
    if (!untoc || untoc->treaty != "untoc" || !exists_in_untoc(*untoc)) {
      reject(untoc_at, "unknown-code", quoted(untoc_at.text()) + " is not a provision of untoc");
      continue;
    }
    if (!uncac) continue;
    if (!seen.emplace(uncac_at.text(), untoc_at.text()).second) {
      reject(untoc_at, "duplicate-key", "the pair stands in the file before");
      continue;
    }
    const Provision& provision = provisions[*uncac];
    const auto untoc_article =
        out_->provision_by_id_.find("untoc/" + std::to_string(untoc->article));
    const auto pair = pairs_.find({provision.article_index, untoc_article->second});
    if (pair == pairs_.end() || pair->second.relation == Relation::kRelated) {
      reject(uncac_at, "not-in-crosswalk",
             "crosswalk.csv has no equivalent or overlapping pair of these articles");
      continue;
    }
    // A letter counts as its paragraph: shares are taken over the items of the article.
    const bool below = provision.letter != '\0';
    pair->second.twins.insert(below ? *provision.parent : *uncac);
  }
  if (!complete({"crosswalk_paragraphs.csv"})) return;
  for (const auto& [key, pair] : pairs_) {
    if (pair.relation != Relation::kEquivalent) continue;
    const int paragraphs = uncac_articles_.at(provisions[key.first].article).paragraphs;
    const std::size_t items = paragraphs == 0 ? 1 : static_cast<std::size_t>(paragraphs);
    if (pair.twins.size() * 4 >= items * 3) continue;
    report({*table("crosswalk.csv"), *pair.record, "relation"}, "too-few-twins",
           "EQUIVALENT, but only " + std::to_string(pair.twins.size()) + " of " +
               std::to_string(items) + " items have a twin in crosswalk_paragraphs.csv");
  }
}

bool Loader::exists_in_untoc(const ProvisionId& id) const {
  const auto found = untoc_articles_.find(id.article);
  return found != untoc_articles_.end() && id.paragraph <= found->second.paragraphs &&
         (id.letter == '\0' || id.paragraph > 0 || found->second.paragraphs == 0);
}

}  // namespace uncac::reference
