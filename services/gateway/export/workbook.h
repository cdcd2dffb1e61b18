// A matrix as a file for a spreadsheet.
#pragma once

#include <string>

#include "platform/result.h"
#include "uncac/needs/v1/needs.pb.h"

namespace uncac::gateway::exports {

// XLSX: a sheet "matrix" with the table as in CSV and the names beside the codes, and a sheet
// "about" with what was asked.
platform::Result<std::string> matrix_workbook(const needs::v1::QueryMatrixReply& matrix);

}  // namespace uncac::gateway::exports
