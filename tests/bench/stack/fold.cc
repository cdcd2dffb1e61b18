// The fold beside a consumer that reads and parses the same topic and does nothing with it; and a
// replica's start beside the same.

#include <chrono>
#include <stdexcept>
#include <thread>

#include "bench/stack/exercise_log.h"
#include "bench/stack/plain_stack.h"
#include "bench/stack/rows.h"
#include "bench/stopwatch.h"
#include "needs_matrix/live_matrix.h"
#include "needs_matrix/translate.h"
#include "platform/events/kafka_client.h"
#include "uncac/checklist/v1/checklist.pb.h"

namespace uncac::bench {
namespace {

using testing::must;

constexpr int kVersions = 3;

// What both must find in the topic.
struct Found {
  std::size_t versions = 0;
  std::size_t answers = 0;
  bool operator==(const Found&) const = default;
  std::string text() const {
    return std::to_string(versions) + " versions, " + std::to_string(answers) + " answers";
  }
};

Found drain_and_parse(const platform::KafkaOptions& options) {
  const auto consumer = must(platform::kafka::make_client(RD_KAFKA_CONSUMER, options,
                                                          {{"group.id", "bench"},
                                                           {"enable.auto.commit", "false"},
                                                           {"auto.offset.reset", "earliest"},
                                                           {"enable.partition.eof", "true"}}));
  rd_kafka_poll_set_consumer(consumer.get());
  const auto all = platform::kafka::partition_list(
      needs_matrix::kChecklistTopic, std::vector<std::int64_t>(platform::kPartitions, 0));
  rd_kafka_assign(consumer.get(), all.get());
  Found found;
  checklist::v1::ResponseVersion version;
  checklist::v1::SharingDecision decision;
  for (int ends = 0; ends < platform::kPartitions;) {
    const platform::kafka::Owned<rd_kafka_message_t> message(
        rd_kafka_consumer_poll(consumer.get(), 10'000));
    if (!message) throw std::runtime_error("the broker does not answer");
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ++ends;
      continue;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw std::runtime_error(rd_kafka_message_errstr(message.get()));
    }
    // A decision's key has its word in the middle; a version's has none of it.
    const std::string_view key(static_cast<const char*>(message->key), message->key_len);
    const int size = static_cast<int>(message->len);
    if (key.find("/sharing/") != std::string_view::npos) {
      if (!decision.ParseFromArray(message->payload, size)) throw std::runtime_error("a body");
    } else {
      if (!version.ParseFromArray(message->payload, size)) throw std::runtime_error("a body");
      ++found.versions;
      found.answers += static_cast<std::size_t>(version.answers_size());
    }
  }
  return found;
}

Found fold(platform::EventLog& log, const std::shared_ptr<const needs_matrix::Items>& items) {
  platform::Metrics metrics;
  needs_matrix::LiveMatrix live(items, metrics);
  platform::ProjectionReader reader(log, metrics, live, needs_matrix::kChecklistTopic);
  {
    std::jthread worker([&](std::stop_token stop) { reader.run(stop); });
    if (!reader.wait_caught_up(std::chrono::minutes(2))) {
      throw std::runtime_error("the fold did not reach the end within two minutes");
    }
  }
  Found found;
  for (const auto& responses : live.view().snapshot->responses) {
    for (const auto& version : responses->versions) {
      ++found.versions;
      found.answers += version->answers.size();
    }
  }
  return found;
}

}  // namespace

void measure_fold(Table& table) {
  PlainStack stack;
  const auto reference = must(reference::Reference::load());
  const auto items = must(needs_matrix::Items::create(reference));
  platform::KafkaOptions options;
  options.bootstrap = stack.kafka().bootstrap();
  options.client_id = "bench";
  const PlainStack::Running intake = stack.start("checklist-intake", stack.database("intake"));
  const auto events = exercise_events(*reference, kVersions);
  publish(options.bootstrap, events);
  const auto log = must(platform::make_kafka_log(options));

  const Found read = drain_and_parse(options);
  const Found folded = fold(*log, items);
  const std::string records = std::to_string(events.size()) + " records, " + read.text();
  if (read != folded)
    return table.differs("fold", "parsed " + records + "; folded " + folded.text());

  using Unit = Pairs::Unit;
  Pairs folding{.what = records + ": read and folded beside read and parsed",
                .unit = Unit::kMicroseconds,
                .at_least = 0.8};
  for (int pair = 0; pair < kPairs; ++pair) {
    folding.ours.push_back(microseconds([&] { fold(*log, items); }));
    folding.baseline.push_back(microseconds([&] { drain_and_parse(options); }));
  }
  table.add(folding);

  // The first start publishes every need; later ones find nothing to write.
  PlainStack::Running replica = stack.start("needs-matrix", stack.database("matrix"));
  replica.service->stop();
  Pairs rebuild{.what = records + ": uncac-needs-matrix from start to ready beside read and parsed",
                .unit = Unit::kMicroseconds,
                .at_most = 1.3};
  for (int pair = 0; pair < kPairs; ++pair) {
    rebuild.ours.push_back(microseconds([&] {
      replica.service->launch();
      replica.service->wait_ready();
    }));
    replica.service->stop();
    rebuild.baseline.push_back(microseconds([&] { drain_and_parse(options); }));
  }
  table.add(rebuild);
}

}  // namespace uncac::bench
