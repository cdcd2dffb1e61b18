// An event that cannot be handled, from the command line: found, looked at, sent again, refused.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "integration/stores.h"
#include "platform/events/event.h"

namespace uncac::testing {
namespace {

using nlohmann::json;
using std::chrono::seconds;

class DeadLetters : public ::testing::TestWithParam<std::string> {
 protected:
  // As if checklist intake had written it: a version whose body is no message of ours.
  void write_poison() {
    const std::string bytes = GetParam() == "embedded" ? "x'00ff00'" : "'\\x00ff00'";
    const std::string nothing = GetParam() == "embedded" ? "x''" : "''";
    alter(*system_, "checklist_intake",
          "INSERT INTO outbox (topic, partition_number, event_key, epoch, counter, event_type, "
          "source, subject, event_time, traceparent, extensions, body) VALUES "
          "('uncac.checklist.v1', " +
              std::to_string(platform::partition_of("KEN")) +
              ", 'KEN/uncac-2007/2009/v7', 1, 1, "
              "'uncac.checklist.v1.ResponseVersion', '/uncac/checklist_intake', 'KEN', "
              "'2009-11-30T09:05:00.000000Z', '', " +
              nothing + ", " + bytes + ")");
  }
  json list(const std::vector<std::string>& flags = {}) {
    std::vector<std::string> words{"--format", "json", "dlq", "list"};
    words.insert(words.end(), flags.begin(), flags.end());
    const Ended ended = system_->uncac("operator", words);
    EXPECT_EQ(ended.code, 0) << ended.err;
    return json::parse(ended.out, nullptr, false);
  }
  void refused(const std::string& reader, const std::vector<std::string>& words,
               const std::string& why) {
    const Ended ended = system_->uncac(reader, words);
    EXPECT_NE(ended.code, 0) << ended.out;
    EXPECT_NE(ended.err.find(why), std::string::npos) << ended.err << "\nand not: " << why;
  }

  const std::unique_ptr<System> system_ = System::start(GetParam());
};

TEST_P(DeadLetters, AreListedShownAndSentAgainByTheOperator) {
  EXPECT_EQ(list(), json::array());
  const Ended none = system_->uncac("operator", {"dlq", "list"});
  EXPECT_NE(none.out.find("0 dead letters"), std::string::npos) << none.out;

  write_poison();
  json letters;
  ASSERT_TRUE(eventually(
      [&] {
        letters = list();
        return letters.size() == 1;
      },
      seconds(60)))
      << letters.dump();
  EXPECT_EQ(letters[0].value("service", ""), "needs_matrix");
  EXPECT_EQ(letters[0].value("event_id", ""), "KEN/uncac-2007/2009/v7@1.1") << letters.dump();
  EXPECT_EQ(letters[0].value("state", ""), "STATE_WAITING");
  const std::string name = "needs_matrix/" + letters[0].value("id", "");

  const Ended shown = system_->uncac("operator", {"dlq", "show", name});
  ASSERT_EQ(shown.code, 0) << shown.err;
  for (const char* said : {"uncac.checklist.v1", "KEN/uncac-2007/2009/v7@1.1", "body_bytes  3",
                           "the body is no ResponseVersion"}) {
    EXPECT_NE(shown.out.find(said), std::string::npos) << said << " is missing:\n" << shown.out;
  }

  const Ended sent =
      system_->uncac("operator", {"dlq", "resend", name, "--reason", "the cause is gone"});
  ASSERT_EQ(sent.code, 0) << sent.err;
  EXPECT_NE(sent.out.find(name + ": sent again to needs_matrix.writer"), std::string::npos)
      << sent.out;
  // It was not gone: tried a second time, and laid aside again.
  EXPECT_TRUE(eventually(
      [&] {
        letters = list();
        return letters.size() == 1 && letters[0].value("state", "") == "STATE_WAITING" &&
               letters[0].value("tries", "") == "2";
      },
      seconds(60)))
      << letters.dump();
  EXPECT_EQ(list({"--handled"}).size(), 1U);
  EXPECT_EQ(
      stored(*system_, "needs_matrix", "SELECT reason FROM audit WHERE action = 'letter.resend'"),
      std::vector<std::string>{"the cause is gone"});

  // Behind it nothing waits: the State files, and the matrix has it.
  const Ended decided = system_->uncac(
      "focal-point-KEN",
      {"share", "set", "--state", "KEN", "--provision", "uncac/13", "--audience", "PUBLIC"});
  EXPECT_EQ(decided.code, 0) << decided.err;
  system_->expect_ordered_end();
}

TEST_P(DeadLetters, AreTheOperatorsAndNamedInFull) {
  refused("operator", {"dlq", "show", "17"}, "is no dead letter; write needs_matrix/17");
  refused("operator", {"dlq", "show", "needs_matrix/"}, "is no dead letter");
  refused("operator", {"dlq", "show", "needs_matrix/x"}, "id: ");
  refused("operator", {"dlq", "show", "needs_matrix/999"}, "999");
  refused("operator", {"dlq", "show", "expert_registry/1"}, "expert_registry");
  refused("operator", {"dlq", "resend", "needs_matrix/999", "--reason", "why"}, "999");
  refused("operator", {"dlq", "resend", "needs_matrix/1", "--reason", " "}, "reason: say why");
  refused("operator", {"dlq", "resend", "needs_matrix/1"}, "--reason is required");
  for (const char* reader : {"", "focal-point-KEN", "provider-EX1", "secretariat"}) {
    refused(reader, {"dlq", "list"}, "");
    refused(reader, {"dlq", "show", "needs_matrix/1"}, "");
    refused(reader, {"dlq", "resend", "needs_matrix/1", "--reason", "why"}, "");
  }
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

INSTANTIATE_TEST_SUITE_P(, DeadLetters, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing
