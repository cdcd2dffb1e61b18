#include "platform/data_table.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "platform/text.h"

namespace uncac::platform {
namespace {

struct RawRow {
  std::int64_t line = 0;
  std::vector<std::string> fields;
};

// Cuts text into rows of fields. A row that breaks the quoting is reported and not kept.
class Scanner {
 public:
  Scanner(std::string_view file, std::string_view text, std::vector<Problem>& problems)
      : file_(file), text_(text), problems_(problems) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // spreadsheets write one
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  // The comment line under the cursor without its `#`, or nothing if another line comes next.
  std::optional<std::string_view> comment() {
    if (done() || text_[at_] != '#') return std::nullopt;
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view line = text_.substr(at_ + 1, end - at_ - 1);
    at_ = std::min(end + 1, text_.size());
    ++line_;
    return line;
  }

  bool done() const { return at_ == text_.size(); }

  std::optional<RawRow> row() {
    RawRow row;
    row.line = line_;
    bool good = true;
    while (true) {
      std::string field;
      good = this->field(row.line, field) && good;
      row.fields.push_back(std::move(field));
      if (done()) break;
      const char separator = text_[at_++];
      if (separator == '\n') {
        ++line_;
        break;
      }
    }
    if (!good) return std::nullopt;
    return row;
  }

 private:
  // Reads up to the `,`, the line's end or the text's end, and stops there.
  bool field(std::int64_t row_line, std::string& out) {
    if (done() || text_[at_] != '"') {
      const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
      out = text_.substr(at_, end - at_);
      at_ = end;
      if (out.ends_with('\r') && (done() || text_[at_] == '\n')) out.pop_back();
      if (out.find('"') == std::string::npos) return true;
      report(row_line, "bad-quoting", "a field that holds a quote must stand in quotes: " + out);
      return false;
    }
    ++at_;
    while (true) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) {
        report(row_line, "bad-quoting", "a quoted field has no closing quote");
        at_ = text_.size();
        return false;
      }
      out += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (done() || text_[at_] != '"') break;
      out += '"';
      ++at_;
    }
    line_ += std::count(out.begin(), out.end(), '\n');
    if (!done() && text_[at_] == '\r') ++at_;
    if (done() || text_[at_] == ',' || text_[at_] == '\n') return true;
    report(row_line, "bad-quoting", "text stands after the closing quote of: " + out);
    at_ = std::min(text_.find_first_of(",\n", at_), text_.size());
    return false;
  }

  void report(std::int64_t line, std::string rule, std::string message) {
    problems_.push_back({.file = std::string(file_),
                         .row = line,
                         .column = {},
                         .rule = std::move(rule),
                         .message = std::move(message)});
  }

  std::string_view file_;
  std::string_view text_;
  std::vector<Problem>& problems_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

const std::string& DataRecord::operator[](std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  if (found == columns_.end()) std::abort();
  return fields_[static_cast<std::size_t>(found - columns_.begin())];
}

std::optional<DataTable> read_table(std::string_view file, std::string_view text,
                                    std::span<const std::string_view> columns,
                                    std::span<const std::string_view> sayings,
                                    std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  const auto report = [&](std::int64_t line, std::string_view column, std::string_view rule,
                          std::string message) {
    problems.push_back({.file = std::string(file),
                        .row = line,
                        .column = std::string(column),
                        .rule = std::string(rule),
                        .message = std::move(message)});
  };
  if (!is_utf8(text)) {
    report(0, "", "not-utf-8", "the file is not UTF-8");
    return std::nullopt;
  }

  Scanner scanner(file, text, problems);
  std::set<std::string_view> unsaid(sayings.begin(), sayings.end());
  while (const auto line = scanner.comment()) {
    for (const std::string_view saying : sayings) {
      if (line->starts_with(" " + std::string(saying))) unsaid.erase(saying);
    }
  }
  for (const std::string_view saying : sayings) {
    if (unsaid.contains(saying)) {
      report(1, "", "bad-head",
             "no comment line at the head begins \"# " + std::string(saying) + "\"");
    }
  }

  const auto header = scanner.done() ? std::nullopt : scanner.row();
  if (!header) {
    if (problems.size() == before) report(1, "", "bad-head", "the file has no header row");
    return std::nullopt;
  }
  std::vector<std::size_t> place(columns.size(), header->fields.size());
  for (std::size_t i = 0; i < header->fields.size(); ++i) {
    const std::string& name = header->fields[i];
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) {
      report(header->line, name, "unknown-column", "\"" + name + "\" is not a column of this file");
    } else if (auto& at = place[static_cast<std::size_t>(found - columns.begin())];
               at < header->fields.size()) {
      report(header->line, name, "duplicate-column", "the column stands twice");
    } else {
      at = i;
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (place[i] == header->fields.size()) {
      report(header->line, columns[i], "missing-column", "the column is missing");
    }
  }
  if (problems.size() != before) return std::nullopt;

  DataTable table{.file = std::string(file), .records = {}};
  while (!scanner.done()) {
    auto row = scanner.row();
    if (!row) continue;
    if (row->fields.size() != columns.size()) {
      report(row->line, "", "wrong-field-count",
             "the row has " + std::to_string(row->fields.size()) + " fields, the header " +
                 std::to_string(columns.size()));
      continue;
    }
    std::vector<std::string> fields(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      fields[i] = std::move(row->fields[place[i]]);
    }
    table.records.emplace_back(row->line, columns, std::move(fields));
  }
  if (problems.size() != before) return std::nullopt;
  return table;
}

}  // namespace uncac::platform
