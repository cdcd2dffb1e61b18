// Who may read which topic of Kafka: each audience its own and no other, in groups of its own name
// alone. The rules are those of deploy/kafka; readers come through kcat, as outsiders do.
#include <filesystem>
#include <map>
#include <sstream>

#include "integration/checklist_file.h"
#include "integration/questions.h"

namespace uncac::testing {
namespace {

using Keys = std::set<std::string>;

const std::string kRestricted = "uncac.needs.restricted.v1";
const std::string kProviders = "uncac.needs.providers.v1";
const std::string kPublic = "uncac.needs.public.v1";
const std::string kOfRestricted = "VNM:uncac/15:LEGAL_ADVICE";
const std::string kOfProviders = "VNM:uncac/6:ACTION_PLAN";
const std::string kOfPublic = "VNM:uncac/9:MODEL_LEGISLATION";

class KafkaAccess : public ::testing::Test {
 protected:
  System& system() { return shared_system("distributed"); }
  void TearDown() override { system().expect_no_complaints(); }

  // All that lies on the topic now, read as the user: a line for each record, its key.
  Ended read(const std::string& user, const std::string& topic) {
    return run_to_end({"/usr/bin/kcat", "-F", system().kafka_config(user), "-C", "-q", "-e", "-o",
                       "beginning", "-t", topic, "-f", "%k\\n"});
  }
  Keys keys_of_state(const std::string& user, const std::string& topic) {
    const Ended ended = read(user, topic);
    EXPECT_EQ(ended.code, 0) << user << " " << topic << ": " << ended.err;
    Keys keys;
    std::istringstream lines(ended.out);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("VNM:")) keys.insert(line);
    }
    return keys;
  }
  void expect_refused(const std::string& user, const std::string& topic) {
    const Ended ended = read(user, topic);
    EXPECT_NE(ended.code, 0) << user << " read " << topic << "\n" << ended.out;
    EXPECT_EQ(ended.out, "") << user << " " << topic;
    EXPECT_NE(ended.err.find("Topic authorization failed"), std::string::npos)
        << user << " " << topic << ": " << ended.err;
  }
  // As a member of a group, to the end of what is there.
  Ended join(const std::string& user, const std::string& group) {
    return run_to_end({"/usr/bin/kcat", "-F", system().kafka_config(user), "-q", "-e", "-X",
                       "auto.offset.reset=earliest", "-G", group, kPublic});
  }
};

TEST_F(KafkaAccess, EachAudienceReadsItsTopicsAndIsRefusedTheOthers) {
  const std::string file = system().file(
      "access.csv",
      checklist_csv(
          {{.state = "VNM",
            .provision = "uncac/15",
            .type = "LEGAL_ADVICE",
            .audience = "RESTRICTED"},
           {.state = "VNM", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "PROVIDERS"},
           {.state = "VNM",
            .provision = "uncac/9",
            .type = "MODEL_LEGISLATION",
            .audience = "PUBLIC"}}));
  answer(system(), "focal-point-VNM", {"response", "submit", file});
  const Keys all{kOfRestricted, kOfProviders, kOfPublic};
  ASSERT_TRUE(eventually([&] { return keys_of_state("secretariat", kRestricted) == all; }));
  ASSERT_TRUE(eventually([&] { return keys_of_state("secretariat", kPublic) == Keys{kOfPublic}; }));

  const std::map<std::string, Keys> may_read{
      {"secretariat", {kRestricted, kProviders, kPublic}},
      {"provider", {kProviders, kPublic}},
      {"public", {kPublic}},
      {"operator",
       {"uncac.checklist.v1.dlq", kRestricted + ".dlq", kProviders + ".dlq", kPublic + ".dlq"}}};
  const std::map<std::string, Keys> on_topic{
      {kRestricted, all}, {kProviders, {kOfProviders, kOfPublic}}, {kPublic, {kOfPublic}}};
  for (const auto& [user, topics] : may_read) {
    for (const std::string topic : {"uncac.checklist.v1", "uncac.needs.restricted.v1",
                                    "uncac.needs.providers.v1", "uncac.needs.public.v1"}) {
      for (const std::string& name : {topic, topic + ".dlq"}) {
        if (!topics.contains(name)) {
          expect_refused(user, name);
          continue;
        }
        const auto there = on_topic.find(name);
        EXPECT_EQ(keys_of_state(user, name), there == on_topic.end() ? Keys() : there->second)
            << user << " " << name;
      }
    }
  }
}

