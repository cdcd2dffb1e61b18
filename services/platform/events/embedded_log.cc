#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "platform/events/event_log.h"
#include "platform/events/outbox_rows.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;

// Rows per statement and bytes per poll: a poll must not bring gigabytes of large bodies into
// memory.
constexpr std::size_t kRowsAtOnce = 100;
constexpr std::size_t kBytesPerPoll = 8u << 20;
constexpr std::int64_t kRowsPerDelete = 2'000;

// The next rows in the order of their ids, each partition from its own offset. One range of the
// index per partition, so that a partition left far behind costs nothing to the others.
std::string rows_sql() {
  std::string union_of_ids;
  for (int p = 0; p < kPartitions; ++p) {
    if (p > 0) union_of_ids += " UNION ALL ";
    union_of_ids +=
        "SELECT id FROM outbox WHERE topic = $1 AND partition_number = " + std::to_string(p) +
        " AND id >= $" + std::to_string(p + 2);
  }
  return std::string("SELECT ") + kOutboxColumns + " FROM outbox WHERE id IN (SELECT id FROM (" +
         union_of_ids + " ORDER BY id LIMIT $" + std::to_string(kPartitions + 2) +
         ") AS wanted) ORDER BY id";
}

// min(id) or max(id) of every partition, NULL where it has no row.
std::string bounds_sql(const std::string& function) {
  std::string sql = "SELECT ";
  for (int p = 0; p < kPartitions; ++p) {
    if (p > 0) sql += ", ";
    sql += "(SELECT " + function +
           "(id) FROM outbox WHERE topic = $1 AND partition_number = " + std::to_string(p) + ")";
  }
  return sql;
}

std::vector<int> all_partitions() {
  std::vector<int> all;
  for (int p = 0; p < kPartitions; ++p) all.push_back(p);
  return all;
}

// Which groups have their one member. Shared by the log and its readers, whichever ends first.
class Groups {
 public:
  using Name = std::pair<std::string, std::string>;  // topic, group
  bool enter(const Name& name) {
    const std::lock_guard guard(mutex_);
    return taken_.insert(name).second;
  }
  void leave(const Name& name) {
    const std::lock_guard guard(mutex_);
    taken_.erase(name);
  }

 private:
  std::mutex mutex_;
  std::set<Name> taken_;
};

class Membership {
 public:
  Membership(std::shared_ptr<Groups> groups, Groups::Name name)
      : groups_(std::move(groups)), name_(std::move(name)) {}
  ~Membership() { groups_->leave(name_); }
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

 private:
  std::shared_ptr<Groups> groups_;
  Groups::Name name_;
};

class EmbeddedReader final : public LogReader {
 public:
  EmbeddedReader(const EmbeddedTopic& source, Position from)
      : source_(source), position_(std::move(from)) {}
  EmbeddedReader(const EmbeddedTopic& source, std::unique_ptr<Membership> membership,
                 Assignment& assignment)
      : source_(source), membership_(std::move(membership)), unbegun_(&assignment) {
    position_.log_id = source.log_id;
    position_.next.assign(kPartitions, 0);
  }

  Result<std::vector<Record>> poll(std::size_t max, milliseconds wait,
                                   std::stop_token stop) override {
    if (unbegun_ != nullptr) {
      UNCAC_ASSIGN(position_.next, unbegun_->begin(all_partitions()));
      unbegun_ = nullptr;
    }
    if (max == 0) return std::vector<Record>{};
    const Instant deadline = std::chrono::steady_clock::now() + wait;
    while (true) {
      // Counted before the rows are read: what commits in between wakes the wait below.
      const std::uint64_t seen = source_.wakeup->count();
      UNCAC_ASSIGN(std::vector<Record> records, fetch(max));
      const auto left =
          std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
      if (!records.empty() || left <= milliseconds(0) || stop.stop_requested()) return records;
      source_.wakeup->wait(seen, left, stop);
    }
  }

  Position position() const override { return position_; }

 private:
  Result<std::vector<Record>> fetch(std::size_t max) {
    static const std::string sql = rows_sql();
    std::vector<Record> records;
    std::size_t bytes = 0;
    while (records.size() < max && bytes < kBytesPerPoll) {
      const std::size_t limit = std::min(kRowsAtOnce, max - records.size());
      std::vector<Value> parameters{source_.topic.name};
      for (const std::int64_t next : position_.next) parameters.emplace_back(next);
      parameters.emplace_back(static_cast<std::int64_t>(limit));
      const Result<Rows> rows = source_.store->read(
          [&](Transaction& transaction) { return transaction.query(sql, parameters); });
      if (!rows) {
        // What was read before it is not lost with it; the next poll meets the error again.
        if (!records.empty()) break;
        return rows.error();
      }
      for (std::size_t row = 0; row < rows->size(); ++row) {
        Result<Record> record = record_of_row(*rows, row);
        if (!record) {
          if (!records.empty()) return records;
          return record.error();
        }
        if (record->event.body) bytes += record->event.body->size();
        position_.next[static_cast<std::size_t>(record->event.partition)] = record->offset + 1;
        records.push_back(*std::move(record));
      }
      if (rows->size() < limit) break;
    }
    return records;
  }

