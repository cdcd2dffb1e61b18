// OpenSSL and a JSON reader, not cpp-jwt: that library asks the machine's clock instead of ours,
// takes a token without `exp`, accepts "none" with a soft error and reads the PEM key again for
// each token.
#include "access/token.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "access/methods.h"
#include "platform/base64url.h"

namespace uncac::access {
namespace {

using nlohmann::json;
using platform::Error;
using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;

constexpr std::size_t kLongestToken = 4096;
constexpr std::size_t kLongestSubject = 256;
constexpr std::size_t kRemembered = 4096;
constexpr std::int64_t kLeeway = 5;  // seconds that two machines' clocks may differ
constexpr std::int64_t kLongestLife = 366LL * 24 * 3600;
constexpr std::size_t kHalf = 32;  // bytes of r and of s on P-256

template <auto function>
struct Free {
  template <class T>
  void operator()(T* object) const {
    function(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

Error refused(std::string why) {
  return make_error(Reason::kUnauthenticated, "token refused: " + std::move(why));
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// ---- ES256 (RFC 7518, 3.4) ----------------------------------------------------------------------

bool is_p256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t length = 0;
  if (key == nullptr || EVP_PKEY_is_a(key, "EC") != 1) return false;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) != 1) return false;
  const std::string_view name(group.data(), length);
  return name == "prime256v1" || name == "P-256";
}

// Without a callback of ours OpenSSL would ask the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) { return -1; }

Result<Key> read_key(const std::string& pem, bool is_private) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(!bio         ? nullptr
          : is_private ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)
                       : PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr));
  if (!is_p256(key.get())) {
    return make_error(Reason::kInvalidInput,
                      std::string("not a ") + (is_private ? "private" : "public") +
                          " key of the curve P-256 in PEM, without a password");
  }
  return key;
}

std::optional<std::string> sign(EVP_PKEY* key, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t length = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes_of(text), text.size()) != 1) {
    return std::nullopt;
  }
  std::string der(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &length,
                     bytes_of(text), text.size()) != 1) {
    return std::nullopt;
  }
  const unsigned char* position = bytes_of(der);
  const Signature parsed(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(length)));
  std::string raw(2 * kHalf, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (!parsed || BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out, kHalf) != kHalf ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out + kHalf, kHalf) != kHalf) {
    return std::nullopt;
  }
  return raw;
}

bool is_signed(EVP_PKEY* key, std::string_view text, std::string_view raw) {
  if (raw.size() != 2 * kHalf) return false;
  const Signature signature(ECDSA_SIG_new());
  Number r(BN_bin2bn(bytes_of(raw), kHalf, nullptr));
  Number s(BN_bin2bn(bytes_of(raw) + kHalf, kHalf, nullptr));
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
    return false;
  }
  // The signature owns them now.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  if (length <= 0) return false;
  const DigestContext context(EVP_MD_CTX_new());
  const bool holds =
      context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(length), bytes_of(text),
                       text.size()) == 1;
  OPENSSL_free(der);
  return holds;
}

std::string digest(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned int length = 0;
  if (EVP_Digest(text.data(), text.size(), sum.data(), &length, EVP_sha256(), nullptr) != 1) {
    return {};
  }
  return {reinterpret_cast<const char*>(sum.data()), length};
}

// ---- claims -----------------------------------------------------------------------------------

std::int64_t seconds_of(platform::Moment moment) {
  return std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count();
}

bool all_of(std::string_view text, bool (*allowed)(char)) {
  return std::all_of(text.begin(), text.end(), allowed);
}
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

// Empty when the caller is whole, else what is wrong.
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

Result<std::string> text_claim(const json& claims, const char* name, bool required) {
  const auto found = claims.find(name);
  if (found == claims.end()) {
    if (required) return refused(std::string(name) + " is missing");
    return std::string();
  }
  if (!found->is_string()) return refused(std::string(name) + " is no text");
  return found->get<std::string>();
}

Result<std::int64_t> time_claim(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return refused(std::string(name) + " is missing");
  constexpr std::int64_t kEndOfTime = 253'402'300'799;  // the year 9999: no sum below overflows
  if (!found->is_number_integer() || *found < 0 || *found > kEndOfTime) {
    return refused(std::string(name) + " is no time in whole seconds");
  }
  return found->get<std::int64_t>();
}

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
  const std::optional<std::string> text = platform::from_base64url(part);
  if (!text) return refused("its header is malformed");
  const json header = json::parse(*text, nullptr, false);
  if (!header.is_object()) return refused("its header is malformed");
  const auto algorithm = header.find("alg");
  // Ours is the only one: what the token says of itself chooses nothing.
  if (algorithm == header.end() || *algorithm != "ES256") {
    return refused("it is not signed with ES256");
  }
  if (header.contains("crit")) return refused("it has critical extensions");
  return {};
}

