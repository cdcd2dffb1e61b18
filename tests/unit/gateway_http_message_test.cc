// Requests, answers and policies of the HTTP side, apart from any socket.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gateway/http/message.h"
#include "gateway/http/router.h"

namespace uncac::gateway::http {
namespace {

using std::chrono::milliseconds;

TEST(HttpHeaders, AreFoundWithoutCaseAndSetOnce) {
  Headers headers{{"Content-Type", "a"}, {"Vary", "b"}, {"vary", "c"}};
  EXPECT_EQ(headers.get("content-type"), "a");
  EXPECT_EQ(headers.count("VARY"), 2U);
  EXPECT_FALSE(headers.has("Host"));
  headers.set("VARY", "d");
  EXPECT_EQ(headers.count("vary"), 1U);
  EXPECT_EQ(headers.get("Vary"), "d");
}

TEST(HttpRequest, ParametersAreDecoded) {
  Request request;
  request.query = "state=KEN&state=UGA&q=a+b%2Fc%3d&empty=&bare&bad=%4&worse=%zz";
  EXPECT_EQ(request.parameters("state"), (std::vector<std::string>{"KEN", "UGA"}));
  EXPECT_EQ(request.parameter("q"), "a b/c=");
  EXPECT_EQ(request.parameter("empty"), "");
  EXPECT_EQ(request.parameter("bare"), "");
  EXPECT_EQ(request.parameter("bad"), "%4");
  EXPECT_EQ(request.parameter("worse"), "%zz");
  EXPECT_EQ(request.parameter("none"), std::nullopt);
  EXPECT_EQ(decode_component("%41%62"), "Ab");
  EXPECT_EQ(encode_component("/a?b=\xc3\xbc~"), "%2Fa%3Fb%3D%C3%BC~");
  EXPECT_EQ(decode_component(encode_component("+ &=%/")), "+ &=%/");
}

TEST(HttpProblem, SaysReasonStatusAndEveryRule) {
  platform::Error error = platform::make_error(platform::Reason::kInvalidInput, "two problems");
  error.problems.push_back({"a.csv", 17, "type", platform::Severity::kError, "unknown-type", "X"});
  error.problems.push_back({"", 0, "round", platform::Severity::kWarning, "old-round", "\xff"});
  const Response response = problem(error);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.get("content-type"), "application/problem+json");
  const auto body = nlohmann::json::parse(response.body);
  EXPECT_EQ(body.at("code"), "INVALID_INPUT");
  EXPECT_EQ(body.at("status"), 400);
  EXPECT_EQ(body.at("problems").size(), 2U);
  EXPECT_EQ(body.at("problems")[0].at("row"), 17);
  EXPECT_EQ(body.at("problems")[0].at("rule"), "unknown-type");
  EXPECT_EQ(body.at("problems")[1].at("severity"), "warning");
}

TEST(HttpCoding, TheBestOneThatTheClientTakes) {
  const std::vector<std::string_view> both{"br", "gzip"};
  EXPECT_EQ(best_coding("gzip, deflate, br", both), "br");
  EXPECT_EQ(best_coding("gzip;q=1.0, br;q=0.5", both), "gzip");
  EXPECT_EQ(best_coding("GZIP", both), "gzip");
  EXPECT_EQ(best_coding("*", both), "br");
  EXPECT_EQ(best_coding("*;q=0.5, br;q=0", both), "gzip");
  EXPECT_EQ(best_coding("br;q=0, gzip;q=0", both), "");
  EXPECT_EQ(best_coding("identity", both), "");
  EXPECT_EQ(best_coding("", both), "");
  EXPECT_EQ(best_coding("gzip;q=nonsense", both), "");
}

Route route(std::vector<std::string> methods, std::string path) {
  return {std::move(methods), std::move(path), {}, 0};
}

TEST(HttpRouter, WhatIsWiderDoesNotAnswerForAPathWithOtherMethods) {
  const Router router({route({"GET"}, "/*"), route({"POST"}, "/service/*")});
  std::vector<std::string> others;
  EXPECT_EQ(router.find("GET", "/service/Method", others), nullptr);
  EXPECT_EQ(others, std::vector<std::string>{"POST"});
  const Route* const page = router.find("GET", "/page", others);
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page->path, "/*");
}

