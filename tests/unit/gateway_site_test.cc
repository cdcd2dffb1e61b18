// The dashboard's files over HTTP: which one, in which coding, and whether it is sent again.
#include <gtest/gtest.h>

#include <fstream>

#include "gateway/site/files.h"
#include "support/engines.h"

namespace uncac::gateway::site {
namespace {

void write(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

class SiteFiles : public ::testing::Test {
 protected:
  SiteFiles() {
    write(folder_.file("index.html"), "<!doctype html>page");
    write(folder_.file("assets/app-1234.js"), "plain");
    write(folder_.file("assets/app-1234.js.br"), "brotli");
    write(folder_.file("assets/app-1234.js.gz"), "gzip");
  }
  Files files() {
    auto read = Files::read(folder_.path());
    EXPECT_TRUE(read.ok()) << (read ? "" : read.error().message);
    return *std::move(read);
  }
  static http::Request get(const std::string& path, http::Headers headers = {}) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    request.headers = std::move(headers);
    return request;
  }
  testing::TemporaryFolder folder_;
};

TEST_F(SiteFiles, TheBestCodingThatWasMadeBeforehand) {
  const Files site = files();
  const auto body = [&](const std::string& accepted) {
    return site.answer(get("/assets/app-1234.js", {{"Accept-Encoding", accepted}}));
  };
  EXPECT_EQ(body("gzip, br").body, "brotli");
  EXPECT_EQ(body("gzip, br").headers.get("Content-Encoding"), "br");
  EXPECT_EQ(body("gzip").body, "gzip");
  EXPECT_EQ(body("").body, "plain");
  EXPECT_FALSE(body("").headers.has("Content-Encoding"));
  const http::Response response = body("br");
  EXPECT_EQ(response.headers.get("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding");
  EXPECT_EQ(response.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  // A coding is not a file of its own.
  EXPECT_EQ(site.answer(get("/assets/app-1234.js.br")).status, 404);
}

TEST_F(SiteFiles, IsNotSentAgainToWhoHasIt) {
  const Files site = files();
  const http::Response first = site.answer(get("/"));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.headers.get("Cache-Control"), "no-cache");
  const std::string tag(first.headers.get("ETag"));
  ASSERT_FALSE(tag.empty());
  const http::Response again = site.answer(get("/", {{"If-None-Match", "\"other\", " + tag}}));
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(again.headers.get("ETag"), tag);
  EXPECT_EQ(site.answer(get("/", {{"If-None-Match", "\"other\""}})).status, 200);
  // The tag is of what is sent, not of what it was made from.
  EXPECT_NE(
      site.answer(get("/assets/app-1234.js", {{"Accept-Encoding", "br"}})).headers.get("ETag"),
      site.answer(get("/assets/app-1234.js")).headers.get("ETag"));
}

TEST_F(SiteFiles, APersonGetsThePageAndAProgramGets404) {
  const Files site = files();
  const http::Headers person{{"Accept", "text/html,application/xhtml+xml"}};
  EXPECT_EQ(site.answer(get("/country/KEN", person)).body, "<!doctype html>page");
  EXPECT_EQ(site.answer(get("/country/KEN", {{"Accept", "*/*"}})).status, 404);
  EXPECT_EQ(site.answer(get("/assets/app-0000.js", person)).status, 404) << "an old page's file";
}

TEST_F(SiteFiles, AFolderThatIsNoneIsRefusedByName) {
  const auto missing = Files::read(folder_.file("nowhere"));
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("nowhere"), std::string::npos);
  const auto no_index = Files::read(folder_.file("assets"));
  ASSERT_FALSE(no_index.ok());
  EXPECT_NE(no_index.error().message.find("index.html"), std::string::npos);
  const auto none = Files::read("");
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->answer(get("/")).status, 404);
}

}  // namespace
}  // namespace uncac::gateway::site
