// A Kafka with TLS, users and access rules: who is let in, who may read and write what, and that
// each refusal says why. Then what the program that sets a cluster up does to topics and rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <optional>

#include "platform/events/kafka_access.h"
#include "platform/events/kafka_admin.h"
#include "support/engines.h"

namespace uncac::platform {
namespace {

using testing::eventually;
using testing::KafkaServer;
using testing::must;
using Lines = std::vector<std::string>;

class KafkaSecurity : public ::testing::Test {
 protected:
  // It is gone before the program's other servers, with the last test of this file.
  static void SetUpTestSuite() { server_ = must(KafkaServer::start_secured({"ann", "bob"})); }
  static void TearDownTestSuite() { server_.reset(); }

  // A topic that only the administrator may use.
  std::string fresh_topic() {
    const std::string name = testing::unique_name("secured") + ".v1";
    testing::make_topic(admin(), name);
    return name;
  }
  KafkaOptions admin() const { return server_->options(); }
  KafkaOptions ann() const { return server_->options("ann"); }
  // What the file of rights would say; all others of these topics and principals are taken away.
  Lines allow(const std::vector<KafkaRule>& rules, const std::string& topic) {
    const std::vector<KafkaTopic> topics{{topic, {}}};
    return must(make_kafka_access(admin(), rules, topics));
  }
  static KafkaRule rule(const std::string& user, const std::string& operation,
                        const std::string& topic) {
    return {"User:" + user, KafkaRule::Resource::kTopic, false, topic, operation};
  }

  static std::unique_ptr<KafkaServer> server_;
};
std::unique_ptr<KafkaServer> KafkaSecurity::server_;

// Publishes one record and waits for the broker's word.
Status publish(const KafkaOptions& options, const std::string& topic) {
  std::optional<Status> report;
  const auto on_report = [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& told = *static_cast<std::optional<Status>*>(kafka::attached(opaque).user);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      told = Status();
    } else {
      told = kafka::to_error(message->err,
                             std::string("publish to ") + rd_kafka_topic_name(message->rkt));
    }
  };
  UNCAC_ASSIGN(const auto producer,
               kafka::make_client(
                   RD_KAFKA_PRODUCER, options, {{"enable.idempotence", "true"}}, &report,
                   [&](rd_kafka_conf_t* conf) { rd_kafka_conf_set_dr_msg_cb(conf, on_report); }));
  const rd_kafka_resp_err_t code =
      rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                        RD_KAFKA_V_VALUE(const_cast<char*>("x"), 1), RD_KAFKA_V_END);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka::to_error(code, "publish to " + topic);
  rd_kafka_flush(producer.get(), 20'000);
  return report.value_or(make_error(Reason::kDeadlineExceeded, "no report"));
}

// Records of the topic, once there are `count`; the first error before.
Result<std::size_t> read(const KafkaOptions& options, const std::string& topic, std::size_t count) {
  UNCAC_ASSIGN(const auto log, make_kafka_log(options));
  UNCAC_ASSIGN(const Position start, log->start(topic));
  UNCAC_ASSIGN(const auto reader, log->read(topic, start));
  std::size_t seen = 0;
  std::optional<Error> error;
  eventually([&] {
    const auto batch = reader->poll(100, std::chrono::milliseconds(50), {});
    if (!batch) error = batch.error();
    if (batch) seen += batch->size();
    return error || seen >= count;
  });
  if (error) return *error;
  return seen;
}

void expect_refused(const Status& status, Reason reason, const std::string& words) {
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().reason, reason) << status.error().message;
  EXPECT_NE(status.error().message.find(words), std::string::npos) << status.error().message;
}

Status status_of(const Result<std::unique_ptr<EventLog>>& log) {
  if (log) return {};
  return log.error();
}

