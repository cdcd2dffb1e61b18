// Reading events: a port with two adapters, the outbox tables themselves (embedded) and Kafka.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "platform/events/event.h"
#include "platform/events/outbox.h"
#include "platform/runtime/metrics.h"
#include "platform/store/store.h"

namespace uncac::platform {

enum class Retention {
  kForever,       // every record is kept
  kCompacted,     // at least the newest record of each key, soon that alone; tombstones for 30 days
  kCompactedLate  // the same, but every record of the last 26 days is kept
};

struct Topic {
  std::string name;
  Retention retention = Retention::kForever;
};
std::string dead_letter_topic(std::string_view topic);  // "<topic>.dlq"
bool is_dead_letter_topic(std::string_view topic);

// One reader of one topic. Used by one thread, except pause() and the destructor's stop.
class LogReader {
 public:
  virtual ~LogReader() = default;
  // Up to `max` records in the order of each partition; waits up to `wait` for the first. Empty
  // when there is none. kUnavailable when the log was not reachable, so that it may have lost its
  // end meanwhile: a member of a group calls again and begins at its stored positions, who reads
  // alone opens a new reader. kPositionExpired when the log became another one: everybody opens a
  // new reader. With `max` 0 it only shows the group that
  // this member is alive, and until it is called otherwise nothing more is fetched.
  virtual Result<std::vector<Record>> poll(std::size_t max, std::chrono::milliseconds wait,
                                           std::stop_token stop) = 0;
  // Where it goes on: after what poll() returned, and after gaps that it found at the log's end.
  // Partitions of other members stand at 0.
  virtual Position position() const = 0;
};

// Told by a group reader, from within poll(), which partitions it has now.
class Assignment {
 public:
  virtual ~Assignment() = default;
  // Offsets to begin at, one for each of `partitions`, read from where the consumer keeps them.
  virtual Result<std::vector<std::int64_t>> begin(const std::vector<int>& partitions) = 0;
  // These are no longer ours: forget what was not stored.
  virtual void lost(const std::vector<int>& partitions) = 0;
};

// Everything that was committed for a topic by `until` lies on its log, before an end that is at
// none of the partitions below `confirmed`. A log that ends there has lost something.
struct Completion {
  Instant until{};                      // Instant{}: not known
  std::vector<std::int64_t> confirmed;  // by partition, as Position::next; empty: nothing
  bool holds(const Position& end) const;
};

// Safe for concurrent use.
class EventLog {
 public:
  virtual ~EventLog() = default;
  // Every partition from `from.next`, alone, in no group. Offsets that the log no longer has begin
  // at the oldest it has. kPositionExpired for a position of another log.
  virtual Result<std::unique_ptr<LogReader>> read(const std::string& topic,
                                                  const Position& from) = 0;
  // As a member of `group`: each partition is read by one member at a time. `assignment` must
  // outlive the reader.
  virtual Result<std::unique_ptr<LogReader>> join(const std::string& topic,
                                                  const std::string& group,
                                                  Assignment& assignment) = 0;
  virtual Result<Position> start(const std::string& topic) = 0;  // the oldest kept
  virtual Result<Position> end(const std::string& topic) = 0;    // after the newest
  // What the topic's writer says. Asked before the end that it is held against.
  virtual Completion completion(const std::string& topic) = 0;
  // Names the log: changes when positions of before mean nothing any more.
  virtual Result<std::string> log_id(const std::string& topic) = 0;
};

// The outbox tables of several stores in this process: each topic lies in its owner's store.
struct EmbeddedTopic {
  Topic topic;
  Store* store = nullptr;  // outlives the log
  std::shared_ptr<Wakeup> wakeup;
  std::string log_id;  // the store's id
};
std::unique_ptr<EventLog> make_embedded_log(std::vector<EmbeddedTopic> topics);
// Deletes what compaction allows from a compacted topic in an outbox table: rows older than
// `superseded_before` that have a newer row of the same key, and tombstones older than
// `tombstones_before`. Rows deleted.
Result<std::int64_t> compact_embedded(Store& store, const std::string& topic,
                                      Moment superseded_before, Moment tombstones_before);

struct KafkaOptions {
  std::string bootstrap;  // HOST:PORT,…
  std::string client_id;
  std::string ca_file;                     // PEM: who signs the brokers; with it TLS is used
  std::string certificate_file, key_file;  // PEM: both or none; only with ca_file
  std::string user, password;              // SASL; only with ca_file. Never printed
  std::string mechanism = "PLAIN";         // or "SCRAM-SHA-512": see kafka_client.cc
  Metrics* metrics = nullptr;  // where refused connections are counted; outlives every client
};
// EventLog::completion of a topic that another service writes, as that service says. Safe for
// concurrent use.
using Completeness = std::map<std::string, std::function<Completion()>>;
// kUnavailable when no broker answers within 10 s; kUnauthenticated for a wrong user or password,
// kFailedPrecondition for a certificate that one side does not trust. A topic that is not in
// `completeness` counts as complete: nobody asks that of his own.
Result<std::unique_ptr<EventLog>> make_kafka_log(const KafkaOptions& options,
                                                 Completeness completeness = {});

struct KafkaTopic {
  std::string name;
  std::map<std::string, std::string> settings;  // the broker's own names
};
// Creates what is missing, with kPartitions partitions, and gives those that exist exactly these
// settings; refuses one with another number of partitions. A line for each change.
Result<std::vector<std::string>> make_kafka_topics(const KafkaOptions& options,
                                                   std::span<const KafkaTopic> topics,
                                                   int replication_factor);
// Waits at most 30 s until every topic is there, and its dead-letter topic, each with kPartitions
// partitions. kFailedPrecondition for a setting that breaks what the topic's Retention promises.
Status check_kafka_topics(const KafkaOptions& options, std::span<const Topic> topics);

}  // namespace uncac::platform
