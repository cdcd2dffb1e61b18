#include "needs_matrix/actions/read_releases.h"

#include <charconv>
#include <limits>

#include "needs_matrix/store.h"
#include "platform/runtime/utf8.h"

namespace uncac::needs_matrix {
namespace {

using platform::Reason;
using platform::Result;
using platform::Transaction;

constexpr int kPage = 200;
constexpr int kMostPage = 1000;

}  // namespace

Result<Language> release_language(const std::string& text) {
  if (text.empty()) return Language::kEnglish;
  if (const auto language = reference::parse_language(text)) return *language;
  return refused("that is no release", "language", "unknown-language",
                 '"' + platform::safe_utf8(text, 20) + "\" is none of ar, en, es, fr, ru, zh");
}

void name_headers(const Items& items, Language language, needs::v1::Release& release) {
  const auto name = [&](std::optional<Dimension> dimension, needs::v1::Header& header) {
    const auto known =
        dimension ? parse_code(items, *dimension, header.code()) : std::optional<Code>();
    header.set_name(known ? header_of(items, *dimension, *known, language).name : header.code());
  };
  for (needs::v1::ReleasedTable& table : *release.mutable_tables()) {
    for (needs::v1::Header& header : *table.mutable_column_headers()) {
      name(parse_dimension(table.columns()), header);
    }
    for (needs::v1::ReleasedRow& row : *table.mutable_rows()) {
      name(Dimension::kRegionalGroup, *row.mutable_header());
    }
  }
}

Result<needs::v1::Release> get_release(const MatrixParts& parts,
                                       const needs::v1::GetReleaseRequest& request) {
  if (request.number() < 0)
    return refused("that is no release", "number", "bad-number", "releases count from 1");
  UNCAC_ASSIGN(const Language language, release_language(request.language()));
  UNCAC_ASSIGN(std::optional<needs::v1::Release> release,
               parts.context.store.read([&](Transaction& transaction) {
                 return read_release(transaction, request.number());
               }));
  if (!release) {
    return platform::make_error(Reason::kNotFound,
                                request.number() == 0
                                    ? "no release was made yet"
                                    : "there is no release " + std::to_string(request.number()));
  }
  name_headers(parts.live.items(), language, *release);
  return *std::move(release);
}

Result<needs::v1::ListReleasesReply> list_releases(const MatrixParts& parts,
                                                   const needs::v1::ListReleasesRequest& request) {
  if (request.page_size() < 0 || request.page_size() > kMostPage) {
    return refused("that is no release", "page_size", "bad-page-size", "0 to 1,000");
  }
  std::int64_t below = std::numeric_limits<std::int32_t>::max();
  if (!request.page_token().empty()) {
    const std::string& token = request.page_token();
    const auto [end, failed] = std::from_chars(token.data(), token.data() + token.size(), below);
    if (failed != std::errc{} || end != token.data() + token.size() || below < 1) {
      return refused("that is no release", "page_token", "bad-page-token",
                     "not one that was given out");
    }
  }
  const std::int64_t size = request.page_size() == 0 ? kPage : request.page_size();
  UNCAC_ASSIGN(std::vector<needs::v1::Release> releases,
               parts.context.store.read([&](Transaction& transaction) {
                 return read_releases(transaction, below, size + 1);
               }));
  needs::v1::ListReleasesReply reply;
  if (static_cast<std::int64_t>(releases.size()) > size) {
    releases.pop_back();
    reply.set_next_page_token(std::to_string(releases.back().number()));
  }
  for (needs::v1::Release& release : releases) {
    release.clear_tables();
    *reply.add_releases() = std::move(release);
  }
  return reply;
}

}  // namespace uncac::needs_matrix
