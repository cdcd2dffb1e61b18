#include "access/caller.h"

#include <algorithm>
#include <array>

namespace uncac::access {
namespace {

constexpr std::array<std::string_view, kRoleCount> kRoles{
    "anonymous", "focal_point", "contributor", "provider", "secretariat", "auditor", "operator"};
constexpr std::array<std::string_view, 4> kAudiences{"RESTRICTED", "NAMED", "PROVIDERS", "PUBLIC"};

template <class Enum, std::size_t size>
std::optional<Enum> find(const std::array<std::string_view, size>& codes, std::string_view code) {
  const auto found = std::find(codes.begin(), codes.end(), code);
  if (found == codes.end()) return std::nullopt;
  return static_cast<Enum>(found - codes.begin());
}

}  // namespace

std::string_view code(Role role) { return kRoles[static_cast<std::size_t>(role)]; }
std::optional<Role> parse_role(std::string_view code) { return find<Role>(kRoles, code); }

std::string_view code(Audience audience) { return kAudiences[static_cast<std::size_t>(audience)]; }
std::optional<Audience> parse_audience(std::string_view code) {
  return find<Audience>(kAudiences, code);
}

bool is_organization_code(std::string_view code) {
  return !code.empty() && code.size() <= 32 && std::all_of(code.begin(), code.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Scope Scope::of(const Caller& caller) {
  switch (caller.role) {
    case Role::kAnonymous:
      return {Kind::kPublic, ""};
    case Role::kFocalPoint:
    case Role::kContributor:
      // Of no State: a defect elsewhere must not widen what is read.
      if (caller.state.empty()) return {Kind::kNothing, ""};
      return {Kind::kState, caller.state};
    case Role::kProvider:
      if (caller.organization.empty()) return {Kind::kNothing, ""};
      return {Kind::kProvider, caller.organization};
    case Role::kSecretariat:
    case Role::kAuditor:
      return {Kind::kEverything, ""};
    case Role::kOperator:
      return {Kind::kNothing, ""};
  }
  return {Kind::kNothing, ""};
}

bool Scope::reads_shared(Audience audience, const std::vector<std::string>& named) const {
  switch (kind_) {
    case Kind::kNothing:
      return false;
    case Kind::kPublic:
    case Kind::kState:
      return audience == Audience::kPublic;
    case Kind::kProvider:
      return audience == Audience::kPublic || audience == Audience::kProviders ||
             (audience == Audience::kNamed &&
              std::find(named.begin(), named.end(), name_) != named.end());
    case Kind::kEverything:
      return true;
  }
  return false;
}

std::optional<Scope> Scope::parse_reader(std::string_view text) {
  if (text == "public") return Scope(Kind::kPublic, "");
  for (const auto& [prefix, kind] :
       {std::pair<std::string_view, Kind>("state:", Kind::kState),
        std::pair<std::string_view, Kind>("provider:", Kind::kProvider)}) {
    if (text.starts_with(prefix) && is_organization_code(text.substr(prefix.size()))) {
      return Scope(kind, std::string(text.substr(prefix.size())));
    }
  }
  return std::nullopt;
}

std::string Scope::text() const {
  switch (kind_) {
    case Kind::kNothing:
      return "nothing";
    case Kind::kPublic:
      return "public";
    case Kind::kState:
      return "state:" + name_;
    case Kind::kProvider:
      return "provider:" + name_;
    case Kind::kEverything:
      return "everything";
  }
  return "nothing";
}

}  // namespace uncac::access
