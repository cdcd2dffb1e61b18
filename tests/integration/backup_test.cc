// A backup of a running suite, and what a suite that was restored from it shows to whom.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>

#include "integration/exercise_data.h"
#include "integration/own_suite.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"

namespace uncac::testing {
namespace {

using Lines = std::vector<std::string>;
namespace fs = std::filesystem;

// A need as list and feed both tell it, whoever may see it.
json essence(const json& need) {
  return {{"need", need.at("need")},
          {"text", need.at("type_text")},
          {"priority", need.at("state_priority")},
          {"stated_on", need.at("stated_on")},
          {"checklist", need.at("checklist")},
          {"round", need.at("round")}};
}

// What a follower holds.
class Copy {
 public:
  void apply(const Feed& feed) {
    for (const json& event : feed.events) {
      const std::string type = event.at("type");
      if (type == "uncac.needs.v1.FeedRestarted") {
        ++restarts_;
        needs_.clear();
      } else if (type == "uncac.needs.v1.NeedRemoved") {
        needs_.erase(event.at("data").at("need").get<std::string>());
      } else {
        needs_[event.at("data").at("need")] = essence(event.at("data"));
      }
    }
  }
  const std::map<std::string, json>& needs() const { return needs_; }
  int restarts() const { return restarts_; }

