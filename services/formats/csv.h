// One line of CSV (RFC 4180).
#pragma once

#include <string>
#include <vector>

namespace uncac::formats {

// Without the end of line. A cell that a spreadsheet would take for a formula begins with an
// apostrophe, which import takes off again.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace uncac::formats
