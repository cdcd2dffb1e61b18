// The Connect protocol apart from any socket: bodies, errors, headers, compression.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "gateway/connect/base64.h"
#include "gateway/connect/codec.h"
#include "gateway/connect/error.h"
#include "gateway/connect/gzip.h"
#include "gateway/connect/metadata.h"
#include "platform/rpc/call.h"
#include "uncac/common/v1/common.pb.h"
#include "uncac/needs/v1/needs.pb.h"

namespace uncac::gateway::connect {
namespace {

using platform::Reason;

RC_GTEST_PROP(ConnectBase64, ReadsWhatItWrites, (const std::string& bytes)) {
  const std::string text = to_base64(bytes);
  RC_ASSERT(from_base64(text) == bytes);
  RC_ASSERT(text.find_first_of("-_=") == std::string::npos);
  const std::string padded = text + std::string((4 - text.size() % 4) % 4, '=');
  RC_ASSERT(from_base64(padded) == bytes);
}

TEST(ConnectBase64, RefusesWhatIsNone) {
  for (const char* text : {"a", "ab=c", "a===", "ab c", "%"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

RC_GTEST_PROP(ConnectGzip, UnpacksWhatItPacked, (const std::string& bytes)) {
  const auto unpacked = gunzip(gzip(bytes), bytes.size());
  RC_ASSERT(unpacked.ok());
  RC_ASSERT(*unpacked == bytes);
}

TEST(ConnectGzip, RefusesBombsAndWhatIsNotWhole) {
  const std::string packed = gzip(std::string(10 << 20, 'a'));
  EXPECT_LT(packed.size(), 20'000U);
  EXPECT_EQ(gunzip(packed, 4 << 20).error().reason, Reason::kTooLarge);
  EXPECT_TRUE(gunzip(packed, 10 << 20).ok());
  EXPECT_EQ(gunzip(packed.substr(0, packed.size() / 2), 10 << 20).error().reason,
            Reason::kInvalidInput);
  EXPECT_EQ(gunzip(packed + "x", 10 << 20).error().reason, Reason::kInvalidInput);
  EXPECT_EQ(gunzip("no gzip", 100).error().reason, Reason::kInvalidInput);
  EXPECT_EQ(gunzip("", 100).error().reason, Reason::kInvalidInput);
}

TEST(ConnectCodec, KnowsUnaryMethodsOnly) {
  const auto* method = Transcoder::unary_method("/uncac.needs.v1.NeedsMatrix/ListNeeds");
  ASSERT_NE(method, nullptr);
  EXPECT_EQ(method->input_type()->full_name(), "uncac.needs.v1.ListNeedsRequest");
  for (const char* path : {"/uncac.needs.v1.NeedsMatrix/Follow", "/uncac.needs.v1.NeedsMatrix/X",
                           "/uncac.needs.v1.NeedsMatrix", "uncac.needs.v1.NeedsMatrix/ListNeeds",
                           "/uncac.needs.v1/NeedsMatrix/ListNeeds", "", "/"}) {
    EXPECT_EQ(Transcoder::unary_method(path), nullptr) << path;
  }
}

TEST(ConnectCodec, JsonBecomesBytesAndBack) {
  const Transcoder transcoder;
  const auto& message = *needs::v1::ListNeedsRequest::descriptor();
  const auto bytes = transcoder.to_bytes(
      message, R"({"pageSize": 7, "where": [{"dimension": "state", "values": ["KEN"]}]})");
  ASSERT_TRUE(bytes.ok());
  needs::v1::ListNeedsRequest request;
  ASSERT_TRUE(request.ParseFromString(*bytes));
  EXPECT_EQ(request.page_size(), 7);
  EXPECT_EQ(request.where(0).values(0), "KEN");
  const auto json = transcoder.to_json(message, *bytes);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(nlohmann::json::parse(*json).at("pageSize"), 7);
}

TEST(ConnectCodec, ASlipInAFieldsNameIsToldNotIgnored) {
  const Transcoder transcoder;
  const auto& message = *needs::v1::ListNeedsRequest::descriptor();
  for (const char* json : {R"({"wher": []})", R"({"where": [{"dimenson": "state"}]})",
                           R"({"pageSize": "many"})", R"({"pageSize": )", "[]", "", "null x"}) {
    const auto bytes = transcoder.to_bytes(message, json);
    ASSERT_FALSE(bytes.ok()) << json;
    EXPECT_EQ(bytes.error().reason, Reason::kInvalidInput);
  }
  const auto slip = transcoder.to_bytes(message, R"({"wher": []})");
  EXPECT_NE(slip.error().message.find("wher"), std::string::npos) << slip.error().message;
}

TEST(ConnectError, CarriesCodeMessageAndDetails) {
  platform::Error error = platform::make_error(Reason::kNotFound, "no such version");
  error.problems.push_back({"", 0, "version", platform::Severity::kError, "no-version", "v9"});
  const http::Response response = error_response(error);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  const auto body = nlohmann::json::parse(response.body);
  EXPECT_EQ(body.at("code"), "not_found");
  EXPECT_EQ(body.at("message"), "no such version");
  EXPECT_EQ(body.at("details")[0].at("type"), "uncac.common.v1.ErrorDetail");
  common::v1::ErrorDetail detail;
  ASSERT_TRUE(
      detail.ParseFromString(*from_base64(body.at("details")[0].at("value").get<std::string>())));
  EXPECT_EQ(detail.problems(0).rule(), "no-version");
}

TEST(ConnectError, EveryCodeHasTheStatusOfTheProtocol) {
  const std::vector<std::pair<std::string, int>> codes{{"canceled", 499},
                                                       {"unknown", 500},
                                                       {"invalid_argument", 400},
                                                       {"deadline_exceeded", 504},
                                                       {"not_found", 404},
                                                       {"already_exists", 409},
                                                       {"permission_denied", 403},
                                                       {"resource_exhausted", 429},
                                                       {"failed_precondition", 400},
                                                       {"aborted", 409},
                                                       {"out_of_range", 400},
                                                       {"unimplemented", 501},
                                                       {"internal", 500},
                                                       {"unavailable", 503},
                                                       {"data_loss", 500},
                                                       {"unauthenticated", 401}};
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto code = static_cast<grpc::StatusCode>(i + 1);
    EXPECT_EQ(code_name(code), codes[i].first);
    EXPECT_EQ(http_status(code), codes[i].second);
  }
  EXPECT_EQ(code_name(static_cast<grpc::StatusCode>(99)), "unknown");
}

TEST(ConnectMetadata, TakesTheCallersHeadersAndNotHttpsOwn) {
  const http::Headers headers{{"Authorization", "Bearer x"},
                              {"Host", "a"},
                              {"Cookie", "secret"},
                              {"Connect-Timeout-Ms", "5"},
                              {"Sec-Fetch-Site", "same-origin"},
                              {"Grpc-Timeout", "1S"},
                              {"X-Custom", "one"},
                              {"x-custom", "two"},
                              {"X-Raw-Bin", "AAE, Ag=="}};
  const auto metadata = to_metadata(headers);
  ASSERT_TRUE(metadata.ok());
  EXPECT_EQ(*metadata, (Metadata{{"authorization", "Bearer x"},
                                 {"x-custom", "one"},
                                 {"x-custom", "two"},
                                 {"x-raw-bin", std::string("\0\1", 2)},
                                 {"x-raw-bin", "\2"}}));
  EXPECT_FALSE(to_metadata({{"X-Raw-Bin", "no base64!"}}).ok());
  EXPECT_FALSE(to_metadata({{"X-Text", "\xc3\xa9"}}).ok());
  EXPECT_FALSE(to_metadata({{"X-Te~xt", "a"}}).ok());
}

TEST(ConnectMetadata, GivesBackWhatTheServiceSaid) {
  http::Headers headers;
  const std::string raw("\0\1", 2);
  add_headers({{"x-one", "1"}, {"x-raw-bin", raw}, {"grpc-status", "0"}, {"content-type", "z"}},
              "trailer-", headers);
  EXPECT_EQ(headers.get("Trailer-X-One"), "1");
  EXPECT_EQ(headers.get("trailer-x-raw-bin"), "AAE");
  EXPECT_EQ(std::distance(headers.begin(), headers.end()), 2);
}

}  // namespace
}  // namespace uncac::gateway::connect
