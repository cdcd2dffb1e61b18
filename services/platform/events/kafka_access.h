// Who may do what on the brokers: Kafka's access rules, made to be what a file says. Used by the
// program that sets a cluster up, not by services.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <vector>

#include "platform/events/event_log.h"

namespace uncac::platform {

// One permission, from any host. Kafka refuses whatever no rule permits.
struct KafkaRule {
  enum class Resource { kTopic, kGroup, kCluster };
  std::string principal;  // "User:needs-matrix"
  Resource resource = Resource::kTopic;
  bool prefixed = false;  // of every name that begins with `name`
  std::string name;       // of the cluster always "kafka-cluster"
  std::string operation;  // as Kafka's tools write it: "READ"
  auto operator<=>(const KafkaRule&) const = default;
};
// False for a word that is no operation of Kafka's.
bool is_kafka_operation(std::string_view operation);

// Adds the rules that are missing; takes away permissions that `rules` does not name and that are
// about one of `topics` or of a principal in `rules`. A line for each change, and one, beginning
// "warning: ", for each rule left in place that a person should look at: a denial, and a permission
// for every topic. kFailedPrecondition when the brokers enforce no rules.
Result<std::vector<std::string>> make_kafka_access(const KafkaOptions& options,
                                                   std::span<const KafkaRule> rules,
                                                   std::span<const KafkaTopic> topics);

}  // namespace uncac::platform
