// Signing in for an exercise, and what a cookie is good for.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "access/token.h"
#include "gateway/session/sessions.h"
#include "support/engines.h"
#include "support/servers.h"

namespace uncac::gateway::session {
namespace {

using nlohmann::json;
using std::chrono::hours;

class SessionsTest : public ::testing::Test {
 protected:
  SessionsTest() {
    keep("focal-point-KEN", {access::Role::kFocalPoint, "desk", "KEN", ""}, hours(100));
    keep("secretariat", {access::Role::kSecretariat, "desk", "", ""}, hours(2));
    options_.exercise_identities = folder_.path();
    sessions_ = made(options_);
  }
  void keep(const std::string& name, const access::Caller& caller, hours lasts) {
    std::ofstream(folder_.file(name + ".jwt"))
        << *access::mint_token(keys_.private_pem, caller, lasts, clock_.now(), ids_) << "\n";
    std::filesystem::permissions(folder_.file(name + ".jwt"), std::filesystem::perms::owner_read);
  }
  std::unique_ptr<Sessions> made(const SessionOptions& options) {
    auto sessions = Sessions::create(options, ids_, clock_);
    EXPECT_TRUE(sessions.ok()) << (sessions ? "" : sessions.error().message);
    return sessions ? *std::move(sessions) : nullptr;
  }
  static http::Request request(const std::string& method, const std::string& path,
                               http::Headers headers = {}) {
    http::Request made;
    made.method = method;
    made.path = path;
    made.headers = std::move(headers);
    made.headers.set("Host", "here.example");
    return made;
  }
  // "name=value" of what choosing sets; empty when it was refused.
  std::string sign_in(const std::string& identity, http::Headers headers = {}) {
    headers.set("Content-Type", "application/json");
    answer_ = sessions_->choose(request("POST", "/session", std::move(headers)),
                                json{{"identity", identity}}.dump());
    const std::string set(answer_.headers.get("Set-Cookie"));
    return set.substr(0, set.find(';'));
  }
  static json body(const http::Response& response) { return json::parse(response.body); }

