#include "formats/matrix.h"

#include <cstdio>
#include <utility>

namespace uncac::formats {
namespace {

std::vector<std::string> under(std::string head, std::vector<std::string> rest) {
  rest.insert(rest.begin(), std::move(head));
  return rest;
}

}  // namespace

bool is_share(const std::string& measure) {
  return measure == "share_of_respondents" || measure == "response_rate" ||
         measure == "share_covered";
}

std::string figure_text(const needs::v1::Figure& figure, bool share) {
  if (figure.withheld()) return "withheld";
  if (figure.empty()) return "";
  char text[64];
  const int length = std::snprintf(text, sizeof text, share ? "%.4f" : "%.0f", figure.value());
  return {text, static_cast<std::size_t>(length)};
}

std::vector<std::string> figure_header(const needs::v1::QueryMatrixReply& matrix) {
  if (matrix.columns().empty()) return {matrix.measure()};
  std::vector<std::string> header;
  for (const auto& column : matrix.column_headers()) header.push_back(column.code());
  header.emplace_back("total");
  return header;
}

std::vector<std::string> figures_of(const needs::v1::QueryMatrixReply& matrix,
                                    const needs::v1::MatrixRow& row) {
  const bool share = is_share(matrix.measure());
  std::vector<std::string> cells;
  for (const auto& figure : row.figures()) cells.push_back(figure_text(figure, share));
  if (!matrix.columns().empty()) cells.push_back(figure_text(row.total(), share));
  return cells;
}

std::vector<std::string> totals_of(const needs::v1::QueryMatrixReply& matrix) {
  const bool share = is_share(matrix.measure());
  std::vector<std::string> cells;
  for (const auto& figure : matrix.column_totals()) cells.push_back(figure_text(figure, share));
  cells.push_back(figure_text(matrix.total(), share));
  return cells;
}

std::vector<std::vector<std::string>> matrix_table(const needs::v1::QueryMatrixReply& matrix) {
  std::vector<std::vector<std::string>> table{under(matrix.rows(), figure_header(matrix))};
  for (const auto& row : matrix.matrix()) {
    table.push_back(under(row.header().code(), figures_of(matrix, row)));
  }
  table.push_back(under("total", totals_of(matrix)));
  return table;
}

}  // namespace uncac::formats
