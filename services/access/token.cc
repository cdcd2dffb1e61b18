// keys.h and a JSON reader, not cpp-jwt: that library asks the machine's clock instead of ours,
// takes a token without `exp`, accepts "none" with a soft error and reads the PEM key again for
// each token.
#include "access/token.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "access/claims.h"
#include "access/keys.h"
#include "access/methods.h"
#include "platform/base64url.h"

namespace uncac::access {
namespace {

using nlohmann::json;
using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;

constexpr std::size_t kLongestToken = 4096;
constexpr std::size_t kRemembered = 4096;
constexpr std::int64_t kLeeway = 5;  // seconds that two machines' clocks may differ
constexpr std::int64_t kLongestLife = 366LL * 24 * 3600;

bool is_for_us(const json& claims) {
  const auto audience = claims.find("aud");
  if (audience == claims.end()) return false;
  if (audience->is_array()) {
    return std::any_of(audience->begin(), audience->end(),
                       [](const json& one) { return one.is_string() && one == kAudience; });
  }
  return audience->is_string() && *audience == kAudience;
}

Status check_header(std::string_view part) {
  const json header = read_part(part);
  if (!header.is_object()) return refused_token("its header is malformed");
  const auto algorithm = header.find("alg");
  // Ours is the only one: what the token says of itself chooses nothing.
  if (algorithm == header.end() || *algorithm != "ES256") {
    return refused_token("it is not signed with ES256");
  }
  if (header.contains("crit")) return refused_token("it has critical extensions");
  return {};
}

Status check_times(const json& claims, std::int64_t now, std::int64_t& expires) {
  UNCAC_ASSIGN(expires, time_claim(claims, "exp"));
  UNCAC_ASSIGN(const std::int64_t issued, time_claim(claims, "iat"));
  if (expires + kLeeway <= now) return refused_token("it is expired");
  if (expires > now + kLongestLife + kLeeway) {
    return refused_token("it ends more than 366 days from now");
  }
  if (issued > now + kLeeway) return refused_token("it was issued in the future");
  if (claims.contains("nbf")) {
    UNCAC_ASSIGN(const std::int64_t begins, time_claim(claims, "nbf"));
    if (begins > now + kLeeway) return refused_token("it is not valid yet");
  }
  return {};
}

Result<Caller> caller_from(const json& claims) {
  UNCAC_ASSIGN(const std::string issuer, text_claim(claims, "iss", true));
  if (issuer != kIssuer) return refused_token("it has another issuer");
  if (!is_for_us(claims)) return refused_token("it is for another audience");
  UNCAC_ASSIGN(const std::string role_code, text_claim(claims, "role", true));
  const std::optional<Role> role = parse_role(role_code);
  if (!role) return refused_token("its role is unknown");
  Caller caller;
  caller.role = *role;
  UNCAC_ASSIGN(caller.subject, text_claim(claims, "sub", true));
  UNCAC_ASSIGN(caller.state, text_claim(claims, "state", false));
  UNCAC_ASSIGN(caller.organization, text_claim(claims, "organization", false));
  const std::string fault = fault_of(caller);
  if (!fault.empty()) return refused_token(fault);
  return caller;
}

class CallerPrincipal final : public platform::Principal {
 public:
  explicit CallerPrincipal(Caller caller) : caller_(std::move(caller)) {}
  std::string name() const override { return caller_.subject; }
  std::string role() const override { return std::string(code(caller_.role)); }
  const Caller& caller() const { return caller_; }

 private:
  const Caller caller_;
};
using PrincipalPointer = std::shared_ptr<const CallerPrincipal>;

// Verified tokens until they end. Kept by digest: a picture of the memory gives no token away.
class Remembered {
 public:
  PrincipalPointer find(const std::string& sum, std::int64_t now) const {
    const std::shared_lock guard(mutex_);
    const auto found = entries_.find(sum);
    if (found == entries_.end() || found->second.expires + kLeeway <= now) return nullptr;
    return found->second.principal;
  }
  void add(const std::string& sum, PrincipalPointer principal, std::int64_t expires) {
    if (sum.empty()) return;
    const std::unique_lock guard(mutex_);
    if (!entries_.try_emplace(sum, Entry{std::move(principal), expires}).second) return;
    order_.push_back(sum);
    if (order_.size() > kRemembered) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
  }

 private:
  struct Entry {
    PrincipalPointer principal;
    std::int64_t expires;
  };
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> order_;  // the oldest first
};

// The token of "Bearer …"; the scheme's name in any case (RFC 9110, 11.1).
std::optional<std::string_view> bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != kScheme[i]) return std::nullopt;
  }
  return authorization.substr(kScheme.size());
}

}  // namespace

struct TokenGatekeeper::State {
  State(Key public_key, const platform::Clock& the_clock)
      : key(std::move(public_key)), clock(the_clock) {}

