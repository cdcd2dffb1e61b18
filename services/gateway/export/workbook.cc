#include "gateway/export/workbook.h"

#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <vector>

#include "formats/matrix.h"

namespace uncac::gateway::exports {
namespace {

using platform::make_error;
using platform::Reason;
using platform::Result;

// A file in memory: the library writes to a path only.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("workbook", MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  bool open() const { return descriptor_ >= 0; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
  Result<std::string> contents() const {
    std::string bytes;
    char piece[1 << 16];
    for (off_t at = 0;;) {
      const ssize_t read = ::pread(descriptor_, piece, sizeof piece, at);
      if (read < 0) return make_error(Reason::kInternal, std::strerror(errno));
      if (read == 0) return bytes;
      bytes.append(piece, static_cast<std::size_t>(read));
      at += read;
    }
  }

 private:
  int descriptor_;
};

void write_cell(lxw_worksheet* sheet, std::size_t row, std::size_t column, const std::string& text,
                lxw_format* format) {
  const auto r = static_cast<lxw_row_t>(row);
  const auto c = static_cast<lxw_col_t>(column);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) {
    worksheet_write_number(sheet, r, c, number, format);
  } else {
    worksheet_write_string(sheet, r, c, text.c_str(), format);
  }
}

}  // namespace

Result<std::string> matrix_workbook(const needs::v1::QueryMatrixReply& matrix) {
  const MemoryFile file;
  if (!file.open()) return make_error(Reason::kInternal, std::strerror(errno));
  lxw_workbook* book = workbook_new(file.path().c_str());
  if (book == nullptr) return make_error(Reason::kInternal, "no workbook could be begun");
  lxw_format* bold = workbook_add_format(book);
  format_set_bold(bold);

  lxw_worksheet* sheet = workbook_add_worksheet(book, "matrix");
  const auto text = [&](std::size_t row, std::size_t column, const std::string& value,
                        lxw_format* format) {
    worksheet_write_string(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column),
                           value.c_str(), format);
  };
  // Codes are texts, whatever they look like: a round "2007" is the name of a row.
  std::size_t row = 0;
  const auto line = [&](const std::string& code, const std::string& name,
                        const std::vector<std::string>& figures, lxw_format* format) {
    text(row, 0, code, format);
    text(row, 1, name, format);
    for (std::size_t i = 0; i < figures.size(); ++i) {
      write_cell(sheet, row, i + 2, figures[i], format);
    }
    ++row;
  };
  text(row, 0, matrix.rows(), bold);
  text(row, 1, "name", bold);
  const std::vector<std::string> header = formats::figure_header(matrix);
  for (std::size_t i = 0; i < header.size(); ++i) text(row, i + 2, header[i], bold);
  ++row;
  for (const auto& one : matrix.matrix()) {
    line(one.header().code(), one.header().name(), formats::figures_of(matrix, one), nullptr);
  }
  line("total", "", formats::totals_of(matrix), bold);
  worksheet_freeze_panes(sheet, 1, 2);

  sheet = workbook_add_worksheet(book, "about");
  row = 0;
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"rows", matrix.rows()},
           {"columns", matrix.columns()},
           {"measure", matrix.measure()},
           {"as_of", matrix.as_of()},
           {"withheld_cells", std::to_string(matrix.total().withheld_cells())},
           {"exercise", matrix.exercise() ? "some of it was invented for an exercise" : ""},
           {"position", matrix.position()}}) {
    text(row, 0, name, bold);
    text(row, 1, value, nullptr);
    ++row;
  }
  if (const lxw_error error = workbook_close(book); error != LXW_NO_ERROR) {
    return make_error(Reason::kInternal, std::string("workbook: ") + lxw_strerror(error));
  }
  return file.contents();
}

}  // namespace uncac::gateway::exports
