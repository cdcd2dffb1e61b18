// An event as it travels: CloudEvents 1.0 in Kafka's binary mode, the full state after a change.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result.h"
#include "platform/time.h"

namespace uncac::platform {

// Never changes: the partition of an event is computed from it, in every store and topic alike.
inline constexpr int kPartitions = 8;
// Larger bodies are refused where they would enter, so that none can block the relay. Bytes.
inline constexpr std::size_t kMaxEventBody = 900'000;
// A key stands in indexes of the stores. Bytes.
inline constexpr std::size_t kMaxEventKey = 300;
// Names and values of all headers together: with the largest body, and what a dead letter adds,
// they stay below the topics' max.message.bytes.
inline constexpr std::size_t kMaxEventHeaders = 32'000;

// Murmur2 as Kafka's own clients compute it, so that programs in other languages agree.
std::int32_t murmur2(std::string_view key);
int partition_of(std::string_view partition_key);

struct Revision {
  std::int64_t epoch = 0;
  std::int64_t counter = 0;
  auto operator<=>(const Revision&) const = default;
};
std::string to_text(Revision revision);  // "2.17"
Result<Revision> parse_revision(std::string_view text);

struct Event {
  std::string topic;
  std::string key;                                // of the aggregate: "KEN/uncac-2007/2007/v3"
  int partition = 0;                              // partition_of(State)
  Revision revision;                              // ce_id is key@revision
  std::string type;                               // ce_type: "uncac.checklist.v1.ResponseVersion"
  std::string source;                             // ce_source: "/uncac/checklist_intake"
  std::string subject;                            // ce_subject: the State
  std::string time;                               // RFC 3339
  std::string traceparent;                        // W3C; may be empty
  std::string origin;                             // set by a relay alone: seal_origin()
  std::map<std::string, std::string> extensions;  // further headers, names in lower case
  std::optional<std::string> body;                // nullopt: a tombstone, the key is gone

  std::string id() const { return key + "@" + to_text(revision); }
};

struct Record {
  Event event;
  std::int64_t offset = 0;  // grows within a partition, with gaps
};

// The headers of the binary mode, in a fixed order, and back. A record without a readable revision,
// id or type is an error: it did not come from us.
std::vector<std::pair<std::string, std::string>> to_headers(const Event& event);
Status from_headers(const std::vector<std::pair<std::string, std::string>>& headers, Event& event);

// Next offset to read of every partition of one log. Opaque outside: encode() and decode().
struct Position {
  std::string log_id;
  std::vector<std::int64_t> next;  // kPartitions of them
  bool operator==(const Position&) const = default;

  // Every partition at least as far as in `other`. False for positions of different logs.
  bool covers(const Position& other) const;
  // Records from here to `end`; both are of one log.
  std::int64_t behind(const Position& end) const;
};
std::string encode(const Position& position);
// Refuses what encode() did not write.
Result<Position> decode_position(std::string_view text);

}  // namespace uncac::platform
