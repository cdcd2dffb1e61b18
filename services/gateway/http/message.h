// What comes and goes over HTTP, as plain values. No library's types in here.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/error.h"

namespace uncac::gateway::http {

// Names are compared without case, as HTTP has them. A name may stand more than once.
class Headers {
 public:
  using Entry = std::pair<std::string, std::string>;
  Headers() = default;
  Headers(std::initializer_list<Entry> entries) : entries_(entries) {}

  void add(std::string name, std::string value) {
    entries_.emplace_back(std::move(name), std::move(value));
  }
  void set(std::string_view name, std::string value);
  // The first of that name, or empty; whether there is one.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

// ASCII only, as names of headers, codings and media types are.
bool same_text(std::string_view a, std::string_view b);
std::string lower(std::string_view text);

struct Request {
  std::string method;  // "GET"
  std::string path;    // as it came, without the query: "/uncac.needs.v1.NeedsMatrix/ListNeeds"
  std::string query;   // behind the '?', as it came
  Headers headers;
  std::string peer;  // the client's address without its port

  // Of the query: names and values, decoded, in their order.
  std::vector<std::pair<std::string, std::string>> parameters() const;
  std::vector<std::string> parameters(std::string_view name) const;
  // The first of that name; nullopt when it is not there.
  std::optional<std::string> parameter(std::string_view name) const;
};

// "%41b+c" → "Ab c". A '%' that is none of a coding stays.
std::string decode_component(std::string_view text);
// "/a?b=ü" → "%2Fa%3Fb%3D%C3%BC": a value of a query.
std::string encode_component(std::string_view text);

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

// RFC 9457 (Problem Details for HTTP APIs): how every refusal looks outside the Connect protocol.
Response problem(int status, std::string_view title, std::string_view detail);
// With the reason as `code` and every problem of it under `problems`.
Response problem(const platform::Error& error);
// And the members of the object `more` beside these.
Response problem(const platform::Error& error, const nlohmann::ordered_json& more);
Response json(int status, const nlohmann::ordered_json& body);

// A coding that the client accepts by its header Accept-Encoding (RFC 9110, 12.5.3): the first of
// `offered` with the highest weight; empty for none of them.
std::string_view best_coding(std::string_view accept_encoding,
                             const std::vector<std::string_view>& offered);

}  // namespace uncac::gateway::http
