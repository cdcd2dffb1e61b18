// A matrix as a table of texts.
#pragma once

#include <string>
#include <vector>

#include "uncac/needs/v1/needs.pb.h"

namespace uncac::formats {

// Whether the measure is a fraction rather than a count.
bool is_share(const std::string& measure);
// A whole number, a share as a fraction with four digits, "withheld", or nothing for a share
// without a base.
std::string figure_text(const needs::v1::Figure& figure, bool share);
// What stands above the figures of each row, the total's last where there are columns.
std::vector<std::string> figure_header(const needs::v1::QueryMatrixReply& matrix);
// The figures below it.
std::vector<std::string> figures_of(const needs::v1::QueryMatrixReply& matrix,
                                    const needs::v1::MatrixRow& row);
std::vector<std::string> totals_of(const needs::v1::QueryMatrixReply& matrix);
// All of it by codes: the header, the rows, the last of them "total".
std::vector<std::vector<std::string>> matrix_table(const needs::v1::QueryMatrixReply& matrix);

}  // namespace uncac::formats
