// base64url without padding (RFC 4648, section 5; RFC 7515, appendix C).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace uncac::platform {

std::string to_base64url(std::string_view bytes);
// Only the one form that to_base64url() gives: with a second spelling, two tokens could be one.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace uncac::platform
