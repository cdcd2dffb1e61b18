#include "bench/stack/exercise_log.h"

#include <stdexcept>

#include "checklist_intake/domain/checklist_csv.h"
#include "checklist_intake/intake_parts.h"
#include "checklist_intake/wire.h"
#include "cli/exercise.h"
#include "needs_matrix/translate.h"
#include "platform/events/kafka_client.h"
#include "support/engines.h"

namespace uncac::bench {
namespace {

using testing::must;

constexpr std::uint64_t kSeed = 2009;

platform::Event version_event(const reference::Reference& reference,
                              const checklist_intake::Response& response, int version,
                              platform::Moment now) {
  checklist::v1::ResponseVersion body =
      checklist_intake::to_proto(reference, response.key, response.answers);
  body.set_version(version);
  body.set_submitted_on(platform::format_day(*response.submitted_on));
  body.set_status(checklist::v1::RESPONSE_STATUS_SUBMITTED);
  body.set_recorded_at(platform::format_moment(now));
  body.set_recorded_by("secretariat");
  body.set_exercise(true);
  platform::Event event;
  event.topic = needs_matrix::kChecklistTopic;
  event.key = checklist_intake::to_text(reference, response.key) + "/v" + std::to_string(version);
  event.partition = platform::partition_of(body.key().state());
  event.revision = {1, 1};
  event.type = needs_matrix::kVersionType;
  event.source = "/uncac/checklist_intake";
  event.subject = body.key().state();
  event.time = body.recorded_at();
  event.body = body.SerializeAsString();
  return event;
}

}  // namespace

std::vector<platform::Event> exercise_events(const reference::Reference& reference, int versions) {
  const platform::Moment now = platform::SystemClock().now();
  std::vector<platform::Event> events;
  std::map<std::string, std::int64_t> sequences;                         // by State
  std::map<std::pair<std::string, std::string>, std::int64_t> counters;  // by State and provision
  for (int version = 1; version <= versions; ++version) {
    checklist_intake::ChecklistCsvParser parser(reference, "exercise.csv", platform::day_of(now));
    parser.push(
        cli::exercise_responses_csv(reference, kSeed + static_cast<std::uint64_t>(version) - 1));
    const checklist_intake::ParsedFile file = parser.finish();
    if (!file.good) throw std::runtime_error("the exercise data breaks a rule of intake");
    for (const auto& parsed : file.responses) {
      const checklist_intake::CheckedResponse& checked = *parsed.checked;
      const std::string& state = reference.states()[parsed.key.state].iso3;
      for (const auto& answer : checked.response.answers) {
        const checklist_intake::SharingChoice* choice = checked.sharing.of(answer.provision);
        if (choice == nullptr) continue;
        checklist_intake::StoredDecision decision;
        decision.provision = reference.provisions()[answer.provision].id;
        decision.choice = *choice;
        decision.recorded_at = platform::format_moment(now);
        decision.sequence = ++sequences[state];
        decision.revision = {1, ++counters[{state, decision.provision}]};
        events.push_back(checklist_intake::sharing_event(now, state, decision, ""));
      }
      events.push_back(version_event(reference, checked.response, version, now));
    }
  }
  return events;
}

void publish(const std::string& bootstrap, const std::vector<platform::Event>& events) {
  platform::KafkaOptions options;
  options.bootstrap = bootstrap;
  options.client_id = "bench";
  const auto producer =
      must(platform::kafka::make_client(RD_KAFKA_PRODUCER, options,
                                        {{"queue.buffering.max.messages", "1000000"},
                                         {"queue.buffering.max.kbytes", "1000000"},
                                         {"linger.ms", "20"}}));
  for (const platform::Event& event : events) {
    platform::kafka::Owned<rd_kafka_headers_t> headers(rd_kafka_headers_new(10));
    for (const auto& [name, value] : platform::to_headers(event)) {
      rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()),
                          value.data(), static_cast<ssize_t>(value.size()));
    }
    const auto code = rd_kafka_producev(
        producer.get(), RD_KAFKA_V_TOPIC(event.topic.c_str()),
        RD_KAFKA_V_PARTITION(event.partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(event.key.data(), event.key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(event.body->data()), event.body->size()),
        RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(code));
    static_cast<void>(headers.release());  // the message's now
  }
  if (rd_kafka_flush(producer.get(), 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("the broker did not take the topic within two minutes");
  }
}

}  // namespace uncac::bench
