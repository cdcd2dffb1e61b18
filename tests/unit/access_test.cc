// Tokens and what their bearers may read. Every kind of bad token is forged here by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "access/methods.h"
#include "access/token.h"

namespace uncac::access {
namespace {

using nlohmann::json;
using platform::Reason;
using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'750'000'000;
constexpr const char* kPublicMethod = "/uncac.needs.v1.NeedsMatrix/QueryMatrix";
constexpr const char* kFilersMethod = "/uncac.checklist.v1.ChecklistIntake/Submit";

platform::Moment at(std::int64_t seconds) {
  return platform::Moment(std::chrono::seconds(seconds));
}

// Written independently of the code under test, on the standard base64 of OpenSSL.
std::string base64url(const std::string& bytes) {
  std::string text(4 * (bytes.size() / 3 + 1) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::string sign_es256(const std::string& private_pem, const std::string& text) {
  BIO* bio = BIO_new_mem_buf(private_pem.data(), static_cast<int>(private_pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string der(256, '\0');
  std::size_t length = der.size();
  EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key);
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(der.data()), &length,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  const auto* position = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(length));
  std::string raw(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
  ECDSA_SIG_free(signature);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  BIO_free(bio);
  return raw;
}

std::string hmac_sha256(const std::string& secret, const std::string& text) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), sum, &length);
  return {reinterpret_cast<char*>(sum), length};
}

json good_claims() {
  return {{"iss", "uncac-assist"}, {"aud", "uncac-assist"}, {"sub", "someone"},
          {"role", "focal_point"}, {"state", "KEN"},        {"iat", kNow},
          {"nbf", kNow},           {"exp", kNow + 3600}};
}
const json kHeader{{"alg", "ES256"}, {"typ", "JWT"}};

class AccessToken : public ::testing::Test {
 protected:
  AccessToken() : clock_(at(kNow)) {
    keys_ = *make_key_pair();
    gatekeeper_ = *TokenGatekeeper::create(keys_.public_pem, clock_);
  }
  std::string forge(const json& header, const json& claims) {
    const std::string text = base64url(header.dump()) + "." + base64url(claims.dump());
    return text + "." + base64url(sign_es256(keys_.private_pem, text));
  }
  std::string token(const json& changes) {
    json claims = good_claims();
    claims.merge_patch(changes);  // null removes a claim
    return forge(kHeader, claims);
  }
  // The reason why the token is refused, in words; "" when it is accepted.
  std::string refusal(const std::string& text) {
    const auto caller = gatekeeper_->verify(text);
    if (caller) return {};
    EXPECT_EQ(caller.error().reason, Reason::kUnauthenticated);
    // In no case may it be taken for no token, not even where anonymous callers are welcome.
    const auto admitted = gatekeeper_->admit(kPublicMethod, "Bearer " + text);
    EXPECT_FALSE(admitted.ok());
    if (!admitted) {
      EXPECT_EQ(admitted.error().reason, Reason::kUnauthenticated);
    }
    return caller.error().message;
  }