 private:
  std::map<std::string, json> needs_;
  int restarts_ = 0;
};

class Backup : public OwnSuite {
 protected:
  std::map<std::string, json> listed(const std::string& reader) {
    std::map<std::string, json> needs;
    for (const json& need :
         json::parse(answer(*system_, reader, {"needs", "list", "--format", "json"}))) {
      needs[need.at("need")] = essence(need);
    }
    return needs;
  }
  // state,checklist,round,version of every response on record.
  std::set<std::string> responses() {
    std::set<std::string> all;
    for (const std::string& line :
         lines_of(answer(*system_, "secretariat", {"response", "list", "--format", "csv"}))) {
      std::size_t end = 0;
      for (int commas = 0; commas < 4; ++commas) end = line.find(',', end) + 1;
      all.insert(line.substr(0, end - 1));
    }
    return all;
  }
  // "uncac/5 RESTRICTED" or "uncac/5 RESTRICTED, was PUBLIC".
  Lines sharing(const std::string& state) {
    const json list = json::parse(answer(*system_, "focal-point-" + state,
                                         {"share", "list", "--state", state, "--format", "json"}));
    Lines lines;
    for (const json& decision : list.at("decisions")) {
      std::string line = decision.at("provision").get<std::string>() + " " +
                         decision.at("audience").get<std::string>().substr(9);
      if (decision.contains("suspended") && decision.at("suspended").is_object()) {
        line += ", was " + decision.at("suspended").at("audience").get<std::string>().substr(9);
      }
      lines.push_back(line);
    }
    return lines;
  }
  std::string first(const std::string& service, const std::string& sql) {
    const Lines rows = stored(*system_, service, sql);
    return rows.empty() ? "nothing" : rows[0];
  }
  std::string epoch(const std::string& service) {
    return first(service, "SELECT epoch FROM store_identity");
  }
};

TEST_F(Backup, WhileAnImportRuns) {
  const std::string before = exercise_csv(*system_, 10);
  submit("secretariat", before);
  Copy follower;
  Feed feed = follow(*system_, "secretariat", "", "start");
  follower.apply(feed);

  const std::string file = system_->file("all.csv", exercise_csv(*system_, 197));
  const std::string out = path("import.out");
  const auto import = system_->uncac_in_background(
      "secretariat",
      {"response", "submit", file, "--exercise", "--keep-good", "--no-wait", "--format", "csv"},
      out, path("import.err"));
  ASSERT_TRUE(eventually([&] { return filed_in(read_text(out)).size() >= 100; }));
  const std::vector<Filed> acknowledged = filed_in(read_text(out));
  const json backup = back_up("during");
  EXPECT_TRUE(import->running()) << "the import was faster than the backup, so nothing was tried";
  ASSERT_EQ(import->wait(std::chrono::seconds(60)), 0);
  EXPECT_EQ(responses().size(), 4 * 197U + 1);
  EXPECT_EQ(backup.at("folder"), backup_folder("during"));
  EXPECT_EQ(backup.at("files").size(), 2U);
  EXPECT_EQ(first("checklist_intake",
                  "SELECT role || ' ' || object FROM audit WHERE action = 'store.backup'"),
            "operator during");
  feed = follow(*system_, "secretariat", "", feed.position);
  follower.apply(feed);
  EXPECT_EQ(follower.restarts(), 0);

  const std::time_t lost_at = std::time(nullptr);
  ASSERT_NO_FATAL_FAILURE(lose_and_restore("during"));
  const std::set<std::string> restored = responses();
  for (const Filed& filed : acknowledged) {
    EXPECT_TRUE(restored.contains(filed.state + "," + filed.checklist + "," + filed.round + ",1"))
        << filed.token << " was acknowledged before the backup";
  }
  EXPECT_LT(restored.size(), 4 * 197U + 1);
  EXPECT_GE(std::stoll(epoch("checklist_intake")), lost_at);
  EXPECT_GE(std::stoll(epoch("needs_matrix")), lost_at);
  EXPECT_EQ(first("checklist_intake", "SELECT object FROM audit WHERE action = 'store.restore'"),
            "during");
  digests(*system_);

  // What was followed since is of another past: the follower is told, and holds what is listed.
  follower.apply(follow(*system_, "secretariat", "", feed.position));
  EXPECT_EQ(follower.restarts(), 1);
  EXPECT_GT(follower.needs().size(), 1000U);
  EXPECT_TRUE(follower.needs() == listed("secretariat"));

  // The same file again completes it, and nothing is there twice.
  answer(*system_, "secretariat", {"response", "submit", file, "--exercise"});
  EXPECT_EQ(responses().size(), 4 * 197U + 1);
  for (const std::string& line : responses()) EXPECT_TRUE(line.ends_with("1") || line[0] == 's');
  digests(*system_);
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

// The State amends its response again and again, each time by a call of its own.
class Amender {
 public:
  explicit Amender(System& system)
      : thread_([this, &system](const std::stop_token& stop) {
          const auto stub = checklist::v1::ChecklistIntake::NewStub(system.channel());
          while (!stop.stop_requested()) {
            grpc::ClientContext context;
            system.authorize(context, "focal-point-KEN");
            checklist::v1::SubmitRequest request;
            request.mutable_key()->set_state("KEN");
            request.mutable_key()->set_checklist("uncac-2007");
            request.mutable_key()->set_round(2005);
            checklist::v1::Answer& answer = *request.add_answers();
            answer.set_provision("uncac/5");
            answer.set_compliance(checklist::v1::COMPLIANCE_YES);
            answer.add_needed()->set_type(done_ % 2 == 0 ? "LEGAL_ADVICE" : "ACTION_PLAN");
            request.mutable_sharing()->set_audience(common::v1::AUDIENCE_PUBLIC);
            checklist::v1::SubmitReply reply;
            if (stub->Submit(&context, request, &reply).ok()) ++done_;
          }
        }) {}
  int done() const { return done_; }

 private:
  std::atomic<int> done_ = 0;
  std::jthread thread_;  // last: it uses all of the above
};

std::int64_t number_in(const std::string& file, const std::string& sql) {
  sqlite3* raw = nullptr;
  sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(raw, sqlite3_close);
  std::int64_t number = -1;
  const auto take = [](void* to, int, char** texts, char**) {
    *static_cast<std::int64_t*>(to) = texts[0] == nullptr ? -1 : std::stoll(texts[0]);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), take, &number, nullptr), SQLITE_OK) << file;
  return number;
}

// Each store is copied at a moment of its own. Were the matrix copied later than the log that it
// reads, a State's need could be published in the one copy and its response be unknown to the
// other, and nothing would ever take the need back.
TEST_F(Backup, NoCopyKnowsMoreThanTheCopyOfItsLog) {
  submit("secretariat", exercise_csv(*system_, 120));  // so that copying takes its time
  {
    Amender amender(*system_);
    for (int time = 0; time < 4; ++time) {
      const int before = amender.done();
      ASSERT_TRUE(eventually([&] { return amender.done() > before + 20; }));
      const std::string name = "b" + std::to_string(time);
      const int start = amender.done();
      back_up(name);
      EXPECT_GT(amender.done(), start) << "nothing was filed meanwhile, so nothing was tried";
      // Looked at in a copy, for looking leaves traces.
      fs::remove_all(path("look"));
      fs::copy(backup_folder(name), path("look"));
      const std::int64_t written =
          number_in(path("look/checklist_intake.db"), "SELECT MAX(id) FROM outbox");
      const std::int64_t read =
          number_in(path("look/needs_matrix.db"), "SELECT MAX(next_offset) FROM consumer_position");
      EXPECT_GT(read, 100);
      EXPECT_LE(read, written + 1);
    }
  }
  system_->expect_no_complaints();
}

TEST_F(Backup, NothingNarrowedSinceIsWideAgain) {
  const auto row = [](const std::string& state, const std::string& provision,
                      const std::string& audience) {
    return Row{
        .state = state, .provision = provision, .type = "LEGAL_ADVICE", .audience = audience};
  };
  submit("focal-point-KEN",
         checklist_csv({row("KEN", "uncac/5", "PUBLIC"), row("KEN", "uncac/6", "RESTRICTED")}));
  submit("focal-point-GEO", checklist_csv({row("GEO", "uncac/5", "PROVIDERS")}));
  submit("focal-point-PER", checklist_csv({row("PER", "uncac/5", "NAMED:EX1")}));
  const Lines matrix{"--rows", "state", "--where", "state=GEO,KEN,PER"};
  const auto all_figures = figures(*system_, "secretariat", matrix);
  const auto all_needs = listed("secretariat");
  back_up("wide");

  Copy follower;
  Feed feed = follow(*system_, "", "", "start");
  follower.apply(feed);
  EXPECT_EQ(follower.needs().size(), 1U);
  answer(*system_, "focal-point-KEN",
         {"share", "revoke", "--state", "KEN", "--provision", "uncac"});
  submit("focal-point-ALB", checklist_csv({row("ALB", "uncac/5", "PUBLIC")}));
  feed = follow(*system_, "", "", feed.position);
  follower.apply(feed);
  EXPECT_TRUE(follower.needs().contains("ALB:uncac/5:LEGAL_ADVICE"));

  ASSERT_NO_FATAL_FAILURE(lose_and_restore("wide"));
  EXPECT_TRUE(listed("").empty());
  EXPECT_TRUE(listed("provider-EX1").empty());
  EXPECT_TRUE(listed("provider-EX2").empty());
  for (const auto& [state, figure] : figures(*system_, "provider-EX1", matrix)) {
    EXPECT_EQ(figure, state == "state" ? "states_stating" : "withheld") << state;
  }
  // Whom it concerns loses nothing, and is told what held.
  EXPECT_TRUE(listed("secretariat") == all_needs);
  EXPECT_EQ(figures(*system_, "secretariat", matrix), all_figures);
  EXPECT_EQ(needs_of(*system_, "focal-point-KEN", "KEN").size(), 2U);
  EXPECT_EQ(sharing("KEN"), (Lines{"uncac/5 RESTRICTED, was PUBLIC", "uncac/6 RESTRICTED"}));
  EXPECT_EQ(sharing("GEO"), Lines{"uncac/5 RESTRICTED, was PROVIDERS"});
  EXPECT_EQ(sharing("PER"), Lines{"uncac/5 RESTRICTED, was NAMED"});
  EXPECT_EQ(stored(*system_, "checklist_intake",
                   "SELECT object FROM audit WHERE action = 'sharing.suspend' ORDER BY object"),
            (Lines{"GEO/uncac/5", "KEN/uncac/5", "PER/uncac/5"}));
  // The public follower's copy held what the backup does not know.
  follower.apply(follow(*system_, "", "", feed.position));
  EXPECT_EQ(follower.restarts(), 1);
  EXPECT_TRUE(follower.needs().empty());
  digests(*system_);

  // A second start is an ordinary one.
  const std::string since = epoch("checklist_intake");
  EXPECT_EQ(suite().stop(), 0);
  EXPECT_FALSE(fs::exists(store() + "/restored.json"));
  system_->launch_all();
  EXPECT_EQ(epoch("checklist_intake"), since);
  EXPECT_EQ(sharing("GEO"), Lines{"uncac/5 RESTRICTED, was PROVIDERS"});

  // The State's word brings back what held, and no one else's.
  answer(*system_, "focal-point-GEO",
         {"share", "set", "--state", "GEO", "--provision", "uncac/5", "--reinstate"});
  EXPECT_EQ(sharing("GEO"), Lines{"uncac/5 PROVIDERS"});
  EXPECT_EQ(listed("provider-EX2").size(), 1U);
  EXPECT_TRUE(listed("").empty());
  digests(*system_);
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

// A release that is lost with the old store could be subtracted from the next one.
TEST_F(Backup, AfterARestoreNothingIsReleasedUnlessNoReleaseIsLost) {
  const auto file = [&](const std::vector<std::string>& states) {
    std::vector<Row> rows;
    for (const std::string& state : states) {
      rows.push_back({.state = state,
                      .provision = "uncac/5",
                      .type = "LEGAL_ADVICE",
                      .audience = "RESTRICTED"});
    }
    submit("secretariat", checklist_csv(rows));
  };
  const auto make = [&](const Lines& more) {
    Lines arguments{"release", "make", "--title", "One"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return system_->uncac("secretariat", arguments);
  };
  file({"AGO", "BEN", "BWA", "BFA"});
  back_up("one");
  EXPECT_EQ(make({}).code, 0);
  lose_and_restore("one");
  EXPECT_EQ(system_->uncac("", {"release", "get"}).code, 1) << "the backup knows of none";
  const Ended refused = make({});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("restored from a backup"), std::string::npos) << refused.err;
  EXPECT_EQ(make({"--dry-run"}).code, 0);
  EXPECT_EQ(make({"--none-lost"}).code, 0);
  file({"KEN", "GHA", "MLI"});
  EXPECT_EQ(make({}).code, 0) << "it was said once";
}

TEST_F(Backup, KilledAtItsFirstStartItEndsTheSame) {
  submit("secretariat", exercise_csv(*system_, 80));
  const auto all_needs = listed("secretariat");
  ASSERT_FALSE(listed("").empty());
  back_up("b");
  lose_the_store();

  const auto wal_holds = [&](const std::string& name, std::uintmax_t bytes) {
    std::error_code missing;
    const auto size = fs::file_size(store() + "/" + name + ".db-wal", missing);
    return !missing && size >= bytes;
  };
  const std::string mark = store() + "/restored.json";
  const std::vector<std::function<bool()>> moments{
      [&] { return fs::exists(store() + "/checklist_intake.db.lock"); },
      [&] { return wal_holds("checklist_intake", 1); },
      [&] { return wal_holds("checklist_intake", 1 << 20); },
      [&] { return wal_holds("checklist_intake", 1 << 20) && wal_holds("needs_matrix", 5'000); },
      [&] { return !fs::exists(mark); },
  };
  int unsettled = 0;
  Lines sharing_of_first;
  for (std::size_t moment = 0; moment < moments.size(); ++moment) {
    SCOPED_TRACE("moment " + std::to_string(moment));
    fs::remove_all(store());
    ASSERT_EQ(restore(backup_folder("b")).code, 0);
    // Twice at the same moment: the second start finds what the first left.
    for (int time = 0; time < 2 && fs::exists(mark); ++time) {
      suite().launch();
      ASSERT_TRUE(eventually([&] { return moments[moment]() || !suite().running(); }));
      suite().kill9();
      unsettled += fs::exists(mark) ? 1 : 0;
    }
    system_->launch_all();
    EXPECT_FALSE(fs::exists(mark));
    EXPECT_TRUE(listed("").empty());
    EXPECT_TRUE(listed("provider-EX1").empty());
    EXPECT_TRUE(listed("secretariat") == all_needs);
    const std::string state = all_needs.begin()->first.substr(0, 3);
    if (moment == 0) sharing_of_first = sharing(state);
    EXPECT_EQ(sharing(state), sharing_of_first);
    EXPECT_EQ(first("checklist_intake",
                    "SELECT COUNT(*) FROM (SELECT object FROM audit WHERE action = "
                    "'sharing.suspend' GROUP BY object HAVING COUNT(*) > 1)"),
              "0");
    digests(*system_);
    EXPECT_EQ(suite().stop(), 0) << suite().log();
  }
  EXPECT_GE(unsettled, 4) << "no kill came before the stores were settled, so nothing was tried";
  system_->expect_no_complaints();
}

TEST_F(Backup, IsTheOperatorsAndUnderAPlainName) {
  for (const std::string reader :
       {"secretariat", "auditor", "focal-point-KEN", "provider-EX1", ""}) {
    const Ended refused = system_->uncac(reader, {"admin", "backup", "--name", "mine"});
    EXPECT_EQ(refused.code, 1) << reader;
    EXPECT_NE(refused.err.find(reader.empty() ? "UNAUTHENTICATED" : "FORBIDDEN"), std::string::npos)
        << refused.err;
  }
  for (const std::string name : {"../mine", "..", "a/b", "/tmp/mine", ".part"}) {
    const Ended refused = system_->uncac("operator", {"admin", "backup", "--name", name});
    EXPECT_EQ(refused.code, 1) << name;
    EXPECT_NE(refused.err.find("bad-name"), std::string::npos) << refused.err;
  }
  EXPECT_FALSE(fs::exists(backup_folder(""))) << "nothing was made";
  back_up("mine");
  const auto made = bytes_below(backup_folder("mine"));
  const Ended taken = system_->uncac("operator", {"admin", "backup", "--name", "mine"});
  EXPECT_EQ(taken.code, 1);
  EXPECT_NE(taken.err.find("exists already"), std::string::npos) << taken.err;
  EXPECT_EQ(bytes_below(backup_folder("mine")), made);
  // People read where it is, and programs too.
  const std::string table = answer(*system_, "operator", {"admin", "backup"});
  EXPECT_NE(table.find(backup_folder("")), std::string::npos) << table;
  EXPECT_NE(table.find("checklist_intake.db"), std::string::npos) << table;
  EXPECT_EQ(lines_of(answer(*system_, "operator", {"admin", "backup", "--format", "csv"}))[0],
            "file,bytes,sha256");
  system_->expect_no_complaints();
}

TEST_F(Backup, ADamagedOneIsRefusedAndNothingIsTouched) {
  submit("focal-point-KEN", checklist_csv({{.state = "KEN",
                                            .provision = "uncac/5",
                                            .type = "LEGAL_ADVICE",
                                            .audience = "PUBLIC"}}));
  back_up("good");
  lose_the_store();
  const std::string good = backup_folder("good");
  const std::string bad = path("bad");
  const auto refused = [&](const std::string& what, const std::string& words) {
    SCOPED_TRACE(what);
    const Ended ended = restore(bad);
    EXPECT_EQ(ended.code, 1);
    EXPECT_NE(ended.err.find(words), std::string::npos) << ended.err;
    EXPECT_FALSE(fs::exists(store()));
    fs::remove_all(bad);
    fs::copy(good, bad);
  };
  fs::copy(good, bad);
  std::string bytes = read_text(bad + "/checklist_intake.db");
  bytes[bytes.size() / 2] ^= 1;
  write_text(bad + "/checklist_intake.db", bytes);
  refused("one byte", "checklist_intake.db: error: changed-file: ");
  fs::remove(bad + "/needs_matrix.db");
  refused("a file is missing", "needs_matrix.db: error: missing-file: ");
  write_text(bad + "/needs_matrix.db-wal", "more");
  refused("a file too many", "needs_matrix.db-wal: error: unknown-file: ");
  write_text(bad + "/manifest.json", "{}");
  refused("the manifest", "manifest.json: is not the manifest of a backup");
  fs::remove(bad + "/manifest.json");
  refused("no manifest", "manifest.json");
  fs::remove_all(bad);
  const Ended nowhere = restore(bad);
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_FALSE(fs::exists(store()));

  fs::create_directory(store());
  write_text(store() + "/letter", "mine");
  const Ended full = restore(good);
  EXPECT_EQ(full.code, 1);
  EXPECT_NE(full.err.find("is not empty"), std::string::npos) << full.err;
  EXPECT_EQ(bytes_below(store()),
            (std::map<std::string, std::string>{{store() + "/letter", "mine"}}));

  // A backup is not started on, which would change it.
  const auto before = bytes_below(good);
  const Ended started = start_another(good);
  EXPECT_EQ(started.code, 1);
  EXPECT_NE(started.err.find("is a backup"), std::string::npos) << started.err;
  EXPECT_EQ(bytes_below(good), before);
}

TEST_F(Backup, WithoutRoomThereIsNoneAndTheSuiteGoesOn) {
  submit("secretariat", exercise_csv(*system_, 3));
  {
    const SmallDisk disk(path("store-backups"), "128k");
    if (!disk.mounted()) disk.fill();
    for (int time = 0; time < 2; ++time) {
      const Ended refused = system_->uncac("operator", {"admin", "backup", "--name", "large"});
      EXPECT_EQ(refused.code, 1);
      EXPECT_NE(refused.err.find("no backup was made"), std::string::npos) << refused.err;
      EXPECT_NE(refused.err.find(disk.mounted() ? "disk is full" : "denied"), std::string::npos)
          << refused.err;
      for (const auto& entry : fs::directory_iterator(path("store-backups"))) {
        EXPECT_EQ(entry.path().filename(), ".lock");
      }
      submit("focal-point-KEN", checklist_csv({{.state = "KEN",
                                                .provision = "uncac/5",
                                                .type = "LEGAL_ADVICE",
                                                .audience = "PUBLIC",
                                                .round = "200" + std::to_string(5 + time)}}));
    }
    EXPECT_EQ(stored(*system_, "checklist_intake",
                     "SELECT object FROM audit WHERE action = 'store.backup'"),
              Lines());
  }
  submit("secretariat", exercise_csv(*system_, 4));
  const auto all = responses();
  back_up("large");
  {
    lose_the_store();
    const SmallDisk disk(store(), "128k");
    if (!disk.mounted()) disk.fill();
    const Ended refused = restore(backup_folder("large"));
    EXPECT_EQ(refused.code, 1);
    EXPECT_TRUE(fs::is_empty(store())) << refused.err;
  }
  const Ended restored = restore(backup_folder("large"));
  EXPECT_EQ(restored.code, 0) << restored.err;
  system_->launch_all();
  EXPECT_EQ(responses(), all);
  system_->expect_no_complaints();
}

TEST(BackupDistributed, IsLeftToPostgresql) {
  System& system = shared_system("distributed");
  const Ended refused = system.uncac("operator", {"admin", "backup"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("FAILED_PRECONDITION: no backups are made here"), std::string::npos)
      << refused.err;
  EXPECT_NE(refused.err.find("PostgreSQL"), std::string::npos) << refused.err;
  const Ended forbidden = system.uncac("secretariat", {"admin", "backup"});
  EXPECT_NE(forbidden.err.find("FORBIDDEN"), std::string::npos) << forbidden.err;
  system.expect_no_complaints();
}

}  // namespace
}  // namespace uncac::testing
