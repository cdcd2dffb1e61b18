#include "platform/events/event.h"

#include <charconv>
#include <set>

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

Status from_headers(const std::vector<std::pair<std::string, std::string>>& headers, Event& event) {
  std::string id;
  std::string spec_version;
  std::string content_type;
  std::string revision;
  event.type.clear();
  event.source.clear();
  event.subject.clear();
  event.time.clear();
  event.traceparent.clear();
  event.origin.clear();
  event.extensions.clear();
  const std::map<std::string_view, std::string*> fields{
      {"ce_specversion", &spec_version}, {"ce_id", &id},
      {"ce_type", &event.type},          {"ce_source", &event.source},
      {"ce_subject", &event.subject},    {"ce_time", &event.time},
      {"content-type", &content_type},   {"traceparent", &event.traceparent},
      {"revision", &revision},           {"origin", &event.origin}};
  std::set<std::string_view> seen;
  for (const auto& [name, value] : headers) {
    // Kafka allows a header twice, and readers differ in which of the two they take.
    if (!seen.insert(name).second) return not_ours("the header " + name + " is there twice");
    if (const auto field = fields.find(name); field != fields.end()) {
      *field->second = value;
    } else {
      event.extensions[name] = value;
    }
  }
  if (spec_version != kSpecVersion) return not_ours("ce_specversion is not 1.0");
  if (event.type.empty()) return not_ours("it has no ce_type");
  auto parsed = parse_revision(revision);
  if (!parsed) return not_ours(parsed.error().message);
  event.revision = *parsed;
  const std::string ending = "@" + to_text(event.revision);
  if (id.size() <= ending.size() || !id.ends_with(ending)) {
    return not_ours("ce_id is not key@revision");
  }
  const std::string key = id.substr(0, id.size() - ending.size());
  if (event.key.empty()) event.key = key;
  if (event.key != key) return not_ours("ce_id names another key than the record has");
  return {};
}

}  // namespace uncac::platform