  platform::FixedClock clock_;
  platform::SystemIds ids_;
  KeyPair keys_;
  std::unique_ptr<TokenGatekeeper> gatekeeper_;
};

TEST_F(AccessToken, AGoodOneNamesItsCaller) {
  const auto caller = gatekeeper_->verify(token(json::object()));
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->role, Role::kFocalPoint);
  EXPECT_EQ(caller->state, "KEN");
  EXPECT_EQ(caller->subject, "someone");
  EXPECT_TRUE(gatekeeper_->verify(token({{"aud", {"else", "uncac-assist"}}})));
  EXPECT_TRUE(gatekeeper_->verify(token({{"nbf", nullptr}})));
  EXPECT_TRUE(gatekeeper_->verify(token({{"state", ""}, {"role", "auditor"}})));
}

TEST_F(AccessToken, WhatIsMintedIsAccepted) {
  const std::vector<Caller> callers{
      {Role::kFocalPoint, "a", "KEN", ""}, {Role::kContributor, "b", "KEN", ""},
      {Role::kProvider, "c", "", "EX-1"},  {Role::kSecretariat, "d", "", ""},
      {Role::kAuditor, "e", "", ""},       {Role::kOperator, "f", "", ""}};
  for (const Caller& one : callers) {
    const auto minted = mint_token(keys_.private_pem, one, std::chrono::hours(1), at(kNow), ids_);
    ASSERT_TRUE(minted) << minted.error().message;
    const auto caller = gatekeeper_->verify(*minted);
    ASSERT_TRUE(caller) << caller.error().message;
    EXPECT_EQ(caller->role, one.role);
    EXPECT_EQ(caller->subject, one.subject);
    EXPECT_EQ(caller->state, one.state);
    EXPECT_EQ(caller->organization, one.organization);
  }
}

TEST_F(AccessToken, NothingThatWouldBeRefusedIsMinted) {
  const auto reason = [&](const Caller& caller, std::chrono::seconds lasts) {
    const auto minted = mint_token(keys_.private_pem, caller, lasts, at(kNow), ids_);
    return minted ? std::string() : minted.error().message;
  };
  const std::chrono::seconds hour(3600);
  EXPECT_NE(reason({Role::kAnonymous, "a", "", ""}, hour), "");
  EXPECT_NE(reason({Role::kFocalPoint, "a", "", ""}, hour), "");
  EXPECT_NE(reason({Role::kFocalPoint, "a", "ken", ""}, hour), "");
  EXPECT_NE(reason({Role::kFocalPoint, "", "KEN", ""}, hour), "");
  EXPECT_NE(reason({Role::kSecretariat, "a", "KEN", ""}, hour), "");
  EXPECT_NE(reason({Role::kProvider, "a", "", "ex 1"}, hour), "");
  EXPECT_NE(reason({Role::kAuditor, "a", "", ""}, std::chrono::seconds(0)), "");
  EXPECT_NE(reason({Role::kAuditor, "a", "", ""}, std::chrono::hours(24 * 366 + 1)), "");
  EXPECT_EQ(reason({Role::kAuditor, "a", "", ""}, std::chrono::hours(24 * 366)), "");
  EXPECT_FALSE(mint_token(keys_.public_pem, {Role::kAuditor, "a", "", ""}, hour, at(kNow), ids_));
  EXPECT_FALSE(mint_token("", {Role::kAuditor, "a", "", ""}, hour, at(kNow), ids_));
}

TEST_F(AccessToken, AnotherAlgorithmIsRefusedWhateverTheSignature) {
  const std::string claims = base64url(good_claims().dump());
  for (const char* name : {"none", "None", "NONE", "HS256", "RS256", "ES384", "es256", ""}) {
    const std::string text = base64url(json{{"alg", name}, {"typ", "JWT"}}.dump()) + "." + claims;
    EXPECT_THAT(refusal(text + "."), HasSubstr("ES256")) << name;
    EXPECT_THAT(refusal(text + "." + base64url(sign_es256(keys_.private_pem, text))),
                HasSubstr("ES256"))
        << name;
  }
  // The classic: the public key, which is no secret, used as the secret of an HMAC.
  for (const char* name : {"HS256", "ES256"}) {
    const std::string text = base64url(json{{"alg", name}, {"typ", "JWT"}}.dump()) + "." + claims;
    EXPECT_NE(refusal(text + "." + base64url(hmac_sha256(keys_.public_pem, text))), "") << name;
  }
  EXPECT_NE(refusal(forge(json{{"typ", "JWT"}}, good_claims())), "");
  EXPECT_NE(refusal(forge(json{{"alg", 256}}, good_claims())), "");
  EXPECT_NE(refusal(forge(json{{"alg", "ES256"}, {"crit", {"exp"}}}, good_claims())), "");
}

TEST_F(AccessToken, AWrongSignatureIsRefused) {
  const std::string good = token(json::object());
  const auto cut = good.rfind('.');
  EXPECT_THAT(refusal(good.substr(0, cut) + "."), HasSubstr("signature"));
  EXPECT_THAT(refusal(good.substr(0, cut) + "." + base64url(std::string(64, '\0'))),
              HasSubstr("signature"));
  EXPECT_THAT(refusal(good.substr(0, cut) + "." + base64url(std::string(64, '\xFF'))),
              HasSubstr("signature"));
  const KeyPair other = *make_key_pair();
  const std::string text = good.substr(0, cut);
  EXPECT_THAT(refusal(text + "." + base64url(sign_es256(other.private_pem, text))),
              HasSubstr("signature"));
  // The claims of another token under this one's signature.
  json claims = good_claims();
  claims["role"] = "secretariat";
  claims.erase("state");
  EXPECT_THAT(refusal(base64url(kHeader.dump()) + "." + base64url(claims.dump()) + "." +
                      good.substr(cut + 1)),
              HasSubstr("signature"));
}

TEST_F(AccessToken, TheSameSignatureHasOneSpelling) {
  const std::string good = token(json::object());
  EXPECT_EQ(refusal(good), "");
  // The last digit of 64 bytes carries two bits; the other four must be zero.
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string other = good;
  other.back() = kDigits[kDigits.find(good.back()) + 1];
  EXPECT_NE(refusal(other), "");
  EXPECT_NE(refusal(good + "="), "");
  EXPECT_NE(refusal(good + "=="), "");
  EXPECT_NE(refusal(good + " "), "");
  EXPECT_NE(refusal(" " + good), "");
  EXPECT_NE(refusal(good + "\n"), "");
}

TEST_F(AccessToken, MalformedOnesAreRefused) {
  for (const char* text : {"", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "no token"}) {
    EXPECT_FALSE(gatekeeper_->verify(text)) << text;
  }
  const auto signed_text = [&](const std::string& header, const std::string& claims) {
    const std::string text = base64url(header) + "." + base64url(claims);
    return text + "." + base64url(sign_es256(keys_.private_pem, text));
  };
  const std::string header = kHeader.dump();
  for (const char* claims : {"", "null", "[]", "\"text\"", "{", "{\"exp\":1e999}", "\xFF"}) {
    EXPECT_NE(refusal(signed_text(header, claims)), "") << claims;
  }
  EXPECT_NE(refusal(signed_text("[\"ES256\"]", good_claims().dump())), "");
  EXPECT_NE(refusal(signed_text(header, std::string(1400, '['))), "");
  EXPECT_NE(refusal(token(json::object()) + ".more"), "");
}

TEST_F(AccessToken, ALongOneIsRefusedUnread) {
  EXPECT_THAT(refusal(token({{"padding", std::string(4000, 'x')}})), HasSubstr("4096"));
}

TEST_F(AccessToken, EveryClaimMustBeThereAndFit) {
  for (const char* name : {"iss", "aud", "sub", "exp", "iat", "role", "state"}) {
    EXPECT_NE(refusal(token({{name, nullptr}})), "") << name << " missing";
    EXPECT_NE(refusal(token({{name, json::object()}})), "") << name << " of a wrong kind";
    EXPECT_NE(refusal(token({{name, true}})), "") << name << " of a wrong kind";
    EXPECT_NE(refusal(token({{name, ""}})), "") << name << " empty";
  }
  EXPECT_THAT(refusal(token({{"iss", "someone-else"}})), HasSubstr("issuer"));
  EXPECT_THAT(refusal(token({{"aud", "someone-else"}})), HasSubstr("audience"));
  EXPECT_THAT(refusal(token({{"aud", json::array()}})), HasSubstr("audience"));
  EXPECT_THAT(refusal(token({{"aud", {"a", 1}}})), HasSubstr("audience"));
  for (const char* role : {"anonymous", "admin", "Secretariat", "focal_point "}) {
    EXPECT_NE(refusal(token({{"role", role}})), "") << role;
  }
  EXPECT_NE(refusal(token({{"sub", std::string(300, 'x')}})), "");
}

TEST_F(AccessToken, ARoleComesWithWhatItIsOf) {
  for (const char* state : {"ken", "KE", "KENY", "K1N", "K N", "\xC3\x89\x41"}) {
    EXPECT_THAT(refusal(token({{"state", state}})), HasSubstr("state")) << state;
    EXPECT_THAT(refusal(token({{"state", state}, {"role", "contributor"}})), HasSubstr("state"));
  }
  EXPECT_NE(refusal(token({{"role", "secretariat"}})), "") << "with a state";
  EXPECT_NE(refusal(token({{"organization", "EX1"}})), "") << "a focal point of an organization";
  const auto provider = [&](const json& organization) {
    return refusal(
        token({{"role", "provider"}, {"state", nullptr}, {"organization", organization}}));
  };
  EXPECT_EQ(provider("EX-1"), "");
  EXPECT_EQ(provider(std::string(32, 'A')), "");
  for (const json& bad : {json(nullptr), json(""), json(std::string(33, 'A')), json("ex1"),
                          json("EX 1"), json("EX_1"), json(1)}) {
    EXPECT_THAT(provider(bad), HasSubstr("organization")) << bad;
  }
}

TEST_F(AccessToken, TimesHoldToTheSecondWithFiveOfLeeway) {
  EXPECT_THAT(refusal(token({{"exp", kNow - 5}})), HasSubstr("expired"));
  EXPECT_EQ(refusal(token({{"exp", kNow - 4}})), "");
  EXPECT_THAT(refusal(token({{"nbf", kNow + 6}})), HasSubstr("not valid yet"));
  EXPECT_EQ(refusal(token({{"nbf", kNow + 5}})), "");
  EXPECT_THAT(refusal(token({{"iat", kNow + 6}})), HasSubstr("future"));
  constexpr std::int64_t kYear = 366LL * 24 * 3600;
  EXPECT_EQ(refusal(token({{"exp", kNow + kYear}})), "");
  EXPECT_THAT(refusal(token({{"exp", kNow + kYear + 6}})), HasSubstr("366"));
  for (const json& bad : {json("1750003600"), json(1750003600.5), json(-1), json(nullptr),
                          json(INT64_MAX), json(UINT64_MAX)}) {
    EXPECT_NE(refusal(token({{"exp", bad}})), "") << bad;
  }
}

TEST_F(AccessToken, ARememberedOneStillExpires) {
  const std::string header = "Bearer " + token({{"exp", kNow + 60}});
  EXPECT_TRUE(gatekeeper_->admit(kFilersMethod, header));
  EXPECT_TRUE(gatekeeper_->admit(kFilersMethod, header));
  clock_.set(at(kNow + 64));
  EXPECT_TRUE(gatekeeper_->admit(kFilersMethod, header));
  clock_.set(at(kNow + 65));
  const auto late = gatekeeper_->admit(kFilersMethod, header);
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("expired"));
}

