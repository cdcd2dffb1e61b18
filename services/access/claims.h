// What the tokens of any issuer have in common: single claims, and who a caller can be.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "access/caller.h"
#include "platform/result.h"
#include "platform/time.h"

namespace uncac::access {

// kUnauthenticated: "token refused: …".
platform::Error refused_token(const std::string& why);

std::int64_t seconds_of(platform::Moment moment);
// Empty when it is not there and need not be.
platform::Result<std::string> text_claim(const nlohmann::json& claims, const char* name,
                                         bool required);
// In whole seconds since 1970, before the year 10000.
platform::Result<std::int64_t> time_claim(const nlohmann::json& claims, const char* name);

// Empty when the caller is whole, else what is wrong.
std::string fault_of(const Caller& caller);

}  // namespace uncac::access
