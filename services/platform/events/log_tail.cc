#include "platform/events/log_tail.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "platform/events/relay_marks.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = LogComparison::Verdict;

// Of each partition. A relay that was replaced in the middle of a batch may have sent older rows
// after newer ones, so the last record alone would not do.
constexpr std::int64_t kTail = 200;
// The record that was confirmed last is looked for as far back: further back lies only what several
// relays sent and none could confirm, or what a store that is older than its log does not know.
constexpr std::int64_t kPlace = 5'000;
constexpr std::size_t kBatch = 5'000;
constexpr milliseconds kWait{500};
constexpr auto kLongestQuiet = seconds(15);

struct Origin {
  std::string store_id;
  std::int64_t outbox_id = 0;
};

std::optional<Origin> open_origin(const Sealer& sealer, const std::string& sealed) {
  const std::optional<std::string> text = sealer.open(sealed);
  if (!text) return std::nullopt;
  const std::size_t space = text->find(' ');
  Origin origin;
  if (space == std::string::npos) return std::nullopt;
  const char* end = text->data() + text->size();
  if (std::from_chars(text->data() + space + 1, end, origin.outbox_id).ptr != end) {
    return std::nullopt;
  }
  origin.store_id = text->substr(0, space);
  return origin;
}

// What the store says of itself.
struct Known {
  std::string store_id;
  std::set<std::string> former;
  RelayMarks marks;          // that the log must hold
  RelayMarks confirmed;      // that the outbox need not hold any more
  std::int64_t highest = 0;  // outbox id ever written, as far as it can be known
};

Result<Known> read_known(Transaction& transaction) {
  Known known;
  UNCAC_ASSIGN(const Rows identity, transaction.query("SELECT store_id FROM store_identity"));
  known.store_id = identity.empty() ? std::string() : identity.text(0, 0);
  UNCAC_ASSIGN(const Rows former, transaction.query("SELECT store_id FROM former_store"));
  for (std::size_t row = 0; row < former.size(); ++row) known.former.insert(former.text(row, 0));
  UNCAC_ASSIGN(known.marks, read_relay_marks(transaction));
  for (const auto& [partition, mark] : known.marks) {
    known.highest = std::max(known.highest, mark.highest);
  }
  UNCAC_ASSIGN(const Rows waiting,
               transaction.query("SELECT id FROM outbox ORDER BY id DESC LIMIT 1"));
  if (!waiting.empty()) known.highest = std::max(known.highest, waiting.integer(0, 0));
  return known;
}

// Reads from `from` until `end` is covered.
Status read_until(EventLog& log, const std::string& topic, const Position& from,
                  const Position& end, const std::function<void(const Record&)>& take) {
  if (from.covers(end)) return {};
  UNCAC_ASSIGN(const std::unique_ptr<LogReader> reader, log.read(topic, from));
  Instant heard = std::chrono::steady_clock::now();
  while (!reader->position().covers(end)) {
    UNCAC_ASSIGN(const std::vector<Record> batch, reader->poll(kBatch, kWait, {}));
    const Instant now = std::chrono::steady_clock::now();
    if (!batch.empty()) heard = now;
    if (now - heard > kLongestQuiet) {
      return make_error(Reason::kUnavailable, "the end of " + topic + " cannot be read");
    }
    for (const Record& record : batch) {
      // What came since is for nobody to judge: the store was asked what it knows before that.
      const auto partition = static_cast<std::size_t>(record.event.partition);
      if (record.offset < end.next[partition]) take(record);
    }
  }
  return {};
}

// A record of this store's that it does not know to be confirmed.
struct Unconfirmed {
  std::int64_t outbox_id = 0;
  std::string key;
  Revision revision;
  std::string time;
};

struct Tail {
  std::int64_t last_offset = -1;  // of any record
  std::int64_t highest = -1;      // outbox id of this store's records
  std::int64_t at_place = -1;     // outbox id of this store's record in the mark's place
  bool stranger = false;          // a record of a store that this one never was
  std::vector<Unconfirmed> unconfirmed;
};

Result<std::vector<Tail>> read_tails(EventLog& log, const std::string& topic, const Position& start,
                                     const Position& end, const Known& known,
                                     const Sealer& sealer) {
  std::vector<Tail> tails(kPartitions);
  std::vector<std::int64_t> places(kPartitions, -1);
  Position from = end;
  for (std::size_t p = 0; p < kPartitions; ++p) {
    std::int64_t first = end.next[p] - kTail;
    const auto mark = known.marks.find({topic, static_cast<int>(p)});
    if (mark != known.marks.end()) places[p] = mark->second.place_offset;
    if (places[p] >= std::max<std::int64_t>(0, end.next[p] - kPlace))
      first = std::min(first, places[p]);
    from.next[p] = std::max(start.next[p], first);
  }
  UNCAC_TRY(read_until(log, topic, from, end, [&](const Record& record) {
    const auto partition = static_cast<std::size_t>(record.event.partition);
    Tail& tail = tails[partition];
    tail.last_offset = record.offset;
    if (record.event.origin.empty()) return;
    const std::optional<Origin> origin = open_origin(sealer, record.event.origin);
    if (!origin ||
        (origin->store_id != known.store_id && !known.former.contains(origin->store_id))) {
      tail.stranger = true;
    } else if (origin->store_id == known.store_id) {
      tail.highest = std::max(tail.highest, origin->outbox_id);
      const auto confirmed = known.confirmed.find({topic, record.event.partition});
      if (confirmed == known.confirmed.end() || origin->outbox_id > confirmed->second.highest) {
        tail.unconfirmed.push_back(
            {origin->outbox_id, record.event.key, record.event.revision, record.event.time});
      }
      if (record.offset == places[partition]) tail.at_place = origin->outbox_id;
    }
  }));
  return tails;
}

