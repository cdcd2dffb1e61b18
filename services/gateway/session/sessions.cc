#include "gateway/session/sessions.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "access/claims.h"
#include "access/keys.h"
#include "access/token.h"
#include "platform/base64url.h"
#include "platform/runtime/log.h"
#include "platform/store/sha256.h"
#include "platform/text.h"

namespace uncac::gateway::session {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using platform::make_error;
using platform::Moment;
using platform::Reason;
using platform::Result;
using platform::Status;
using Json = nlohmann::ordered_json;

constexpr std::chrono::hours kLasts{8};
constexpr std::size_t kLeastKey = 32;
constexpr std::size_t kMostIdentities = 1'000;
constexpr std::chrono::minutes kAttemptLasts{10};
// Of a token that a session acts by: whoever gets hold of one has it no longer than that.
constexpr std::chrono::minutes kTokenLasts{15};
constexpr std::chrono::minutes kTokenRenewed{5};  // before its end
constexpr std::size_t kMostMinted = 10'000;

Json json_of(const Identity& identity) {
  return {{"id", identity.id},
          {"role", std::string(access::code(identity.caller.role))},
          {"state", identity.caller.state},
          {"organization", identity.caller.organization}};
}

// What a token says of itself. Its signature is the services' business; here it was read from a
// folder of the operator's.
Result<Identity> read_identity(const fs::path& file) {
  const auto wrong = [&] {
    return make_error(Reason::kInvalidInput, file.string() + ": no token of this system");
  };
  UNCAC_ASSIGN(const std::string text, platform::read_secret_file(file.string()));
  Identity identity;
  identity.id = file.stem().string();
  identity.token = std::string(platform::trimmed(text));
  const auto parts = access::split_token(identity.token);
  const json claims = parts ? access::read_part(parts->claims) : json();
  if (!claims.is_object() || !claims.contains("exp") || !claims["exp"].is_number_integer()) {
    return wrong();
  }
  const auto text_of = [&](const char* name) {
    const auto found = claims.find(name);
    return found != claims.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto role = access::parse_role(text_of("role"));
  if (!role) return wrong();
  identity.caller = {*role, text_of("sub"), text_of("state"), text_of("organization")};
  identity.ends = Moment(std::chrono::seconds(claims["exp"].get<std::int64_t>()));
  return identity;
}

Result<std::vector<Identity>> read_identities(const std::string& folder) {
  std::vector<Identity> identities;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".jwt") continue;
    if (identities.size() >= kMostIdentities) {
      return make_error(Reason::kTooLarge, folder + ": more than 1,000 tokens");
    }
    UNCAC_ASSIGN(Identity identity, read_identity(entry.path()));
    identities.push_back(std::move(identity));
  }
  if (error) {
    return make_error(Reason::kFailedPrecondition,
                      "--exercise-identities " + folder + ": " + error.message());
  }
  if (identities.empty()) {
    return make_error(Reason::kFailedPrecondition,
                      "--exercise-identities " + folder + ": no token (*.jwt) in it");
  }
  // Those of no State first, then the States by code.
  std::sort(identities.begin(), identities.end(), [](const Identity& a, const Identity& b) {
    return std::tie(a.caller.state, a.id) < std::tie(b.caller.state, b.id);
  });
  return identities;
}

// The value of one of the cookies of the header.
std::string_view cookie_of(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    const std::string_view one = platform::trimmed(header.substr(0, end));
    if (one.size() > name.size() && one[name.size()] == '=' && one.starts_with(name)) {
      return one.substr(name.size() + 1);
    }
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return {};
}

// As OAuth's error codes are: "access_denied".
bool is_word(const std::string& text) {
  return !text.empty() && text.size() <= 50 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
  });
}

