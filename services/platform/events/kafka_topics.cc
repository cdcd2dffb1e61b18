#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "platform/events/kafka_client.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kOneCall{10'000};
// Until brokers that are just starting have spread the news of a new topic.
constexpr auto kUntilKnown = seconds(30);
constexpr auto kBetweenLooks = milliseconds(100);

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, decltype(&rd_kafka_NewTopic_destroy)>;
using AdminEvent = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, decltype(&rd_kafka_AdminOptions_destroy)>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)>;

kafka::Settings settings_of(Retention retention, int replication_factor) {
  // Above kMaxEventBody by what headers and key can add.
  kafka::Settings settings{{"max.message.bytes", "1000000"}};
  // `acks=all` means all that are in step; without this that may be one broker alone.
  if (replication_factor >= 3) settings.emplace_back("min.insync.replicas", "2");
  if (retention == Retention::kForever) {
    settings.emplace_back("cleanup.policy", "delete");
    settings.emplace_back("retention.ms", "-1");
    settings.emplace_back("retention.bytes", "-1");
  } else {
    settings.emplace_back("cleanup.policy", "compact");
    settings.emplace_back("segment.ms", "3600000");  // 1 hour
    if (retention == Retention::kCompactedLate) {
      settings.emplace_back("min.compaction.lag.ms", "2246400000");  // 26 days
    } else {
      settings.emplace_back("max.compaction.lag.ms", "86400000");  // 24 hours
    }
    settings.emplace_back("delete.retention.ms", "2592000000");  // 30 days
  }
  return settings;
}

Result<NewTopic> describe(const std::string& name, Retention retention, int replication_factor) {
  char text[512] = {};
  NewTopic topic(
      rd_kafka_NewTopic_new(name.c_str(), kPartitions, replication_factor, text, sizeof text),
      rd_kafka_NewTopic_destroy);
  if (topic == nullptr) return make_error(Reason::kInvalidInput, "topic " + name + ": " + text);
  for (const auto& [key, value] : settings_of(retention, replication_factor)) {
    rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
  }
  return topic;
}

// Topics that exist already, made by whomever, are no error: several processes start together.
Status create(rd_kafka_t* client, const std::map<std::string, Retention>& wanted,
              int replication_factor) {
  std::vector<NewTopic> topics;
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const auto& [name, retention] : wanted) {
    UNCAC_ASSIGN(NewTopic topic, describe(name, retention, replication_factor));
    pointers.push_back(topic.get());
    topics.push_back(std::move(topic));
  }
  const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  const AdminOptions options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS),
                             rd_kafka_AdminOptions_destroy);
  char text[512] = {};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(kOneCall.count()), text,
                                            sizeof text);
  rd_kafka_CreateTopics(client, pointers.data(), pointers.size(), options.get(), queue.get());
  // The client ends the call itself after its time-out; the second factor is for its own delays.
  const AdminEvent event(rd_kafka_queue_poll(queue.get(), static_cast<int>(2 * kOneCall.count())),
                         rd_kafka_event_destroy);
  if (event == nullptr) return make_error(Reason::kUnavailable, "no Kafka broker made the topics");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return kafka::to_error(rd_kafka_event_error(event.get()), "make topics");
  }
  const rd_kafka_CreateTopics_result_t* result = rd_kafka_event_CreateTopics_result(event.get());
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results = rd_kafka_CreateTopics_result_topics(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      continue;
    }
    Error error =
        kafka::to_error(code, std::string("make topic ") + rd_kafka_topic_result_name(results[i]));
    const char* detail = rd_kafka_topic_result_error_string(results[i]);
    if (detail != nullptr) error.message += std::string(" (") + detail + ")";
    if (code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR ||
        code == RD_KAFKA_RESP_ERR_INVALID_CONFIG || code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION) {
      error.reason = Reason::kInvalidInput;
    }
    return error;
  }
  return {};
}

// True when every wanted topic is there with kPartitions partitions that have a leader each.
Result<bool> all_there(rd_kafka_t* client, const std::map<std::string, Retention>& wanted) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client, 1, nullptr, &raw, static_cast<int>(kOneCall.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka::to_error(code, "look for topics");
  const Metadata metadata(raw, rd_kafka_metadata_destroy);
  std::size_t ready = 0;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    if (!wanted.contains(topic.topic) || topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (topic.partition_cnt != kPartitions) {
      return make_error(Reason::kFailedPrecondition, std::string("topic ") + topic.topic + " has " +
                                                         std::to_string(topic.partition_cnt) +
                                                         " partitions and must have " +
                                                         std::to_string(kPartitions));
    }
    const bool led = std::all_of(topic.partitions, topic.partitions + topic.partition_cnt,
                                 [](const auto& partition) { return partition.leader >= 0; });
    if (led) ++ready;
  }
  return ready == wanted.size();
}

}  // namespace

Status ensure_kafka_topics(const KafkaOptions& options, std::span<const Topic> topics,
                           int replication_factor) {
  std::map<std::string, Retention> wanted;
  for (const Topic& topic : topics) wanted[topic.name] = topic.retention;
  for (const Topic& topic : topics) {
    // A dead letter is kept until somebody has looked at it.
    wanted.emplace(dead_letter_topic(topic.name), Retention::kForever);
  }
  if (wanted.empty()) return {};
  UNCAC_ASSIGN(const auto client, kafka::make_client(RD_KAFKA_PRODUCER, options, {}));
  UNCAC_TRY(create(client.get(), wanted, replication_factor));
  const Instant end = std::chrono::steady_clock::now() + kUntilKnown;
  while (true) {
    UNCAC_ASSIGN(const bool there, all_there(client.get(), wanted));
    if (there) return {};
    if (std::chrono::steady_clock::now() >= end) {
      return make_error(Reason::kUnavailable, "Kafka topics were made but have no leader yet");
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

}  // namespace uncac::platform
