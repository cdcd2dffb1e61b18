#include "platform/events/outbox.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace uncac::platform {
namespace {

constexpr std::array<std::string_view, 10> kOwnHeaders{
    "ce_specversion", "ce_id",        "ce_type",     "ce_source", "ce_subject",
    "ce_time",        "content-type", "traceparent", "revision",  "origin"};

// What a dead letter says beside the headers of its record.
constexpr std::size_t kRoomForLetters = 8'000;

// Eight lower-case hexadecimal digits of a length, then the text: readable in a database's console,
// and every byte may stand in a name or a value.
void put_framed(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string length;
  for (int shift = 24; shift >= 0; shift -= 8) length += static_cast<char>(size >> shift);
  out.append(to_hex(length)).append(text);
}

bool take_framed(std::string_view& in, std::string& text) {
  if (in.size() < 8) return false;
  std::size_t size = 0;
  for (const char digit : in.substr(0, 8)) {
    const std::size_t value = std::string_view("0123456789abcdef").find(digit);
    if (value == std::string_view::npos) return false;
    size = size * 16 + value;
  }
  in.remove_prefix(8);
  if (size > in.size()) return false;
  text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

Status check(const Event& event) {
  if (event.body && event.body->size() > kMaxEventBody) {
    return make_error(Reason::kTooLarge, "the event of " + event.key + " has a body of " +
                                             std::to_string(event.body->size()) +
                                             " bytes; at most " + std::to_string(kMaxEventBody) +
                                             " are allowed");
  }
  std::size_t headers = event.key.size() + event.type.size() + event.source.size() +
                        event.subject.size() + event.time.size() + event.traceparent.size();
  for (const auto& [name, value] : event.extensions) headers += name.size() + value.size();
  if (event.key.size() > kMaxEventKey || headers > kMaxEventHeaders + kRoomForLetters) {
    return make_error(Reason::kTooLarge, "an event with a key of " +
                                             std::to_string(event.key.size()) +
                                             " bytes and headers of " + std::to_string(headers));
  }
  if (event.topic.empty() || event.key.empty() || event.type.empty() || event.partition < 0 ||
      event.partition >= kPartitions || event.revision.epoch < 0 || event.revision.counter < 0) {
    return make_error(Reason::kInternal,
                      "an event without topic, key, type, revision or partition: " + event.key);
  }
  for (const auto& [name, value] : event.extensions) {
    if (name.empty() || std::ranges::find(kOwnHeaders, name) != kOwnHeaders.end()) {
      return make_error(Reason::kInternal, "an event's extension has the name of a header of ours");
    }
  }
  return {};
}

// The seconds are enough for a gauge.
std::optional<Moment> parse_moment(std::string_view text) {
  constexpr std::size_t kSecondsEnd = 19;  // 2007-11-30T09:05:00
  if (text.size() < kSecondsEnd) return std::nullopt;
  const Result<Day> day = parse_day(text.substr(0, 10));
  if (!day) return std::nullopt;
  const auto number = [&](std::size_t at) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + 2, value);
    return value;
  };
  return Moment(*day) + std::chrono::hours(number(11)) + std::chrono::minutes(number(14)) +
         std::chrono::seconds(number(17));
}

}  // namespace

void Wakeup::notify() {
  {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  changed_.notify_all();
}

std::uint64_t Wakeup::wait(std::uint64_t seen, std::chrono::milliseconds limit,
                           std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::move(stop), limit, [&] { return count_ != seen; });
  return count_;
}

std::uint64_t Wakeup::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

Status Outbox::append(Transaction& transaction, std::span<const Event> events) {
  if (events.empty()) return {};
  std::vector<Value> cells;
  cells.reserve(events.size() * 12);
  for (const Event& event : events) {
    UNCAC_TRY(check(event));
    cells.insert(cells.end(),
                 {event.topic, std::int64_t{event.partition}, event.key, event.revision.epoch,
                  event.revision.counter, event.type, event.source, event.subject, event.time,
                  event.traceparent, Bytes{encode_extensions(event.extensions)}});
    cells.push_back(event.body ? Value{Bytes{*event.body}} : Value{});
  }
  UNCAC_TRY(transaction.insert_many(
      "INSERT INTO outbox (topic, partition_number, event_key, epoch, counter, event_type, source, "
      "subject, event_time, traceparent, extensions, body) VALUES",
      12, cells));
  transaction.after_commit([wakeup = wakeup_] { wakeup->notify(); });
  return {};
}

std::string encode_extensions(const std::map<std::string, std::string>& extensions) {
  std::string out;
  for (const auto& [name, value] : extensions) {
    put_framed(out, name);
    put_framed(out, value);
  }
  return out;
}

Result<std::map<std::string, std::string>> decode_extensions(std::string_view bytes) {
  std::map<std::string, std::string> extensions;
  while (!bytes.empty()) {
    std::string name;
    std::string value;
    if (!take_framed(bytes, name) || !take_framed(bytes, value) ||
        !extensions.emplace(std::move(name), std::move(value)).second) {
      return make_error(Reason::kInternal, "the extensions of an outbox row cannot be read");
    }
  }
  return extensions;
}

Result<OutboxDepth> measure_outbox(Transaction& transaction, Moment now) {
  constexpr std::int64_t kCountAtMost = 100'000;
  UNCAC_ASSIGN(const Rows waiting,
               transaction.query("SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT $1) AS waiting",
                                 {kCountAtMost}));
  UNCAC_ASSIGN(const Rows first,
               transaction.query("SELECT event_time FROM outbox ORDER BY id LIMIT 1"));
  OutboxDepth depth;
  depth.waiting = waiting.integer(0, 0);
  if (first.empty()) return depth;
  const std::optional<Moment> since = parse_moment(first.text(0, 0));
  if (since && now > *since) depth.oldest = now - *since;
  return depth;
}

Result<StoreIdentity> read_identity(Store& store, Ids& ids) {
  return store.write([&](Transaction& transaction) -> Result<StoreIdentity> {
    // Of two that start together, the second finds the first one's row.
    UNCAC_TRY(transaction.execute(
        "INSERT INTO store_identity (only_row, store_id, epoch) VALUES (1, $1, 1) "
        "ON CONFLICT (only_row) DO NOTHING",
        {ids.next()}));
    UNCAC_ASSIGN(const Rows rows, transaction.query("SELECT store_id, epoch FROM store_identity"));
    return StoreIdentity{rows.text(0, 0), rows.integer(0, 1)};
  });
}

Result<StoreIdentity> raise_epoch(Transaction& transaction, Ids& ids, Moment now,
                                  std::int64_t on_log) {
  const std::int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  UNCAC_TRY(transaction.execute(
      "INSERT INTO former_store (store_id) SELECT store_id FROM store_identity WHERE true "
      "ON CONFLICT DO NOTHING"));
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("INSERT INTO store_identity (only_row, store_id, epoch) "
                                 "VALUES (1, $1, $2) ON CONFLICT (only_row) DO UPDATE SET "
                                 "store_id = excluded.store_id, epoch = CASE "
                                 "WHEN excluded.epoch > store_identity.epoch THEN excluded.epoch "
                                 "ELSE store_identity.epoch + 1 END RETURNING store_id, epoch",
                                 {ids.next(), std::max<std::int64_t>(on_log + 1, seconds)}));
  return StoreIdentity{rows.text(0, 0), rows.integer(0, 1)};
}

}  // namespace uncac::platform
