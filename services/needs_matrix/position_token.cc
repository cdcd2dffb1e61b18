#include "needs_matrix/position_token.h"

#include <array>
#include <optional>

namespace uncac::needs_matrix {
namespace {

constexpr std::string_view kVersion = "p3";
// Offsets are written in as few bytes as they need, and how many those are must not show either.
constexpr std::size_t kBlock = 256;

}  // namespace

platform::Position nowhere() { return {"", std::vector<std::int64_t>(platform::kPartitions, 0)}; }

std::string encode(const platform::Sealer& sealer, const PositionToken& token) {
  std::string text = std::string(kVersion) + "." + encode(token.folded) + "." + encode(token.feed) +
                     "." + encode(platform::Position{"", token.numbers}) + "." +
                     platform::format_day(token.issued) + "." +
                     encode(platform::Position{"", token.listed});
  text.resize((text.size() / kBlock + 1) * kBlock, ' ');
  return sealer.seal(text);
}

platform::Result<PositionToken> decode_position_token(const platform::Sealer& sealer,
                                                      std::string_view sealed) {
  const auto wrong = [&] {
    return platform::make_error(platform::Reason::kInvalidInput,
                                "\"" + std::string(sealed.substr(0, 60)) +
                                    "\" is not a position that this system gave out");
  };
  const std::optional<std::string> opened = sealer.open(sealed);
  if (!opened) return wrong();
  const std::string_view text = std::string_view(*opened).substr(0, opened->find(' '));
  if (text.substr(0, text.find('.')) != kVersion) {
    // Ours, by another version of this program: of no log, so that its holder starts over.
    PositionToken token;
    token.folded = token.feed = nowhere();
    return token;
  }
  std::array<std::string_view, 6> parts;
  std::size_t at = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t end = i + 1 < parts.size() ? text.find('.', at) : text.size();
    if (end == std::string_view::npos || at > text.size()) return wrong();
    parts[i] = text.substr(at, end - at);
    at = end + 1;
  }
  auto folded = platform::decode_position(parts[1]);
  auto feed = platform::decode_position(parts[2]);
  auto numbers = platform::decode_position(parts[3]);
  const auto issued = platform::parse_day(parts[4]);
  auto listed = platform::decode_position(parts[5]);
  if (!folded || !feed || !numbers || !issued || !listed) return wrong();
  return PositionToken{*std::move(folded), *std::move(feed), std::move(numbers->next), *issued,
                       std::move(listed->next)};
}

}  // namespace uncac::needs_matrix