TEST_F(KafkaAccess, AReaderJoinsGroupsOfItsOwnNameAlone) {
  const Ended own = join("public", "public-website");
  EXPECT_EQ(own.code, 0) << own.err;
  for (const std::string group : {"secretariat-copy", "needs_matrix.writer", "website"}) {
    const Ended other = join("public", group);
    EXPECT_NE(other.code, 0) << group;
    EXPECT_NE(other.err.find("Group authorization failed"), std::string::npos)
        << group << ": " << other.err;
  }
}

TEST_F(KafkaAccess, NoReaderWritesAndNoServiceWritesAnothersTopic) {
  const std::string record = system().file("record.txt", "VNM:uncac/9:OTHER\tforged\n");
  const auto write = [&](const std::string& user, const std::string& topic) {
    return run_to_end({"/usr/bin/kcat", "-F", system().kafka_config(user), "-P", "-t", topic, "-K",
                       "\t", "-l", record});
  };
  const std::map<std::string, Keys> must_not{
      {"needs-matrix", {"uncac.checklist.v1"}},
      {"checklist-intake", {kRestricted, kProviders, kPublic, "uncac.checklist.v1.dlq"}},
      {"secretariat", {kRestricted, kPublic}},
      {"provider", {kProviders, kPublic}},
      {"public", {kPublic}},
      {"operator", {"uncac.checklist.v1.dlq", "uncac.checklist.v1"}}};
  for (const auto& [user, topics] : must_not) {
    for (const std::string& topic : topics) {
      const Ended ended = write(user, topic);
      EXPECT_NE(ended.err.find("authorization failed"), std::string::npos)
          << user << " wrote " << topic << ": " << ended.err;
    }
  }
  EXPECT_FALSE(keys_of_state("secretariat", kPublic).contains("VNM:uncac/9:OTHER"));
}

TEST_F(KafkaAccess, AServiceWithAWrongPasswordDoesNotStartAndSaysSo) {
  KafkaServer& kafka = system().kafka();
  const std::string password = system().file("wrong-password", "wrong");
  std::filesystem::permissions(password, std::filesystem::perms::owner_read);
  const std::string ca = kafka.options().ca_file;
  const auto started = [&](const std::vector<std::string>& whose) {
    std::vector<std::string> words{program("uncac-checklist-intake"),
                                   "--listen",
                                   "127.0.0.1:0",
                                   "--health-listen",
                                   "127.0.0.1:0",
                                   "--token-verify-key",
                                   system().file("unused.pem", system().signing_key()),
                                   "--postgres",
                                   system().postgres().conninfo("checklist-intake"),
                                   "--redis",
                                   "127.0.0.1:1",
                                   "--kafka",
                                   kafka.bootstrap()};
    words.insert(words.end(), whose.begin(), whose.end());
    return run_to_end(words);
  };
  const auto expect = [](const Ended& ended, int code, const std::string& words) {
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_NE(ended.err.find(words), std::string::npos) << ended.err;
  };
  expect(started({"--kafka-ca", ca, "--kafka-user", "checklist-intake", "--kafka-password-file",
                  password}),
         1, "Kafka refuses the user checklist-intake or its password");
  expect(started({"--kafka-user", "checklist-intake", "--kafka-password-file", password}), 1,
         "--kafka-ca: needed beside --kafka-user");
  expect(started({"--kafka-ca", ca, "--kafka-user", "checklist-intake"}), 1,
         "--kafka-password-file: needed beside --kafka-user");
  expect(started({"--kafka-ca", password}), 1, "--kafka-ca: ");
  expect(started({"--kafka-ca", ca, "--kafka-mechanism", "MAGIC"}), 2,
         "--kafka-mechanism: PLAIN or SCRAM-SHA-512");
}

}  // namespace
}  // namespace uncac::testing