TEST_F(AccessToken, MoreTokensThanAreRememberedAreAllStillRight) {
  for (int i = 0; i < 4200; ++i) {
    const Caller caller{Role::kProvider, "p", "", "EX" + std::to_string(i)};
    const auto minted =
        mint_token(keys_.private_pem, caller, std::chrono::hours(1), at(kNow), ids_);
    const auto admitted = gatekeeper_->admit(kPublicMethod, "Bearer " + *minted);
    ASSERT_TRUE(admitted);
    platform::Call call;
    call.principal = *admitted;
    ASSERT_EQ(caller_of(call).organization, caller.organization);
  }
}

TEST_F(AccessToken, TheHeaderMustBeABearersOrAbsent) {
  const std::string good = token(json::object());
  EXPECT_TRUE(gatekeeper_->admit(kFilersMethod, "Bearer " + good));
  EXPECT_TRUE(gatekeeper_->admit(kFilersMethod, "bearer " + good));
  for (const std::string& header :
       {good, std::string("Bearer"), std::string("Bearer "), "Basic " + good, "Bearer  " + good,
        "Bearer " + good + ", Bearer " + good, " Bearer " + good, std::string(" ")}) {
    const auto admitted = gatekeeper_->admit(kPublicMethod, header);
    ASSERT_FALSE(admitted) << header;
    EXPECT_EQ(admitted.error().reason, Reason::kUnauthenticated);
  }
}

