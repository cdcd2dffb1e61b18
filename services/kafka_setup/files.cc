#include "kafka_setup/files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string>

#include "platform/data_table.h"

namespace uncac::kafka_setup {
namespace {

using platform::DataRecord;
using platform::KafkaRule;
using platform::KafkaTopic;
using platform::Problem;
using platform::Reason;
using platform::Result;

constexpr std::array<std::string_view, 1> kSayings{"Holds:"};
// The settings are Kafka's own names; an empty field leaves the setting to the broker.
constexpr std::array<std::string_view, 9> kTopicColumns{"name",
                                                        "cleanup.policy",
                                                        "retention.ms",
                                                        "retention.bytes",
                                                        "segment.ms",
                                                        "min.compaction.lag.ms",
                                                        "max.compaction.lag.ms",
                                                        "delete.retention.ms",
                                                        "max.message.bytes"};
constexpr std::array<std::string_view, 6> kAccessColumns{"principal", "resource",   "pattern",
                                                         "name",      "operations", "why"};
constexpr std::size_t kLongestName = 249;  // Kafka allows no more

class Problems {
 public:
  explicit Problems(std::string_view file) : file_(file) {}
  void add(std::int64_t line, std::string_view column, std::string_view rule, std::string message) {
    all_.push_back({.file = std::string(file_),
                    .row = line,
                    .column = std::string(column),
                    .rule = std::string(rule),
                    .message = std::move(message)});
  }
  std::vector<Problem>& all() { return all_; }
  platform::Error error() {
    return {Reason::kInvalidInput, std::string(file_) + " is refused", std::move(all_)};
  }

 private:
  std::string_view file_;
  std::vector<Problem> all_;
};

bool is_topic_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
             std::string_view::npos;
}

bool is_whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= -1;
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

KafkaTopic read_topic(const DataRecord& row, Problems& problems) {
  KafkaTopic topic{row["name"], {}};
  if (!is_topic_name(topic.name)) {
    problems.add(row.line(), "name", "bad-topic-name",
                 quoted(topic.name) + " is not 1 to " + std::to_string(kLongestName) +
                     " letters, digits, \".\", \"_\" and \"-\"");
  }
  for (const std::string_view column : kTopicColumns) {
    const std::string& value = row[column];
    if (column == "name" || value.empty()) continue;
    if (column == "cleanup.policy") {
      if (value != "delete" && value != "compact") {
        problems.add(row.line(), column, "unknown-policy",
                     quoted(value) + " is not delete or compact");
      }
    } else if (!is_whole_number(value)) {
      problems.add(row.line(), column, "bad-number",
                   quoted(value) + " is not a whole number from -1 on");
    }
    topic.settings.emplace(column, value);
  }
  return topic;
}

// Kafka knows "*" as everybody and as every name; here everything is named.
void check_name(const DataRecord& row, const KafkaRule& rule, const std::vector<KafkaTopic>& topics,
                Problems& problems) {
  if (rule.name.empty() || rule.name == "*") {
    problems.add(row.line(), "name", "too-wide", quoted(rule.name) + " names everything");
    return;
  }
  switch (rule.resource) {
    case KafkaRule::Resource::kTopic: {
      const bool known = std::any_of(topics.begin(), topics.end(), [&](const KafkaTopic& topic) {
        return rule.prefixed ? topic.name.starts_with(rule.name) : topic.name == rule.name;
      });
      if (!known) {
        problems.add(row.line(), "name", "unknown-topic",
                     quoted(rule.name) + " is not in the file of topics");
      }
      break;
    }
    case KafkaRule::Resource::kCluster:
      if (rule.name != "kafka-cluster" || rule.prefixed) {
        problems.add(row.line(), "name", "unknown-cluster",
                     "the cluster is literal and named kafka-cluster");
      }
      break;
    case KafkaRule::Resource::kGroup:
      break;
  }
}

KafkaRule read_rule(const DataRecord& row, const std::vector<KafkaTopic>& topics,
                    Problems& problems) {
  KafkaRule rule;
  rule.principal = row["principal"];
  rule.name = row["name"];
  if (!rule.principal.starts_with("User:") || rule.principal.size() == 5) {
    problems.add(row.line(), "principal", "bad-principal",
                 quoted(rule.principal) + " is not User: and a name");
  } else if (rule.principal == "User:*") {
    problems.add(row.line(), "principal", "too-wide", "User:* is everybody");
  }
  const std::string& pattern = row["pattern"];
  rule.prefixed = pattern == "prefixed";
  if (!rule.prefixed && pattern != "literal") {
    problems.add(row.line(), "pattern", "unknown-pattern",
                 quoted(pattern) + " is not literal or prefixed");
  }
  const std::string& resource = row["resource"];
  if (resource == "topic") {
    rule.resource = KafkaRule::Resource::kTopic;
  } else if (resource == "group") {
    rule.resource = KafkaRule::Resource::kGroup;
  } else if (resource == "cluster") {
    rule.resource = KafkaRule::Resource::kCluster;
  } else {
    problems.add(row.line(), "resource", "unknown-resource",
                 quoted(resource) + " is not topic, group or cluster");
    return rule;
  }
  check_name(row, rule, topics, problems);
  if (row["why"].empty()) {
    problems.add(row.line(), "why", "no-reason", "each right says what it is for");
  }
  return rule;
}

}  // namespace

Result<std::vector<KafkaTopic>> read_topics(std::string_view file, std::string_view text) {
  Problems problems(file);
  const auto table = platform::read_table(file, text, kTopicColumns, kSayings, problems.all());
  if (!table) return problems.error();
  std::vector<KafkaTopic> topics;
  std::set<std::string> names;
  for (const DataRecord& row : table->records) {
    KafkaTopic topic = read_topic(row, problems);
    if (!names.insert(topic.name).second) {
      problems.add(row.line(), "name", "duplicate-topic", quoted(topic.name) + " stands twice");
    }
    topics.push_back(std::move(topic));
  }
  for (const DataRecord& row : table->records) {
    const std::string& name = row["name"];
    if (!platform::is_dead_letter_topic(name) &&
        !names.contains(platform::dead_letter_topic(name))) {
      problems.add(row.line(), "name", "no-dead-letter-topic",
                   quoted(platform::dead_letter_topic(name)) + " has no row");
    }
  }
  if (table->records.empty()) problems.add(0, "", "no-rows", "the file names no topic");
  if (!problems.all().empty()) return problems.error();
  return topics;
}

Result<std::vector<KafkaRule>> read_access(std::string_view file, std::string_view text,
                                           const std::vector<KafkaTopic>& topics) {
  Problems problems(file);
  const auto table = platform::read_table(file, text, kAccessColumns, kSayings, problems.all());
  if (!table) return problems.error();
  std::vector<KafkaRule> rules;
  std::set<KafkaRule> seen;
  for (const DataRecord& row : table->records) {
    KafkaRule rule = read_rule(row, topics, problems);
    for (const std::string& operation : parts_of(row["operations"])) {
      if (!platform::is_kafka_operation(operation)) {
        problems.add(row.line(), "operations", "unknown-operation",
                     quoted(operation) + " is no operation of Kafka");
        continue;
      }
      rule.operation = operation;
      if (!seen.insert(rule).second) {
        problems.add(row.line(), "operations", "duplicate-rule",
                     quoted(operation) + " is given to this principal already");
      }
      rules.push_back(rule);
    }
  }
  // With no row every right would be taken away.
  if (table->records.empty()) problems.add(0, "", "no-rows", "the file names no right");
  if (!problems.all().empty()) return problems.error();
  return rules;
}

}  // namespace uncac::kafka_setup
