#include "faults/topics.h"

#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "platform/events/kafka_client.h"

namespace uncac::testing {
namespace {

using platform::KafkaOptions;
using platform::kafka::Owned;

constexpr std::chrono::seconds kReadLimit{30};

// As the broker's administrator, who may do everything.
Owned<rd_kafka_t> client(System& system, rd_kafka_type_t type,
                         const platform::kafka::Settings& settings) {
  KafkaOptions options = system.kafka().options();
  options.client_id = "fault-tests";
  platform::kafka::Settings all = settings;
  std::istringstream lines(read_text(system.kafka_config("admin")));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    all.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return must(platform::kafka::make_client(type, options, all));
}

TopicRecord record_of(const rd_kafka_message_t& message) {
  TopicRecord record;
  record.partition = message.partition;
  record.offset = message.offset;
  record.key.assign(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) {
    record.value.emplace(static_cast<const char*>(message.payload), message.len);
  }
  rd_kafka_headers_t* headers = nullptr;
  const void* text = nullptr;
  std::size_t size = 0;
  const bool has_revision =
      rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
      rd_kafka_header_get_last(headers, "revision", &text, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (has_revision) {
    const auto revision =
        platform::parse_revision(std::string_view(static_cast<const char*>(text), size));
    if (revision) record.revision = *revision;
  }
  return record;
}

}  // namespace

std::map<std::string, std::vector<TopicRecord>> read_topics(
    System& system, const std::vector<std::string>& topics) {
  const auto consumer = client(system, RD_KAFKA_CONSUMER,
                               {{"group.id", "fault-tests"},
                                {"enable.auto.commit", "false"},
                                {"auto.offset.reset", "earliest"},
                                {"fetch.wait.max.ms", "20"},
                                {"enable.partition.eof", "true"}});
  rd_kafka_poll_set_consumer(consumer.get());
  const Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(0));
  for (const std::string& topic : topics) {
    for (int partition = 0; partition < platform::kPartitions; ++partition) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
    }
  }
  if (rd_kafka_assign(consumer.get(), list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("cannot read the topics");
  }
  std::map<std::string, std::vector<TopicRecord>> records;
  std::set<std::pair<std::string, int>> at_end;
  const auto end = std::chrono::steady_clock::now() + kReadLimit;
  while (at_end.size() < static_cast<std::size_t>(list->cnt)) {
    if (std::chrono::steady_clock::now() >= end) {
      throw std::runtime_error("the topics were not read to their ends within 30 s");
    }
    const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(consumer.get(), 100));
    if (!message || message->rkt == nullptr) continue;
    const std::string topic = rd_kafka_topic_name(message->rkt);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      at_end.emplace(topic, message->partition);
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      records[topic].push_back(record_of(*message));
    }
  }
  return records;
}

void produce(System& system, const std::string& topic, const std::string& key,
             const std::optional<std::string>& value,
             const std::vector<std::pair<std::string, std::string>>& headers) {
  const auto producer =
      client(system, RD_KAFKA_PRODUCER, {{"acks", "all"}, {"message.timeout.ms", "20000"}});
  Owned<rd_kafka_headers_t> all(rd_kafka_headers_new(headers.size()));
  for (const auto& [name, text] : headers) {
    rd_kafka_header_add(all.get(), name.data(), static_cast<ssize_t>(name.size()), text.data(),
                        static_cast<ssize_t>(text.size()));
  }
  const char* body = value ? value->data() : nullptr;
  const std::size_t size = value ? value->size() : 0;
  const rd_kafka_resp_err_t code = rd_kafka_producev(
      producer.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(body), size), RD_KAFKA_V_HEADERS(all.get()),
      RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<void>(all.release());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_flush(producer.get(), 20'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("cannot write to " + topic);
  }
}

void set_topic(System& system, const std::string& topic,
               const std::vector<std::pair<std::string, std::string>>& settings) {
  const auto admin = client(system, RD_KAFKA_PRODUCER, {});
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(admin.get()));
  rd_kafka_ConfigResource_t* resource =
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  for (const auto& [name, value] : settings) {
    rd_kafka_ConfigResource_set_config(resource, name.c_str(), value.c_str());
  }
  rd_kafka_AlterConfigs(admin.get(), &resource, 1, nullptr, queue.get());
  rd_kafka_ConfigResource_destroy(resource);
  rd_kafka_event_t* done = rd_kafka_queue_poll(queue.get(), 20'000);
  std::size_t count = 0;
  const auto* result = done == nullptr ? nullptr : rd_kafka_event_AlterConfigs_result(done);
  const rd_kafka_ConfigResource_t** results =
      result == nullptr ? nullptr : rd_kafka_AlterConfigs_result_resources(result, &count);
  const bool good =
      count == 1 && rd_kafka_ConfigResource_error(results[0]) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (done != nullptr) rd_kafka_event_destroy(done);
  if (!good) throw std::runtime_error("cannot set " + topic);
}

std::map<std::string, TopicRecord> compacted(const std::vector<TopicRecord>& records) {
  std::map<std::string, TopicRecord> newest;
  for (const TopicRecord& record : records) {
    const auto [at, is_new] = newest.try_emplace(record.key, record);
    if (!is_new && at->second.offset < record.offset) at->second = record;
  }
  return newest;
}

std::vector<std::string> faults_of_order(const std::string& topic,
                                         const std::vector<TopicRecord>& records) {
  std::vector<std::string> faults;
  std::map<std::string, platform::Revision> highest;
  std::map<std::string, int> partitions;
  std::map<std::pair<std::string, platform::Revision>, std::optional<std::string>> contents;
  for (const TopicRecord& record : records) {
    platform::Revision& revision = highest[record.key];
    revision = std::max(revision, record.revision);
    const std::string what =
        topic + ": " + record.key + "@" + platform::to_text(record.revision) + " ";
    const auto content =
        contents.try_emplace(std::pair(record.key, record.revision), record.value).first;
    if (content->second != record.value) faults.push_back(what + "is there with two contents");
    if (partitions.try_emplace(record.key, record.partition).first->second != record.partition) {
      faults.push_back(what + "is there in two partitions");
    }
  }
  for (const auto& [key, last] : compacted(records)) {
    if (last.revision == highest[key]) continue;
    faults.push_back(topic + ": the last record of " + key + " is " +
                     platform::to_text(last.revision) + ", and there is " +
                     platform::to_text(highest[key]));
  }
  return faults;
}

}  // namespace uncac::testing