TEST_F(AccessToken, NoTokenIsThePublic) {
  const auto anonymous = gatekeeper_->admit(kPublicMethod, "");
  ASSERT_TRUE(anonymous);
  EXPECT_EQ((*anonymous)->role(), "anonymous");
  platform::Call call;
  call.principal = *anonymous;
  EXPECT_EQ(Scope::of(caller_of(call)).text(), "public");
  const auto refused = gatekeeper_->admit(kFilersMethod, "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kUnauthenticated);
}

TEST_F(AccessToken, ARoleThatMayNotIsForbidden) {
  const std::string provider =
      "Bearer " + token({{"role", "provider"}, {"state", nullptr}, {"organization", "EX1"}});
  EXPECT_TRUE(gatekeeper_->admit(kPublicMethod, provider));
  for (const char* method : {kFilersMethod, "/uncac.checklist.v1.ChecklistIntake/None", "", "/"}) {
    const auto refused = gatekeeper_->admit(method, provider);
    ASSERT_FALSE(refused) << method;
    EXPECT_EQ(refused.error().reason, Reason::kForbidden);
  }
}

TEST_F(AccessToken, OnlyAPublicKeyOfTheCurveIsTaken) {
  EXPECT_FALSE(TokenGatekeeper::create("", clock_));
  EXPECT_FALSE(TokenGatekeeper::create("-----BEGIN PUBLIC KEY-----\nAAAA\n", clock_));
  EXPECT_FALSE(TokenGatekeeper::create(keys_.private_pem, clock_));
  const auto public_pem = [](EVP_PKEY* key) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key);
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(length));
    BIO_free(bio);
    EVP_PKEY_free(key);
    return text;
  };
  EXPECT_FALSE(TokenGatekeeper::create(public_pem(EVP_EC_gen("P-384")), clock_));
  EXPECT_FALSE(TokenGatekeeper::create(public_pem(EVP_EC_gen("secp256k1")), clock_));
  EXPECT_FALSE(TokenGatekeeper::create(public_pem(EVP_RSA_gen(2048)), clock_));
}

