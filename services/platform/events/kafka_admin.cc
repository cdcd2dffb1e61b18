#include "platform/events/kafka_admin.h"

#include <algorithm>

namespace uncac::platform::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kOneCall{10'000};

}  // namespace

Result<OwnedAdmin<rd_kafka_event_t>> ask(
    rd_kafka_t* client, rd_kafka_admin_op_t kind, std::string_view doing,
    const std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& call) {
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  const OwnedAdmin<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(client, kind));
  char text[512] = {};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(kOneCall.count()), text,
                                            sizeof text);
  call(options.get(), queue.get());
  // The client ends the call itself after its time-out; the second factor is for its own delays.
  OwnedAdmin<rd_kafka_event_t> event(
      rd_kafka_queue_poll(queue.get(), static_cast<int>(2 * kOneCall.count())));
  if (event == nullptr) {
    return make_error(Reason::kUnavailable, std::string(doing) + ": no Kafka broker answered");
  }
  const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return refusal(code, std::string(doing), rd_kafka_event_error_string(event.get()));
  }
  return event;
}

Error refusal(rd_kafka_resp_err_t code, const std::string& doing, const char* detail) {
  Error error = to_error(code, doing);
  // Of a missing right the broker tells its own inner state.
  if (error.reason == Reason::kForbidden) return error;
  if (detail != nullptr && std::string_view(detail) != rd_kafka_err2str(code)) {
    error.message += std::string(" (") + detail + ")";
  }
  switch (code) {
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      error.reason = Reason::kInvalidInput;
      break;
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
      error.reason = Reason::kFailedPrecondition;
      break;
    default:
      break;
  }
  return error;
}

Result<std::map<std::string, Result<TopicSettings>>> settings_of_topics(
    rd_kafka_t* client, const std::vector<std::string>& topics) {
  std::vector<OwnedAdmin<rd_kafka_ConfigResource_t>> resources;
  resources.reserve(topics.size());
  for (const std::string& topic : topics) {
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  }
  auto raw = pointers(resources);
  UNCAC_ASSIGN(const auto event,
               ask(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "ask for the settings of topics",
                   [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                     rd_kafka_DescribeConfigs(client, raw.data(), raw.size(), options, queue);
                   }));
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** described = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  std::map<std::string, Result<TopicSettings>> all;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = rd_kafka_ConfigResource_name(described[i]);
    const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(described[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      all.emplace(name, refusal(code, "ask for the settings of " + name,
                                rd_kafka_ConfigResource_error_string(described[i])));
      continue;
    }
    TopicSettings settings;
    std::size_t entries = 0;
    const rd_kafka_ConfigEntry_t** entry = rd_kafka_ConfigResource_configs(described[i], &entries);
    for (std::size_t k = 0; k < entries; ++k) {
      const char* value = rd_kafka_ConfigEntry_value(entry[k]);
      const std::string key = rd_kafka_ConfigEntry_name(entry[k]);
      settings.effective[key] = value == nullptr ? "" : value;
      if (rd_kafka_ConfigEntry_source(entry[k]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG) {
        settings.own[key] = settings.effective[key];
      }
    }
    all.emplace(name, std::move(settings));
  }
  return all;
}

Result<std::map<std::string, int>> partitions_of_topics(rd_kafka_t* client) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client, 1, nullptr, &raw, static_cast<int>(kOneCall.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(code, "look for topics");
  const std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)> metadata(
      raw, rd_kafka_metadata_destroy);
  std::map<std::string, int> counts;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const bool led = std::all_of(topic.partitions, topic.partitions + topic.partition_cnt,
                                 [](const auto& partition) { return partition.leader >= 0; });
    counts[topic.topic] = led ? topic.partition_cnt : 0;
  }
  return counts;
}

}  // namespace uncac::platform::kafka
