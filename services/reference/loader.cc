#include "reference/loader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "embedded/kReferenceData.h"

namespace uncac::reference {
namespace {

using platform::Day;
using platform::Error;
using platform::Reason;
using platform::Result;

struct FileSpec {
  std::string_view name;
  std::string_view columns;  // apart by a space
  std::size_t rows;          // that the file must have; 0 = checked elsewhere
};

constexpr std::array kFiles{
    FileSpec{"chapters.csv", "code title", 8},
    FileSpec{"uncac_articles.csv", "number chapter paragraphs title", 71},
    FileSpec{"uncac_paragraphs.csv", "item last_letter obligation letter_obligations note", 239},
    FileSpec{"untoc_articles.csv", "number paragraphs title", 41},
    FileSpec{"crosswalk.csv", "uncac untoc relation confidence note", 66},
    FileSpec{"crosswalk_paragraphs.csv", "uncac untoc", 0},
    FileSpec{
        "assistance_types.csv",
        "code label text excludes_rest category_2016 label_confidence category_confidence note",
        11},
    FileSpec{"challenges.csv", "code label text_required confidence", 8},
    FileSpec{"checklists.csv", "code title", 0},
    FileSpec{"checklist_items.csv", "checklist item confidence", 0},
    FileSpec{"checklist_types.csv", "checklist type printed", 0},
    FileSpec{"subregions.csv", "name within", 0},
    FileSpec{"states.csv",
             "iso3 iso2 numeric name kind groups subregion lists uncac_signed uncac_deposited "
             "uncac_act uncac_deposit_source uncac_in_force untoc_signed untoc_deposited untoc_act "
             "note",
             197},
    FileSpec{"other_parties.csv",
             "code name uncac_signed uncac_deposited uncac_act uncac_in_force untoc_signed "
             "untoc_deposited untoc_act",
             1},
    FileSpec{"state_sets.csv", "code name as_of_year members", 19},
    FileSpec{"state_set_members.csv", "set member confidence note", 0},
    FileSpec{"state_names.csv", "iso3 ar es fr ru zh sure", 0},
    FileSpec{"article_names.csv", "article ar es fr ru zh sure", 0},
    FileSpec{"labels.csv", "key ar es fr ru zh sure", 0},
    FileSpec{"words.csv", "key en ar es fr ru zh sure", 0},
};

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    if (text.empty()) parts.push_back(text);
  }
  return parts;
}

// The value of digits without a leading zero, or -1.
int plain_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || text.front() == '-' || (text.front() == '0' && text.size() > 1)) return -1;
  return value;
}

}  // namespace

std::span<const DataFile> embedded_files() { return kReferenceData; }

std::string quoted(std::string_view text) {
  std::string out = "\"";
  out += text;
  out += '"';
  return out;
}

std::vector<std::string_view> split(std::string_view text) { return split_at(text, '|'); }

std::optional<ProvisionId> parse_provision_id(std::string_view id) {
  const std::size_t slash = id.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  ProvisionId out{.treaty = id.substr(0, slash)};
  if (out.treaty != "uncac" && out.treaty != "untoc") return std::nullopt;
  std::vector<std::string_view> parts = split_at(id.substr(slash + 1), '.');
  if (parts.size() > 1 && parts.back().size() == 1 && parts.back()[0] >= 'a' &&
      parts.back()[0] <= 'z') {
    out.letter = parts.back()[0];
    parts.pop_back();
  }
  if (parts.empty() || parts.size() > 2) return std::nullopt;
  out.article = plain_number(parts[0]);
  if (parts.size() == 2) {
    out.paragraph = plain_number(parts[1]);
    if (out.paragraph < 1) return std::nullopt;
  }
  if (out.article < 1) return std::nullopt;
  return out;
}

Result<std::shared_ptr<const Reference>> Loader::run() && {
  read_files();
  load_chapters();
  load_articles("uncac_articles.csv", uncac_articles_);
  load_articles("untoc_articles.csv", untoc_articles_);
  load_paragraphs();
  build_provisions();
  load_crosswalk();
  load_crosswalk_paragraphs();
  load_types();
  load_challenges();
  load_checklists();
  load_subregions();
  load_states();
  load_other_parties();
  load_sets();
  load_names();
  if (problems_.empty()) return std::shared_ptr<const Reference>(std::move(out_));
  const std::size_t broken = problems_.size();
  return Error{Reason::kInvalidInput,
               "the reference data is broken: " + std::to_string(broken) +
                   (broken == 1 ? " problem" : " problems"),
               std::move(problems_)};
}