TEST_F(AccessToken, AnEncryptedPrivateKeyIsRefusedAndNobodyIsAsked) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  BIO* bio = BIO_new(BIO_s_mem());
  std::string password = "secret";
  PEM_write_bio_PrivateKey(bio, key, EVP_aes_128_cbc(),
                           reinterpret_cast<unsigned char*>(password.data()),
                           static_cast<int>(password.size()), nullptr, nullptr);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  const std::string pem(data, static_cast<std::size_t>(length));
  BIO_free(bio);
  EVP_PKEY_free(key);
  EXPECT_FALSE(
      mint_token(pem, {Role::kAuditor, "a", "", ""}, std::chrono::hours(1), at(kNow), ids_));
}

// ---- scope ------------------------------------------------------------------------------------

TEST(AccessScope, TheTruthTable) {
  struct Row {
    Caller caller;
    const char* text;
    // Of KEN's answer, named for EX1 and EX2: RESTRICTED NAMED PROVIDERS PUBLIC, and of UGA's.
    std::string sees_ken, sees_uga;
    bool names_of_ken, names_of_uga;
  };
  const std::vector<Row> rows{
      {{Role::kAnonymous, "", "", ""}, "public", "---x", "---x", false, false},
      {{Role::kFocalPoint, "a", "KEN", ""}, "state:KEN", "xxxx", "---x", true, false},
      {{Role::kContributor, "a", "KEN", ""}, "state:KEN", "xxxx", "---x", true, false},
      {{Role::kProvider, "a", "", "EX1"}, "provider:EX1", "-xxx", "-xxx", false, false},
      {{Role::kProvider, "a", "", "EX3"}, "provider:EX3", "--xx", "--xx", false, false},
      {{Role::kProvider, "a", "", "EX"}, "provider:EX", "--xx", "--xx", false, false},
      {{Role::kSecretariat, "a", "", ""}, "everything", "xxxx", "xxxx", true, true},
      {{Role::kAuditor, "a", "", ""}, "everything", "xxxx", "xxxx", true, true},
      {{Role::kOperator, "a", "", ""}, "nothing", "----", "----", false, false},
      // Defects: a role that lost what it is of reads nothing rather than more.
      {{Role::kFocalPoint, "a", "", "EX1"}, "nothing", "----", "----", false, false},
      {{Role::kProvider, "a", "KEN", ""}, "nothing", "----", "----", false, false},
  };
  const std::vector<std::string> named{"EX1", "EX2"};
  for (const Row& row : rows) {
    const Scope scope = Scope::of(row.caller);
    EXPECT_EQ(scope.text(), row.text);
    for (int audience = 0; audience < 4; ++audience) {
      const auto which = static_cast<Audience>(audience);
      const auto column = static_cast<std::size_t>(audience);
      EXPECT_EQ(scope.sees("KEN", which, named), row.sees_ken[column] == 'x')
          << row.text << " " << code(which);
      EXPECT_EQ(scope.sees("UGA", which, named), row.sees_uga[column] == 'x')
          << row.text << " " << code(which);
    }
    EXPECT_EQ(scope.sees_names("KEN"), row.names_of_ken) << row.text;
    EXPECT_EQ(scope.sees_names("UGA"), row.names_of_uga) << row.text;
    EXPECT_EQ(scope.reads_all_of(""), std::string_view(row.text) == "everything") << row.text;
  }
}