Status check_times(const json& claims, std::int64_t now, std::int64_t& expires) {
  UNCAC_ASSIGN(expires, time_claim(claims, "exp"));
  UNCAC_ASSIGN(const std::int64_t issued, time_claim(claims, "iat"));
  if (expires + kLeeway <= now) return refused("it is expired");
  if (expires > now + kLongestLife + kLeeway) {
    return refused("it ends more than 366 days from now");
  }
  if (issued > now + kLeeway) return refused("it was issued in the future");
  if (claims.contains("nbf")) {
    UNCAC_ASSIGN(const std::int64_t begins, time_claim(claims, "nbf"));
    if (begins > now + kLeeway) return refused("it is not valid yet");
  }
  return {};
}

Result<Caller> caller_from(const json& claims) {
  UNCAC_ASSIGN(const std::string issuer, text_claim(claims, "iss", true));
  if (issuer != kIssuer) return refused("it has another issuer");
  if (!is_for_us(claims)) return refused("it is for another audience");
  UNCAC_ASSIGN(const std::string role_code, text_claim(claims, "role", true));
  const std::optional<Role> role = parse_role(role_code);
  if (!role) return refused("its role is unknown");
  Caller caller;
  caller.role = *role;
  UNCAC_ASSIGN(caller.subject, text_claim(claims, "sub", true));
  UNCAC_ASSIGN(caller.state, text_claim(claims, "state", false));
  UNCAC_ASSIGN(caller.organization, text_claim(claims, "organization", false));
  std::string fault = fault_of(caller);
  if (!fault.empty()) return refused(std::move(fault));
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
      return refused("it is longer than " + std::to_string(kLongestToken) + " bytes");
    }
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
      return refused("it does not have three parts");
    }
    UNCAC_TRY(check_header(token.substr(0, first)));
    const std::optional<std::string> signature = platform::from_base64url(token.substr(second + 1));
    if (!signature || !is_signed(key.get(), token.substr(0, second), *signature)) {
      return refused("its signature is wrong");
    }
    const std::optional<std::string> text =
        platform::from_base64url(token.substr(first + 1, second - first - 1));
    const json claims = text ? json::parse(*text, nullptr, false) : json();
    if (!claims.is_object()) return refused("its claims are malformed");
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
    if (!token) return refused("the header is not \"Bearer\" and a token");
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

Result<KeyPair> make_key_pair() {
  const auto failed = [] {
    return make_error(Reason::kInternal, "no P-256 key pair could be made");
  };
  const Key key(EVP_EC_gen("P-256"));
  const Bio private_bio(BIO_new(BIO_s_mem()));
  const Bio public_bio(BIO_new(BIO_s_mem()));
  if (!key || !private_bio || !public_bio ||
      PEM_write_bio_PrivateKey(private_bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                               nullptr) != 1 ||
      PEM_write_bio_PUBKEY(public_bio.get(), key.get()) != 1) {
    return failed();
  }
  const auto text = [](BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(length));
  };
  return KeyPair{text(private_bio.get()), text(public_bio.get())};
}

Result<std::string> mint_token(const std::string& private_pem, const Caller& caller,
                               std::chrono::seconds lasts, platform::Moment now,
                               platform::Ids& ids) {
  std::string fault = fault_of(caller);
  if (!fault.empty()) return make_error(Reason::kInvalidInput, std::move(fault));
  if (lasts.count() <= 0 || lasts.count() > kLongestLife) {
    return make_error(Reason::kInvalidInput, "a token lasts from 1 second to 366 days");
  }
  UNCAC_ASSIGN(const Key key, read_key(private_pem, true));
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
  const std::optional<std::string> signature = sign(key.get(), text);
  if (!signature) return make_error(Reason::kInternal, "the token could not be signed");
  return text + "." + platform::to_base64url(*signature);
}

TokenGatekeeper::TokenGatekeeper(std::unique_ptr<State> state) : state_(std::move(state)) {}
TokenGatekeeper::~TokenGatekeeper() = default;

Result<std::unique_ptr<TokenGatekeeper>> TokenGatekeeper::create(const std::string& public_pem,
                                                                 const platform::Clock& clock) {
  UNCAC_ASSIGN(Key key, read_key(public_pem, false));
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