// A path of this site, whatever was asked for: "//elsewhere" and "/\\elsewhere" are none.
std::string path_on_this_site(const std::string& text) {
  const bool inside = text.starts_with('/') && !text.starts_with("//") && text.size() <= 2000 &&
                      std::all_of(text.begin(), text.end(),
                                  [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
  return inside ? text : "/";
}

// Where a sign-in that came to nothing ends. A person is led to a page that says why in his
// language, by a word, since an address that anybody can write must not put sentences into a page;
// and the address with the provider's code is left behind. What the word leaves out is for the log.
http::Response no_sign_in(const http::Request& request, std::string_view word,
                          const platform::Error& error, const std::string& back) {
  platform::log::warning("sign-in refused",
                         {{"refused", std::string(word)}, {"why", error.message}});
  if (request.headers.get("Accept").find("text/html") == std::string_view::npos) {
    return http::problem(error);
  }
  http::Response response;
  response.status = 303;
  response.headers.set(
      "Location", "/enter?refused=" + std::string(word) + "&back=" + http::encode_component(back));
  return response;
}

std::string_view word_of(const platform::Error& error) {
  if (error.reason == Reason::kUnavailable) return "unavailable";
  return error.reason == Reason::kForbidden ? "no-role" : "refused";
}

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

std::string csrf_of(const std::string& session_id) {
  return platform::to_hex(platform::sha256({"csrf ", session_id}).substr(0, 16));
}

// A page of another site that makes a browser send this, as the browser says itself.
bool from_elsewhere(const http::Request& request) {
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  const std::string_view origin = request.headers.get("Origin");
  return !origin.empty() && !origin.ends_with("://" + std::string(request.headers.get("Host")));
}

}  // namespace

void SessionOptions::declare(platform::Options& options) {
  options.text("exercise-identities", exercise_identities,
               "a folder of tokens that whoever comes may choose from: for an exercise only");
  options.text("session-key", key_file,
               "a file of at least 32 bytes, the same for all replicas; without it sessions end "
               "with the process");
  options.text("public-url", public_url, "where browsers find this: https://needs.example.org");
  options.text("oidc-issuer", oidc_issuer, "the identity provider, by OpenID Connect");
  options.text("oidc-client-id", oidc_client_id, "how it knows this gateway");
  options.text("oidc-client-secret-file", oidc_client_secret_file, "a file with what they share");
  options.text("token-signing-key", token_signing_key,
               "PEM: signs the tokens of whom the provider names");
}

Result<std::unique_ptr<Sessions>> Sessions::create(const SessionOptions& options,
                                                   platform::Ids& ids,
                                                   const platform::Clock& clock) {
  std::string key = ids.random(platform::Sealer::kKeyBytes);
  if (!options.key_file.empty()) {
    UNCAC_ASSIGN(const std::string text, platform::read_secret_file(options.key_file));
    if (text.size() < kLeastKey) {
      return make_error(Reason::kInvalidInput,
                        "--session-key " + options.key_file + ": shorter than 32 bytes");
    }
    key = platform::sha256({"session ", text});
  }
  const std::string& url = options.public_url;
  if (!url.empty() && !url.starts_with("https://") && !url.starts_with("http://")) {
    return make_error(Reason::kInvalidInput, "--public-url " + url + ": begins with https://");
  }
  UNCAC_ASSIGN(platform::Sealer sealer, platform::Sealer::create(std::move(key), ids));
  auto sessions = std::unique_ptr<Sessions>(new Sessions(std::move(sealer), ids, clock));
  sessions->secure_ = url.starts_with("https://");
  // The prefix makes browsers refuse it from anywhere else.
  const std::string prefix = sessions->secure_ ? "__Host-" : "";
  sessions->cookie_name_ = prefix + "uncac-session";
  sessions->attempt_name_ = prefix + "uncac-sign-in";
  if (!options.exercise_identities.empty()) {
    UNCAC_ASSIGN(sessions->identities_, read_identities(options.exercise_identities));
  }
  if (options.oidc_issuer.empty()) return sessions;
  if (!options.exercise_identities.empty()) {
    return make_error(Reason::kInvalidInput,
                      "--exercise-identities lets anybody be anybody: not beside --oidc-issuer");
  }
  if (url.empty()) {
    return make_error(Reason::kInvalidInput, "--oidc-issuer needs --public-url to come back to");
  }
  if (options.token_signing_key.empty()) {
    return make_error(Reason::kInvalidInput,
                      "--oidc-issuer needs --token-signing-key for whom it names");
  }
  UNCAC_ASSIGN(sessions->signing_key_, platform::read_secret_file(options.token_signing_key));
  ProviderOptions provider{options.oidc_issuer, options.oidc_client_id, "",
                           url.substr(0, url.find_last_not_of('/') + 1) + "/sign-in/callback"};
  if (!options.oidc_client_secret_file.empty()) {
    UNCAC_ASSIGN(const std::string secret,
                 platform::read_secret_file(options.oidc_client_secret_file));
    provider.client_secret = std::string(platform::trimmed(secret));
  }
  UNCAC_ASSIGN(sessions->provider_, Provider::create(std::move(provider), clock));
  // Found out now, not when the first person signs in.
  if (const auto signing = access::read_private_key(sessions->signing_key_); !signing) {
    return make_error(Reason::kInvalidInput, "--token-signing-key " + options.token_signing_key +
                                                 ": " + signing.error().message);
  }
  return sessions;
}

std::optional<std::string> Sessions::sealed_cookie(const http::Request& request,
                                                   std::string_view name) const {
  const std::string_view value = cookie_of(request.headers.get("Cookie"), name);
  return value.empty() ? std::nullopt : sealer_.open(std::string(value));
}

std::optional<Sessions::Session> Sessions::session_of(const http::Request& request) const {
  const std::optional<std::string> text = sealed_cookie(request, cookie_name_);
  const json sealed = text ? json::parse(*text, nullptr, false) : json();
  if (!sealed.is_object()) return std::nullopt;
  Session session;
  session.id = sealed.value("id", "");
  session.ends = Moment(std::chrono::seconds(sealed.value("ends", std::int64_t{0})));
  if (clock_.now() >= session.ends) return std::nullopt;
  const auto role = access::parse_role(sealed.value("role", ""));
  if (!role) return std::nullopt;
  session.caller = {*role, sealed.value("sub", ""), sealed.value("state", ""),
                    sealed.value("organization", "")};
  const std::string identity = sealed.value("identity", "");
  const auto found = std::find_if(identities_.begin(), identities_.end(),
                                  [&](const Identity& one) { return one.id == identity; });
  if (found != identities_.end()) session.identity = &*found;
  // Signed in another way than is offered now.
  if ((session.identity == nullptr) != (provider_ != nullptr)) return std::nullopt;
  return session;
}

Result<std::string> Sessions::token_of(const Session& session) const {
  if (session.identity != nullptr) return session.identity->token;
  const Moment now = clock_.now();
  {
    const std::lock_guard guard(mutex_);
    const auto found = minted_.find(session.id);
    if (found != minted_.end() && now + kTokenRenewed < found->second.ends) {
      return found->second.token;
    }
  }
  // At least a second, and no longer than the session.
  const auto lasts = std::clamp(std::chrono::floor<std::chrono::seconds>(session.ends - now),
                                std::chrono::seconds(1), std::chrono::seconds(kTokenLasts));
  UNCAC_ASSIGN(std::string token,
               access::mint_token(signing_key_, session.caller, lasts, now, ids_));
  const std::lock_guard guard(mutex_);
  if (minted_.size() >= kMostMinted) minted_.clear();
  minted_.insert_or_assign(session.id, Minted{token, now + lasts});
  return token;
}

Status Sessions::admit(http::Request& request) const {
  if (request.headers.has("Authorization") || !request.headers.has("Cookie")) return {};
  const std::optional<Session> session = session_of(request);
  if (!session) return {};
  if (changes_something(request.method) &&
      request.headers.get("Uncac-Csrf") != csrf_of(session->id)) {
    // Whoever signs in anew gives up the session that he had; that nobody else makes him do it is
    // asked there.
    if (request.path == "/session" && request.method == "POST") return {};
    return make_error(Reason::kForbidden,
                      "signed in by cookie, a request that changes something carries the header "
                      "Uncac-Csrf; GET /session says it");
  }
  UNCAC_ASSIGN(const std::string token, token_of(*session));
  request.headers.set("Authorization", "Bearer " + token);
  return {};
}

http::Response Sessions::shown(const std::optional<Session>& session) const {
  Json body{{"signed_in", session.has_value()}};
  const access::Caller caller = session ? session->caller : access::Caller{};
  body["role"] = std::string(access::code(caller.role));
  body["state"] = caller.state;
  body["organization"] = caller.organization;
  body["ends"] = session ? platform::format_moment(session->ends) : "";
  body["csrf"] = session ? csrf_of(session->id) : "";
  body["sign_in"] = provider_ ? "provider" : identities_.empty() ? "none" : "exercise";
  return http::json(200, body);
}

http::Response Sessions::show(const http::Request& request) const {
  return shown(session_of(request));
}

http::Response Sessions::identities() const {
  Json all = Json::array();
  for (const Identity& identity : identities_) all.push_back(json_of(identity));
  return http::json(200, {{"identities", std::move(all)}});
}

http::Response Sessions::choose(const http::Request& request, const std::string& body) const {
  const auto refused = [](Reason reason, const std::string& what) {
    return http::problem(make_error(reason, what));
  };
  if (from_elsewhere(request)) {
    return refused(Reason::kForbidden, "signing in is asked for by a page of this site alone");
  }
  if (!http::same_text(request.headers.get("Content-Type").substr(0, 16), "application/json")) {
    return refused(Reason::kInvalidInput, "the body is JSON: Content-Type: application/json");
  }
  const json asked = json::parse(body, nullptr, false);
  const auto wanted = asked.is_object() ? asked.find("identity") : asked.end();
  if (!asked.is_object() || wanted == asked.end() || !wanted->is_string()) {
    return refused(Reason::kInvalidInput, "the body is {\"identity\": \"…\"}");
  }
  const auto found = std::find_if(identities_.begin(), identities_.end(), [&](const Identity& one) {
    return one.id == wanted->get<std::string>();
  });
  if (found == identities_.end()) {
    return refused(Reason::kNotFound, "there is no such identity to choose");
  }
  const Moment now = clock_.now();
  if (found->ends <= now) {
    return refused(Reason::kFailedPrecondition, "the token of that identity has ended");
  }
  Session session;
  session.caller = found->caller;
  session.identity = &*found;
  session.ends = std::min(Moment(now + kLasts), found->ends);
  session.id = ids_.next();
  http::Response response = shown(session);
  begin(std::move(session), response);
  return response;
}

void Sessions::begin(Session session, http::Response& response) const {
  const auto seconds = [](Moment moment) {
    return std::chrono::floor<std::chrono::seconds>(moment.time_since_epoch());
  };
  const json sealed{{"id", session.id},
                    {"ends", seconds(session.ends).count()},
                    {"identity", session.identity == nullptr ? "" : session.identity->id},
                    {"role", access::code(session.caller.role)},
                    {"state", session.caller.state},
                    {"organization", session.caller.organization},
                    {"sub", session.caller.subject}};
  response.headers.add("Set-Cookie", cookie(cookie_name_, sealer_.seal(sealed.dump()),
                                            seconds(session.ends) - seconds(clock_.now())));
}

http::Response Sessions::leave_for_provider(const http::Request& request) const {
  if (!provider_) return http::problem(404, "Not Found", "nobody signs in here");
  const Attempt attempt{ids_.next(), ids_.next(), platform::to_base64url(ids_.random(32))};
  const std::string back = path_on_this_site(request.parameter("back").value_or("/"));
  const Result<std::string> url = provider_->authorization_url(attempt);
  if (!url) return no_sign_in(request, word_of(url.error()), url.error(), back);
  const auto ends = std::chrono::floor<std::chrono::seconds>(clock_.now() + kAttemptLasts);
  const json sealed{{"state", attempt.state},
                    {"nonce", attempt.nonce},
                    {"verifier", attempt.verifier},
                    {"back", back},
                    {"ends", ends.time_since_epoch().count()}};
  http::Response response;
  response.status = 303;
  response.headers.set("Location", *url);
  response.headers.set("Set-Cookie",
                       cookie(attempt_name_, sealer_.seal(sealed.dump()), kAttemptLasts));
  return response;
}

http::Response Sessions::come_back(const http::Request& request) const {
  if (!provider_) return http::problem(404, "Not Found", "nobody signs in here");
  const std::optional<std::string> text = sealed_cookie(request, attempt_name_);
  const json sealed = text ? json::parse(*text, nullptr, false) : json();
  const std::string back = sealed.is_object() ? sealed.value("back", "/") : "/";
  const auto refused = [&](std::string_view word, const platform::Error& error) {
    http::Response response = no_sign_in(request, word, error, back);
    response.headers.add("Set-Cookie", cookie(attempt_name_, "", std::chrono::seconds(0)));
    return response;
  };
  // The browser that left is the one that comes back, and it left for this.
  if (!sealed.is_object() ||
      request.parameter("state").value_or("") != sealed.value("state", "?") ||
      clock_.now() >= Moment(std::chrono::seconds(sealed.value("ends", std::int64_t{0})))) {
    return refused("not-begun",
                   make_error(Reason::kUnauthenticated,
                              "this sign-in was not begun here, or too long ago: sign in again"));
  }
  if (const auto error = request.parameter("error")) {
    return refused(*error == "access_denied" ? "denied" : "refused",
                   make_error(Reason::kUnauthenticated,
                              "the identity provider says: " + (is_word(*error) ? *error : "no")));
  }
  const Attempt attempt{sealed.value("state", ""), sealed.value("nonce", ""),
                        sealed.value("verifier", "")};
  const auto caller = provider_->redeem(request.parameter("code").value_or(""), attempt);
  if (!caller) return refused(word_of(caller.error()), caller.error());
  Session session;
  session.id = ids_.next();
  session.caller = *caller;
  session.ends = clock_.now() + kLasts;
  http::Response response;
  response.status = 303;
  response.headers.set("Location", back);
  response.headers.add("Set-Cookie", cookie(attempt_name_, "", std::chrono::seconds(0)));
  begin(std::move(session), response);
  return response;
}

http::Response Sessions::end() const {
  http::Response response = shown(std::nullopt);
  response.headers.set("Set-Cookie", cookie(cookie_name_, "", std::chrono::seconds(0)));
  return response;
}

std::string Sessions::cookie(const std::string& name, const std::string& value,
                             std::chrono::seconds lasts) const {
  return name + "=" + value + "; Path=/; HttpOnly; SameSite=Lax" + (secure_ ? "; Secure" : "") +
         "; Max-Age=" + std::to_string(lasts.count());
}

}  // namespace uncac::gateway::session
