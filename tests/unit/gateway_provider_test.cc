// An identity provider over the months: what is asked again and when, keys that change, sessions
// that outlive their tokens, a certificate that is nobody's. What a real one would take hours for;
// signing in at a real one is in tests/web/sign-in.spec.ts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "access/claims.h"
#include "access/token.h"
#include "gateway/session/provider.h"
#include "gateway/session/sessions.h"
#include "platform/runtime/http_library.h"
#include "support/engines.h"
#include "support/processes.h"
#include "support/server_parts.h"
#include "unit/two_clocks.h"
#include "unit/web_key.h"

namespace uncac::gateway::session {
namespace {

using nlohmann::json;
using platform::Reason;
using platform::to_base64url;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::must;

// Gives the ID token that it was told to give, whatever the code.
class ShownProvider {
 public:
  explicit ShownProvider(const platform::Clock& clock,
                         std::unique_ptr<httplib::Server> server = nullptr)
      : clock_(clock), server_(std::move(server)) {
    const bool secure = server_ != nullptr;
    if (!secure) server_ = std::make_unique<httplib::Server>();
    const auto shows = [this](const char* what, const json& document) {
      return [this, what, &document](const httplib::Request&, httplib::Response& response) {
        ++asked[what];
        response.set_content(document.dump(), "application/json");
      };
    };
    const int port = server_->bind_to_any_port("127.0.0.1");
    issuer = std::string(secure ? "https" : "http") + "://127.0.0.1:" + std::to_string(port);
    configuration = {{"issuer", issuer},
                     {"authorization_endpoint", issuer + "/authorize"},
                     {"token_endpoint", issuer + "/token"},
                     {"jwks_uri", issuer + "/keys"}};
    server_->Get("/.well-known/openid-configuration", shows("configuration", configuration));
    server_->Get("/keys", shows("keys", key_set));
    server_->Post("/token", [this](const httplib::Request& request, httplib::Response& response) {
      ++asked["token"];
      form = request.params;
      response.set_content(json{{"id_token", id_token}}.dump(), "application/json");
    });
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    testing::eventually([this] { return server_->is_running(); });
  }
  ~ShownProvider() {
    server_->stop();
    thread_.join();
  }
  ShownProvider(const ShownProvider&) = delete;
  ShownProvider& operator=(const ShownProvider&) = delete;

  // From now on it signs with a new key, and shows no other.
  void new_key(const std::string& name) {
    key_name_ = name;
    key_ = must(access::read_private_key(must(access::make_key_pair()).private_pem));
    key_set = {{"keys", {testing::p256_web_key(key_, name)}}};
  }
  void name_a_person(const std::string& nonce) {
    const auto now = std::chrono::floor<seconds>(clock_.now().time_since_epoch()).count();
    const json claims{{"iss", issuer},
                      {"aud", "dashboard"},
                      {"sub", "wanjiru"},
                      {"nonce", nonce},
                      {"iat", now},
                      {"exp", now + 300},
                      {"uncac_role", "focal_point"},
                      {"uncac_state", "KEN"}};
    const std::string text = to_base64url(json{{"alg", "ES256"}, {"kid", key_name_}}.dump()) + "." +
                             to_base64url(claims.dump());
    id_token = text + "." + to_base64url(*access::sign_es256(key_, text));
  }

  std::string issuer;
  json configuration, key_set;
  std::string id_token;
  // What was asked of it, read between two calls.
  std::map<std::string, int> asked;
  httplib::Params form;

 private:
  const platform::Clock& clock_;
  std::string key_name_;
  access::Key key_;
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
};

class ProviderTest : public ::testing::Test {
 protected:
  ProviderTest() { shown_.new_key("first"); }
  std::unique_ptr<Provider> made(const std::string& issuer) {
    return must(
        Provider::create({issuer, "dashboard", "", "http://127.0.0.1/sign-in/callback"}, clock_));
  }
  // Why nobody came in; empty when somebody did.
  std::string redeemed(Provider& provider) {
    shown_.name_a_person("nonce");
    const auto caller = provider.redeem("code", {"state", "nonce", "verifier"});
    return caller ? std::string() : caller.error().message;
  }