  struct Verified {
    PrincipalPointer principal;
    std::int64_t expires = 0;
  };
  Result<Verified> verify(std::string_view token, std::int64_t now) const {
    if (token.size() > kLongestToken) {
      return refused_token("it is longer than " + std::to_string(kLongestToken) + " bytes");
    }
    const std::optional<TokenParts> parts = split_token(token);
    if (!parts) return refused_token("it does not have three parts");
    UNCAC_TRY(check_header(parts->header));
    const std::optional<std::string> signature = platform::from_base64url(parts->signature);
    if (!signature || !is_signed_es256(key, parts->signed_text, *signature)) {
      return refused_token("its signature is wrong");
    }
    const json claims = read_part(parts->claims);
    if (!claims.is_object()) return refused_token("its claims are malformed");
    Verified verified;
    UNCAC_TRY(check_times(claims, now, verified.expires));
    UNCAC_ASSIGN(Caller caller, caller_from(claims));
    caller.ends = platform::Moment(std::chrono::seconds(verified.expires));
    verified.principal = std::make_shared<const CallerPrincipal>(std::move(caller));
    return verified;
  }

  Result<PrincipalPointer> identify(std::string_view authorization) {
    if (authorization.empty()) return anonymous;
    const std::optional<std::string_view> token = bearer(authorization);
    if (!token) return refused_token("the header is not \"Bearer\" and a token");
    const std::int64_t now = seconds_of(clock.now());
    const std::string sum = token->size() <= kLongestToken ? digest(*token) : std::string();
    if (PrincipalPointer known = remembered.find(sum, now)) return known;
    UNCAC_ASSIGN(Verified verified, verify(*token, now));
    remembered.add(sum, verified.principal, verified.expires);
    return std::move(verified.principal);
  }

  const Key key;
  const platform::Clock& clock;
  const PrincipalPointer anonymous = std::make_shared<const CallerPrincipal>(Caller{});
  Remembered remembered;
};

Result<std::string> mint_token(const std::string& private_pem, const Caller& caller,
                               std::chrono::seconds lasts, platform::Moment now,
                               platform::Ids& ids) {
  std::string fault = fault_of(caller);
  if (!fault.empty()) return make_error(Reason::kInvalidInput, std::move(fault));
  if (lasts.count() <= 0 || lasts.count() > kLongestLife) {
    return make_error(Reason::kInvalidInput, "a token lasts from 1 second to 366 days");
  }
  UNCAC_ASSIGN(const Key key, read_private_key(private_pem));
  const std::int64_t issued = seconds_of(now);
  json claims{{"iss", kIssuer},
              {"aud", kAudience},
              {"sub", caller.subject},
              {"role", code(caller.role)},
              {"iat", issued},
              {"nbf", issued},
              {"exp", issued + lasts.count()},
              {"jti", ids.next()}};
  if (!caller.state.empty()) claims["state"] = caller.state;
  if (!caller.organization.empty()) claims["organization"] = caller.organization;
  const std::string text =
      platform::to_base64url(R"({"alg":"ES256","typ":"JWT"})") + "." +
      platform::to_base64url(claims.dump(-1, ' ', false, json::error_handler_t::replace));
  const std::optional<std::string> signature = sign_es256(key, text);
  if (!signature) return make_error(Reason::kInternal, "the token could not be signed");
  return text + "." + platform::to_base64url(*signature);
}

TokenGatekeeper::TokenGatekeeper(std::unique_ptr<State> state) : state_(std::move(state)) {}
TokenGatekeeper::~TokenGatekeeper() = default;

Result<std::unique_ptr<TokenGatekeeper>> TokenGatekeeper::create(const std::string& public_pem,
                                                                 const platform::Clock& clock) {
  UNCAC_ASSIGN(Key key, read_public_key(public_pem));
  return std::unique_ptr<TokenGatekeeper>(
      new TokenGatekeeper(std::make_unique<State>(std::move(key), clock)));
}

Result<std::shared_ptr<const platform::Principal>> TokenGatekeeper::admit(
    std::string_view method, std::string_view authorization) const {
  // Who it is comes first: a bad token is refused on public methods too, never taken for none.
  UNCAC_ASSIGN(const PrincipalPointer principal, state_->identify(authorization));
  const Caller& caller = principal->caller();
  const MethodRow* row = find_method(method);
  if (row == nullptr || !row->allows(caller.role)) {
    if (caller.role == Role::kAnonymous) {
      return make_error(Reason::kUnauthenticated, "this needs a token");
    }
    return make_error(Reason::kForbidden,
                      "the role " + std::string(code(caller.role)) + " may not do this");
  }
  return std::shared_ptr<const platform::Principal>(principal);
}

Result<Caller> TokenGatekeeper::verify(const std::string& token) const {
  UNCAC_ASSIGN(const State::Verified verified,
               state_->verify(token, seconds_of(state_->clock.now())));
  return verified.principal->caller();
}

const Caller& caller_of(const platform::Call& call) {
  // Another gatekeeper's principal is a defect: this throws then, and the call ends as kInternal.
  return dynamic_cast<const CallerPrincipal&>(*call.principal).caller();
}

}  // namespace uncac::access
