#include "needs_matrix/domain/facts.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace uncac::needs_matrix {

namespace {

// Digits only, no leading zero, within 1 to 65535: one text for one number.
std::optional<std::uint16_t> parse_number(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.front() == '0') return std::nullopt;
  return value;
}

std::string_view take(std::string_view& rest) {
  const auto slash = rest.find('/');
  const auto part = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  return part;
}

}  // namespace

std::string_view Version::text(ProvisionIndex provision, TypeIndex type) const {
  const auto at = std::lower_bound(texts.begin(), texts.end(), std::tuple(provision, type),
                                   [](const auto& have, const auto& want) {
                                     return std::tuple(have.provision, have.type) < want;
                                   });
  if (at == texts.end() || at->provision != provision || at->type != type) return {};
  return at->text;
}

std::string format_key(const reference::Reference& reference, const VersionKey& key) {
  return reference.states()[key.state].iso3 + '/' + reference.checklists()[key.checklist].code +
         '/' + std::to_string(key.round) + "/v" + std::to_string(key.version);
}

std::string format_key(const reference::Reference& reference, const SharingKey& key) {
  return reference.states()[key.state].iso3 + "/sharing/" +
         reference.provisions()[key.provision].id;
}

platform::Result<FactKey> parse_key(const reference::Reference& reference, std::string_view text) {
  const auto unreadable = [&] {
    return platform::make_error(
        platform::Reason::kInvalidInput,
        "\"" + std::string(text) + "\" is no key of a response or decision");
  };
  std::string_view rest = text;
  const auto state = reference.state(take(rest));
  const auto second = take(rest);
  if (!state) return unreadable();
  if (second == "sharing") {
    const auto provision = reference.provision(rest);
    if (!provision) return unreadable();
    return FactKey(SharingKey{*state, *provision});
  }
  const auto checklist = reference.checklist(second);
  const auto round = parse_number(take(rest));
  if (!checklist || !round || !rest.starts_with('v')) return unreadable();
  const auto version = parse_number(rest.substr(1));
  if (!version) return unreadable();
  return FactKey(VersionKey{*state, *checklist, *round, *version});
}

}  // namespace uncac::needs_matrix
