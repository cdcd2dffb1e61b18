// Problems for programs: an array of {file, row, column, severity, rule, message}.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>

#include "platform/error.h"

namespace uncac::formats {

nlohmann::ordered_json to_json(std::span<const platform::Problem> problems);

}  // namespace uncac::formats