  testing::TwoClocks clock_;
  platform::SystemIds ids_;
  ShownProvider shown_{clock_};
  testing::TemporaryFolder folder_;
};

TEST_F(ProviderTest, AKeyThatIsNewIsAskedForButNoMoreThanOnceAMinute) {
  const auto provider = made(shown_.issuer);
  EXPECT_EQ(redeemed(*provider), "");
  EXPECT_EQ(redeemed(*provider), "");
  EXPECT_EQ(shown_.asked["keys"], 1);
  shown_.new_key("second");
  // Tokens that name keys nobody has do not make it ask.
  EXPECT_THAT(redeemed(*provider), HasSubstr("key"));
  EXPECT_EQ(shown_.asked["keys"], 1);
  clock_.advance(seconds(61));
  EXPECT_EQ(redeemed(*provider), "");
  EXPECT_EQ(shown_.asked["keys"], 2);
  EXPECT_EQ(shown_.form.find("code_verifier")->second, "verifier");
}

// Whoever stole it signs for an hour at most.
TEST_F(ProviderTest, AKeyThatTheProviderNoLongerShowsIsBelievedForAnHour) {
  const auto provider = made(shown_.issuer);
  EXPECT_EQ(redeemed(*provider), "");
  shown_.key_set = {{"keys", json::array()}};
  clock_.advance(minutes(59));
  EXPECT_EQ(redeemed(*provider), "");
  clock_.advance(minutes(2));
  EXPECT_THAT(redeemed(*provider), HasSubstr("key"));
}

TEST_F(ProviderTest, WhereItsPagesAreIsAskedEachHourAndMustBeItsOwnWord) {
  const auto provider = made(shown_.issuer);
  const Attempt attempt{"state", "nonce", "verifier"};
  EXPECT_THAT(must(provider->authorization_url(attempt)), HasSubstr(shown_.issuer + "/authorize?"));
  shown_.configuration["authorization_endpoint"] = shown_.issuer + "/elsewhere?tenant=1";
  EXPECT_THAT(must(provider->authorization_url(attempt)), HasSubstr("/authorize?"));
  EXPECT_EQ(shown_.asked["configuration"], 1);
  clock_.advance(hours(1));
  EXPECT_THAT(must(provider->authorization_url(attempt)),
              HasSubstr("/elsewhere?tenant=1&response_type=code"));
  // Another's word, and an address that others could listen at.
  for (const auto& [name, said] : std::map<std::string, std::string>{
           {"issuer", "https://other.example"}, {"token_endpoint", "http://login.example/token"}}) {
    clock_.advance(hours(1));
    const json good = shown_.configuration;
    shown_.configuration[name] = said;
    const auto refused = provider->authorization_url(attempt);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_EQ(refused.error().reason, Reason::kUnavailable);
    shown_.configuration = good;
  }
  shown_.configuration["unread"] = std::string(1 << 20, 'x');
  EXPECT_FALSE(provider->authorization_url(attempt).ok());
}

TEST_F(ProviderTest, ACertificateOfNobodyKnownGetsNoSecret) {
  const std::string key = folder_.file("key.pem");
  const std::string certificate = folder_.file("certificate.pem");
  const auto made_one = testing::run_to_end(
      {must(testing::find_program("openssl", "openssl")), "req", "-x509", "-newkey", "ec",
       "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=login",
       "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate});
  ASSERT_EQ(made_one.code, 0) << made_one.err;
  // SSL_CERT_FILE is how OpenSSL is told of an authority of one's own.
  ASSERT_EQ(setenv("SSL_CERT_FILE", "/nowhere", 1), 0);
  ShownProvider secure(clock_,
                       std::make_unique<httplib::SSLServer>(certificate.c_str(), key.c_str()));
  const auto provider = made(secure.issuer);
  const Attempt attempt{"state", "nonce", "verifier"};
  const auto refused = provider->authorization_url(attempt);
  ASSERT_EQ(setenv("SSL_CERT_FILE", certificate.c_str(), 1), 0);
  const auto trusted = provider->authorization_url(attempt);
  unsetenv("SSL_CERT_FILE");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::kUnavailable);
  EXPECT_THAT(must(trusted), HasSubstr(secure.issuer + "/authorize?"));
  EXPECT_EQ(secure.asked["configuration"], 1) << "nothing was said to whom it could not know";
}

TEST_F(ProviderTest, ASessionActsByOneTokenAfterAnotherUntilItEnds) {
  const auto keys = must(access::make_key_pair());
  std::ofstream(folder_.file("signing.pem")) << keys.private_pem;
  std::filesystem::permissions(folder_.file("signing.pem"), std::filesystem::perms::owner_read);
  SessionOptions options;
  options.public_url = "http://127.0.0.1";
  options.oidc_issuer = shown_.issuer;
  options.oidc_client_id = "dashboard";
  options.token_signing_key = folder_.file("signing.pem");
  const auto sessions = must(Sessions::create(options, ids_, clock_));

  const auto asked_with = [](const std::string& cookie) {
    http::Request request;
    request.method = "GET";
    request.path = "/";
    request.headers.set("Host", "127.0.0.1");
    request.headers.set("Accept", "text/html");
    if (!cookie.empty()) request.headers.set("Cookie", cookie);
    return request;
  };
  const auto cookie_of = [](std::string_view set) {
    return std::string(set.substr(0, set.find(';')));
  };
  const http::Response left = sessions->leave_for_provider(asked_with(""));
  const std::string to(left.headers.get("Location"));
  http::Request asked;
  asked.query = to.substr(to.find('?') + 1);
  shown_.name_a_person(*asked.parameter("nonce"));
  http::Request back = asked_with(cookie_of(left.headers.get("Set-Cookie")));
  back.query = "code=c&state=" + *asked.parameter("state");
  const http::Response came = sessions->come_back(back);
  ASSERT_EQ(came.headers.get("Location"), "/");
  std::string session;
  for (const auto& [name, value] : came.headers) {
    if (value.starts_with("uncac-session=")) session = cookie_of(value);
  }
  ASSERT_NE(session, "");

  const auto token = [&]() -> std::string {
    http::Request request = asked_with(session);
    must(sessions->admit(request));
    return std::string(request.headers.get("Authorization"));
  };
  // Seconds from now until a token ends that is good now.
  const auto lasts = [&](const std::string& bearer) {
    const auto parts = access::split_token(std::string_view(bearer).substr(7));
    const auto ends = access::read_part(parts->claims).at("exp").get<std::int64_t>();
    return ends - std::chrono::floor<seconds>(clock_.now().time_since_epoch()).count();
  };
  const std::string first = token();
  EXPECT_EQ(lasts(first), 15 * 60);
  clock_.advance(minutes(9));
  EXPECT_EQ(token(), first);
  clock_.advance(minutes(2));
  const std::string second = token();
  EXPECT_NE(second, first);
  EXPECT_EQ(lasts(second), 15 * 60);
  // No token is good for longer than its session.
  clock_.advance(hours(8) - minutes(14));
  EXPECT_EQ(lasts(token()), 3 * 60);
  clock_.advance(minutes(3));
  EXPECT_EQ(token(), "");
}

}  // namespace
}  // namespace uncac::gateway::session
