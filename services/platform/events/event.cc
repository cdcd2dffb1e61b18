#include "platform/events/event.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "platform/events/event_headers.h"

namespace uncac::platform {
namespace {

constexpr std::string_view kSpecVersion = "1.0";
constexpr std::string_view kContentType = "application/protobuf";

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

// Digits only, without leading zeros, so that a revision has one text.
bool parse_count(std::string_view text, std::int64_t& value) {
  if (text.empty() || text[0] < '0' || text[0] > '9' || (text[0] == '0' && text.size() > 1)) {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

Error not_ours(const std::string& what) {
  return make_error(Reason::kInvalidInput, "not an event of ours: " + what);
}

}  // namespace

// org.apache.kafka.common.utils.Utils.murmur2, whose seed and order of bytes are Kafka's own.
std::int32_t murmur2(std::string_view key) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr std::uint32_t kSeed = 0x9747b28c;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(key.size());
  for (; key.size() >= 4; key.remove_prefix(4)) {
    std::uint32_t word = little_endian(key.substr(0, 4));
    word *= kMultiplier;
    word ^= word >> 24;
    word *= kMultiplier;
    hash *= kMultiplier;
    hash ^= word;
  }
  if (!key.empty()) {
    hash ^= little_endian(key);
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return static_cast<std::int32_t>(hash);
}

int partition_of(std::string_view partition_key) {
  // Kafka's toPositive: the sign bit is dropped, not the sign.
  return (murmur2(partition_key) & 0x7fffffff) % kPartitions;
}

std::string to_text(Revision revision) {
  return std::to_string(revision.epoch) + "." + std::to_string(revision.counter);
}

Result<Revision> parse_revision(std::string_view text) {
  Revision revision;
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || !parse_count(text.substr(0, dot), revision.epoch) ||
      !parse_count(text.substr(dot + 1), revision.counter)) {
    return make_error(Reason::kInvalidInput,
                      "\"" + std::string(text.substr(0, 50)) + "\" is not a revision as 2.17");
  }
  return revision;
}

std::vector<std::pair<std::string, std::string>> to_headers(const Event& event) {
  std::vector<std::pair<std::string, std::string>> headers{
      {"ce_specversion", std::string(kSpecVersion)},
      {"ce_id", event.id()},
      {"ce_type", event.type},
      {"ce_source", event.source},
  };
  // CloudEvents knows no empty attribute: what is not known is left out.
  if (!event.subject.empty()) headers.emplace_back("ce_subject", event.subject);
  if (!event.time.empty()) headers.emplace_back("ce_time", event.time);
  if (event.body) headers.emplace_back("content-type", std::string(kContentType));
  if (!event.traceparent.empty()) headers.emplace_back("traceparent", event.traceparent);
  headers.emplace_back("revision", to_text(event.revision));
  if (!event.origin.empty()) headers.emplace_back("origin", event.origin);
  for (const auto& [name, value] : event.extensions) headers.emplace_back(name, value);
  return headers;
}

Status from_header_views(std::span<const std::pair<std::string_view, std::string_view>> headers,
                         Event& event) {
  struct Field {
    std::string_view name;
    std::string_view value = {};
    bool there = false;
  };
  std::array<Field, 10> fields{{{"ce_specversion"},
                                {"ce_id"},
                                {"ce_type"},
                                {"ce_source"},
                                {"ce_subject"},
                                {"ce_time"},
                                {"content-type"},
                                {"traceparent"},
                                {"revision"},
                                {"origin"}}};
  event.extensions.clear();
  for (const auto& [name, value] : headers) {
    const auto field = std::ranges::find(fields, name, &Field::name);
    // Kafka allows a header twice, and readers differ in which of the two they take.
    const bool twice = field != fields.end() ? std::exchange(field->there, true)
                                             : !event.extensions.emplace(name, value).second;
    if (twice) return not_ours("the header " + std::string(name) + " is there twice");
    if (field != fields.end()) field->value = value;
  }
  const auto& [spec_version, id, type, source, subject, time, content_type, traceparent, revision,
               origin] = fields;
  event.type = type.value;
  event.source = source.value;
  event.subject = subject.value;
  event.time = time.value;
  event.traceparent = traceparent.value;
  event.origin = origin.value;
  if (spec_version.value != kSpecVersion) return not_ours("ce_specversion is not 1.0");
  if (event.type.empty()) return not_ours("it has no ce_type");
  auto parsed = parse_revision(revision.value);
  if (!parsed) return not_ours(parsed.error().message);
  event.revision = *parsed;
  // A revision has one text, so the header's own is what the id must end with.
  const std::size_t at = id.value.size() - std::min(id.value.size(), revision.value.size() + 1);
  if (at == 0 || id.value[at] != '@' || id.value.substr(at + 1) != revision.value) {
    return not_ours("ce_id is not key@revision");
  }
  const std::string_view key = id.value.substr(0, at);
  if (event.key.empty()) event.key = key;
  if (event.key != key) return not_ours("ce_id names another key than the record has");
  return {};
}

Status from_headers(const std::vector<std::pair<std::string, std::string>>& headers, Event& event) {
  const std::vector<std::pair<std::string_view, std::string_view>> views(headers.begin(),
                                                                         headers.end());
  return from_header_views(views, event);
}

}  // namespace uncac::platform
