// ID tokens of an identity provider: signed with its keys, for us, now, for this very attempt, and
// by somebody who has a role.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <nlohmann/json.hpp>

#include "access/id_token.h"
#include "access/keys.h"
#include "platform/base64url.h"
#include "unit/web_key.h"

namespace uncac::access {
namespace {

using nlohmann::json;
using platform::to_base64url;
using ::testing::HasSubstr;

// A provider with a key of each kind.
class IdToken : public ::testing::Test {
 protected:
  static const Key& rsa() {
    static const Key key(EVP_RSA_gen(2048));
    return key;
  }
  static const Key& ec() {
    static const Key key(EVP_EC_gen("P-256"));
    return key;
  }
  static json rsa_entry() { return testing::rsa_web_key(rsa(), "r"); }
  static json ec_entry() { return testing::p256_web_key(ec(), "e"); }
  static std::string signed_rs256(const std::string& text) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string signature(256, '\0');
    std::size_t length = signature.size();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, rsa().get());
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &length,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    return signature.substr(0, length);
  }
  std::string token() const {
    const std::string text = to_base64url(header_.dump()) + "." + to_base64url(claims_.dump());
    const std::string signature =
        header_.at("alg") == "RS256" ? signed_rs256(text) : *sign_es256(ec(), text);
    return text + "." + to_base64url(signature);
  }
  std::string fault() const {
    const auto caller = verify_id_token(token(), keys_.dump(), expected_, now_);
    return caller ? "none" : caller.error().message;
  }

  const platform::Moment now_{std::chrono::seconds(1'800'000'000)};
  const ExpectedIdToken expected_{"https://login.example", "dashboard", "n-1"};
  json keys_{{"keys", {rsa_entry(), ec_entry()}}};
  json header_{{"alg", "RS256"}, {"kid", "r"}};
  json claims_{{"iss", "https://login.example"},
               {"aud", "dashboard"},
               {"sub", "person-7"},
               {"nonce", "n-1"},
               {"iat", 1'799'999'990},
               {"exp", 1'800'000'300},
               {"uncac_role", "focal_point"},
               {"uncac_state", "KEN"}};
};

TEST_F(IdToken, SaysWhoItIsInBothAlgorithms) {
  for (const char* algorithm : {"RS256", "ES256"}) {
    header_ = {{"alg", algorithm}, {"kid", std::string(algorithm) == "RS256" ? "r" : "e"}};
    const auto caller = verify_id_token(token(), keys_.dump(), expected_, now_);
    ASSERT_TRUE(caller.ok()) << algorithm << ": " << caller.error().message;
    EXPECT_EQ(caller->role, Role::kFocalPoint);
    EXPECT_EQ(caller->state, "KEN");
    EXPECT_EQ(caller->subject, "person-7");
  }
}

TEST_F(IdToken, NoOtherSignatureIsBelieved) {
  const std::string good = token();
  std::string spoilt = good;
  spoilt[good.size() - 10] = spoilt[good.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_THAT(verify_id_token(spoilt, keys_.dump(), expected_, now_).error().message,
              HasSubstr("signature"));
  // Unsigned, and signed with the public key as if it were a secret.
  for (const char* algorithm : {"none", "HS256", "RS512", "PS256"}) {
    const std::string text = to_base64url(json{{"alg", algorithm}, {"kid", "r"}}.dump()) + "." +
                             to_base64url(claims_.dump());
    EXPECT_THAT(verify_id_token(text + ".", keys_.dump(), expected_, now_).error().message,
                HasSubstr("RS256 or ES256"))
        << algorithm;
  }
  // A key of the other type does not sign.
  header_ = {{"alg", "ES256"}, {"kid", "r"}};
  EXPECT_THAT(fault(), HasSubstr("no key"));
  header_ = {{"alg", "RS256"}, {"kid", "r"}, {"crit", json::array({"x"})}};
  EXPECT_THAT(fault(), HasSubstr("critical"));
}

TEST_F(IdToken, AnUnknownKeyIsNotFoundSoThatTheSetIsFetchedAnew) {
  header_["kid"] = "newer";
  const auto caller = verify_id_token(token(), keys_.dump(), expected_, now_);
  ASSERT_FALSE(caller.ok());
  EXPECT_EQ(caller.error().reason, platform::Reason::kNotFound);
  // Without a name there may be only one that fits.
  header_.erase("kid");
  EXPECT_EQ(fault(), "none");
  json second = rsa_entry();
  second["kid"] = "r2";
  keys_["keys"].push_back(second);
  EXPECT_THAT(fault(), HasSubstr("no key"));
}

TEST_F(IdToken, IsForUsNowAndForThisAttempt) {
  struct Case {
    const char* claim;
    json value;
    const char* fault;
  };
  for (const Case& one :
       std::vector<Case>{{"iss", "https://other.example", "issuer"},
                         {"iss", 7, "issuer"},
                         {"aud", "another", "audience"},
                         {"aud", json::array({"another"}), "audience"},
                         {"aud", json::array({"dashboard", "another"}), "another client"},
                         {"azp", "another", "another client"},
                         {"exp", 1'799'999'900, "expired"},
                         {"exp", "soon", "exp"},
                         {"iat", 1'800'000'100, "future"},
                         {"nonce", "n-2", "another request"},
                         {"nonce", nullptr, "another request"}}) {
    const json before = claims_;
    claims_[one.claim] = one.value;
    EXPECT_THAT(fault(), HasSubstr(one.fault)) << one.claim << " " << one.value;
    claims_ = before;
  }
  claims_["aud"] = json::array({"dashboard", "another"});
  claims_["azp"] = "dashboard";
  EXPECT_EQ(fault(), "none");
}

TEST_F(IdToken, WithoutARoleNobodyComesIn) {
  claims_.erase("uncac_role");
  const auto caller = verify_id_token(token(), keys_.dump(), expected_, now_);
  ASSERT_FALSE(caller.ok());
  EXPECT_EQ(caller.error().reason, platform::Reason::kForbidden);
  claims_["uncac_role"] = "focal_point";
  claims_.erase("uncac_state");
  EXPECT_THAT(fault(), HasSubstr("needs a state"));
  claims_["uncac_role"] = "secretariat";
  EXPECT_EQ(fault(), "none");
}

TEST_F(IdToken, KeysThatAreTooSmallOrNoneAreRefused) {
  EXPECT_FALSE(rsa_key(std::string(128, '\x7f'), std::string("\x01\x00\x01", 3)).ok());
  EXPECT_FALSE(rsa_key("", "").ok());
  EXPECT_FALSE(p256_key(std::string(32, '\x01'), std::string(32, '\x01')).ok());
  EXPECT_FALSE(p256_key("", "").ok());
  keys_ = {{"keys", "none"}};
  EXPECT_THAT(fault(), HasSubstr("cannot be read"));
  keys_ = {{"keys", {{{"kty", "RSA"}, {"kid", "r"}}}}};
  EXPECT_THAT(fault(), HasSubstr("no number n"));
  for (const char* text : {"", ".", "..", "a.b", "a.b.c.d"}) {
    EXPECT_FALSE(verify_id_token(text, keys_.dump(), expected_, now_).ok()) << text;
  }
}

}  // namespace
}  // namespace uncac::access
