#include <thread>
#include <utility>

#include "platform/events/kafka_client.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstAnswer{10'000};
// Of one question to the brokers: a reader that asks on its way must not stand still for long.
constexpr milliseconds kAnswer{3'000};
constexpr milliseconds kBetweenAnswers{50};

class KafkaLog final : public EventLog {
 public:
  KafkaLog(KafkaOptions options, Completeness completeness, kafka::Owned<rd_kafka_t> client)
      : options_(std::move(options)),
        completeness_(std::move(completeness)),
        client_(std::move(client)) {}

  Result<std::unique_ptr<LogReader>> read(const std::string& topic, const Position& from) override {
    UNCAC_ASSIGN(const std::string current, log_id(topic));
    if (from.log_id != current) {
      return make_error(Reason::kPositionExpired, "the position is of another log than " + topic);
    }
    if (from.next.size() != kPartitions) {
      return make_error(Reason::kInvalidInput, "the position has not one offset a partition");
    }
    return kafka::open_reader(options_, from, topic);
  }

  Result<std::unique_ptr<LogReader>> join(const std::string& topic, const std::string& group,
                                          Assignment& assignment) override {
    // A member of a group on a topic that does not exist yet would look for it every five minutes.
    UNCAC_ASSIGN(const Position known, end(topic));
    return kafka::join_group(options_, known.log_id, topic, group, assignment);
  }

  Result<Position> start(const std::string& topic) override {
    return bounds(topic, RD_KAFKA_OFFSET_BEGINNING);
  }
  Result<Position> end(const std::string& topic) override {
    return bounds(topic, RD_KAFKA_OFFSET_END);
  }

  Completion completion(const std::string& topic) override {
    const auto told = completeness_.find(topic);
    if (told != completeness_.end()) return told->second();
    return {std::chrono::steady_clock::now(), {}};
  }

  Result<std::string> log_id(const std::string& topic) override {
    rd_kafka_poll(client_.get(), 0);  // nobody else serves this client's call-backs
    const std::string cluster = kafka::cluster_id(client_.get(), kAnswer);
    if (cluster.empty()) return make_error(Reason::kUnavailable, "no Kafka broker answers");
    return kafka::log_id_of(cluster, topic);
  }

 private:
  // One request to each broker for all partitions. Times below zero are not times but the ends of
  // the log, in this call as in the protocol's ListOffsets; rd_kafka_query_watermark_offsets() does
  // the same for one partition only, one after the other.
  Result<Position> bounds(const std::string& topic, std::int64_t which) {
    Position position;
    UNCAC_ASSIGN(position.log_id, log_id(topic));
    const Instant end = std::chrono::steady_clock::now() + kAnswer;
    while (true) {
      const auto list = kafka::partition_list(topic, std::vector<std::int64_t>(kPartitions, which));
      const rd_kafka_resp_err_t code = ask(*list);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (int i = 0; i < list->cnt; ++i) position.next.push_back(list->elems[i].offset);
        return position;
      }
      const bool late = std::chrono::steady_clock::now() >= end;
      if (is_unknown(code)) {
        // Its owner may be starting beside us and about to make it.
        if (late) return make_error(Reason::kUnavailable, topic + " does not exist yet");
        const rd_kafka_resp_err_t found = look_again(topic);
        if (found == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
          return kafka::to_error(found, "ask for the offsets of " + topic);
        }
      } else if (!passes(code) || late) {
        return kafka::to_error(code, "ask for the offsets of " + topic);
      }
      std::this_thread::sleep_for(kBetweenAnswers);
    }
  }

  // The first error among the call's and its partitions'.
  rd_kafka_resp_err_t ask(rd_kafka_topic_partition_list_t& list) {
    const rd_kafka_resp_err_t code =
        rd_kafka_offsets_for_times(client_.get(), &list, static_cast<int>(kAnswer.count()));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
    for (int i = 0; i < list.cnt; ++i) {
      if (list.elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return list.elems[i].err;
      if (list.elems[i].offset < 0) return RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE;
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  // A topic just made, or a leader just changed: the next try asks with news of the cluster.
  static bool passes(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
           code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
           code == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE;
  }

  static bool is_unknown(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  }

  // librdkafka remembers that a topic was not there, or not for us, and answers from that memory
  // without asking. What the broker says of the topic.
  rd_kafka_resp_err_t look_again(const std::string& topic) {
    rd_kafka_topic_t* handle = rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr);
    if (handle == nullptr) return RD_KAFKA_RESP_ERR__FAIL;
    const struct rd_kafka_metadata* news = nullptr;  // a function has the same name
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(client_.get(), 0, handle, &news, static_cast<int>(kAnswer.count()));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (news->topic_cnt == 1) code = news->topics[0].err;
      rd_kafka_metadata_destroy(news);
    }
    rd_kafka_topic_destroy(handle);
    return code;
  }

  KafkaOptions options_;
  Completeness completeness_;
  kafka::Owned<rd_kafka_t> client_;  // for questions only; each reader has its own
};

}  // namespace

Result<std::unique_ptr<EventLog>> make_kafka_log(const KafkaOptions& options,
                                                 Completeness completeness) {
  UNCAC_ASSIGN(auto client, kafka::make_client(RD_KAFKA_CONSUMER, options, {}));
  UNCAC_TRY(kafka::wait_for_brokers(client.get(), options, kFirstAnswer));
  return std::unique_ptr<EventLog>(
      std::make_unique<KafkaLog>(options, std::move(completeness), std::move(client)));
}

}  // namespace uncac::platform
