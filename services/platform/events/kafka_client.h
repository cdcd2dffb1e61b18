// What every user of librdkafka's C interface here shares: owners, settings, errors. Not for
// services. The C interface, because the C++ one of 2.0 lacks the admin calls and headers as bytes.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/events/event_log.h"
#include "platform/runtime/metrics.h"

namespace uncac::platform::kafka {

struct Free {
  void operator()(rd_kafka_t* client) const;
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
  void operator()(rd_kafka_conf_t* settings) const { rd_kafka_conf_destroy(settings); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

using Settings = std::vector<std::pair<std::string, std::string>>;

// What the library hands to every call-back of a client as its last argument. The client owns it.
struct Attached {
  void* user = nullptr;  // who made the client
  Metrics::Counter* refusals = nullptr;
  std::mutex mutex;              // for what is below
  std::string last_complaint;    // about the connections, for a person
  std::optional<Error> refused;  // wrong password, wrong certificate: what no waiting mends
};
inline Attached& attached(void* opaque) { return *static_cast<Attached*>(opaque); }

// A client with the address and the security of `options`, and `settings` above them. `prepare` may
// set call-backs, which find `user` in attached(). One that sets the error call-back calls
// note_error() in it.
Result<Owned<rd_kafka_t>> make_client(rd_kafka_type_t type, const KafkaOptions& options,
                                      const Settings& settings, void* user = nullptr,
                                      const std::function<void(rd_kafka_conf_t*)>& prepare = {});
// Counts what a broker refused, and keeps what was said. It is in the log already.
void note_error(void* opaque, int code, const char* reason);

// Waits until a broker answers, at most `limit`; a refusal ends it early, unless another broker
// answers soon. Serves the client's call-backs. The error says what the library says.
Status wait_for_brokers(rd_kafka_t* client, const KafkaOptions& options,
                        std::chrono::milliseconds limit);

// `doing` says what failed, for a person: "read topic x".
Error to_error(rd_kafka_resp_err_t code, std::string_view doing);

// The id of the cluster, asked for at most `limit` when it is not known yet; empty when unknown.
std::string cluster_id(rd_kafka_t* client, std::chrono::milliseconds limit);
// Names the log of a topic. librdkafka 2.0 cannot ask for a topic's own id, so a topic that is
// deleted and made again on the same cluster keeps its log id.
std::string log_id_of(std::string_view cluster, std::string_view topic);

// A new list of all partitions of the topic, each with its offset.
Owned<rd_kafka_topic_partition_list_t> partition_list(const std::string& topic,
                                                      const std::vector<std::int64_t>& offsets);

// What a reader makes of a message. One that did not come from us (headers or text that cannot be
// read, a body over the limit) becomes an event with an empty type and the extension `malformed`.
Record record_of_message(const rd_kafka_message_t& message, const std::string& topic);

// The two kinds of reader, for the log: every partition alone, and as a member of a group.
Result<std::unique_ptr<LogReader>> open_reader(const KafkaOptions& options, const Position& from,
                                               const std::string& topic);
Result<std::unique_ptr<LogReader>> join_group(const KafkaOptions& options,
                                              const std::string& log_id, const std::string& topic,
                                              const std::string& group, Assignment& assignment);

}  // namespace uncac::platform::kafka
