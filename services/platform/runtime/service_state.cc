#include "platform/runtime/service_state.h"

#include <optional>

#include "platform/events/consumer.h"

namespace uncac::platform {
namespace {

using operations::v1::ServiceState;

struct Reading {
  std::string consumer, topic;
  Position position;
};

Result<std::vector<Reading>> readings_of(Transaction& transaction,
                                         const ServiceDescription& service) {
  std::vector<Reading> readings;
  for (const ConsumedTopic& topic : service.consumes) {
    UNCAC_ASSIGN(const Rows rows,
                 transaction.query("SELECT DISTINCT consumer FROM consumer_position "
                                   "WHERE topic = $1 ORDER BY consumer",
                                   {topic.name}));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      UNCAC_ASSIGN(Position position, stored_position(transaction, rows.text(i, 0), topic.name));
      readings.push_back({rows.text(i, 0), topic.name, std::move(position)});
    }
  }
  return readings;
}

ServiceState::TopicState& add_topic(ServiceState& state, const std::string& topic,
                                    const Position& position) {
  ServiceState::TopicState& to = *state.add_topics();
  to.set_topic(topic);
  for (const std::int64_t next : position.next) to.add_position(next);
  return to;
}

}  // namespace

Result<ServiceState> read_service_state(const SettledStore& settled, EventLog& log, bool relayed,
                                        Moment now) {
  ServiceState state;
  state.set_service(settled.service.name);
  std::vector<Reading> readings;
  UNCAC_TRY(settled.store.read([&](Transaction& transaction) -> Status {
    UNCAC_ASSIGN(const std::int64_t epoch, current_epoch(transaction));
    state.set_epoch(epoch);
    UNCAC_ASSIGN(readings, readings_of(transaction, settled.service));
    if (!relayed) return {};
    UNCAC_ASSIGN(const OutboxDepth depth, measure_outbox(transaction, now));
    state.set_unpublished(depth.waiting);
    state.set_oldest_unpublished_seconds(depth.oldest.count());
    return {};
  }));
  // A log that was silent once is not waited for again.
  bool answers = true;
  const auto end_of = [&](const std::string& topic) -> std::optional<Position> {
    if (!answers) return std::nullopt;
    Result<Position> end = log.end(topic);
    answers = end.ok();
    return end ? std::optional(std::move(*end)) : std::nullopt;
  };
  for (const Topic& topic : settled.service.topics) {
    const std::optional<Position> end = end_of(topic.name);
    ServiceState::TopicState& to = add_topic(state, topic.name, end ? *end : Position());
    if (end) to.set_behind(0);
  }
  for (const Reading& reading : readings) {
    ServiceState::TopicState& to = add_topic(state, reading.topic, reading.position);
    to.set_consumer(reading.consumer);
    const std::optional<Position> end = end_of(reading.topic);
    if (!end || end->log_id != reading.position.log_id) continue;
    to.set_behind(reading.position.behind(*end));
  }
  return state;
}

}  // namespace uncac::platform