  platform::FixedClock clock_{platform::Moment(
      std::chrono::sys_days{std::chrono::year{2026} / std::chrono::November / 30})};
  platform::SystemIds ids_;
  const access::KeyPair keys_ = *access::make_key_pair();
  testing::TemporaryFolder folder_;
  SessionOptions options_;
  std::unique_ptr<Sessions> sessions_;
  http::Response answer_;
};

TEST_F(SessionsTest, AChosenIdentityActsByItsToken) {
  const json all = body(sessions_->identities()).at("identities");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(
      all[0],
      (json{{"id", "secretariat"}, {"role", "secretariat"}, {"state", ""}, {"organization", ""}}));
  EXPECT_EQ(all[1].at("state"), "KEN");

  const std::string cookie = sign_in("focal-point-KEN");
  EXPECT_EQ(answer_.status, 200);
  EXPECT_EQ(body(answer_).at("role"), "focal_point");
  EXPECT_EQ(body(answer_).at("sign_in"), "exercise");
  const std::string set(answer_.headers.get("Set-Cookie"));
  EXPECT_NE(set.find("; HttpOnly; SameSite=Lax"), std::string::npos) << set;
  EXPECT_EQ(cookie.find("KEN"), std::string::npos) << "the cookie is sealed";

  http::Request asked = request("GET", "/export/needs.csv", {{"Cookie", "a=b; " + cookie}});
  ASSERT_TRUE(sessions_->admit(asked).ok());
  EXPECT_TRUE(asked.headers.get("Authorization").starts_with("Bearer ey"));
  EXPECT_EQ(body(sessions_->show(asked)).at("state"), "KEN");

  // A token of the caller's own stands before the cookie.
  http::Request own = request("GET", "/", {{"Cookie", cookie}, {"Authorization", "Bearer own"}});
  ASSERT_TRUE(sessions_->admit(own).ok());
  EXPECT_EQ(own.headers.get("Authorization"), "Bearer own");
}

TEST_F(SessionsTest, WhatChangesSomethingNeedsTheWordOfThePage) {
  const std::string cookie = sign_in("focal-point-KEN");
  const std::string word = body(answer_).at("csrf");
  const auto admitted = [&](http::Request asked) {
    const bool good = sessions_->admit(asked).ok();
    // Refused or not, nobody acts by a cookie without the word.
    EXPECT_EQ(good, asked.headers.has("Authorization"));
    return good;
  };
  EXPECT_TRUE(
      admitted(request("POST", "/import/responses", {{"Cookie", cookie}, {"Uncac-Csrf", word}})));
  EXPECT_FALSE(admitted(request("POST", "/import/responses", {{"Cookie", cookie}})));
  EXPECT_FALSE(admitted(request("POST", "/x", {{"Cookie", cookie}, {"Uncac-Csrf", word + "0"}})));
  EXPECT_FALSE(admitted(request("DELETE", "/session", {{"Cookie", cookie}})));
  // Another session's word is none.
  const std::string other = sign_in("focal-point-KEN");
  EXPECT_FALSE(admitted(request("POST", "/x", {{"Cookie", other}, {"Uncac-Csrf", word}})));
}

TEST_F(SessionsTest, NoOtherSiteSignsAnybodyIn) {
  EXPECT_EQ(sign_in("secretariat", {{"Sec-Fetch-Site", "cross-site"}}), "");
  EXPECT_EQ(answer_.status, 403);
  EXPECT_EQ(sign_in("secretariat", {{"Origin", "https://evil.example"}}), "");
  EXPECT_EQ(answer_.status, 403);
  EXPECT_NE(sign_in("secretariat", {{"Origin", "https://here.example"}}), "");
  EXPECT_EQ(sign_in("nobody"), "");
  EXPECT_EQ(answer_.status, 404);
  answer_ = sessions_->choose(request("POST", "/session", {{"Content-Type", "text/plain"}}),
                              R"({"identity": "secretariat"})");
  EXPECT_EQ(answer_.status, 400) << "a form of another site can send that";
}

TEST_F(SessionsTest, ACookieEndsAndIsNobodyElses) {
  const std::string cookie = sign_in("secretariat");
  // Not longer than the token that it stands for.
  EXPECT_NE(std::string(answer_.headers.get("Set-Cookie")).find("Max-Age=7200"), std::string::npos);
  const auto signed_in = [&](const Sessions& sessions, const std::string& with) {
    return body(sessions.show(request("GET", "/session", {{"Cookie", with}}))).at("signed_in") ==
           true;
  };
  EXPECT_TRUE(signed_in(*sessions_, cookie));
  std::string spoilt = cookie;
  spoilt[spoilt.size() / 2] = spoilt[spoilt.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(signed_in(*sessions_, spoilt));
  EXPECT_FALSE(signed_in(*made(options_), cookie)) << "of another process";
  clock_.set(clock_.now() + hours(2));
  EXPECT_FALSE(signed_in(*sessions_, cookie));
  EXPECT_EQ(sign_in("secretariat"), "");
  EXPECT_EQ(body(sessions_->end()).at("signed_in"), false);
  EXPECT_NE(std::string(sessions_->end().headers.get("Set-Cookie")).find("Max-Age=0"),
            std::string::npos);
}

TEST_F(SessionsTest, ReplicasShareAKeyAndHttpsHasItsOwnCookie) {
  testing::TemporaryFolder other;
  SessionOptions options = options_;
  options.key_file = other.file("session.key");
  options.public_url = "https://needs.example.org";
  std::ofstream(options.key_file) << std::string(32, 'k');
  std::filesystem::permissions(options.key_file, std::filesystem::perms::owner_read);
  sessions_ = made(options);
  const std::string cookie = sign_in("secretariat");
  EXPECT_TRUE(cookie.starts_with("__Host-uncac-session=")) << cookie;
  EXPECT_NE(std::string(answer_.headers.get("Set-Cookie")).find("; Secure"), std::string::npos);
  http::Request asked = request("GET", "/", {{"Cookie", cookie}});
  ASSERT_TRUE(made(options)->admit(asked).ok());
  EXPECT_TRUE(asked.headers.has("Authorization"));
}

TEST_F(SessionsTest, OptionsThatCannotBeAreRefusedByName) {
  const auto fault = [&](SessionOptions options) {
    const auto sessions = Sessions::create(options, ids_, clock_);
    return sessions ? std::string("none") : sessions.error().message;
  };
  testing::TemporaryFolder empty;
  SessionOptions options;
  options.exercise_identities = empty.path();
  EXPECT_NE(fault(options).find("--exercise-identities"), std::string::npos);
  options.exercise_identities = empty.file("nowhere");
  EXPECT_NE(fault(options).find("nowhere"), std::string::npos);
  options = {};
  options.public_url = "needs.example.org";
  EXPECT_NE(fault(options).find("--public-url"), std::string::npos);
  options = {};
  options.key_file = empty.file("short.key");
  std::ofstream(options.key_file) << "short";
  std::filesystem::permissions(options.key_file, std::filesystem::perms::owner_read);
  EXPECT_NE(fault(options).find("32 bytes"), std::string::npos);
  // A token that is none.
  std::ofstream(empty.file("x.jwt")) << "nonsense";
  std::filesystem::permissions(empty.file("x.jwt"), std::filesystem::perms::owner_read);
  options = {};
  options.exercise_identities = empty.path();
  EXPECT_NE(fault(options).find("x.jwt"), std::string::npos);
}

// What needs no provider: tests/web tries the rest with a real one.
TEST_F(SessionsTest, ASignInThatCameToNothingIsToldOnAPageOfThisSite) {
  testing::TemporaryFolder other;
  SessionOptions options;
  options.public_url = "http://here.example";
  options.oidc_client_id = "dashboard";
  options.token_signing_key = other.file("signing.pem");
  std::ofstream(options.token_signing_key) << keys_.private_pem;
  std::filesystem::permissions(options.token_signing_key, std::filesystem::perms::owner_read);
  // Kept, and nobody listens there.
  options.oidc_issuer = "http://127.0.0.1:" + std::to_string(testing::free_port());
  sessions_ = made(options);

  http::Request leaving = request("GET", "/sign-in");
  leaving.query = "back=/country/KEN%3Fa%3Db";
  EXPECT_EQ(sessions_->leave_for_provider(leaving).status, 503) << "a program is told the problem";
  leaving.headers.set("Accept", "text/html,*/*");
  answer_ = sessions_->leave_for_provider(leaving);
  EXPECT_EQ(answer_.status, 303);
  EXPECT_EQ(answer_.headers.get("Location"),
            "/enter?refused=unavailable&back=%2Fcountry%2FKEN%3Fa%3Db");

  http::Request coming = request("GET", "/sign-in/callback");
  coming.query = "code=c-1&state=s-1";
  EXPECT_EQ(sessions_->come_back(coming).status, 401);
  coming.headers.set("Accept", "text/html,*/*");
  answer_ = sessions_->come_back(coming);
  EXPECT_EQ(answer_.headers.get("Location"), "/enter?refused=not-begun&back=%2F");
  EXPECT_EQ(answer_.headers.get("Set-Cookie"),
            "uncac-sign-in=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST_F(SessionsTest, AProviderNeedsAllOfItsOptionsAndNobodyToChooseBeside) {
  const auto fault = [&](const SessionOptions& options) {
    const auto sessions = Sessions::create(options, ids_, clock_);
    return sessions ? std::string("none") : sessions.error().message;
  };
  SessionOptions options = options_;
  options.oidc_issuer = "https://login.example";
  EXPECT_EQ(fault(options),
            "--exercise-identities lets anybody be anybody: not beside --oidc-issuer");
  options.exercise_identities.clear();
  EXPECT_NE(fault(options).find("--public-url"), std::string::npos);
  options.public_url = "https://needs.example.org";
  EXPECT_NE(fault(options).find("--token-signing-key"), std::string::npos);
  testing::TemporaryFolder other;
  options.token_signing_key = other.file("signing.pem");
  std::ofstream(options.token_signing_key) << keys_.private_pem;
  std::filesystem::permissions(options.token_signing_key, std::filesystem::perms::owner_read);
  EXPECT_NE(fault(options).find("--oidc-client-id"), std::string::npos);
  options.oidc_client_id = "dashboard";
  EXPECT_EQ(fault(options), "none");
  options.oidc_issuer = "http://login.example";
  EXPECT_NE(fault(options).find("https://"), std::string::npos);
}

TEST_F(SessionsTest, WithoutIdentitiesNobodySignsIn) {
  sessions_ = made({});
  EXPECT_EQ(body(sessions_->show(request("GET", "/session"))).at("sign_in"), "none");
  EXPECT_EQ(sign_in("secretariat"), "");
  EXPECT_EQ(body(sessions_->identities()).at("identities").size(), 0u);
}

}  // namespace
}  // namespace uncac::gateway::session
