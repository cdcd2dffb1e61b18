#include "gateway/connect/metadata.h"

#include <algorithm>
#include <array>

#include "gateway/connect/base64.h"
#include "platform/text.h"

namespace uncac::gateway::connect {
namespace {

// HTTP's own, a browser's, and those that the transport behind sets itself.
constexpr std::array<std::string_view, 28> kNotForServices = {"accept",
                                                              "accept-charset",
                                                              "accept-encoding",
                                                              "accept-language",
                                                              "cache-control",
                                                              "connection",
                                                              "content-encoding",
                                                              "content-length",
                                                              "content-type",
                                                              "cookie",
                                                              "date",
                                                              "dnt",
                                                              "expect",
                                                              "host",
                                                              "keep-alive",
                                                              "origin",
                                                              "pragma",
                                                              "priority",
                                                              "proxy-authorization",
                                                              "proxy-connection",
                                                              "referer",
                                                              "te",
                                                              "trailer",
                                                              "transfer-encoding",
                                                              "uncac-csrf",
                                                              "upgrade",
                                                              "user-agent",
                                                              "via"};
constexpr std::array<std::string_view, 4> kBeginningsNotForServices = {"connect-", "grpc-", "sec-",
                                                                       "x-forwarded-"};
// The transport's own words on the way back.
constexpr std::array<std::string_view, 5> kNotForClients = {"content-type", "content-length",
                                                            "content-encoding", "date", "server"};

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class Names>
bool begins_with_one_of(const Names& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view one) { return name.starts_with(one); });
}

bool is_key(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

platform::Error wrong(const std::string& name, const char* what) {
  return platform::make_error(platform::Reason::kInvalidInput, "the header " + name + " " + what);
}

}  // namespace

platform::Result<Metadata> to_metadata(const http::Headers& headers) {
  Metadata metadata;
  for (const auto& [given, value] : headers) {
    std::string name = http::lower(given);
    if (is_one_of(kNotForServices, name) || begins_with_one_of(kBeginningsNotForServices, name)) {
      continue;
    }
    if (!is_key(name)) return wrong(name, "has a name that a call cannot carry");
    if (!name.ends_with("-bin")) {
      if (!is_value(value)) return wrong(name, "has other characters than printable ASCII");
      metadata.emplace_back(std::move(name), value);
      continue;
    }
    // Several values may have become one on the way.
    for (std::size_t at = 0; at <= value.size();) {
      const std::size_t end = std::min(value.find(',', at), value.size());
      auto bytes = from_base64(platform::trimmed(std::string_view(value).substr(at, end - at)));
      if (!bytes) return wrong(name, "is no base64");
      metadata.emplace_back(name, *std::move(bytes));
      at = end + 1;
    }
  }
  return metadata;
}

platform::Result<Metadata> to_metadata(const http::Exchange& exchange) {
  const http::Headers& headers = exchange.request().headers;
  UNCAC_ASSIGN(Metadata metadata, to_metadata(headers));
  if (!headers.has("Traceparent")) {
    metadata.emplace_back("traceparent", exchange.trace().traceparent());
  }
  return metadata;
}

platform::Result<Way> way_to(const Backends& backends, const http::Exchange& exchange,
                             const char* method) {
  Way way;
  UNCAC_ASSIGN(way.metadata, to_metadata(exchange));
  way.stub = backends.find(method, "");
  if (way.stub == nullptr) {
    return platform::make_error(platform::Reason::kUnavailable,
                                std::string("nobody here answers ") + method);
  }
  return way;
}

void add_headers(const Received& metadata, std::string_view prefix, http::Headers& headers) {
  for (const auto& [key, value] : metadata) {
    const std::string_view name(key.data(), key.size());
    if (is_one_of(kNotForClients, name) || name.starts_with("grpc-") || name.starts_with(':')) {
      continue;
    }
    const std::string_view bytes(value.data(), value.size());
    headers.add(std::string(prefix) + std::string(name),
                name.ends_with("-bin") ? to_base64(bytes) : std::string(bytes));
  }
}

}  // namespace uncac::gateway::connect
