#include "gateway/http/message.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "formats/problems.h"
#include "platform/text.h"

namespace uncac::gateway::http {
namespace {

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower_case(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Calls `take` with each part between two separators.
template <class Take>
void split(std::string_view text, char separator, Take&& take) {
  while (true) {
    const std::size_t end = text.find(separator);
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

// "q=0.5" of a list's member, in thousandths; 1000 without one, 0 for what is no number.
int weight_of(std::string_view parameters) {
  int weight = 1000;
  split(parameters, ';', [&](std::string_view parameter) {
    parameter = platform::trimmed(parameter);
    if (parameter.size() < 3 || lower_case(parameter[0]) != 'q' || parameter[1] != '=') return;
    double value = 0;
    const auto [end, error] =
        std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), value);
    const bool read = error == std::errc() && end == parameter.data() + parameter.size();
    weight = read && value >= 0 && value <= 1 ? static_cast<int>(value * 1000) : 0;
  });
  return weight;
}

}  // namespace

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower_case(x) == lower_case(y); });
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower_case);
  return lowered;
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(entries_, [&](const Entry& entry) { return same_text(entry.first, name); });
  add(std::string(name), std::move(value));
}

std::string_view Headers::get(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (same_text(entry.first, name)) return entry.second;
  }
  return {};
}

bool Headers::has(std::string_view name) const { return count(name) > 0; }

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      begin(), end(), [&](const Entry& entry) { return same_text(entry.first, name); }));
}

std::string decode_component(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(16 * high + low);
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::string encode_component(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

std::vector<std::pair<std::string, std::string>> Request::parameters() const {
  std::vector<std::pair<std::string, std::string>> all;
  split(query, '&', [&](std::string_view pair) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::size_t value = std::min(equals + 1, pair.size());
    all.emplace_back(decode_component(pair.substr(0, equals)),
                     decode_component(pair.substr(value)));
  });
  return all;
}

std::vector<std::string> Request::parameters(std::string_view name) const {
  std::vector<std::string> values;
  for (auto& [given, value] : parameters()) {
    if (given == name) values.push_back(std::move(value));
  }
  return values;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  std::vector<std::string> all = parameters(name);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

using Json = nlohmann::ordered_json;

Response json(int status, const Json& body) {
  Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return response;
}

namespace {

Response problem_of(int status, const Json& body) {
  Response response = json(status, body);
  response.headers.set("Content-Type", "application/problem+json");
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

Response problem(int status, std::string_view title, std::string_view detail) {
  Json body{{"type", "about:blank"}, {"title", title}, {"status", status}};
  if (!detail.empty()) body["detail"] = detail;
  return problem_of(status, body);
}

Response problem(const platform::Error& error) { return problem(error, Json::object()); }

Response problem(const platform::Error& error, const Json& more) {
  const platform::ReasonRow& row = platform::row_of(error.reason);
  Json body{{"type", "about:blank"},
            {"title", row.name},
            {"status", row.http_status},
            {"detail", error.message},
            {"code", row.name}};
  if (!error.problems.empty()) body["problems"] = formats::to_json(error.problems);
  body.update(more);
  return problem_of(row.http_status, body);
}

std::string_view best_coding(std::string_view accept_encoding,
                             const std::vector<std::string_view>& offered) {
  std::string_view best;
  int highest = 0;
  for (const std::string_view coding : offered) {
    int weight = -1, of_any = -1;
    split(accept_encoding, ',', [&](std::string_view member) {
      const std::size_t end = member.find(';');
      const std::string_view name = platform::trimmed(member.substr(0, end));
      const int here = end == std::string_view::npos ? 1000 : weight_of(member.substr(end + 1));
      if (same_text(name, coding)) weight = here;
      if (name == "*") of_any = here;
    });
    if (weight < 0) weight = of_any;
    if (weight > highest) {
      highest = weight;
      best = coding;
    }
  }
  return best;
}

}  // namespace uncac::gateway::http