TEST_F(KafkaSecurity, AWrongPasswordIsToldAsSuchAndCounted) {
  Metrics metrics;
  KafkaOptions options = ann();
  options.password = "another";
  options.metrics = &metrics;
  const auto before = std::chrono::steady_clock::now();
  const Status refused = status_of(make_kafka_log(options));
  expect_refused(refused, Reason::kUnauthenticated, "refuses the user ann or its password");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(9))
      << "it waits longer "
         "for a broker that is away";
  EXPECT_EQ(refused.error().message.find("another"), std::string::npos) << "no secret is told";
  EXPECT_GE(metrics.counter("uncac_kafka_refusals_total", "").value(), 1);
  const Topic topic{fresh_topic(), Retention::kForever};
  expect_refused(check_kafka_topics(options, {&topic, 1}), Reason::kUnauthenticated, "ann");
}

TEST_F(KafkaSecurity, ABrokerOfAnotherAuthorityIsNotTrusted) {
  const auto other = must(KafkaServer::start_secured({"ann"}));
  KafkaOptions options = ann();
  options.ca_file = other->options().ca_file;
  expect_refused(status_of(make_kafka_log(options)), Reason::kFailedPrecondition,
                 "no trusted connection to Kafka");
}

TEST_F(KafkaSecurity, WithoutAUserOrWithoutTlsNobodyIsLetIn) {
  KafkaOptions nobody = ann();
  nobody.user = nobody.password = "";
  KafkaOptions open = nobody;
  open.ca_file = "";
  // Either may mean a broker that is not up yet, so both wait as long as for one.
  auto without_user = std::async(std::launch::async, [&] { return make_kafka_log(nobody); });
  expect_refused(status_of(make_kafka_log(open)), Reason::kUnavailable,
                 "Disconnected while requesting ApiVersion");
  expect_refused(status_of(without_user.get()), Reason::kUnavailable, "no Kafka broker answers");
}

TEST_F(KafkaSecurity, HalfASecurityIsRefusedBeforeAnythingIsSent) {
  KafkaOptions options = ann();
  options.ca_file = "";
  expect_refused(status_of(make_kafka_log(options)), Reason::kInvalidInput, "needs the CA");
  options = ann();
  options.password = "";
  expect_refused(status_of(make_kafka_log(options)), Reason::kInvalidInput, "password");
  options = ann();
  options.key_file = "key.pem";
  expect_refused(status_of(make_kafka_log(options)), Reason::kInvalidInput, "certificate");
  options = ann();
  options.mechanism = "MAGIC";
  expect_refused(status_of(make_kafka_log(options)), Reason::kInvalidInput, "MAGIC");
  options.mechanism = "SCRAM-SHA-512";
  // The broker offers PLAIN alone; a library that is too old for SCRAM is not even tried.
  expect_refused(
      status_of(make_kafka_log(options)),
      rd_kafka_version() < 0x020601ff ? Reason::kFailedPrecondition : Reason::kUnauthenticated,
      "SCRAM-SHA-512");
}

TEST_F(KafkaSecurity, WithoutARightNothingIsReadOrWrittenAndTheErrorNamesTheTopic) {
  const std::string topic = fresh_topic();
  must(publish(admin(), topic));
  allow({rule("bob", "READ", topic)}, topic);
  const auto refused = read(ann(), topic, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::kForbidden) << refused.error().message;
  EXPECT_NE(refused.error().message.find(topic), std::string::npos) << refused.error().message;
  expect_refused(publish(ann(), topic), Reason::kForbidden, topic);

  const std::vector<KafkaRule> rights{
      rule("ann", "READ", topic),
      rule("ann", "WRITE", topic),
      {"User:ann", KafkaRule::Resource::kGroup, true, "tests.", "READ"}};
  allow(rights, topic);
  // A broker learns new rules a moment after the controller has them.
  EXPECT_TRUE(eventually([&] { return bool(publish(ann(), topic)); }));
  EXPECT_GE(must(read(ann(), topic, 2)), 2U);
  EXPECT_TRUE(eventually([&] {
    const auto bob = read(server_->options("bob"), topic, 1);
    return !bob && bob.error().reason == Reason::kForbidden;
  })) << "what is no longer listed is taken away";
}

