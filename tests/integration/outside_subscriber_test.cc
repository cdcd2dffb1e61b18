// Outsiders on Apache Kafka with clients that are not ours: kcat, and the Python subscriber of
// deploy/examples. Both must end with what the list of needs says.
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "integration/checklist_file.h"
#include "integration/exercise_data.h"
#include "integration/questions.h"
#include "unit/golden_file.h"

namespace uncac::testing {
namespace {

using Lines = std::vector<std::string>;

// Whom the list of needs is asked as, and the topic that says the same to a user of Kafka.
struct Reader {
  std::string name, topic, user;
};
const std::vector<Reader> kReaders{{"", "uncac.needs.public.v1", "public"},
                                   {"provider-EX2", "uncac.needs.providers.v1", "provider"}};

std::string subscriber_python() {
  const char* python = std::getenv("UNCAC_SUBSCRIBER_PYTHON");
  if (python == nullptr) {
    throw std::runtime_error(
        "UNCAC_SUBSCRIBER_PYTHON names no Python that deploy/examples/subscriber/setup made");
  }
  return python;
}

Lines sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

// The subscriber's columns: all of the list's but coverage, which no topic carries. Without needs
// shared with named providers, which no topic of theirs carries either.
Lines listed(System& system, const Reader& reader) {
  constexpr std::size_t kCoverage = 5;
  constexpr std::size_t kAudience = 6;
  Lines found;
  for (const std::string& line :
       lines_of(answer(system, reader.name, {"needs", "list", "--format", "csv"}))) {
    std::istringstream fields(line);
    std::string kept;
    bool named = false;
    std::string field;
    for (std::size_t i = 0; std::getline(fields, field, ','); ++i) {
      if (i == kAudience) named = field == "NAMED";
      if (i != kCoverage) kept += (i > 0 ? "," : "") + field;
    }
    if (!named) found.push_back(kept);
  }
  return sorted(found);
}

// A copy of one topic, kept by the subscriber in a file of its own.
class Subscriber {
 public:
  Subscriber(System& system, const Reader& reader, const std::string& name)
      : system_(system),
        topic_(reader.topic),
        copy_(system.file(name + ".db", "")),
        config_(system.kafka_config(reader.user)) {
    std::filesystem::remove(copy_);
  }

