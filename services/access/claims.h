// What the tokens of any issuer have in common: single claims, and who a caller can be.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "access/caller.h"
#include "platform/result.h"
#include "platform/time.h"

namespace uncac::access {

// kUnauthenticated: "token refused: …".
platform::Error refused_token(const std::string& why);

// A JSON Web Token taken apart, and nothing believed.
struct TokenParts {
  std::string_view header, claims, signature;  // as they stand there, in base64url
  std::string_view signed_text;                // what the signature is of
};
// Nothing when it does not have three parts. They are of the text that is given.
std::optional<TokenParts> split_token(std::string_view token);
// A part as JSON; null when it is none.
nlohmann::json read_part(std::string_view part);

std::int64_t seconds_of(platform::Moment moment);
// Empty when it is not there and need not be.
platform::Result<std::string> text_claim(const nlohmann::json& claims, const char* name,
                                         bool required);
// In whole seconds since 1970, before the year 10000.
platform::Result<std::int64_t> time_claim(const nlohmann::json& claims, const char* name);

// Empty when the caller is whole, else what is wrong.
std::string fault_of(const Caller& caller);

}  // namespace uncac::access
