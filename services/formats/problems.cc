#include "formats/problems.h"

#include <nlohmann/json.hpp>

namespace uncac::formats {

nlohmann::ordered_json to_json(std::span<const platform::Problem> problems) {
  auto all = nlohmann::ordered_json::array();
  for (const platform::Problem& one : problems) {
    all.push_back({{"file", one.file},
                   {"row", one.row},
                   {"column", one.column},
                   {"severity", one.severity == platform::Severity::kError ? "error" : "warning"},
                   {"rule", one.rule},
                   {"message", one.message}});
  }
  return all;
}

}  // namespace uncac::formats
