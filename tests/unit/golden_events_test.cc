// Every type of event, byte for byte as tests/golden has it. A record once written stays in its
// topic and is read by subscribers of other years, so the bytes are a promise.
#include <google/protobuf/unknown_field_set.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "checklist_intake/actions/end_response.h"
#include "checklist_intake/actions/publish_again.h"
#include "needs_matrix/feed.h"
#include "needs_matrix/module.h"
#include "needs_matrix/translate.h"
#include "unit/golden_file.h"
#include "unit/intake_on_store.h"

namespace uncac::checklist_intake::test {
namespace {

using platform::Event;
using std::chrono::milliseconds;
using uncac::testing::golden_of;
using uncac::testing::GoldenRecord;
using uncac::testing::read_golden;
namespace matrix = needs_matrix;

const std::filesystem::path kFolder = UNCAC_SOURCE_DIR "/tests/golden";

// What to think about when this test fails, before a file is changed.
constexpr const char* kAdvice =
    "These bytes are a promise: records of before stay in the topics, and subscribers read "
    "today's\n"
    "with code of before. A field more, with a number never used: keep the old file under a "
    "second\n"
    "name, so that it is still read, and put the new one in its place. Another number, type, "
    "header,\n"
    "key or partition: that is a new topic, not a new file. tests/README.md says how a file is "
    "made.";

std::string text_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return {};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::unique_ptr<google::protobuf::Message> message_of(const GoldenRecord& record) {
  const std::string type = record.header("ce_type");
  std::unique_ptr<google::protobuf::Message> message;
  if (type == matrix::kVersionType) message = std::make_unique<checklist::v1::ResponseVersion>();
  if (type == matrix::kSharingType) message = std::make_unique<checklist::v1::SharingDecision>();
  if (type == matrix::kNeedType) message = std::make_unique<needs::v1::Need>();
  if (message == nullptr || !message->ParseFromString(record.value.value_or(""))) return nullptr;
  return message;
}

// Lines that only one of the two has: "-" the file's, "+" ours.
std::string difference(const std::string& before, const std::string& after) {
  const auto lines = [](const std::string& text) {
    std::vector<std::string> found;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (!line.empty() && line[0] != '#') found.push_back(line);
    }
    return found;
  };
  const std::vector<std::string> old_lines = lines(before);
  const std::vector<std::string> new_lines = lines(after);
  std::string text;
  for (const auto& line : old_lines) {
    if (std::find(new_lines.begin(), new_lines.end(), line) == new_lines.end()) {
      text += "- " + line + "\n";
    }
  }
  for (const auto& line : new_lines) {
    if (std::find(old_lines.begin(), old_lines.end(), line) == old_lines.end()) {
      text += "+ " + line + "\n";
    }
  }
  return text.empty() && old_lines != new_lines ? "the same lines in another order\n" : text;
}

// Both services on stores of their own, the log between them, and a clock that stands still.
class GoldenEvents : public IntakeOnStore {
 protected:
  void SetUp() override {
    must(matrix_store_->migrate("needs_matrix", description_.migrations));
    must(platform::read_identity(*matrix_store_, ids_));  // makes it
    std::vector<platform::EmbeddedTopic> topics{
        {{kTopic, platform::Retention::kForever}, &*store_, wakeup_, "intake"},
        {{platform::dead_letter_topic(kTopic)}, &*matrix_store_, matrix_wakeup_, "matrix"}};
    for (const platform::Topic& topic : description_.topics) {
      topics.push_back({topic, &*matrix_store_, matrix_wakeup_, "matrix"});
    }
    log_ = platform::make_embedded_log(topics);
    module_ = must(description_.create(
        {clock_, ids_, metrics_, calls_, *matrix_store_, matrix_outbox_, *log_, *cache_, "test"}));
    module_->start();
  }
  void TearDown() override {
    if (module_ == nullptr) return;
    module_->end_streams();
    module_->stop();
  }

