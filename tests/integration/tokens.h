// Tokens that an honest issuer would not give out.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace uncac::testing {

// A JSON Web Token with these words in it, signed with ES256 by `private_pem`, or with an empty
// signature when that is empty.
std::string json_web_token(const nlohmann::json& header, const nlohmann::json& claims,
                           const std::string& private_pem);

}  // namespace uncac::testing
