#include "checklist_intake/domain/csv.h"

#include <algorithm>
#include <utility>

namespace uncac::checklist_intake {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

// Bytes that may change the reader's place; all others are content wherever they stand.
constexpr bool is_special(char c) {
  return c == '\0' || c == '"' || c == ',' || c == ';' || c == '\n' || c == '\r';
}

}  // namespace

bool CsvReader::push(std::string_view bytes) {
  if (fault_) return false;
  // What still fits is read first, so that the same file gives the same fault in any pieces.
  const bool too_large = bytes.size() > limits_.file_bytes - bytes_;
  bytes = bytes.substr(0, limits_.file_bytes - bytes_);
  bytes_ += bytes.size();
  if (read_or_start(bytes) && too_large) {
    fail(0, Rule::kFileTooLarge,
         "the file has more than " + std::to_string(limits_.file_bytes) + " bytes");
  }
  return !fault_;
}

bool CsvReader::read_or_start(std::string_view bytes) {
  if (!started_) {
    const std::size_t wanted = std::min(kMark.size() - start_.size(), bytes.size());
    start_ += bytes.substr(0, wanted);
    bytes.remove_prefix(wanted);
    if (start_.size() < kMark.size() || !read_start()) return !fault_;
  }
  read(bytes);
  return !fault_;
}

bool CsvReader::finish() {
  if (!fault_ && !started_) read_start();
  if (fault_) return false;
  if (place_ == Place::kQuoted) {
    fail(record_line_, Rule::kUnclosedQuote,
         "a quoted field of the record that begins here does not end");
  } else if (in_record_) {
    end_field();
    end_record();
  }
  return !fault_;
}

bool CsvReader::read_start() {
  started_ = true;
  if (start_.starts_with("\xFF\xFE") || start_.starts_with("\xFE\xFF")) {
    fail(1, Rule::kNotUtf8, "the file is UTF-16; save it as UTF-8");
    return false;
  }
  if (start_ != kMark) read(start_);
  return !fault_;
}

void CsvReader::read(std::string_view bytes) {
  while (!bytes.empty() && !fault_) {
    const std::size_t run = take_run(bytes);
    bytes.remove_prefix(run);
    if (!bytes.empty() && !fault_) {
      take(bytes.front());
      bytes.remove_prefix(1);
    }
  }
}

// Takes the bytes up to the next special one at once.
std::size_t CsvReader::take_run(std::string_view bytes) {
  std::size_t run = 0;
  while (run < bytes.size() && !is_special(bytes[run])) ++run;
  if (run == 0) return 0;
  begin();
  if (place_ == Place::kAfterQuote) stray_quote_ = true;
  if (place_ != Place::kQuoted) place_ = Place::kPlain;
  append(bytes.substr(0, run));
  return run;
}

void CsvReader::take(char c) {
  if (c == '\0') {
    fail(line_, Rule::kNulByte, "a NUL byte; is this a text file in UTF-8?");
    return;
  }
  if (after_cr_) {
    after_cr_ = false;
    if (c == '\n') return;
  }
  if (place_ == Place::kQuoted) {
    if (c == '"') {
      place_ = Place::kAfterQuote;
      return;
    }
  } else if (c == '"') {
    begin();
    if (place_ == Place::kFieldStart) {
      quoted_ = true;
      place_ = Place::kQuoted;
      return;
    }
    if (place_ == Place::kAfterQuote) {
      place_ = Place::kQuoted;
    } else {
      stray_quote_ = true;
    }
  } else if (is_separator(c)) {
    begin();
    end_field();
    return;
  } else if (c == '\n' || c == '\r') {
    begin();
    ++line_;
    after_cr_ = c == '\r';
    end_field();
    end_record();
    return;
  } else {  // the separator of other files
    begin();
    if (place_ == Place::kAfterQuote) stray_quote_ = true;
    place_ = Place::kPlain;
  }
  if (c == '\n') ++line_;
  append(std::string_view(&c, 1));
}

void CsvReader::append(std::string_view bytes) {
  const std::size_t field_room = limits_.field_bytes - (content_.size() - field_begin_);
  const std::size_t record_room = limits_.record_bytes - (content_.size() + ends_.size());
  if (bytes.size() <= std::min(field_room, record_room)) {
    content_ += bytes;
  } else if (field_room <= record_room) {
    fail(record_line_, Rule::kFieldTooLong,
         "a field of the record that begins here has more than " +
             std::to_string(limits_.field_bytes) + " bytes");
  } else {
    fail_line_too_long();
  }
}

bool CsvReader::is_separator(char c) {
  if (c != ',' && c != ';') return false;
  if (separator_ == '\0') separator_ = c;
  return c == separator_;
}

void CsvReader::begin() {
  after_cr_ = false;
  if (in_record_) return;
  in_record_ = true;
  record_line_ = line_;
}

void CsvReader::end_field() {
  ends_.push_back(content_.size());
  field_begin_ = content_.size();
  place_ = Place::kFieldStart;
  if (content_.size() + ends_.size() > limits_.record_bytes) fail_line_too_long();
}

void CsvReader::end_record() {
  const bool empty_line = ends_.size() == 1 && content_.empty() && !quoted_;
  if (!empty_line && !fault_) {
    fields_.clear();
    std::size_t begin = 0;
    for (const std::size_t end : ends_) {
      fields_.push_back(std::string_view(content_).substr(begin, end - begin));
      begin = end;
    }
    if (auto fault = records_.record(record_line_, fields_, stray_quote_)) {
      fault_ = std::move(fault);
    }
  }
  content_.clear();
  ends_.clear();
  field_begin_ = 0;
  in_record_ = stray_quote_ = quoted_ = false;
}

void CsvReader::fail_line_too_long() {
  fail(record_line_, Rule::kLineTooLong,
       "the record that begins here has more than " + std::to_string(limits_.record_bytes) +
           " bytes");
}

void CsvReader::fail(std::int64_t line, Rule rule, std::string message) {
  if (!fault_) fault_ = CsvFault{line, rule, std::move(message)};
}

}  // namespace uncac::checklist_intake
