// base64 as headers and error details of the Connect protocol carry it: the usual alphabet, written
// without padding, read with it or without.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace uncac::gateway::connect {

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace uncac::gateway::connect
