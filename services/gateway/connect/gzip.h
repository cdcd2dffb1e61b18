// gzip (RFC 1952), of bodies that are in memory.
#pragma once

#include <string>
#include <string_view>

#include "platform/result.h"

namespace uncac::gateway::connect {

std::string gzip(std::string_view bytes);
// kTooLarge when more than `most` bytes come out, which a small body can do; kInvalidInput for what
// is no gzip, or not to its end.
platform::Result<std::string> gunzip(std::string_view bytes, std::size_t most);

}  // namespace uncac::gateway::connect