  // The newest record of a key, once `right` holds of it.
  GoldenRecord newest(const std::string& topic, const std::string& key,
                      const std::function<bool(const Event&)>& right) {
    std::optional<Event> found;
    const bool there = uncac::testing::eventually([&] {
      const auto reader = must(log_->read(topic, must(log_->start(topic))));
      for (const platform::Record& record : must(reader->poll(1'000, milliseconds(0), {}))) {
        if (record.event.key == key) found = record.event;
      }
      return found && right(*found);
    });
    if (!there) throw std::runtime_error("no such record in " + topic + ": " + key);
    // The relay's own, never the same twice; here only where it stands is golden.
    found->origin = "sealed-by-the-relay";
    return golden_of(*found);
  }
  GoldenRecord stated(const std::string& topic, const std::string& key) {
    return newest(topic, key, [](const Event& event) { return event.body.has_value(); });
  }
  GoldenRecord gone(const std::string& topic, const std::string& key) {
    return newest(topic, key, [](const Event& event) { return !event.body; });
  }

  // The store came from a backup, and its log holds two keys that it does not know.
  void restore() {
    std::vector<platform::Record> on_log(2);
    for (platform::Record& record : on_log) {
      record.event.topic = kTopic;
      record.event.partition = platform::partition_of("KEN");
      record.event.revision = {1, 1};
      record.event.source = "/uncac/checklist_intake";
      record.event.subject = "KEN";
      record.event.body = "";
    }
    on_log[0].event.key = "KEN/uncac-2007/2026/v2";
    on_log[0].event.type = matrix::kVersionType;
    on_log[1].event.key = "KEN/sharing/uncac/52";
    on_log[1].event.type = matrix::kSharingType;
    must(store_->write([&](platform::Transaction& transaction) {
      return publish_again(transaction, {clock_, ids_, outbox_, 2, on_log, ""});
    }));
  }

  // A record of the topic that names a message and holds none.
  void spoil() {
    Event event;
    event.topic = kTopic;
    event.key = "KEN/uncac-2007/2026/v9";
    event.partition = platform::partition_of("KEN");
    event.revision = {1, 1};
    event.type = matrix::kVersionType;
    event.source = "/uncac/checklist_intake";
    event.subject = "KEN";
    event.time = platform::format_moment(clock_.now());
    event.body = "no message";
    must(store_->write([&](platform::Transaction& transaction) {
      return outbox_.append(transaction, {&event, 1});
    }));
  }

  void compare(const std::string& name, const GoldenRecord& record) {
    compared_.insert(name);
    const std::string before = text_in(kFolder / name);
    const std::string after = uncac::testing::to_text(record);
    const std::string different = difference(before, after);
    EXPECT_EQ(different, "") << name << (before.empty() ? " is not there" : " is another") << "\n"
                             << kAdvice;
    // What the code makes now, for whoever wants it on purpose.
    if (const char* folder = std::getenv("UNCAC_GOLDEN_OUT"); folder != nullptr) {
      std::ofstream(std::filesystem::path(folder) / name) << after;
    }
  }

  platform::ServiceDescription description_ = matrix::describe(must(Reference::load()));
  uncac::testing::FreshStore matrix_store_{"sqlite"};
  std::shared_ptr<platform::Wakeup> matrix_wakeup_ = std::make_shared<platform::Wakeup>();
  platform::Outbox matrix_outbox_{matrix_wakeup_};
  std::unique_ptr<platform::ServiceModule> module_;
  std::set<std::string> compared_;
};
INSTANTIATE_TEST_SUITE_P(Engines, GoldenEvents, ::testing::Values("sqlite"), engine_name);

TEST_P(GoldenEvents, AreMadeAsTheFilesHaveThem) {
  const std::string advice = "KEN:uncac/9:LEGAL_ADVICE";
  const std::string other = "KEN:uncac/46:OTHER";
  submit(
      "KEN,uncac-2007,2026,,fr,uncac/9,IN_PART,\"des règles d'achat, à revoir\","
      "INTERAGENCY,,LEGAL_ADVICE,,HIGH,UNODC|Banque mondiale,LEGAL_ADVICE,YES,PUBLIC,\n"
      "KEN,uncac-2007,2026,,fr,uncac/46,NO,,OTHER,le texte,OTHER,une étude,,,,,"
      "NAMED:EX1|EX2,2027-12-31\n");
  compare("sharing-decision.record", stated(kTopic, "KEN/sharing/uncac/46"));
  compare("response-version.record", stated(kTopic, "KEN/uncac-2007/2026/v1"));
  compare("need-restricted.record", stated(matrix::kRestrictedTopic, other));
  compare("need-providers.record", stated(matrix::kProvidersTopic, advice));
  compare("need-public.record", stated(matrix::kPublicTopic, advice));

  checklist::v1::WithdrawRequest withdrawal;
  withdrawal.mutable_key()->set_state("KEN");
  withdrawal.mutable_key()->set_checklist("uncac-2007");
  withdrawal.mutable_key()->set_round(2026);
  withdrawal.set_reason("filed for another State");
  must(withdraw_response(*parts_, call("WithdrawResponse"), withdrawal));
  compare("response-version-withdrawn.record",
          newest(kTopic, "KEN/uncac-2007/2026/v1",
                 [](const Event& event) { return event.revision.counter == 2; }));
  compare("need-restricted-tombstone.record", gone(matrix::kRestrictedTopic, advice));
  compare("need-providers-tombstone.record", gone(matrix::kProvidersTopic, advice));
  compare("need-public-tombstone.record", gone(matrix::kPublicTopic, advice));

  restore();
  compare("response-version-tombstone.record", gone(kTopic, "KEN/uncac-2007/2026/v2"));
  compare("sharing-decision-tombstone.record", gone(kTopic, "KEN/sharing/uncac/52"));

  spoil();
  compare("dead-letter.record",
          stated(platform::dead_letter_topic(kTopic), "KEN/uncac-2007/2026/v9"));

  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    // "need-public.2.record" is one of before, kept to be read.
    std::string name = entry.path().filename().string();
    const std::size_t dot = name.find('.');
    name.erase(dot, name.rfind('.') - dot);
    EXPECT_TRUE(compared_.contains(name)) << "no event is compared with " << entry.path();
  }
}

// Those of before included: what once was written must be read for ever.
TEST(GoldenRecords, AreRead) {
  const auto reference = must(Reference::load());
  platform::Metrics metrics;
  const matrix::Feed feed(*reference, metrics);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    SCOPED_TRACE(entry.path().filename().string());
    ++files;
    const GoldenRecord golden = read_golden(text_in(entry.path()));
    platform::Record record;
    Event& event = record.event;
    event.topic = golden.topic;
    event.key = golden.key;
    event.partition = golden.partition;
    event.body = golden.value;
    const platform::Status read = platform::from_headers(golden.headers, event);
    ASSERT_TRUE(read.ok()) << platform::to_text(read.error());
    EXPECT_EQ(event.partition, platform::partition_of(event.subject));
    EXPECT_EQ(golden_of(event).headers, golden.headers);
    if (golden.topic.ends_with(".dlq")) continue;  // its value is what could not be read
    if (golden.value) {
      const auto message = message_of(golden);
      ASSERT_NE(message, nullptr) << "the value is no " << event.type;
      EXPECT_TRUE(message->GetReflection()->GetUnknownFields(*message).empty());
      EXPECT_EQ(message->SerializeAsString(), *golden.value) << message->ShortDebugString();
    }
    if (golden.topic == kTopic) {
      const auto fact = matrix::to_fact(*reference, event);
      EXPECT_TRUE(fact.ok()) << platform::to_text(fact.error());
    }
    if (golden.topic == matrix::kRestrictedTopic) {
      const auto feed_entry = feed.read(record);
      EXPECT_TRUE(feed_entry.ok()) << platform::to_text(feed_entry.error());
    }
  }
  EXPECT_GE(files, 12);
}

}  // namespace
}  // namespace uncac::checklist_intake::test
