#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <thread>

#include "platform/events/kafka_admin.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstAnswer{10'000};
// Until brokers that are just starting have spread the news of a new topic, and until whoever makes
// the topics beside us has done so.
constexpr auto kUntilThere = seconds(30);
constexpr auto kBetweenLooks = milliseconds(100);

Status check_partitions(const std::string& topic, int found) {
  if (found == kPartitions) return {};
  return make_error(Reason::kFailedPrecondition,
                    "topic " + topic + " has " + std::to_string(found) +
                        " partitions and must have " + std::to_string(kPartitions));
}

// Waits until all are there, each partition with its leader. `missing` says what it means when they
// are not.
Status wait_for_topics(rd_kafka_t* client, const std::vector<std::string>& topics,
                       const std::string& missing) {
  const Instant end = std::chrono::steady_clock::now() + kUntilThere;
  while (true) {
    UNCAC_ASSIGN(const auto counts, kafka::partitions_of_topics(client));
    std::string left;
    for (const std::string& topic : topics) {
      const auto found = counts.find(topic);
      if (found == counts.end() || found->second == 0) {
        left += (left.empty() ? "" : ", ") + topic;
      } else {
        UNCAC_TRY(check_partitions(topic, found->second));
      }
    }
    if (left.empty()) return {};
    if (std::chrono::steady_clock::now() >= end) {
      return make_error(Reason::kUnavailable, missing + left);
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

// ---- making -----------------------------------------------------------------------------------

Status create(rd_kafka_t* client, const std::vector<const KafkaTopic*>& missing,
              int replication_factor) {
  std::vector<kafka::OwnedAdmin<rd_kafka_NewTopic_t>> topics;
  for (const KafkaTopic* one : missing) {
    char text[512] = {};
    auto& topic = topics.emplace_back(rd_kafka_NewTopic_new(one->name.c_str(), kPartitions,
                                                            replication_factor, text, sizeof text));
    if (topic == nullptr) {
      return make_error(Reason::kInvalidInput, "topic " + one->name + ": " + text);
    }
    for (const auto& [key, value] : one->settings) {
      rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
    }
  }
  auto raw = kafka::pointers(topics);
  UNCAC_ASSIGN(const auto event,
               kafka::ask(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, "make topics",
                          [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                            rd_kafka_CreateTopics(client, raw.data(), raw.size(), options, queue);
                          }));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
    // Made by another at the same moment; its settings are looked at next time.
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return kafka::refusal(code,
                            std::string("make topic ") + rd_kafka_topic_result_name(results[i]),
                            rd_kafka_topic_result_error_string(results[i]));
    }
  }
  return {};
}

// What would change, each as "topic T: setting S: from V to W"; empty when all is as wanted.
std::vector<std::string> differences(const KafkaTopic& topic,
                                     const std::map<std::string, std::string>& own) {
  const auto said = [](const std::string& value) { return value.empty() ? "\"\"" : value; };
  std::vector<std::string> lines;
  for (const auto& [key, value] : topic.settings) {
    const auto old = own.find(key);
    if (old != own.end() && old->second == value) continue;
    lines.push_back("topic " + topic.name + ": " + key + " from " +
                    (old == own.end() ? "the broker's own" : said(old->second)) + " to " +
                    said(value));
  }
  for (const auto& [key, value] : own) {
    if (topic.settings.contains(key)) continue;
    lines.push_back("topic " + topic.name + ": " + key + " from " + said(value) +
                    " to the broker's own");
  }
  return lines;
}

// A broker shows new settings a moment after they are made; whoever is told that they are made may
// look at once.
Status wait_for_settings(rd_kafka_t* client, const std::vector<const KafkaTopic*>& changed) {
  std::vector<std::string> names;
  for (const KafkaTopic* topic : changed) names.push_back(topic->name);
  const Instant end = std::chrono::steady_clock::now() + kUntilThere;
  while (true) {
    UNCAC_ASSIGN(const auto settings, kafka::settings_of_topics(client, names));
    const bool all = std::all_of(changed.begin(), changed.end(), [&](const KafkaTopic* topic) {
      const auto found = settings.find(topic->name);
      return found != settings.end() && found->second &&
             differences(*topic, found->second->own).empty();
    });
    if (all) return {};
    if (std::chrono::steady_clock::now() >= end) {
      return make_error(Reason::kUnavailable, "settings were changed but do not show yet");
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

// Replaces all settings of these topics.
Status alter(rd_kafka_t* client, const std::vector<const KafkaTopic*>& changed) {
  std::vector<kafka::OwnedAdmin<rd_kafka_ConfigResource_t>> resources;
  for (const KafkaTopic* topic : changed) {
    auto& resource = resources.emplace_back(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic->name.c_str()));
    for (const auto& [key, value] : topic->settings) {
      rd_kafka_ConfigResource_set_config(resource.get(), key.c_str(), value.c_str());
    }
  }
  auto raw = kafka::pointers(resources);
  UNCAC_ASSIGN(const auto event,
               kafka::ask(client, RD_KAFKA_ADMIN_OP_ALTERCONFIGS, "change settings of topics",
                          [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                            rd_kafka_AlterConfigs(client, raw.data(), raw.size(), options, queue);
                          }));
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** results = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(results[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return kafka::refusal(
          code, std::string("change settings of ") + rd_kafka_ConfigResource_name(results[i]),
          rd_kafka_ConfigResource_error_string(results[i]));
    }
  }
  return wait_for_settings(client, changed);
}

// ---- checking ---------------------------------------------------------------------------------

constexpr std::int64_t kDay = 86'400'000;
// Above kMaxEventBody by what headers and key can add.
constexpr std::int64_t kLeastMessage = 1'000'000;

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What a topic's Retention promises, held against the settings that the broker goes by.
class Promises {
 public:
  Promises(const std::string& topic, const std::map<std::string, std::string>& settings)
      : topic_(topic), settings_(settings) {}

  Status check(Retention retention) const {
    UNCAC_TRY(within("max.message.bytes", kLeastMessage, kMost));
    const std::string policy = value("cleanup.policy");
    const bool compacts = policy.find("compact") != std::string::npos;
    if (compacts != (retention != Retention::kForever)) {
      return broken("cleanup.policy", retention == Retention::kForever ? "delete" : "compact");
    }
    if (policy.find("delete") != std::string::npos) {
      UNCAC_TRY(within("retention.ms", -1, -1));
      UNCAC_TRY(within("retention.bytes", -1, -1));
    }
    if (retention == Retention::kForever) return {};
    UNCAC_TRY(within("delete.retention.ms", 30 * kDay, kMost));
    if (retention == Retention::kCompactedLate) {
      return within("min.compaction.lag.ms", 26 * kDay, kMost);
    }
    // Else what its State no longer shares so far would stay there for whoever comes next.
    return within("max.compaction.lag.ms", 1, kDay);
  }

 private:
  static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

  std::string value(const std::string& setting) const {
    const auto found = settings_.find(setting);
    return found == settings_.end() ? "" : found->second;
  }

  Status broken(const std::string& setting, const std::string& required) const {
    return make_error(Reason::kFailedPrecondition, "topic " + topic_ + ": " + setting + " is \"" +
                                                       value(setting) + "\" and must be " +
                                                       required);
  }

  Status within(const std::string& setting, std::int64_t least, std::int64_t most) const {
    const auto found = number(value(setting));
    if (found && *found >= least && *found <= most) return {};
    if (least == most) return broken(setting, std::to_string(least));
    return broken(setting, most == kMost
                               ? "at least " + std::to_string(least)
                               : "from " + std::to_string(least) + " to " + std::to_string(most));
  }

  const std::string& topic_;
  const std::map<std::string, std::string>& settings_;
};

}  // namespace

Result<std::vector<std::string>> make_kafka_topics(const KafkaOptions& options,
                                                   std::span<const KafkaTopic> topics,
                                                   int replication_factor) {
  UNCAC_ASSIGN(const auto client, kafka::make_client(RD_KAFKA_PRODUCER, options, {}));
  UNCAC_TRY(kafka::wait_for_brokers(client.get(), options, kFirstAnswer));
  UNCAC_ASSIGN(const auto there, kafka::partitions_of_topics(client.get()));
  std::vector<const KafkaTopic*> missing;
  std::vector<std::string> names, old;
  for (const KafkaTopic& topic : topics) {
    names.push_back(topic.name);
    const auto found = there.find(topic.name);
    if (found == there.end()) {
      missing.push_back(&topic);
    } else {
      if (found->second != 0) UNCAC_TRY(check_partitions(topic.name, found->second));
      old.push_back(topic.name);
    }
  }
  std::vector<std::string> changes;
  if (!missing.empty()) {
    UNCAC_TRY(create(client.get(), missing, replication_factor));
    for (const KafkaTopic* topic : missing) changes.push_back("topic " + topic->name + ": made");
  }
  if (!old.empty()) {
    UNCAC_ASSIGN(const auto settings, kafka::settings_of_topics(client.get(), old));
    std::vector<const KafkaTopic*> changed;
    for (const KafkaTopic& topic : topics) {
      const auto found = settings.find(topic.name);
      if (found == settings.end()) continue;
      if (!found->second) return found->second.error();
      const auto lines = differences(topic, found->second->own);
      if (lines.empty()) continue;
      changed.push_back(&topic);
      changes.insert(changes.end(), lines.begin(), lines.end());
    }
    if (!changed.empty()) UNCAC_TRY(alter(client.get(), changed));
  }
  UNCAC_TRY(wait_for_topics(client.get(), names, "topics that have no leader yet: "));
  return changes;
}

Status check_kafka_topics(const KafkaOptions& options, std::span<const Topic> topics) {
  std::map<std::string, Retention> wanted;
  for (const Topic& topic : topics) wanted[topic.name] = topic.retention;
  for (const Topic& topic : topics) {
    if (is_dead_letter_topic(topic.name)) continue;
    // A dead letter is kept until somebody has looked at it.
    wanted.emplace(dead_letter_topic(topic.name), Retention::kForever);
  }
  std::vector<std::string> names;
  for (const auto& [name, retention] : wanted) names.push_back(name);
  if (names.empty()) return {};
  UNCAC_ASSIGN(const auto client, kafka::make_client(RD_KAFKA_PRODUCER, options, {}));
  UNCAC_TRY(kafka::wait_for_brokers(client.get(), options, kFirstAnswer));
  UNCAC_TRY(wait_for_topics(client.get(), names,
                            "topics that are missing, or that this user may not see "
                            "(uncac-kafka-setup makes them and the access rules): "));
  UNCAC_ASSIGN(const auto settings, kafka::settings_of_topics(client.get(), names));
  for (const auto& [name, retention] : wanted) {
    const auto found = settings.find(name);
    if (found == settings.end()) {
      return make_error(Reason::kUnavailable, "no word of the settings of " + name);
    }
    if (!found->second) return found->second.error();
    UNCAC_TRY(Promises(name, found->second->effective).check(retention));
  }
  return {};
}

}  // namespace uncac::platform
