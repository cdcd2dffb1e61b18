// The two files that say what Kafka shall be: those of deploy/kafka are read as they are, and each
// slip in one is named at its place.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kafka_setup/files.h"
#include "platform/runtime/options.h"

namespace uncac::kafka_setup {
namespace {

using platform::KafkaRule;
using platform::KafkaTopic;
using platform::Problem;

std::string deployed(const std::string& name) {
  auto text = platform::read_file(std::string(UNCAC_SOURCE_DIR) + "/deploy/kafka/" + name);
  if (!text) throw std::runtime_error(to_text(text.error()));
  return *text + "\n";
}

std::vector<KafkaTopic> deployed_topics() {
  auto topics = read_topics("topics.csv", deployed("topics.csv"));
  if (!topics) throw std::runtime_error(to_text(topics.error()));
  return *topics;
}

std::vector<KafkaRule> deployed_rules() {
  auto rules = read_access("access.csv", deployed("access.csv"), deployed_topics());
  if (!rules) throw std::runtime_error(to_text(rules.error()));
  return *rules;
}

template <class T>
std::vector<Problem> problems_of(const platform::Result<T>& read) {
  if (read) return {};
  EXPECT_EQ(read.error().reason, platform::Reason::kInvalidInput);
  return read.error().problems;
}

std::string lines_of(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += to_line(problem) + "\n";
  return text;
}

TEST(KafkaSetupFiles, TheTopicsOfDeployKeepWhatTheyMustKeep) {
  std::map<std::string, std::map<std::string, std::string>> topics;
  for (const KafkaTopic& topic : deployed_topics()) topics[topic.name] = topic.settings;
  ASSERT_EQ(topics.size(), 8U);
  const auto& checklist = topics.at("uncac.checklist.v1");
  EXPECT_EQ(checklist.at("cleanup.policy"), "delete");
  EXPECT_EQ(checklist.at("retention.ms"), "-1");
  EXPECT_EQ(checklist.at("retention.bytes"), "-1");
  const auto& restricted = topics.at("uncac.needs.restricted.v1");
  EXPECT_EQ(restricted.at("cleanup.policy"), "compact");
  EXPECT_EQ(restricted.at("min.compaction.lag.ms"), "2246400000");
  EXPECT_FALSE(restricted.contains("max.compaction.lag.ms")) << "an empty field is no setting";
  const auto& open = topics.at("uncac.needs.public.v1");
  EXPECT_EQ(open.at("max.compaction.lag.ms"), "86400000");
  EXPECT_EQ(open.at("delete.retention.ms"), "2592000000");
}

TEST(KafkaSetupFiles, EachReaderOfDeployReadsItsAudiencesAndNobodyElseReadsThem) {
  std::map<std::string, std::set<std::string>> readers, writers;
  for (const KafkaRule& rule : deployed_rules()) {
    if (rule.resource != KafkaRule::Resource::kTopic) continue;
    EXPECT_FALSE(rule.prefixed) << rule.name;
    if (rule.operation == "READ") readers[rule.name].insert(rule.principal);
    if (rule.operation == "WRITE") writers[rule.name].insert(rule.principal);
  }
  using Names = std::set<std::string>;
  EXPECT_EQ(readers["uncac.checklist.v1"], (Names{"User:checklist-intake", "User:needs-matrix"}));
  EXPECT_EQ(readers["uncac.needs.restricted.v1"], (Names{"User:needs-matrix", "User:secretariat"}));
  EXPECT_EQ(readers["uncac.needs.providers.v1"],
            (Names{"User:needs-matrix", "User:provider", "User:secretariat"}));
  EXPECT_EQ(readers["uncac.needs.public.v1"],
            (Names{"User:needs-matrix", "User:provider", "User:public", "User:secretariat"}));
  EXPECT_EQ(readers["uncac.checklist.v1.dlq"], (Names{"User:needs-matrix", "User:operator"}));
  EXPECT_EQ(writers["uncac.checklist.v1"], Names{"User:checklist-intake"});
  EXPECT_EQ(writers["uncac.checklist.v1.dlq"], Names{"User:needs-matrix"});
  EXPECT_EQ(writers["uncac.needs.public.v1"], Names{"User:needs-matrix"});
}

struct Slip {
  std::string file, from, to, column, rule;
};

TEST(KafkaSetupFiles, EachSlipIsNamedAtItsPlace) {
  const std::vector<Slip> slips{
      {"topics.csv", "uncac.needs.public.v1,compact", "uncac.needs.public.v1,compakt",
       "cleanup.policy", "unknown-policy"},
      {"topics.csv", "uncac.needs.public.v1,compact,,,3600000",
       "uncac.needs.public.v1,compact,,,1h", "segment.ms", "bad-number"},
      {"topics.csv", "uncac.needs.public.v1,compact,,,3600000",
       "uncac.needs.public.v1,compact,,,-2", "segment.ms", "bad-number"},
      {"topics.csv", "uncac.needs.public.v1,", "uncac needs public v1,", "name", "bad-topic-name"},
      {"topics.csv", "uncac.needs.public.v1,", "uncac.checklist.v1,", "name", "duplicate-topic"},
      {"topics.csv", "uncac.needs.public.v1.dlq,", "uncac.needs.public.v1.dql,", "name",
       "no-dead-letter-topic"},
      {"topics.csv", ",max.message.bytes", ",max.message.byte", "max.message.byte",
       "unknown-column"},
      {"access.csv", "User:public,topic", "public,topic", "principal", "bad-principal"},
      {"access.csv", "User:public,topic", "User:*,topic", "principal", "too-wide"},
      {"access.csv", "User:public,topic", "User:public,topics", "resource", "unknown-resource"},
      {"access.csv", "User:public,topic,literal", "User:public,topic,exact", "pattern",
       "unknown-pattern"},
      {"access.csv", "User:public,topic,literal,uncac.needs.public.v1,",
       "User:public,topic,literal,uncac.needs.publik.v1,", "name", "unknown-topic"},
      {"access.csv", "User:public,topic,literal,uncac.needs.public.v1,",
       "User:public,topic,literal,*,", "name", "too-wide"},
      {"access.csv", "User:public,group,prefixed,public,", "User:public,group,prefixed,,", "name",
       "too-wide"},
      {"access.csv", "User:public,group,prefixed,public,",
       "User:public,cluster,prefixed,kafka-cluster,", "name", "unknown-cluster"},
      {"access.csv", "User:public,group,prefixed,public,READ",
       "User:public,group,prefixed,public,REED", "operations", "unknown-operation"},
      {"access.csv", "User:public,group,prefixed,public,READ",
       "User:public,group,prefixed,public,READ|READ", "operations", "duplicate-rule"},
      {"access.csv", "User:public,group,prefixed,public,READ,its consumers",
       "User:public,group,prefixed,public,READ,", "why", "no-reason"},
  };
  for (const Slip& slip : slips) {
    std::string text = deployed(slip.file);
    const auto at = text.find(slip.from);
    ASSERT_NE(at, std::string::npos) << slip.from;
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
    text.replace(at, slip.from.size(), slip.to);
    const auto problems = slip.file == "topics.csv"
                              ? problems_of(read_topics(slip.file, text))
                              : problems_of(read_access(slip.file, text, deployed_topics()));
    const bool named = std::any_of(problems.begin(), problems.end(), [&](const Problem& problem) {
      // A missing dead-letter topic is told at the topic that lacks it, a line above.
      const bool here = problem.row == line || slip.rule == "no-dead-letter-topic";
      return problem.file == slip.file && here && problem.column == slip.column &&
             problem.rule == slip.rule && !problem.message.empty();
    });
    EXPECT_TRUE(named) << slip.to << "\n" << lines_of(problems);
  }
}

// An empty file would take every right away.
TEST(KafkaSetupFiles, AFileWithoutRowsIsRefused) {
  const auto head_of = [](const std::string& text) {
    std::string head;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      head += text.substr(at, end + 1 - at);
      if (text[at] != '#') return head;
      at = end + 1;
    }
    return head;
  };
  const auto no_topics = problems_of(read_topics("t", head_of(deployed("topics.csv"))));
  ASSERT_EQ(no_topics.size(), 1U);
  EXPECT_EQ(no_topics[0].rule, "no-rows");
  const auto no_rights =
      problems_of(read_access("a", head_of(deployed("access.csv")), deployed_topics()));
  ASSERT_EQ(no_rights.size(), 1U);
  EXPECT_EQ(no_rights[0].rule, "no-rows");
}

}  // namespace
}  // namespace uncac::kafka_setup
