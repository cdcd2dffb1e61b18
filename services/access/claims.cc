#include "access/claims.h"

#include <algorithm>

#include "platform/base64url.h"

namespace uncac::access {
namespace {

using platform::make_error;
using platform::Reason;
using platform::Result;

constexpr std::size_t kLongestSubject = 256;

bool all_of(std::string_view text, bool (*allowed)(char)) {
  return std::all_of(text.begin(), text.end(), allowed);
}
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

platform::Error refused_token(const std::string& why) {
  return make_error(Reason::kUnauthenticated, "token refused: " + why);
}

std::optional<TokenParts> split_token(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return TokenParts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                    token.substr(second + 1), token.substr(0, second)};
}

nlohmann::json read_part(std::string_view part) {
  const std::optional<std::string> text = platform::from_base64url(part);
  nlohmann::json json = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
  return json.is_discarded() ? nlohmann::json() : json;
}

std::int64_t seconds_of(platform::Moment moment) {
  return std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count();
}

std::string fault_of(const Caller& caller) {
  const bool of_state = caller.role == Role::kFocalPoint || caller.role == Role::kContributor;
  const bool of_organization = caller.role == Role::kProvider;
  const std::string role(code(caller.role));
  if (caller.role == Role::kAnonymous) return "the role anonymous has no token";
  if (caller.subject.empty() || caller.subject.size() > kLongestSubject) {
    return "sub must be 1 to " + std::to_string(kLongestSubject) + " bytes long";
  }
  if (of_state == caller.state.empty()) {
    return "the role " + role + (of_state ? " needs a state" : " has no state");
  }
  if (of_organization == caller.organization.empty()) {
    return "the role " + role +
           (of_organization ? " needs an organization" : " has no organization");
  }
  if (of_state && (caller.state.size() != 3 || !all_of(caller.state, is_capital))) {
    return "state must be three capital letters";
  }
  if (of_organization && !is_organization_code(caller.organization)) {
    return "organization must be 1 to 32 of A-Z, 0-9 and -";
  }
  return {};
}

Result<std::string> text_claim(const nlohmann::json& claims, const char* name, bool required) {
  const auto found = claims.find(name);
  if (found == claims.end()) {
    if (required) return refused_token(std::string(name) + " is missing");
    return std::string();
  }
  if (!found->is_string()) return refused_token(std::string(name) + " is no text");
  return found->get<std::string>();
}

Result<std::int64_t> time_claim(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return refused_token(std::string(name) + " is missing");
  constexpr std::int64_t kEndOfTime = 253'402'300'799;  // the year 9999: no sum below overflows
  if (!found->is_number_integer() || *found < 0 || *found > kEndOfTime) {
    return refused_token(std::string(name) + " is no time in whole seconds");
  }
  return found->get<std::int64_t>();
}

}  // namespace uncac::access
