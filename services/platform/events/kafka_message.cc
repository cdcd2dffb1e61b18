// A Kafka message as a record.
#include "platform/events/event_headers.h"
#include "platform/events/kafka_client.h"
#include "platform/runtime/log.h"
#include "platform/store/adapter.h"
#include "platform/store/sha256.h"

namespace uncac::platform::kafka {
namespace {

using HeaderViews = std::vector<std::pair<std::string_view, std::string_view>>;

// Views into the message.
HeaderViews headers_of(const rd_kafka_message_t& message) {
  HeaderViews headers;
  rd_kafka_headers_t* raw = nullptr;  // stays the message's
  if (rd_kafka_message_headers(&message, &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  headers.reserve(rd_kafka_header_cnt(raw));
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(raw, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.emplace_back(name, value == nullptr
                                   ? std::string_view()
                                   : std::string_view(static_cast<const char*>(value), size));
  }
  return headers;
}

// Whether a store takes all of the event's text; a handler that writes a part of it must be able
// to.
Status check_text(const Event& event) {
  bool good = true;
  for (const std::string* text :
       {&event.key, &event.type, &event.source, &event.subject, &event.time, &event.traceparent}) {
    good = good && is_storable_text(*text);
  }
  for (const auto& [name, value] : event.extensions) good = good && is_storable_text(name);
  if (good) return {};
  return make_error(Reason::kInvalidInput, "a text is not valid UTF-8 or holds a NUL");
}

// What would fail in a store or on its way to the dead letters, again and again.
Status check_sizes(const rd_kafka_message_t& message, const HeaderViews& headers) {
  if (message.key_len > kMaxEventKey) {
    return make_error(Reason::kTooLarge, "a key of " + std::to_string(message.key_len) + " bytes");
  }
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) {
    if (name.empty()) return make_error(Reason::kInvalidInput, "a header without a name");
    bytes += name.size() + value.size();
  }
  if (bytes <= kMaxEventHeaders) return {};
  return make_error(Reason::kTooLarge, "headers of " + std::to_string(bytes) + " bytes");
}

Status fill(const rd_kafka_message_t& message, Event& event) {
  const HeaderViews headers = headers_of(message);
  UNCAC_TRY(check_sizes(message, headers));
  UNCAC_TRY(from_header_views(headers, event));
  UNCAC_TRY(check_text(event));
  if (message.payload != nullptr) {
    if (message.len > kMaxEventBody) {
      return make_error(Reason::kTooLarge, "a body of " + std::to_string(message.len) + " bytes");
    }
    event.body = std::string(static_cast<const char*>(message.payload), message.len);
  }
  return {};
}

std::string key_of(const rd_kafka_message_t& message) {
  if (message.key == nullptr) return {};
  return {static_cast<const char*>(message.key), message.key_len};
}

}  // namespace

Record record_of_message(const rd_kafka_message_t& message, const std::string& topic) {
  Record record;
  record.offset = message.offset;
  record.event.topic = topic;
  record.event.partition = message.partition;
  record.event.key = key_of(message);
  const Status filled = fill(message, record.event);
  if (filled) return record;

  Event malformed;
  malformed.topic = topic;
  malformed.partition = message.partition;
  malformed.key = key_of(message);
  if (!is_storable_text(malformed.key)) malformed.key = "hex:" + to_hex(malformed.key);
  if (malformed.key.size() > kMaxEventKey) {
    malformed.key = "sha256:" + to_hex(sha256({key_of(message)}));
  }
  if (message.payload != nullptr && message.len <= kMaxEventBody) {
    malformed.body = std::string(static_cast<const char*>(message.payload), message.len);
  }
  std::string reason = filled.error().message;
  if (!is_storable_text(reason)) reason = "a header is not UTF-8";
  log::warning("malformed record", {{"topic", topic},
                                    {"partition", std::to_string(message.partition)},
                                    {"offset", std::to_string(message.offset)},
                                    {"reason", reason}});
  malformed.extensions["malformed"] = std::move(reason);
  record.event = std::move(malformed);
  return record;
}

}  // namespace uncac::platform::kafka