Verdict judge(const Tail& tail, std::int64_t end, const RelayMark* mark) {
  if (tail.stranger) return Verdict::kStoreBehind;
  if (mark == nullptr) return Verdict::kInStep;
  // Nothing was ever written to this log: it is a new one.
  if (end == 0) return Verdict::kLogBehind;
  // It lost its end, and may have grown again.
  if (mark->place_offset >= end) return Verdict::kLogBehind;
  if (tail.at_place >= 0) {
    return tail.at_place == mark->place_id ? Verdict::kInStep : Verdict::kLogBehind;
  }
  // Whether the last record was ours cannot be told when it was compacted away.
  const bool end_is_there = tail.last_offset == end - 1;
  return end_is_there && tail.highest < mark->highest ? Verdict::kLogBehind : Verdict::kInStep;
}

// Whether the store wrote these: a row leaves the outbox only together with its mark, so each must
// still wait there as it is on the log, or have been confirmed meanwhile. Ids alone would not do: a
// store that was put back gives them again.
Result<bool> wrote_all(Store& store, const Known& known, const std::string& topic, int partition,
                       const std::vector<Unconfirmed>& records) {
  if (records.empty()) return true;
  return store.read([&](Transaction& transaction) -> Result<bool> {
    std::vector<std::int64_t> missing;
    for (const Unconfirmed& record : records) {
      UNCAC_ASSIGN(
          const Rows rows,
          transaction.query("SELECT 1 FROM outbox WHERE id = $1 AND topic = $2 AND event_key = $3 "
                            "AND epoch = $4 AND counter = $5 AND event_time = $6",
                            {record.outbox_id, topic, record.key, record.revision.epoch,
                             record.revision.counter, record.time}));
      if (rows.empty()) missing.push_back(record.outbox_id);
    }
    if (missing.empty()) return true;
    // Asked after the outbox: whatever left it by then has its mark.
    UNCAC_ASSIGN(const Known now, read_known(transaction));
    // Given a new epoch meanwhile, by somebody who compared too.
    if (now.store_id != known.store_id) return true;
    const auto mark = now.marks.find({topic, partition});
    return mark != now.marks.end() &&
           *std::max_element(missing.begin(), missing.end()) <= mark->second.highest;
  });
}

}  // namespace

std::string seal_origin(const Sealer& sealer, const std::string& store_id, std::int64_t outbox_id) {
  // Padded: the length would tell the number's size.
  constexpr std::size_t kDigits = 19;
  const std::string number = std::to_string(outbox_id);
  return sealer.seal(store_id + " " + std::string(kDigits - number.size(), '0') + number);
}

Result<LogComparison> compare_with_log(Store& store, EventLog& log, std::span<const Topic> topics,
                                       const Sealer& sealer) {
  // Another relay may be at work. What the store says is confirmed must be on the log by the time
  // the ends are asked for, and whatever lies below them must be known to the store by then: so it
  // is asked before and after.
  UNCAC_ASSIGN(const Known before, store.read(read_known));
  std::map<std::string, std::pair<Position, Position>> bounds;
  for (const Topic& topic : topics) {
    auto& [start, end] = bounds[topic.name];
    UNCAC_ASSIGN(start, log.start(topic.name));
    UNCAC_ASSIGN(end, log.end(topic.name));
  }
  UNCAC_ASSIGN(Known known, store.read(read_known));
  known.confirmed = std::move(known.marks);
  // With a new epoch, given just now by another replica, nothing is confirmed yet.
  known.marks = known.store_id == before.store_id ? before.marks : decltype(known.marks)();
  LogComparison comparison;
  comparison.store_id = known.store_id;
  comparison.store_is_new = known.highest == 0 && known.former.empty();
  for (const Topic& topic : topics) {
    const auto& [start, end] = bounds[topic.name];
    UNCAC_ASSIGN(const std::vector<Tail> tails,
                 read_tails(log, topic.name, start, end, known, sealer));
    for (int p = 0; p < kPartitions; ++p) {
      const auto i = static_cast<std::size_t>(p);
      const auto mark = known.marks.find({topic.name, p});
      Verdict verdict =
          judge(tails[i], end.next[i], mark == known.marks.end() ? nullptr : &mark->second);
      if (verdict != Verdict::kStoreBehind) {
        UNCAC_ASSIGN(const bool wrote,
                     wrote_all(store, known, topic.name, p, tails[i].unconfirmed));
        if (!wrote) verdict = Verdict::kStoreBehind;
      }
      if (verdict == Verdict::kInStep) continue;
      // A store that is behind is the graver case: what it does covers the other.
      if (comparison.verdict == Verdict::kInStep || verdict == Verdict::kStoreBehind) {
        comparison.verdict = verdict;
        comparison.evidence = topic.name + " " + std::to_string(p);
      }
    }
  }
  return comparison;
}

Result<std::vector<Record>> newest_on_log(EventLog& log, std::span<const Topic> topics) {
  std::vector<Record> newest;
  for (const Topic& topic : topics) {
    UNCAC_ASSIGN(const Position start, log.start(topic.name));
    UNCAC_ASSIGN(const Position end, log.end(topic.name));
    std::map<std::string, Record> by_key;
    UNCAC_TRY(read_until(log, topic.name, start, end, [&](const Record& record) {
      if (record.event.type.empty()) return;  // did not come from us
      const auto [held, fresh] = by_key.try_emplace(record.event.key, record);
      if (!fresh && held->second.event.revision < record.event.revision) held->second = record;
      held->second.event.body.reset();
      if (record.event.body) held->second.event.body.emplace();
    }));
    for (auto& [key, record] : by_key) newest.push_back(std::move(record));
  }
  return newest;
}

}  // namespace uncac::platform
