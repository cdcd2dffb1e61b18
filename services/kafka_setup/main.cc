// `uncac-kafka-setup`: makes the topics and the access rules of a Kafka cluster what two files say.
#include <cstdio>

#include "kafka_setup/files.h"
#include "platform/runtime/kafka_flags.h"
#include "platform/runtime/log.h"

namespace {

using uncac::platform::Error;
using uncac::platform::KafkaTopic;
using uncac::platform::Reason;
using uncac::platform::Status;

struct Arguments {
  uncac::platform::KafkaFlags kafka;
  std::string topics, access;
  int replication = 1, in_sync = 1;
};

void print(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::printf("%s\n", line.c_str());
}

Status set_up(const Arguments& arguments) {
  if (arguments.in_sync > arguments.replication) {
    return make_error(Reason::kInvalidInput,
                      "--min-in-sync: at most the number of --replication is allowed");
  }
  UNCAC_ASSIGN(const auto options, arguments.kafka.options("uncac-kafka-setup"));
  UNCAC_ASSIGN(const std::string topics_text, uncac::platform::read_file(arguments.topics));
  UNCAC_ASSIGN(std::vector<KafkaTopic> topics,
               uncac::kafka_setup::read_topics(arguments.topics, topics_text));
  // Both files are read before anything is changed.
  std::vector<uncac::platform::KafkaRule> rules;
  if (!arguments.access.empty()) {
    UNCAC_ASSIGN(const std::string text, uncac::platform::read_file(arguments.access));
    UNCAC_ASSIGN(rules, uncac::kafka_setup::read_access(arguments.access, text, topics));
  }
  for (KafkaTopic& topic : topics) {
    topic.settings["min.insync.replicas"] = std::to_string(arguments.in_sync);
  }
  // The rules first: no topic is there for a moment with the rights of an earlier file.
  std::vector<std::string> changes;
  if (!rules.empty()) {
    UNCAC_ASSIGN(changes, uncac::platform::make_kafka_access(options, rules, topics));
    print(changes);
  }
  UNCAC_ASSIGN(const std::vector<std::string> made,
               uncac::platform::make_kafka_topics(options, topics, arguments.replication));
  print(made);
  if (changes.empty() && made.empty()) std::printf("nothing to change\n");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  uncac::platform::Options options("uncac-kafka-setup",
                                   "makes Kafka's topics and access rules what two files say");
  arguments.kafka.declare(options);
  options.required_text("topics", arguments.topics, "CSV: the topics and their settings");
  options.text("access", arguments.access,
               "CSV: who may do what; without it no access rule is looked at");
  options.number("replication", arguments.replication, "copies of a topic that is made", 1, 9);
  options.number("min-in-sync", arguments.in_sync,
                 "copies that must have a record before it counts as written", 1, 9);
  if (const auto leave = options.parse(argc, argv)) return *leave;
  uncac::platform::log::configure(uncac::platform::log::Level::kWarning, "uncac-kafka-setup");
  const Status done = set_up(arguments);
  if (done) return 0;
  const Error& error = done.error();
  if (error.problems.empty()) {
    std::fprintf(stderr, "uncac-kafka-setup: %s\n", to_text(error).c_str());
  }
  // As compilers do, so that an editor finds the place.
  for (const auto& problem : error.problems) {
    std::fprintf(stderr, "%s\n", to_line(problem).c_str());
  }
  return 1;
}