void Loader::read_files() {
  for (const auto& [name, text] : files_) {
    for (const std::string_view part : {name, text}) {
      constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;  // so that the order counts
      out_->fingerprint_ = out_->fingerprint_ * kSpread + std::hash<std::string_view>()(part);
    }
  }
  // Views of the names in kFiles, so that records may keep a span of them.
  static const std::vector<std::vector<std::string_view>> columns = [] {
    std::vector<std::vector<std::string_view>> all;
    all.reserve(kFiles.size());
    for (const FileSpec& spec : kFiles) all.push_back(split_at(spec.columns, ' '));
    return all;
  }();
  std::set<std::string_view> seen;
  for (const DataFile& file : files_) {
    const std::string_view name = file.first;
    const auto spec = std::find_if(kFiles.begin(), kFiles.end(),
                                   [&](const FileSpec& known) { return known.name == name; });
    if (spec == kFiles.end()) {
      report_file(name, "", "unknown-file", "no file of this name belongs to the data set");
      continue;
    }
    if (!seen.insert(name).second) {
      report_file(name, "", "duplicate-file", "the file is given twice");
      continue;
    }
    static constexpr std::array<std::string_view, 3> kSayings{"Holds:", "Source:", "Sure:"};
    auto read = platform::read_table(name, file.second,
                                     columns[static_cast<std::size_t>(spec - kFiles.begin())],
                                     kSayings, problems_);
    if (!read) continue;
    if (spec->rows != 0 && !check_count(name, "", "rows", read->records.size(), spec->rows)) {
      incomplete_.emplace(name);
    }
    tables_.emplace(name, *std::move(read));
  }
  for (const FileSpec& spec : kFiles) {
    if (!seen.contains(spec.name)) {
      report_file(spec.name, "", "missing-file", "the file is missing from the data set");
    }
  }
}

const Table* Loader::table(std::string_view file) const {
  const auto found = tables_.find(file);
  return found == tables_.end() ? nullptr : &found->second;
}

bool Loader::complete(std::initializer_list<std::string_view> files) const {
  return std::all_of(files.begin(), files.end(), [&](std::string_view file) {
    return tables_.contains(file) && !incomplete_.contains(file);
  });
}

void Loader::report(const At& at, std::string_view rule, std::string message) {
  problems_.push_back({.file = at.table.file,
                       .row = at.record.line(),
                       .column = std::string(at.column),
                       .rule = std::string(rule),
                       .message = std::move(message)});
}

void Loader::reject(const At& at, std::string_view rule, std::string message) {
  report(at, rule, std::move(message));
  incomplete_.insert(at.table.file);
}

void Loader::report_file(std::string_view file, std::string_view column, std::string_view rule,
                         std::string message) {
  problems_.push_back({.file = std::string(file),
                       .row = 0,
                       .column = std::string(column),
                       .rule = std::string(rule),
                       .message = std::move(message)});
}

bool Loader::check_count(std::string_view file, std::string_view column, std::string_view what,
                         std::size_t found, std::size_t expected) {
  if (found == expected) return true;
  report_file(file, column, "wrong-count",
              std::to_string(found) + " " + std::string(what) + " where there must be " +
                  std::to_string(expected));
  return false;
}

std::optional<int> Loader::number(const At& at, int lowest, int highest) {
  const int value = at.text().empty() ? -1 : plain_number(at.text());
  if (value >= lowest && value <= highest) return value;
  report(at, "bad-number",
         quoted(at.text()) + " is not a whole number from " + std::to_string(lowest) + " to " +
             std::to_string(highest));
  return std::nullopt;
}

std::optional<Day> Loader::day(const At& at) {
  if (at.text().empty()) return std::nullopt;
  const auto parsed = platform::parse_day(at.text());
  if (parsed) return *parsed;
  report(at, "bad-date", parsed.error().message);
  return std::nullopt;
}

bool Loader::yes(const At& at) {
  one_of(at, {"YES", "NO"});
  return at.text() == "YES";
}

bool Loader::one_of(const At& at, std::initializer_list<std::string_view> codes) {
  if (std::find(codes.begin(), codes.end(), at.text()) != codes.end()) return true;
  std::string allowed;
  for (const std::string_view code : codes) {
    allowed += (allowed.empty() ? "" : ", ") + std::string(code);
  }
  report(at, "unknown-code", quoted(at.text()) + " is none of " + allowed);
  return false;
}

bool Loader::filled(const At& at) {
  if (!at.text().empty()) return true;
  report(at, "empty-field", "the field must not be empty");
  return false;
}

bool Loader::shaped(const At& at, std::string_view letters, std::size_t shortest,
                    std::size_t longest) {
  const std::string& text = at.text();
  if (text.size() >= shortest && text.size() <= longest &&
      text.find_first_not_of(letters) == std::string::npos) {
    return true;
  }
  report(at, "bad-code", quoted(text) + " is not a code as this column has them");
  return false;
}

bool Loader::enter(const At& at, std::size_t next, Index& index) {
  if (index.emplace(at.text(), static_cast<std::uint16_t>(next)).second) return true;
  reject(at, "duplicate-key", quoted(at.text()) + " stands in the file before");
  return false;
}

bool Loader::enter_code(const At& at, std::string_view letters, std::size_t shortest,
                        std::size_t longest, std::size_t next, Index& index) {
  if (shaped(at, letters, shortest, longest)) return enter(at, next, index);
  incomplete_.insert(at.table.file);
  return false;
}

std::optional<std::uint16_t> Loader::look_up(const At& at, const Index& index) {
  if (const auto found = index.find(at.text()); found != index.end()) return found->second;
  reject(at, "unknown-code", quoted(at.text()) + " is not known here");
  return std::nullopt;
}

}  // namespace uncac::reference
