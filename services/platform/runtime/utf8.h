// Text from outside, made fit for protobuf, JSON and headers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace uncac::platform {

// `text` with every byte that is no well-formed UTF-8 replaced by U+FFFD (a protobuf string with
// such a byte is refused by the reader, and with it the whole message). At most `limit` bytes, cut
// between characters and then ended with "…".
std::string safe_utf8(std::string_view text, std::size_t limit = std::string_view::npos);

}  // namespace uncac::platform
