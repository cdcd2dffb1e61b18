#include "access/id_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "access/claims.h"
#include "access/keys.h"
#include "platform/base64url.h"

namespace uncac::access {
namespace {

using nlohmann::json;
using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;

constexpr std::size_t kLongestToken = 16 << 10;  // providers put much into theirs
constexpr std::int64_t kLeeway = 60;             // seconds: another organization's clock

Result<std::string> number_of(const json& key, const char* name) {
  const auto found = key.find(name);
  if (found != key.end() && found->is_string()) {
    if (auto bytes = platform::from_base64url(found->get<std::string>())) return *std::move(bytes);
  }
  return make_error(Reason::kInvalidInput, std::string("the provider's key has no number ") + name);
}

bool has(const json& object, const char* name, std::string_view value) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() && found->get<std::string>() == value;
}

// The key of that name; the only one of that type when the token names none.
Result<const json*> find_key(const json& keys, const std::string& id, std::string_view type) {
  const json* only = nullptr;
  int fitting = 0;
  for (const json& key : keys) {
    if (!key.is_object() || !has(key, "kty", type)) continue;
    if (key.contains("use") && !has(key, "use", "sig")) continue;
    if (!id.empty() && has(key, "kid", id)) return &key;
    only = &key;
    ++fitting;
  }
  if (id.empty() && fitting == 1) return only;
  return make_error(Reason::kNotFound, "the provider has no key that the token names");
}

Status check_signature(const json& keys, const json& header, std::string_view text,
                       std::string_view signature) {
  const bool rsa = has(header, "alg", "RS256");
  // What the token says of itself chooses between these two, which need keys of different types.
  if (!rsa && !has(header, "alg", "ES256"))
    return refused_token("it is not signed with RS256 or ES256");
  if (header.contains("crit")) return refused_token("it has critical extensions");
  UNCAC_ASSIGN(const std::string id, text_claim(header, "kid", false));
  UNCAC_ASSIGN(const json* const found, find_key(keys, id, rsa ? "RSA" : "EC"));
  bool holds = false;
  if (rsa) {
    UNCAC_ASSIGN(const std::string n, number_of(*found, "n"));
    UNCAC_ASSIGN(const std::string e, number_of(*found, "e"));
    UNCAC_ASSIGN(const Key key, rsa_key(n, e));
    holds = is_signed_rs256(key, text, signature);
  } else {
    if (!has(*found, "crv", "P-256")) return refused_token("its key is of another curve");
    UNCAC_ASSIGN(const std::string x, number_of(*found, "x"));
    UNCAC_ASSIGN(const std::string y, number_of(*found, "y"));
    UNCAC_ASSIGN(const Key key, p256_key(x, y));
    holds = is_signed_es256(key, text, signature);
  }
  if (!holds) return refused_token("its signature is wrong");
  return {};
}

Status check_audience(const json& claims, const std::string& client_id) {
  const auto audience = claims.find("aud");
  bool ours = false, others = false;
  if (audience != claims.end() && audience->is_string()) {
    ours = *audience == client_id;
  } else if (audience != claims.end() && audience->is_array()) {
    for (const json& one : *audience) (one == client_id ? ours : others) = true;
  }
  if (!ours) return refused_token("it is for another audience");
  // Of several, it says to whom it was given.
  if ((others || claims.contains("azp")) && !has(claims, "azp", client_id)) {
    return refused_token("it was given to another client");
  }
  return {};
}

Status check_times(const json& claims, std::int64_t now) {
  UNCAC_ASSIGN(const std::int64_t expires, time_claim(claims, "exp"));
  UNCAC_ASSIGN(const std::int64_t issued, time_claim(claims, "iat"));
  if (expires + kLeeway <= now) return refused_token("it is expired");
  if (issued > now + kLeeway) return refused_token("it was issued in the future");
  return {};
}

Result<Caller> caller_from(const json& claims) {
  Caller caller;
  UNCAC_ASSIGN(caller.subject, text_claim(claims, "sub", true));
  UNCAC_ASSIGN(const std::string role_code, text_claim(claims, "uncac_role", false));
  UNCAC_ASSIGN(caller.state, text_claim(claims, "uncac_state", false));
  UNCAC_ASSIGN(caller.organization, text_claim(claims, "uncac_organization", false));
  const std::optional<Role> role = parse_role(role_code);
  if (!role) {
    return make_error(Reason::kForbidden,
                      "you are known, but have no role here: ask the secretariat for one");
  }
  caller.role = *role;
  const std::string fault = fault_of(caller);
  if (!fault.empty()) {
    return make_error(Reason::kForbidden, "your account at the identity provider: " + fault);
  }
  return caller;
}

}  // namespace

Result<Caller> verify_id_token(const std::string& token, const std::string& key_set,
                               const ExpectedIdToken& expected, platform::Moment now) {
  if (token.size() > kLongestToken) return refused_token("it is longer than 16 KiB");
  const std::optional<TokenParts> parts = split_token(token);
  if (!parts) return refused_token("it does not have three parts");
  const json header = read_part(parts->header);
  const json claims = read_part(parts->claims);
  const auto signature = platform::from_base64url(parts->signature);
  if (!header.is_object() || !claims.is_object() || !signature) {
    return refused_token("it is malformed");
  }
  const json set = json::parse(key_set, nullptr, false);
  if (!set.is_object() || !set.contains("keys") || !set["keys"].is_array()) {
    return make_error(Reason::kUnavailable, "the provider's keys cannot be read");
  }
  UNCAC_TRY(check_signature(set["keys"], header, parts->signed_text, *signature));
  if (!has(claims, "iss", expected.issuer)) return refused_token("it has another issuer");
  UNCAC_TRY(check_audience(claims, expected.client_id));
  UNCAC_TRY(check_times(claims, seconds_of(now)));
  if (!has(claims, "nonce", expected.nonce)) return refused_token("it answers another request");
  return caller_from(claims);
}

}  // namespace uncac::access