TEST_F(KafkaSecurity, RightsAreMadeWhatTheListSaysAndNothingElseIsTouched) {
  const std::string topic = fresh_topic();
  const std::string other = fresh_topic();
  const KafkaRule foreign{"User:carl", KafkaRule::Resource::kTopic, false, other, "READ"};
  allow({foreign}, other);
  const KafkaRule wide{"User:eve", KafkaRule::Resource::kTopic, true,
                       topic.substr(0, topic.size() - 3), "READ"};
  EXPECT_EQ(allow({rule("dora", "READ", topic), wide}, topic).size(), 2U);
  EXPECT_EQ(allow({rule("dora", "READ", topic)}, topic),
            Lines{"access: User:eve may READ topic " + wide.name + "…: taken away"});
  EXPECT_EQ(allow({rule("dora", "READ", topic)}, topic), Lines());
  EXPECT_EQ(allow({foreign}, other), Lines()) << "the other topic's rule stands";
  EXPECT_EQ(allow({rule("dora", "WRITE", topic)}, topic),
            (Lines{"access: User:dora may WRITE topic " + topic + ": added",
                   "access: User:dora may READ topic " + topic + ": taken away"}));
}

TEST_F(KafkaSecurity, OnlyWhoMayMakesTopicsAndRights) {
  const std::vector<KafkaTopic> topics{{testing::unique_name("mine") + ".v1", {}}};
  const auto made = make_kafka_topics(ann(), topics, 1);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().reason, Reason::kForbidden) << made.error().message;
  const auto ruled = make_kafka_access(ann(), {{rule("ann", "READ", topics[0].name)}}, topics);
  ASSERT_FALSE(ruled.ok());
  EXPECT_EQ(ruled.error().reason, Reason::kForbidden) << ruled.error().message;
}

TEST(KafkaTopics, AreMadeOnceAndTheirSettingsAreWhatTheListSays) {
  KafkaOptions options = testing::kafka().options();
  KafkaTopic topic{testing::unique_name("made") + ".v1", {{"retention.ms", "-1"}}};
  EXPECT_EQ(must(make_kafka_topics(options, {&topic, 1}, 1)),
            Lines{"topic " + topic.name + ": made"});
  EXPECT_EQ(must(make_kafka_topics(options, {&topic, 1}, 1)), Lines());
  topic.settings = {{"retention.ms", "86400000"}, {"segment.ms", "3600000"}};
  EXPECT_EQ(must(make_kafka_topics(options, {&topic, 1}, 1)),
            (Lines{"topic " + topic.name + ": retention.ms from -1 to 86400000",
                   "topic " + topic.name + ": segment.ms from the broker's own to 3600000"}));
  topic.settings = {{"segment.ms", "3600000"}};
  EXPECT_EQ(must(make_kafka_topics(options, {&topic, 1}, 1)),
            Lines{"topic " + topic.name + ": retention.ms from 86400000 to the broker's own"});
  EXPECT_EQ(must(make_kafka_topics(options, {&topic, 1}, 1)), Lines());
  topic.settings = {{"segment.ms", "soon"}};
  const auto refused = make_kafka_topics(options, {&topic, 1}, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::kInvalidInput);
  EXPECT_NE(refused.error().message.find(topic.name), std::string::npos);
}

TEST(KafkaTopics, WithAnotherNumberOfPartitionsAreRefused) {
  const KafkaOptions options = testing::kafka().options();
  const KafkaTopic topic{testing::unique_name("narrow") + ".v1", {}};
  const auto client = must(kafka::make_client(RD_KAFKA_PRODUCER, options, {}));
  char text[512] = {};
  const kafka::OwnedAdmin<rd_kafka_NewTopic_t> made(
      rd_kafka_NewTopic_new(topic.name.c_str(), 3, 1, text, sizeof text));
  rd_kafka_NewTopic_t* raw = made.get();
  must(kafka::ask(client.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, "make a topic",
                  [&](const rd_kafka_AdminOptions_t* admin, rd_kafka_queue_t* queue) {
                    rd_kafka_CreateTopics(client.get(), &raw, 1, admin, queue);
                  }));
  ASSERT_TRUE(eventually(
      [&] { return must(kafka::partitions_of_topics(client.get())).contains(topic.name); }));
  const std::string words = "topic " + topic.name + " has 3 partitions and must have 8";
  const auto refused = make_kafka_topics(options, {&topic, 1}, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, words);
  const Topic checked{topic.name, Retention::kForever};
  expect_refused(check_kafka_topics(options, {&checked, 1}), Reason::kFailedPrecondition, words);
}

