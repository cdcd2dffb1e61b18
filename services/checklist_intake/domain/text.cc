#include "checklist_intake/domain/text.h"

#include <algorithm>

namespace uncac::checklist_intake {

std::vector<std::string_view> split_bar(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('|'), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    if (!part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMostCharacters = 60;
  std::string out = "\"";
  for (std::size_t characters = 0; !text.empty(); ++characters) {
    if (characters == kMostCharacters) {
      out += "…";
      break;
    }
    const std::size_t length = platform::character_length(text);
    if (length == 0) {
      out += "�";
    } else if (platform::is_control(text.substr(0, length)) || blank(text.substr(0, length))) {
      out += ' ';  // a line break here would make two lines of one problem
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + "\"";
}

}  // namespace uncac::checklist_intake
