#include "platform/events/kafka_access.h"

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <utility>

#include "platform/events/kafka_admin.h"

namespace uncac::platform {
namespace {

using Binding = kafka::OwnedAdmin<rd_kafka_AclBinding_t>;
using std::chrono::milliseconds;

constexpr milliseconds kFirstAnswer{10'000};
constexpr auto kUntilShown = std::chrono::seconds(30);
constexpr auto kBetweenLooks = milliseconds(50);
constexpr const char* kAnyHost = "*";

constexpr std::array kOperations{
    std::pair{"ALL", RD_KAFKA_ACL_OPERATION_ALL},
    std::pair{"READ", RD_KAFKA_ACL_OPERATION_READ},
    std::pair{"WRITE", RD_KAFKA_ACL_OPERATION_WRITE},
    std::pair{"CREATE", RD_KAFKA_ACL_OPERATION_CREATE},
    std::pair{"DELETE", RD_KAFKA_ACL_OPERATION_DELETE},
    std::pair{"ALTER", RD_KAFKA_ACL_OPERATION_ALTER},
    std::pair{"DESCRIBE", RD_KAFKA_ACL_OPERATION_DESCRIBE},
    std::pair{"CLUSTER_ACTION", RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION},
    std::pair{"DESCRIBE_CONFIGS", RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS},
    std::pair{"ALTER_CONFIGS", RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS},
    std::pair{"IDEMPOTENT_WRITE", RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE},
};

rd_kafka_AclOperation_t operation_of(std::string_view word) {
  for (const auto& [name, operation] : kOperations) {
    if (word == name) return operation;
  }
  return RD_KAFKA_ACL_OPERATION_UNKNOWN;
}

// As the broker keeps it; of other programs too, so more may stand here than in a KafkaRule.
struct Found {
  rd_kafka_ResourceType_t type = RD_KAFKA_RESOURCE_UNKNOWN;
  rd_kafka_ResourcePatternType_t pattern = RD_KAFKA_RESOURCE_PATTERN_UNKNOWN;
  std::string name, principal, host;
  rd_kafka_AclOperation_t operation = RD_KAFKA_ACL_OPERATION_UNKNOWN;
  bool allows = false;
  auto operator<=>(const Found&) const = default;
};

Found found_of(const KafkaRule& rule) {
  Found found;
  switch (rule.resource) {
    case KafkaRule::Resource::kTopic:
      found.type = RD_KAFKA_RESOURCE_TOPIC;
      break;
    case KafkaRule::Resource::kGroup:
      found.type = RD_KAFKA_RESOURCE_GROUP;
      break;
    case KafkaRule::Resource::kCluster:
      found.type = RD_KAFKA_RESOURCE_BROKER;  // the cluster's number where rules are meant
      break;
  }
  found.pattern =
      rule.prefixed ? RD_KAFKA_RESOURCE_PATTERN_PREFIXED : RD_KAFKA_RESOURCE_PATTERN_LITERAL;
  found.name = rule.name;
  found.principal = rule.principal;
  found.host = kAnyHost;
  found.operation = operation_of(rule.operation);
  found.allows = true;
  return found;
}

std::string said(const Found& rule) {
  std::string operation = "an operation unknown here";
  for (const auto& [name, number] : kOperations) {
    if (number == rule.operation) operation = name;
  }
  const std::string kind = rule.type == RD_KAFKA_RESOURCE_TOPIC    ? "topic"
                           : rule.type == RD_KAFKA_RESOURCE_GROUP  ? "group"
                           : rule.type == RD_KAFKA_RESOURCE_BROKER ? "cluster"
                                                                   : "resource";
  const bool prefixed = rule.pattern == RD_KAFKA_RESOURCE_PATTERN_PREFIXED;
  return rule.principal + (rule.allows ? " may " : " may not ") + operation + " " + kind + " " +
         rule.name + (prefixed ? "…" : "") + (rule.host == kAnyHost ? "" : " from " + rule.host);
}

Result<std::set<Found>> rules_there(rd_kafka_t* client) {
  char text[512] = {};
  const Binding filter(rd_kafka_AclBindingFilter_new(
      RD_KAFKA_RESOURCE_ANY, nullptr, RD_KAFKA_RESOURCE_PATTERN_ANY, nullptr, nullptr,
      RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, text, sizeof text));
  if (filter == nullptr) return make_error(Reason::kInternal, text);
  UNCAC_ASSIGN(const auto event,
               kafka::ask(client, RD_KAFKA_ADMIN_OP_DESCRIBEACLS, "ask for access rules",
                          [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                            rd_kafka_DescribeAcls(client, filter.get(), options, queue);
                          }));
  std::size_t count = 0;
  const rd_kafka_AclBinding_t** bindings =
      rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event.get()), &count);
  std::set<Found> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.insert(
        {rd_kafka_AclBinding_restype(bindings[i]),
         rd_kafka_AclBinding_resource_pattern_type(bindings[i]),
         rd_kafka_AclBinding_name(bindings[i]), rd_kafka_AclBinding_principal(bindings[i]),
         rd_kafka_AclBinding_host(bindings[i]), rd_kafka_AclBinding_operation(bindings[i]),
         rd_kafka_AclBinding_permission_type(bindings[i]) == RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW});
  }
  return all;
}

