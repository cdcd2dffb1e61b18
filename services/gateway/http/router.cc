#include "gateway/http/router.h"

#include <algorithm>

namespace uncac::gateway::http {
namespace {

// Of clients, as many are remembered: a bucket that is full again says nothing.
constexpr std::size_t kMostClients = 50'000;

// Script and style come from here alone, and nobody frames a page: with a session cookie another
// site could otherwise let a person click what he does not see.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
    "'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

// What a page of another origin may send and read: the Connect protocol's, ours, and tracing.
constexpr const char* kAllowedHeaders =
    "authorization, content-type, content-encoding, accept-encoding, connect-protocol-version, "
    "connect-timeout-ms, last-event-id, traceparent, uncac-service";
constexpr const char* kExposedHeaders = "content-encoding, uncac-position, retry-after";

bool is_below(std::string_view path, std::string_view pattern) {
  return pattern.ends_with("/*") && path.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool takes(const Route& route, std::string_view method) {
  return std::any_of(route.methods.begin(), route.methods.end(), [&](const std::string& one) {
    return one == method || (one == "GET" && method == "HEAD");
  });
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
  // The most exact first: whole paths, then the longest beginnings.
  std::stable_sort(routes_.begin(), routes_.end(), [](const Route& a, const Route& b) {
    const bool a_is_whole = !a.path.ends_with("/*"), b_is_whole = !b.path.ends_with("/*");
    if (a_is_whole != b_is_whole) return a_is_whole;
    return a.path.size() > b.path.size();
  });
}

const Route* Router::find(std::string_view method, std::string_view path,
                          std::vector<std::string>& other_methods) const {
  other_methods.clear();
  const std::string* pattern = nullptr;
  for (const Route& route : routes_) {
    if (route.path != path && !is_below(path, route.path)) continue;
    // What is wider does not answer for a path that has other methods.
    if (pattern != nullptr && *pattern != route.path) break;
    pattern = &route.path;
    if (takes(route, method)) return &route;
    other_methods.insert(other_methods.end(), route.methods.begin(), route.methods.end());
  }
  return nullptr;
}

Policy::Policy(std::vector<std::string> allowed_origins)
    : allowed_origins_(std::move(allowed_origins)) {}

bool Policy::allows(std::string_view origin) const {
  return std::find(allowed_origins_.begin(), allowed_origins_.end(), origin) !=
         allowed_origins_.end();
}

std::optional<Response> Policy::preflight(const Request& request) const {
  if (request.method != "OPTIONS" || !request.headers.has("Origin") ||
      !request.headers.has("Access-Control-Request-Method")) {
    return std::nullopt;
  }
  Response response;
  response.status = 204;
  if (allows(request.headers.get("Origin"))) {
    response.headers.set("Access-Control-Allow-Methods", "GET, POST");
    response.headers.set("Access-Control-Allow-Headers", kAllowedHeaders);
    response.headers.set("Access-Control-Max-Age", "7200");
  }
  return response;
}

void Policy::complete(const Request& request, Headers& headers) const {
  const auto add = [&](const char* name, const char* value) {
    if (!headers.has(name)) headers.add(name, value);
  };
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "same-origin");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Content-Security-Policy", kContentSecurityPolicy);
  add("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  // Figures and names are one reader's: no cache on the way keeps them unless a handler says so.
  add("Cache-Control", "no-store");
  const std::string_view origin = request.headers.get("Origin");
  if (!allowed_origins_.empty()) headers.add("Vary", "Origin");
  if (origin.empty() || !allows(origin)) {
    add("Cross-Origin-Resource-Policy", "same-origin");
    return;
  }
  headers.set("Access-Control-Allow-Origin", std::string(origin));
  headers.set("Access-Control-Expose-Headers", kExposedHeaders);
  add("Cross-Origin-Resource-Policy", "cross-origin");
}

bool Rate::take(const std::string& client, platform::Instant now) {
  if (per_second_ <= 0) return true;
  const double most = 2.0 * per_second_;
  const auto filled = [&](const Bucket& bucket) {
    const std::chrono::duration<double> since = now - bucket.filled;
    return std::min(most, bucket.tokens + since.count() * per_second_);
  };
  const std::lock_guard guard(mutex_);
  if (buckets_.size() >= kMostClients && !buckets_.contains(client)) {
    std::erase_if(buckets_, [&](const auto& one) { return filled(one.second) >= most; });
    if (buckets_.size() >= kMostClients) return false;
  }
  const auto [found, is_new] = buckets_.try_emplace(client, Bucket{most, now});
  Bucket& bucket = found->second;
  bucket.tokens = filled(bucket);
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace uncac::gateway::http