TEST(KafkaTopics, RulesNeedABrokerThatEnforcesThem) {
  const std::vector<KafkaTopic> topics{{testing::unique_name("open") + ".v1", {}}};
  const std::vector<KafkaRule> rules{
      {"User:ann", KafkaRule::Resource::kTopic, false, topics[0].name, "READ"}};
  const auto refused = make_kafka_access(testing::kafka().options(), rules, topics);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, Reason::kFailedPrecondition) << refused.error().message;
}

struct Broken {
  Retention retention;
  std::map<std::string, std::string> settings;
  std::string setting;  // that is named; empty: nothing is wrong
};

TEST(KafkaTopics, AreRefusedWhenTheyWouldForgetWhatTheyPromise) {
  const std::string day = "86400000", days_26 = "2246400000", days_30 = "2592000000";
  const std::map<std::string, std::string> forever{
      {"retention.ms", "-1"}, {"retention.bytes", "-1"}, {"max.message.bytes", "1000000"}};
  const std::map<std::string, std::string> compacted{{"cleanup.policy", "compact"},
                                                     {"max.compaction.lag.ms", day},
                                                     {"delete.retention.ms", days_30},
                                                     {"max.message.bytes", "1000000"}};
  const std::map<std::string, std::string> late{{"cleanup.policy", "compact"},
                                                {"min.compaction.lag.ms", days_26},
                                                {"delete.retention.ms", days_30},
                                                {"max.message.bytes", "1000000"}};
  const auto with = [](std::map<std::string, std::string> settings, const std::string& name,
                       const std::string& value) {
    settings[name] = value;
    return settings;
  };
  const std::vector<Broken> rows{
      {Retention::kForever, forever, ""},
      {Retention::kForever, with(forever, "retention.ms", day), "retention.ms"},
      {Retention::kForever, with(forever, "retention.bytes", "1000000000"), "retention.bytes"},
      {Retention::kForever, with(forever, "cleanup.policy", "compact"), "cleanup.policy"},
      {Retention::kForever, with(forever, "max.message.bytes", "900000"), "max.message.bytes"},
      {Retention::kCompacted, compacted, ""},
      {Retention::kCompacted, with(compacted, "cleanup.policy", "delete"), "cleanup.policy"},
      {Retention::kCompacted, with(compacted, "cleanup.policy", "compact,delete"), "retention.ms"},
      {Retention::kCompacted, with(compacted, "delete.retention.ms", day), "delete.retention.ms"},
      {Retention::kCompacted, with(compacted, "max.compaction.lag.ms", days_30),
       "max.compaction.lag.ms"},
      {Retention::kCompactedLate, late, ""},
      {Retention::kCompactedLate, with(late, "min.compaction.lag.ms", day),
       "min.compaction.lag.ms"},
  };
  const KafkaOptions options = testing::kafka().options();
  for (const Broken& row : rows) {
    const Topic topic{testing::unique_name("promise") + ".v1", row.retention};
    const std::vector<KafkaTopic> made{{topic.name, row.settings},
                                       {dead_letter_topic(topic.name), forever}};
    must(make_kafka_topics(options, made, 1));
    const Status checked = check_kafka_topics(options, {&topic, 1});
    if (row.setting.empty()) {
      EXPECT_TRUE(checked) << to_text(checked.error());
      continue;
    }
    expect_refused(checked, Reason::kFailedPrecondition,
                   "topic " + topic.name + ": " + row.setting);
  }
}

}  // namespace
}  // namespace uncac::platform
