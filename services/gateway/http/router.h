// Which handler answers, and what every answer carries: pure, apart from any socket.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/http/exchange.h"
#include "platform/time.h"

namespace uncac::gateway::http {

class Router {
 public:
  explicit Router(std::vector<Route> routes);
  // The route of that very path, else the longest "/…/*" above it; null when there is none.
  // `other_methods` gets the methods of that path when none of them is the one asked for.
  const Route* find(std::string_view method, std::string_view path,
                    std::vector<std::string>& other_methods) const;

 private:
  std::vector<Route> routes_;
};

// Answers to pages of other origins, and what browsers are told on every answer.
class Policy {
 public:
  // `allowed_origins`: see ServerOptions.
  explicit Policy(std::vector<std::string> allowed_origins);
  // The Fetch standard's preflight request: whether a page of another origin may send what it
  // wants. Nullopt when this request is none.
  std::optional<Response> preflight(const Request& request) const;
  // Adds what is the same on every answer; what the handler has set stays.
  void complete(const Request& request, Headers& headers) const;

 private:
  bool allows(std::string_view origin) const;
  std::vector<std::string> allowed_origins_;
};

// How many requests of one client are let in. Safe for concurrent use.
class Rate {
 public:
  // 0: all of them. At once twice what a second gives.
  explicit Rate(int per_second) : per_second_(per_second) {}
  bool take(const std::string& client, platform::Instant now);

 private:
  struct Bucket {
    double tokens = 0;
    platform::Instant filled{};
  };
  const int per_second_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace uncac::gateway::http