Status add(rd_kafka_t* client, const std::vector<Found>& rules) {
  std::vector<Binding> bindings;
  for (const Found& rule : rules) {
    char text[512] = {};
    auto& binding = bindings.emplace_back(rd_kafka_AclBinding_new(
        rule.type, rule.name.c_str(), rule.pattern, rule.principal.c_str(), rule.host.c_str(),
        rule.operation, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, text, sizeof text));
    if (binding == nullptr) return make_error(Reason::kInvalidInput, said(rule) + ": " + text);
  }
  auto raw = kafka::pointers(bindings);
  UNCAC_ASSIGN(const auto event,
               kafka::ask(client, RD_KAFKA_ADMIN_OP_CREATEACLS, "add access rules",
                          [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                            rd_kafka_CreateAcls(client, raw.data(), raw.size(), options, queue);
                          }));
  std::size_t count = 0;
  const rd_kafka_acl_result_t** results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* error = rd_kafka_acl_result_error(results[i]);
    if (error != nullptr) {
      return kafka::refusal(rd_kafka_error_code(error), "add that " + said(rules[i]),
                            rd_kafka_error_string(error));
    }
  }
  return {};
}

Status take_away(rd_kafka_t* client, const std::vector<Found>& rules) {
  std::vector<Binding> filters;
  for (const Found& rule : rules) {
    char text[512] = {};
    auto& filter = filters.emplace_back(rd_kafka_AclBindingFilter_new(
        rule.type, rule.name.c_str(), rule.pattern, rule.principal.c_str(), rule.host.c_str(),
        rule.operation, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, text, sizeof text));
    if (filter == nullptr) return make_error(Reason::kInternal, said(rule) + ": " + text);
  }
  auto raw = kafka::pointers(filters);
  UNCAC_ASSIGN(const auto event,
               kafka::ask(client, RD_KAFKA_ADMIN_OP_DELETEACLS, "take access rules away",
                          [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                            rd_kafka_DeleteAcls(client, raw.data(), raw.size(), options, queue);
                          }));
  std::size_t count = 0;
  const rd_kafka_DeleteAcls_result_response_t** results =
      rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* error = rd_kafka_DeleteAcls_result_response_error(results[i]);
    if (error != nullptr) {
      return kafka::refusal(rd_kafka_error_code(error), "take away that " + said(rules[i]),
                            rd_kafka_error_string(error));
    }
  }
  return {};
}

// A broker shows new rules a moment after they are made; whoever is told may come at once.
Status wait_for_rules(rd_kafka_t* client, const std::vector<Found>& added,
                      const std::vector<Found>& gone) {
  const Instant end = std::chrono::steady_clock::now() + kUntilShown;
  while (true) {
    UNCAC_ASSIGN(const std::set<Found> there, rules_there(client));
    const auto shows = [&](const Found& rule) { return there.contains(rule); };
    if (std::all_of(added.begin(), added.end(), shows) &&
        std::none_of(gone.begin(), gone.end(), shows)) {
      return {};
    }
    if (std::chrono::steady_clock::now() >= end) {
      return make_error(Reason::kUnavailable, "access rules were changed but do not show yet");
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

// Whether a rule is about one of the topics.
bool concerns(const Found& rule, std::span<const KafkaTopic> topics) {
  if (rule.type != RD_KAFKA_RESOURCE_TOPIC) return false;
  return std::any_of(topics.begin(), topics.end(), [&](const KafkaTopic& topic) {
    return rule.pattern == RD_KAFKA_RESOURCE_PATTERN_PREFIXED ? topic.name.starts_with(rule.name)
                                                              : topic.name == rule.name;
  });
}

}  // namespace

bool is_kafka_operation(std::string_view operation) {
  return operation_of(operation) != RD_KAFKA_ACL_OPERATION_UNKNOWN;
}

Result<std::vector<std::string>> make_kafka_access(const KafkaOptions& options,
                                                   std::span<const KafkaRule> rules,
                                                   std::span<const KafkaTopic> topics) {
  std::set<Found> wanted;
  std::set<std::string> principals;
  for (const KafkaRule& rule : rules) {
    wanted.insert(found_of(rule));
    principals.insert(rule.principal);
  }
  UNCAC_ASSIGN(const auto client, kafka::make_client(RD_KAFKA_PRODUCER, options, {}));
  UNCAC_TRY(kafka::wait_for_brokers(client.get(), options, kFirstAnswer));
  UNCAC_ASSIGN(const std::set<Found> there, rules_there(client.get()));

  std::vector<std::string> lines;
  std::vector<Found> missing, unlisted;
  for (const Found& rule : wanted) {
    if (there.contains(rule)) continue;
    missing.push_back(rule);
    lines.push_back("access: " + said(rule) + ": added");
  }
  for (const Found& rule : there) {
    if (wanted.contains(rule)) continue;
    const bool any_topic = rule.type == RD_KAFKA_RESOURCE_TOPIC &&
                           rule.pattern == RD_KAFKA_RESOURCE_PATTERN_LITERAL && rule.name == "*";
    const bool ours = concerns(rule, topics) || principals.contains(rule.principal);
    if (rule.allows && ours) {
      unlisted.push_back(rule);
      lines.push_back("access: " + said(rule) + ": taken away");
    } else if (any_topic || ours) {
      lines.push_back("warning: access: " + said(rule) + ": left, though no file names it");
    }
  }
  if (!missing.empty()) UNCAC_TRY(add(client.get(), missing));
  if (!unlisted.empty()) UNCAC_TRY(take_away(client.get(), unlisted));
  UNCAC_TRY(wait_for_rules(client.get(), missing, unlisted));
  return lines;
}

}  // namespace uncac::platform