TEST(HttpRouter, FindsTheMostExactRoute) {
  const Router router({route({"GET"}, "/*"), route({"GET"}, "/assets/*"), route({"GET"}, "/a"),
                       route({"POST"}, "/a")});
  std::vector<std::string> others;
  EXPECT_EQ(router.find("GET", "/a", others)->path, "/a");
  EXPECT_EQ(router.find("GET", "/assets/x/y.js", others)->path, "/assets/*");
  EXPECT_EQ(router.find("HEAD", "/b", others)->path, "/*");
  EXPECT_EQ(router.find("POST", "/a", others)->methods, std::vector<std::string>{"POST"});
  EXPECT_EQ(router.find("DELETE", "/a", others), nullptr);
  EXPECT_EQ(others, (std::vector<std::string>{"GET", "POST"}));
  EXPECT_EQ(Router({route({"GET"}, "/a")}).find("GET", "/ab", others), nullptr);
  EXPECT_TRUE(others.empty());
}

TEST(HttpPolicy, EveryAnswerIsGuarded) {
  const Policy policy({});
  Headers headers{{"Cache-Control", "max-age=60"}};
  policy.complete(Request(), headers);
  EXPECT_EQ(headers.get("Cache-Control"), "max-age=60") << "what the handler set stays";
  EXPECT_EQ(headers.get("X-Content-Type-Options"), "nosniff");
  const std::string csp(headers.get("Content-Security-Policy"));
  EXPECT_NE(csp.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(csp.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(csp.find("unsafe"), std::string::npos);
  EXPECT_FALSE(headers.has("Access-Control-Allow-Origin"));
}

TEST(HttpPolicy, OnlyNamedOriginsMayCall) {
  const Policy policy({"https://good.example"});
  Request request;
  request.method = "OPTIONS";
  EXPECT_FALSE(policy.preflight(request)) << "no preflight";
  request.headers.add("Access-Control-Request-Method", "POST");
  request.headers.add("Origin", "https://good.example");
  const auto answer = policy.preflight(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_TRUE(answer->headers.has("Access-Control-Allow-Headers"));
  Headers headers;
  policy.complete(request, headers);
  EXPECT_EQ(headers.get("Access-Control-Allow-Origin"), "https://good.example");
  EXPECT_EQ(headers.get("Vary"), "Origin");
  EXPECT_FALSE(headers.has("Access-Control-Allow-Credentials")) << "no cookie for other sites";

  for (const char* other : {"https://good.example.evil.example", "http://good.example", "null"}) {
    request.headers.set("Origin", other);
    EXPECT_FALSE(policy.preflight(request)->headers.has("Access-Control-Allow-Methods")) << other;
    Headers none;
    policy.complete(request, none);
    EXPECT_FALSE(none.has("Access-Control-Allow-Origin")) << other;
    EXPECT_EQ(none.get("Vary"), "Origin") << "or a cache gives the one's answer to the other";
  }
}

TEST(HttpRate, LetsABurstInAndThenTheAverage) {
  Rate rate(10);
  platform::Instant now{};
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += rate.take("a", now) ? 1 : 0;
  EXPECT_EQ(taken, 20);
  EXPECT_TRUE(rate.take("b", now)) << "another client";
  now += milliseconds(1000);
  taken = 0;
  for (int i = 0; i < 100; ++i) taken += rate.take("a", now) ? 1 : 0;
  EXPECT_EQ(taken, 10);
  Rate none(0);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(none.take("a", now));
}

}  // namespace
}  // namespace uncac::gateway::http
