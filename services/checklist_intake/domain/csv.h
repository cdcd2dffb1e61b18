// Records of a CSV file (RFC 4180) from pieces of its bytes, as they come. Knows no column by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checklist_intake/domain/rules.h"

namespace uncac::checklist_intake {

struct CsvLimits {
  std::size_t field_bytes = 65'536;    // content of a field, quotes removed
  std::size_t record_bytes = 262'144;  // content and separators of a record
  std::size_t file_bytes = 67'108'864;
};

// After it nothing more can be read.
struct CsvFault {
  std::int64_t line = 0;
  Rule rule = Rule::kNulByte;
  std::string message;
};

class CsvRecords {
 public:
  virtual ~CsvRecords() = default;
  // `line` is the line of the file on which the record begins, from 1. `stray_quote`: a quote stood
  // where none may, and the fields are a guess. Empty lines are no records. The fields live until
  // this returns; a fault that it returns ends the reading.
  virtual std::optional<CsvFault> record(std::int64_t line,
                                         std::span<const std::string_view> fields,
                                         bool stray_quote) = 0;
};

// Holds one record at most. The first `,` or `;` outside quotes is the separator of the file; lines
// end with LF, CRLF or CR; a byte order mark at the start is skipped. Bytes are passed on unchecked
// except NUL. Used by one thread.
class CsvReader {
 public:
  CsvReader(CsvRecords& records, CsvLimits limits = {}) : records_(records), limits_(limits) {}

  // False after a fault: the rest need not be pushed.
  bool push(std::string_view bytes);
  // The end of the file. False after a fault.
  bool finish();
  const std::optional<CsvFault>& fault() const { return fault_; }

 private:
  enum class Place : std::uint8_t { kFieldStart, kPlain, kQuoted, kAfterQuote };

  bool read_or_start(std::string_view bytes);
  bool read_start();
  void read(std::string_view bytes);
  std::size_t take_run(std::string_view bytes);
  void take(char c);
  void append(std::string_view bytes);
  bool is_separator(char c);
  void begin();
  void end_field();
  void end_record();
  void fail_line_too_long();
  void fail(std::int64_t line, Rule rule, std::string message);

  CsvRecords& records_;
  const CsvLimits limits_;
  std::optional<CsvFault> fault_;
  std::string start_;  // the first bytes, until it is known whether they are a mark
  bool started_ = false;
  std::size_t bytes_ = 0;
  std::int64_t line_ = 1;
  std::int64_t record_line_ = 1;
  char separator_ = '\0';  // not known yet
  Place place_ = Place::kFieldStart;
  bool in_record_ = false;
  bool after_cr_ = false;  // an LF now belongs to the line end before
  bool stray_quote_ = false;
  bool quoted_ = false;  // the record has a quoted field, so it is no empty line
  std::string content_;  // of the record's fields, one after the other
  std::size_t field_begin_ = 0;
  std::vector<std::size_t> ends_;
  std::vector<std::string_view> fields_;
};

}  // namespace uncac::checklist_intake
