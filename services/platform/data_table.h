// Reading a data file that comes with the project or its deployment: comment lines, a header row,
// rows (RFC 4180, UTF-8). The checklist CSV of partners has other needs (separators, partial files)
// and is read by checklist_intake.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/error.h"

namespace uncac::platform {

// A row by the names of its columns.
class DataRecord {
 public:
  DataRecord(std::int64_t line, std::span<const std::string_view> columns,
             std::vector<std::string> fields)
      : line_(line), columns_(columns), fields_(std::move(fields)) {}

  // The line it starts on, from 1.
  std::int64_t line() const { return line_; }
  // Aborts on a name that is not among the columns: a defect of the caller, not of the data.
  const std::string& operator[](std::string_view column) const;

 private:
  std::int64_t line_;
  std::span<const std::string_view> columns_;  // of static storage
  std::vector<std::string> fields_;            // in the order of columns_
};

struct DataTable {
  std::string file;
  std::vector<DataRecord> records;
};

// Reads `text` as a file with exactly these columns, in any order. Its head must say in comment
// lines what `sayings` asks for, such as "Holds:" in `# Holds: …`.
// Adds a problem for each broken rule; a table comes back only if there was none, so that a row
// lost to a stray quote does not bring a flood of complaints about rows that refer to it.
// `columns` must outlive the table.
std::optional<DataTable> read_table(std::string_view file, std::string_view text,
                                    std::span<const std::string_view> columns,
                                    std::span<const std::string_view> sayings,
                                    std::vector<Problem>& problems);

}  // namespace uncac::platform
