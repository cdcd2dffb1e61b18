#include "gateway/session/provider.h"

#include <nlohmann/json.hpp>

#include "access/id_token.h"
#include "access/keys.h"
#include "platform/base64url.h"
#include "platform/runtime/http_library.h"

namespace uncac::gateway::session {
namespace {

using nlohmann::json;
using platform::make_error;
using platform::Reason;
using platform::Result;
using platform::Status;

constexpr std::size_t kLargestAnswer = 1 << 20;
constexpr int kSeconds = 5;  // for each of connecting, sending, reading
constexpr std::chrono::hours kKept{1};
// A token may name a key that was made just now; nobody makes us ask more often than that.
constexpr std::chrono::minutes kBetweenKeySets{1};

struct Url {
  std::string origin, path;
  bool secure = false;
};

// Of "https://host:port/path"; http on loopback alone, since a secret goes there.
Result<Url> parse_url(const std::string& text) {
  const std::size_t scheme = text.find("://");
  const auto wrong = [&] {
    return make_error(Reason::kInvalidInput, "\"" + text.substr(0, 200) +
                                                 "\" is no address that begins with https:// (or "
                                                 "http:// on this machine)");
  };
  if (scheme == std::string::npos) return wrong();
  const std::size_t path = std::min(text.find('/', scheme + 3), text.size());
  Url url{text.substr(0, path), path == text.size() ? "/" : text.substr(path),
          text.starts_with("https://")};
  const std::string host = url.origin.substr(scheme + 3);
  const bool loopback =
      host.starts_with("127.0.0.1") || host.starts_with("localhost") || host.starts_with("[::1]");
  if (host.empty() || text.find_first_of(" \r\n\t") != std::string::npos) return wrong();
  if (!url.secure && !(text.starts_with("http://") && loopback)) return wrong();
  return url;
}

platform::Error away(const std::string& what) {
  return make_error(Reason::kUnavailable, "the identity provider: " + what);
}

httplib::Client client_of(const Url& url) {
  httplib::Client client(url.origin);
  client.set_connection_timeout(kSeconds);
  client.set_read_timeout(kSeconds);
  client.set_write_timeout(kSeconds);
  client.enable_server_certificate_verification(true);
  return client;
}

Result<std::string> body_of(const httplib::Result& result, const std::string& body) {
  if (!result) return away("no answer (" + httplib::to_string(result.error()) + ")");
  if (result->status != 200) return away("answered with " + std::to_string(result->status));
  return body;
}

Result<std::string> get(const std::string& address) {
  UNCAC_ASSIGN(const Url url, parse_url(address));
  std::string body;
  httplib::Client client = client_of(url);
  const auto result = client.Get(url.path, [&](const char* data, std::size_t length) {
    body.append(data, length);
    return body.size() <= kLargestAnswer;
  });
  return body_of(result, body);
}

std::string text_of(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string()
             ? found->get<std::string>()
             : std::string();
}

std::string parameter(const char* name, const std::string& value) {
  return std::string("&") + name + "=" + httplib::detail::encode_query_param(value);
}

}  // namespace

Result<std::unique_ptr<Provider>> Provider::create(ProviderOptions options,
                                                   const platform::Clock& clock) {
  if (auto issuer = parse_url(options.issuer); !issuer) return std::move(issuer).error();
  if (options.client_id.empty()) {
    return make_error(Reason::kInvalidInput, "--oidc-client-id is missing");
  }
  return std::unique_ptr<Provider>(new Provider(std::move(options), clock));
}

Result<Provider::Configuration> Provider::configuration() {
  const platform::Instant now = clock_.steady_now();
  {
    const std::lock_guard guard(mutex_);
    if (configuration_ && now - configuration_->fetched < kKept) return *configuration_;
  }
  std::string issuer = options_.issuer;
  while (issuer.ends_with('/')) issuer.pop_back();
  UNCAC_ASSIGN(const std::string text, get(issuer + "/.well-known/openid-configuration"));
  const json said = json::parse(text, nullptr, false);
  // Another's configuration would send people, and their codes, elsewhere.
  if (text_of(said, "issuer") != options_.issuer) return away("says that it is another issuer");
  Configuration made{text_of(said, "authorization_endpoint"), text_of(said, "token_endpoint"),
                     text_of(said, "jwks_uri"), now};
  for (const std::string& address :
       {made.authorization_endpoint, made.token_endpoint, made.jwks_uri}) {
    if (auto url = parse_url(address); !url) return away(url.error().message);
  }
  const std::lock_guard guard(mutex_);
  configuration_ = std::make_shared<const Configuration>(made);
  return made;
}

Result<Provider::KeySet> Provider::keys(const Configuration& configuration,
                                        platform::Instant least) {
  {
    const std::lock_guard guard(mutex_);
    if (keys_ && keys_->fetched >= least) return *keys_;
  }
  UNCAC_ASSIGN(std::string text, get(configuration.jwks_uri));
  KeySet set{std::move(text), clock_.steady_now()};
  const std::lock_guard guard(mutex_);
  keys_ = std::make_shared<const KeySet>(set);
  return set;
}

Result<std::string> Provider::authorization_url(const Attempt& attempt) {
  UNCAC_ASSIGN(const Configuration found, configuration());
  const std::string& endpoint = found.authorization_endpoint;
  return endpoint + (endpoint.find('?') == std::string::npos ? "?" : "&") + "response_type=code" +
         parameter("client_id", options_.client_id) +
         parameter("redirect_uri", options_.redirect_uri) + "&scope=openid" +
         parameter("state", attempt.state) + parameter("nonce", attempt.nonce) +
         parameter("code_challenge", platform::to_base64url(access::digest(attempt.verifier))) +
         "&code_challenge_method=S256";
}

Result<access::Caller> Provider::redeem(const std::string& code, const Attempt& attempt) {
  UNCAC_ASSIGN(const Configuration found, configuration());
  UNCAC_ASSIGN(const Url url, parse_url(found.token_endpoint));
  httplib::Client client = client_of(url);
  const std::string form =
      "grant_type=authorization_code" + parameter("code", code) +
      parameter("redirect_uri", options_.redirect_uri) +
      parameter("code_verifier", attempt.verifier) +
      (options_.client_secret.empty() ? parameter("client_id", options_.client_id) : std::string());
  httplib::Headers headers;
  if (!options_.client_secret.empty()) {
    // RFC 6749, 2.3.1: each part is encoded before they are put together.
    headers.insert(httplib::make_basic_authentication_header(
        httplib::detail::encode_query_param(options_.client_id),
        httplib::detail::encode_query_param(options_.client_secret)));
  }
  const auto result = client.Post(url.path, headers, form, "application/x-www-form-urlencoded");
  if (result && result->status != 200) {
    // RFC 6749, 5.2. The one is said to the person, who tries again; the other is the operator's.
    const std::string said = text_of(json::parse(result->body, nullptr, false), "error");
    if (said == "invalid_grant") {
      return make_error(Reason::kUnauthenticated,
                        "the identity provider does not take this code: sign in again");
    }
    if (said == "invalid_client") {
      return make_error(Reason::kFailedPrecondition,
                        "the identity provider does not take this gateway's id and secret");
    }
  }
  UNCAC_ASSIGN(const std::string body, body_of(result, result ? result->body : std::string()));
  if (body.size() > kLargestAnswer) return away("answered with more than a token");
  const std::string token = text_of(json::parse(body, nullptr, false), "id_token");
  if (token.empty()) return away("gave no ID token");

  const access::ExpectedIdToken expected{options_.issuer, options_.client_id, attempt.nonce};
  UNCAC_ASSIGN(const KeySet known, keys(found, clock_.steady_now() - kKept));
  auto caller = access::verify_id_token(token, known.text, expected, clock_.now());
  const platform::Instant fresh = clock_.steady_now() - kBetweenKeySets;
  if (caller || caller.error().reason != Reason::kNotFound || known.fetched >= fresh) return caller;
  UNCAC_ASSIGN(const KeySet newer, keys(found, fresh));
  return access::verify_id_token(token, newer.text, expected, clock_.now());
}

}  // namespace uncac::gateway::session
