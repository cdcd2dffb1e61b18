#include "gateway/connect/base64.h"

#include <algorithm>

#include "platform/base64url.h"

namespace uncac::gateway::connect {
namespace {

void exchange(std::string& text, char a, char b) { std::replace(text.begin(), text.end(), a, b); }

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text = platform::to_base64url(bytes);
  exchange(text, '-', '+');
  exchange(text, '_', '/');
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bare(text);
  while (bare.ends_with('=')) bare.pop_back();
  if (text.size() - bare.size() > 2) return std::nullopt;
  exchange(bare, '+', '-');
  exchange(bare, '/', '_');
  return platform::from_base64url(bare);
}

}  // namespace uncac::gateway::connect