  Ended catch_up() { return run_to_end(words({"--until-caught-up"})); }
  Lines needs() {
    if (!std::filesystem::exists(copy_)) return {};  // it has just been started
    const Ended ended = run_to_end({subscriber_python(), script(), "list", "--copy", copy_});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return sorted(lines_of(ended.out));
  }
  std::unique_ptr<Process> in_background(int records_in_a_transaction) {
    return std::make_unique<Process>(words({"--batch", std::to_string(records_in_a_transaction)}),
                                     copy_ + ".out", copy_ + ".err");
  }
  std::string said() const { return read_text(copy_ + ".out"); }
  std::string errors() const { return read_text(copy_ + ".err"); }
  // The first value of a query's first row, and 0 where there is none; for other statements too.
  std::int64_t ask(const std::string& sql) {
    sqlite3* database = nullptr;
    const int opened = sqlite3_open_v2(copy_.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> owner(database, sqlite3_close);
    if (opened != SQLITE_OK) return 0;  // the subscriber has not come so far
    sqlite3_busy_timeout(database, 10'000);
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) return 0;
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
    return sqlite3_step(raw) == SQLITE_ROW ? sqlite3_column_int64(raw, 0) : 0;
  }

 private:
  static std::string script() {
    return std::string(UNCAC_SOURCE_DIR) + "/deploy/examples/subscriber/subscriber.py";
  }
  Lines words(const Lines& more) const {
    Lines all{subscriber_python(), script(), "follow", "--config", config_,
              "--topic",           topic_,   "--copy", copy_};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  System& system_;
  const std::string topic_, copy_, config_;
};

// What kcat prints of every record of a topic.
Lines by_kcat(System& system, const Reader& reader, const std::string& format) {
  const Ended ended =
      run_to_end({"/usr/bin/kcat", "-F", system.kafka_config(reader.user), "-C", "-e", "-q", "-t",
                  reader.topic, "-o", "beginning", "-f", format + "\\n"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  return lines_of(ended.out);
}

// Names of headers, from kcat's `name=value,name=value`.
Lines header_names(const std::string& headers) {
  Lines names;
  std::istringstream fields(headers);
  for (std::string field; std::getline(fields, field, ',');) {
    names.push_back(field.substr(0, field.find('=')));
  }
  return names;
}

// Keys that stand, as kcat's output says: of each key the record with the highest revision.
Lines standing_by_kcat(System& system, const Reader& reader) {
  std::map<std::string, std::pair<platform::Revision, bool>> newest;
  for (const std::string& line : by_kcat(system, reader, "%k %S %h")) {
    std::istringstream fields(line);
    std::string key, size, headers;
    fields >> key >> size >> headers;
    const std::size_t at = ("," + headers).find(",revision=");
    if (at == std::string::npos) {
      ADD_FAILURE() << "no revision: " << line;
      continue;
    }
    std::string text = headers.substr(at + std::string("revision=").size());
    text.resize(std::min(text.find(','), text.size()));
    const platform::Revision revision = must(platform::parse_revision(text));
    auto& held = newest[key];
    if (held.first < revision) held = {revision, size != "-1"};
  }
  Lines keys;
  for (const auto& [key, record] : newest) {
    if (record.second) keys.push_back(key);
  }
  return sorted(keys);
}

Lines keys_in(const Lines& rows) {
  Lines keys;
  for (const std::string& row : rows) {
    if (row.rfind("need,", 0) != 0) keys.push_back(row.substr(0, row.find(',')));
  }
  return sorted(keys);
}

class OutsideSubscriber : public ::testing::Test {
 protected:
  // The subscribers run. Writer and topic need a moment after a submission.
  void expect_all_agree(std::vector<Subscriber>& subscribers) {
    for (std::size_t i = 0; i < kReaders.size(); ++i) {
      const Reader& reader = kReaders[i];
      SCOPED_TRACE(reader.topic);
      const Lines list = listed(system_, reader);
      Lines mine;
      eventually(
          [&] {
            mine = subscribers[i].needs();
            return mine == list;
          },
          std::chrono::seconds(60));
      EXPECT_EQ(mine, list) << subscribers[i].errors();
      EXPECT_EQ(standing_by_kcat(system_, reader), keys_in(list));
    }
  }
  void submit(const std::vector<Row>& rows) {
    answer(system_, "secretariat",
           {"response", "submit", system_.file("outside.csv", checklist_csv(rows))});
  }
  bool stands(const Reader& reader, const std::string& need) {
    const Lines keys = keys_in(listed(system_, reader));
    return std::find(keys.begin(), keys.end(), need) != keys.end();
  }

  System& system_ = shared_system("distributed");
};

TEST_F(OutsideSubscriber, AgreesWithTheListWhateverAStateDoes) {
  const std::string need = "LUX:uncac/9:LEGAL_ADVICE";
  std::vector<Subscriber> subscribers;
  std::vector<std::unique_ptr<Process>> processes;
  for (const Reader& reader : kReaders) {
    subscribers.emplace_back(system_, reader, "agrees-" + reader.topic);
    processes.push_back(subscribers.back().in_background(500));
  }
  submit({{"LUX", "uncac/9", "LEGAL_ADVICE", "PUBLIC", "", "HIGH"},
          {"LUX", "uncac/46", "MODEL_TREATY", "PROVIDERS"},
          {"LUX", "uncac/52", "LEGAL_ADVICE", "RESTRICTED"}});
  expect_all_agree(subscribers);
  EXPECT_TRUE(stands(kReaders[0], need));

  const auto share = [&](const std::string& audience) {
    answer(system_, "focal-point-LUX",
           {"share", "set", "--state", "LUX", "--provision", "uncac/9", "--audience", audience});
  };
  share("PROVIDERS");
  expect_all_agree(subscribers);
  EXPECT_FALSE(stands(kReaders[0], need));
  EXPECT_TRUE(stands(kReaders[1], need));

  share("RESTRICTED");
  expect_all_agree(subscribers);
  EXPECT_FALSE(stands(kReaders[1], need));

  share("PUBLIC");
  expect_all_agree(subscribers);
  EXPECT_TRUE(stands(kReaders[0], need));

  // An amendment: one need goes, one changes, one comes.
  submit({{"LUX", "uncac/9", "LEGAL_ADVICE", "PUBLIC", "", "LOW"},
          {"LUX", "uncac/9", "ACTION_PLAN", "PUBLIC"},
          {"LUX", "uncac/46", "", "PROVIDERS"}});
  expect_all_agree(subscribers);

  answer(system_, "focal-point-LUX",
         {"response", "withdraw", "--state", "LUX", "--checklist", "uncac-2007", "--round", "2009",
          "--reason", "a test"});
  expect_all_agree(subscribers);
  EXPECT_FALSE(stands(kReaders[0], need));

  // Everything once more, tombstones of what is gone included.
  answer(system_, "operator", {"admin", "republish"});
  expect_all_agree(subscribers);

  for (std::size_t i = 0; i < kReaders.size(); ++i) {
    processes[i]->ask_to_stop();
    EXPECT_EQ(processes[i]->wait(std::chrono::seconds(20)), 0) << subscribers[i].errors();
    // It says what it has when it ends, and goes on from there. Records of the republishing may
    // still have come between the two.
    const Ended again = subscribers[i].catch_up();
    EXPECT_EQ(again.code, 0) << again.err;
    const auto counted = [](const std::string& text) { return text.substr(0, text.find(" at ")); };
    EXPECT_EQ(counted(again.out), counted(subscribers[i].said()));
    EXPECT_NE(again.out.find(" needs at 0:"), std::string::npos) << again.out;
    EXPECT_EQ(again.err, "");
  }
}

// The golden records are made without Kafka.
TEST_F(OutsideSubscriber, RecordsOnKafkaHaveTheHeadersOfTheGoldenOnes) {
  submit({{"LUX", "uncac/9", "LEGAL_ADVICE", "PUBLIC"}});
  Lines headers;
  ASSERT_TRUE(eventually([&] {
    headers = by_kcat(system_, kReaders[0], "%h");
    return !headers.empty();
  }));
  Lines golden;
  for (const auto& [name, value] :
       read_golden(read_text(UNCAC_SOURCE_DIR "/tests/golden/need-public.record")).headers) {
    golden.push_back(name);
  }
  // The topic's first record is no tombstone: nothing was there before it.
  EXPECT_EQ(header_names(headers.front()), golden);
}

TEST_F(OutsideSubscriber, KilledInTheMiddleItEndsEqual) {
  answer(system_, "secretariat",
         {"response", "submit", system_.file("many.csv", exercise_csv(system_, 6)), "--exercise"});
  const Reader& reader = kReaders[1];
  Subscriber killed(system_, reader, "killed");
  std::int64_t read = 0;
  for (int kill = 0; kill < 3; ++kill) {
    const auto process = killed.in_background(1);
    const auto records = [&] { return killed.ask("SELECT sum(next_offset) FROM position"); };
    ASSERT_TRUE(eventually([&] { return records() >= read + 20; }, std::chrono::seconds(60)))
        << killed.errors();
    process->kill9();
    ASSERT_TRUE(process->wait(std::chrono::seconds(5)));
    read = records();
    EXPECT_EQ(killed.ask("SELECT whole FROM copied"), 0) << "it was not in the middle";
  }
  const Ended ended = killed.catch_up();
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.err.find("starting over"), std::string::npos) << ended.err;
  // What nobody ever killed has the same.
  Subscriber whole(system_, reader, "whole");
  ASSERT_EQ(whole.catch_up().code, 0);
  std::printf("killed thrice, the last time after %ld of %ld records\n", static_cast<long>(read),
              static_cast<long>(whole.ask("SELECT sum(next_offset) FROM position")));
  EXPECT_EQ(killed.needs(), whole.needs());
  EXPECT_EQ(killed.needs(), listed(system_, reader));
}

TEST_F(OutsideSubscriber, StartsOverWhenItMustAndOnlyThen) {
  submit({{"LUX", "uncac/9", "LEGAL_ADVICE", "PUBLIC"}});
  const Reader& reader = kReaders[0];
  Subscriber subscriber(system_, reader, "starts-over");
  Lines list;
  ASSERT_TRUE(eventually([&] {
    list = listed(system_, reader);
    return subscriber.catch_up().code == 0 && subscriber.needs() == list;
  }));
  struct Case {
    std::string made_so, says;
  };
  const std::vector<Case> cases{
      {"SELECT 1", ""},
      {"UPDATE copied SET log = 'of another cluster/' || log", "another log"},
      {"UPDATE copied SET current_at = '2020-01-01T00:00:00+00:00'", "25 days"},
      {"UPDATE position SET next_offset = next_offset + 1000000", "no offset"},
      {"DELETE FROM copied", "no copy"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.made_so);
    // What its own log never said: it goes only with the whole copy.
    subscriber.ask("INSERT INTO need VALUES ('phantom', 1, 1, 1, 'KEN', '', '', '', '', '')");
    subscriber.ask(one.made_so);
    const Ended ended = subscriber.catch_up();
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(ended.err.find("starting over") != std::string::npos, !one.says.empty()) << ended.err;
    EXPECT_NE(ended.err.find(one.says), std::string::npos) << ended.err;
    EXPECT_EQ(subscriber.ask("SELECT count(*) FROM need WHERE need = 'phantom'"),
              one.says.empty() ? 1 : 0);
    subscriber.ask("DELETE FROM need WHERE need = 'phantom'");
    EXPECT_EQ(subscriber.needs(), list);
  }
}

}  // namespace
}  // namespace uncac::testing