  EmbeddedTopic source_;
  Position position_;
  std::unique_ptr<Membership> membership_;
  Assignment* unbegun_ = nullptr;
};

class EmbeddedLog final : public EventLog {
 public:
  explicit EmbeddedLog(std::vector<EmbeddedTopic> topics) {
    for (EmbeddedTopic& topic : topics) {
      std::string name = topic.topic.name;
      topics_.emplace(std::move(name), std::move(topic));
    }
  }

  Result<std::unique_ptr<LogReader>> read(const std::string& topic, const Position& from) override {
    UNCAC_ASSIGN(const EmbeddedTopic* source, find(topic));
    if (from.log_id != source->log_id) {
      return make_error(Reason::kPositionExpired, "the position is of another log than " + topic);
    }
    if (from.next.size() != kPartitions) {
      return make_error(Reason::kInvalidInput, "the position has not one offset a partition");
    }
    return std::unique_ptr<LogReader>(std::make_unique<EmbeddedReader>(*source, from));
  }

  Result<std::unique_ptr<LogReader>> join(const std::string& topic, const std::string& group,
                                          Assignment& assignment) override {
    UNCAC_ASSIGN(const EmbeddedTopic* source, find(topic));
    const Groups::Name name{topic, group};
    if (!groups_->enter(name)) {
      return make_error(Reason::kFailedPrecondition,
                        "group " + group + " already reads " + topic + " in this process");
    }
    return std::unique_ptr<LogReader>(std::make_unique<EmbeddedReader>(
        *source, std::make_unique<Membership>(groups_, name), assignment));
  }

  Result<Position> start(const std::string& topic) override { return bounds(topic, "min", 0); }
  Result<Position> end(const std::string& topic) override { return bounds(topic, "max", 1); }

  // What is committed lies on it.
  Completion completion(const std::string& /*topic*/) override {
    return {std::chrono::steady_clock::now(), {}};
  }

  Result<std::string> log_id(const std::string& topic) override {
    UNCAC_ASSIGN(const EmbeddedTopic* source, find(topic));
    return source->log_id;
  }

 private:
  Result<const EmbeddedTopic*> find(const std::string& topic) const {
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return make_error(Reason::kNotFound, "no topic " + topic);
    return &found->second;
  }

  // A partition without rows starts and ends at 0. compact_embedded() keeps the newest row of each,
  // so an end never goes back.
  Result<Position> bounds(const std::string& topic, const std::string& function,
                          std::int64_t beyond) {
    UNCAC_ASSIGN(const EmbeddedTopic* source, find(topic));
    UNCAC_ASSIGN(const Rows rows, source->store->read([&](Transaction& transaction) {
      return transaction.query(bounds_sql(function), {topic});
    }));
    Position position;
    position.log_id = source->log_id;
    for (std::size_t p = 0; p < kPartitions; ++p) {
      position.next.push_back(rows.is_null(0, p) ? 0 : rows.integer(0, p) + beyond);
    }
    return position;
  }

  std::map<std::string, EmbeddedTopic> topics_;
  std::shared_ptr<Groups> groups_ = std::make_shared<Groups>();
};

// Deletes what `condition` says of the topic's rows, in short transactions: a long one would keep
// every writer waiting.
Result<std::int64_t> delete_in_steps(Store& store, const std::string& topic, Moment before,
                                     const std::string& condition) {
  const std::string sql =
      "DELETE FROM outbox WHERE id IN (SELECT old.id FROM outbox AS old WHERE old.topic = $1 AND "
      "old.event_time < $2 AND " +
      condition + " LIMIT $3)";
  std::int64_t deleted = 0;
  while (true) {
    UNCAC_ASSIGN(const std::int64_t now, store.write([&](Transaction& transaction) {
      return transaction.execute(sql, {topic, format_moment(before), kRowsPerDelete});
    }));
    deleted += now;
    if (now < kRowsPerDelete) return deleted;
  }
}

}  // namespace

std::string dead_letter_topic(std::string_view topic) { return std::string(topic) + ".dlq"; }
bool is_dead_letter_topic(std::string_view topic) { return topic.ends_with(".dlq"); }

std::unique_ptr<EventLog> make_embedded_log(std::vector<EmbeddedTopic> topics) {
  return std::make_unique<EmbeddedLog>(std::move(topics));
}

Result<std::int64_t> compact_embedded(Store& store, const std::string& topic,
                                      Moment superseded_before, Moment tombstones_before) {
  const std::string same_key =
      "EXISTS (SELECT 1 FROM outbox AS other WHERE other.topic = old.topic AND "
      "other.event_key = old.event_key AND other.id ";
  UNCAC_ASSIGN(const std::int64_t superseded,
               delete_in_steps(store, topic, superseded_before, same_key + "> old.id)"));
  // A tombstone stays while an older row of its key does: without it that row would be the key's
  // newest, and what was withdrawn would be back.
  UNCAC_ASSIGN(const std::int64_t tombstones,
               delete_in_steps(store, topic, tombstones_before,
                               "old.body IS NULL AND NOT " + same_key +
                                   "< old.id) AND EXISTS (SELECT 1 FROM outbox AS later WHERE "
                                   "later.topic = old.topic AND later.partition_number = "
                                   "old.partition_number AND later.id > old.id)"));
  return superseded + tombstones;
}

}  // namespace uncac::platform
