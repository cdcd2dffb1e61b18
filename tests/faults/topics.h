// The topics as an outside subscriber finds them, read record by record from Kafka.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/events/event.h"
#include "support/suite.h"

namespace uncac::testing {

struct TopicRecord {
  int partition = 0;
  std::int64_t offset = 0;
  std::string key;
  platform::Revision revision;
  std::optional<std::string> value;  // nothing: a tombstone
};

// From the start of every partition to its end. Throws when that is not reached within 30 s. A
// record without a readable revision has the lowest.
std::map<std::string, std::vector<TopicRecord>> read_topics(System& system,
                                                            const std::vector<std::string>& topics);

// Appends a record as it is, to partition 0, as any program with access may.
void produce(System& system, const std::string& topic, const std::string& key,
             const std::optional<std::string>& value,
             const std::vector<std::pair<std::string, std::string>>& headers);

// Gives a topic these settings and the broker's own for all others.
void set_topic(System& system, const std::string& topic,
               const std::vector<std::pair<std::string, std::string>>& settings);

// What compaction leaves: of each key the record with the highest offset.
std::map<std::string, TopicRecord> compacted(const std::vector<TopicRecord>& records);

// What no subscriber may meet, as sentences: a last record that is not the newest of its key, one
// revision with two contents, one key in two partitions.
std::vector<std::string> faults_of_order(const std::string& topic,
                                         const std::vector<TopicRecord>& records);

}  // namespace uncac::testing