RC_GTEST_PROP(AccessScope, AWiderAudienceNeverHidesAnything, ()) {
  const Caller caller{static_cast<Role>(*rc::gen::inRange<int>(0, kRoleCount)), "a",
                      *rc::gen::element<std::string>("", "KEN", "UGA"),
                      *rc::gen::element<std::string>("", "EX1", "EX2")};
  const auto named = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("EX1", "EX2", "EX3"));
  const Scope scope = Scope::of(caller);
  for (int i = 0; i < 3; ++i) {
    const bool narrow = scope.sees("KEN", static_cast<Audience>(i), named);
    RC_ASSERT(!narrow || scope.sees("KEN", static_cast<Audience>(i + 1), named));
  }
}

TEST(AccessCodes, AreReadBack) {
  for (std::size_t i = 0; i < kRoleCount; ++i) {
    EXPECT_EQ(parse_role(code(static_cast<Role>(i))), static_cast<Role>(i));
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(parse_audience(code(static_cast<Audience>(i))), static_cast<Audience>(i));
  }
  EXPECT_FALSE(parse_role(""));
  EXPECT_FALSE(parse_role("Operator"));
  EXPECT_FALSE(parse_audience("public"));
}

TEST(AccessActing, OnlyTheFocalPointAndTheSecretariatActForAState) {
  EXPECT_TRUE(may_act_for({Role::kFocalPoint, "a", "KEN", ""}, "KEN"));
  EXPECT_TRUE(may_act_for({Role::kSecretariat, "a", "", ""}, "KEN"));
  const std::vector<Caller> others{
      {Role::kFocalPoint, "a", "UGA", ""},  {Role::kFocalPoint, "a", "", ""},
      {Role::kContributor, "a", "KEN", ""}, {Role::kProvider, "a", "KEN", "EX1"},
      {Role::kAuditor, "a", "KEN", ""},     {Role::kOperator, "a", "KEN", ""},
      {Role::kAnonymous, "", "KEN", ""}};
  for (const Caller& caller : others) {
    const auto refused = may_act_for(caller, "KEN");
    ASSERT_FALSE(refused) << code(caller.role);
    EXPECT_EQ(refused.error().reason, Reason::kForbidden);
  }
  EXPECT_FALSE(may_act_for({Role::kFocalPoint, "a", "", ""}, ""));
}

TEST(Scope, AReaderIsReadBackFromItsTextAndNothingElseIs) {
  for (const Caller& caller :
       {Caller{Role::kAnonymous, "", "", ""}, Caller{Role::kFocalPoint, "a", "KEN", ""},
        Caller{Role::kProvider, "a", "", "EX1"}}) {
    const std::string text = Scope::of(caller).text();
    const auto read = Scope::parse_reader(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->text(), text);
    EXPECT_EQ(read->reads_all_of("KEN"), Scope::of(caller).reads_all_of("KEN"));
  }
  // A reader who sees everything is not to be had by its name.
  for (const char* text : {"", "everything", "nothing", "state:", "provider:", "Public", "KEN"}) {
    EXPECT_FALSE(Scope::parse_reader(text)) << text;
  }
}

}  // namespace
}  // namespace uncac::access
