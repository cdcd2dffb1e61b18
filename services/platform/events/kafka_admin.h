// The administrator's calls of librdkafka: each asks, waits for the one answer, and gives it back
// with its owner. Not for services.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/events/kafka_client.h"

namespace uncac::platform::kafka {

struct FreeAdmin {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_ConfigResource_t* one) const { rd_kafka_ConfigResource_destroy(one); }
  void operator()(rd_kafka_AclBinding_t* rule) const { rd_kafka_AclBinding_destroy(rule); }
};
template <class T>
using OwnedAdmin = std::unique_ptr<T, FreeAdmin>;

// The plain pointers that the library's calls take.
template <class T>
std::vector<T*> pointers(const std::vector<OwnedAdmin<T>>& owners) {
  std::vector<T*> all;
  all.reserve(owners.size());
  for (const auto& owner : owners) all.push_back(owner.get());
  return all;
}

// `call` hands the question over, with these options and this queue for the answer. `doing` says
// what it is, for a person. An answer is here even if parts of it are refusals.
Result<OwnedAdmin<rd_kafka_event_t>> ask(
    rd_kafka_t* client, rd_kafka_admin_op_t kind, std::string_view doing,
    const std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& call);

// A refusal of one part of an answer. `detail` may be null.
Error refusal(rd_kafka_resp_err_t code, const std::string& doing, const char* detail);

// The settings of a topic as they hold, and which of them were made for it alone.
struct TopicSettings {
  std::map<std::string, std::string> effective, own;
};
// By topic; those that could not be asked come as an error each.
Result<std::map<std::string, Result<TopicSettings>>> settings_of_topics(
    rd_kafka_t* client, const std::vector<std::string>& topics);

// The topics that this user may see, with the number of their partitions; 0 while one of them has
// no leader.
Result<std::map<std::string, int>> partitions_of_topics(rd_kafka_t* client);

}  // namespace uncac::platform::kafka
