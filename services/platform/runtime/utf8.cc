#include "platform/runtime/utf8.h"

#include "platform/text.h"

namespace uncac::platform {

std::string safe_utf8(std::string_view text, std::size_t limit) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  constexpr std::string_view kCut = "\xE2\x80\xA6";
  std::string safe;
  std::size_t room_for_cut = 0;  // length of `safe` that leaves room for the mark
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view piece = length == 0 ? kReplacement : text.substr(0, length);
    if (safe.size() + piece.size() > limit) {
      safe.resize(room_for_cut);
      if (limit >= kCut.size()) safe += kCut;
      return safe;
    }
    safe += piece;
    if (safe.size() + kCut.size() <= limit) room_for_cut = safe.size();
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return safe;
}

}  // namespace uncac::platform
