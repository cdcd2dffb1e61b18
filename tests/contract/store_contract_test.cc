// What every store must do, on SQLite and on a real PostgreSQL.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "platform/store/store.h"
#include "support/engines.h"

namespace uncac::platform {
namespace {

using testing::FreshStore;
using testing::must;

class StoreContract : public ::testing::TestWithParam<std::string> {
 protected:
  StoreContract() : store_(GetParam()) {
    execute("CREATE TABLE thing (name TEXT PRIMARY KEY, amount BIGINT, body " +
            store_->dialect("{{bytes}}") + ")");
  }
  void execute(const std::string& sql) {
    must(store_->write([&](Transaction& t) -> Result<std::int64_t> { return t.execute(sql); }));
  }
  std::int64_t count() {
    return must(store_->read([](Transaction& t) -> Result<std::int64_t> {
      UNCAC_ASSIGN(const Rows rows, t.query("SELECT count(*) FROM thing"));
      return rows.integer(0, 0);
    }));
  }
  Status put(Transaction& t, const std::string& name, std::int64_t amount) {
    UNCAC_ASSIGN([[maybe_unused]] const std::int64_t changed,
                 t.execute("INSERT INTO thing (name, amount) VALUES ($1, $2)", {name, amount}));
    return {};
  }
  FreshStore store_;
};

TEST_P(StoreContract, EveryByteValueComesBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  all += all;
  const std::string text = "\xC3\xA9\xE6\xB3\x95 'quoted' \"and\" \\ $1 ; --";
  must(store_->write([&](Transaction& t) -> Result<std::int64_t> {
    return t.execute("INSERT INTO thing (name, amount, body) VALUES ($1, $2, $3)",
                     {text, std::int64_t{-9'223'372'036'854'775'807}, Bytes{all}});
  }));
  const Rows rows = must(
      store_->read([](Transaction& t) { return t.query("SELECT name, amount, body FROM thing"); }));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.text(0, 0), text);
  EXPECT_EQ(rows.integer(0, 1), -9'223'372'036'854'775'807);
  EXPECT_EQ(rows.bytes(0, 2), all);
}

TEST_P(StoreContract, NullAndEmptyAreTwoThings) {
  must(store_->write([&](Transaction& t) -> Result<std::int64_t> {
    return t.execute(
        "INSERT INTO thing (name, amount, body) VALUES ($1, $2, $3), ($4, $5, $6)",
        {std::string("a"), Value{}, Value{}, std::string("b"), std::int64_t{0}, Bytes{""}});
  }));
  const Rows rows = must(store_->read(
      [](Transaction& t) { return t.query("SELECT amount, body FROM thing ORDER BY name"); }));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_TRUE(rows.is_null(0, 0));
  EXPECT_TRUE(rows.is_null(0, 1));
  EXPECT_FALSE(rows.is_null(1, 0));
  EXPECT_FALSE(rows.is_null(1, 1));
  EXPECT_EQ(rows.bytes(1, 1), "");
}

TEST_P(StoreContract, AnErrorUndoesEverything) {
  const Status status = store_->write([&](Transaction& t) -> Status {
    UNCAC_TRY(put(t, "kept?", 1));
    return make_error(Reason::kForbidden, "no");
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().reason, Reason::kForbidden);
  EXPECT_EQ(count(), 0);
}

TEST_P(StoreContract, ABrokenConstraintIsAConflictAndUndoesEverything) {
  must(store_->write([&](Transaction& t) { return put(t, "one", 1); }));
  const Status status = store_->write([&](Transaction& t) -> Status {
    UNCAC_TRY(put(t, "two", 2));
    return put(t, "one", 1);
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().reason, Reason::kConflict);
  EXPECT_EQ(count(), 1);
}

TEST_P(StoreContract, AWrongStatementIsADefectWithoutTheQueryInTheMessage) {
  const auto result = store_->read([](Transaction& t) { return t.query("SELECT nothing FROM"); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::kInternal);
  EXPECT_EQ(result.error().message.find("SELECT"), std::string::npos);
  EXPECT_EQ(count(), 0) << "the store is usable afterwards";
}

TEST_P(StoreContract, AReadCannotWrite) {
  const auto result = store_->read([&](Transaction& t) { return put(t, "sneaked in", 1); });
  EXPECT_FALSE(result);
  EXPECT_EQ(count(), 0);
}

TEST_P(StoreContract, AfterCommitRunsOnceAndOnlyAfterACommit) {
  int ran = 0;
  must(store_->write([&](Transaction& t) -> Status {
    t.after_commit([&] { ++ran; });
    return put(t, "x", 1);
  }));
  EXPECT_EQ(ran, 1);
  const Status undone = store_->write([&](Transaction& t) -> Status {
    t.after_commit([&] { ++ran; });
    return make_error(Reason::kForbidden, "no");
  });
  EXPECT_FALSE(undone);
  EXPECT_EQ(ran, 1);
}

TEST_P(StoreContract, ManyRowsInFewStatements) {
  constexpr std::size_t kRows = 25'000;
  std::vector<Value> cells;
  for (std::size_t i = 0; i < kRows; ++i) {
    cells.emplace_back("n" + std::to_string(i));
    cells.emplace_back(static_cast<std::int64_t>(i));
    cells.emplace_back(Bytes{std::string(1, static_cast<char>(i % 256))});
  }
  must(store_->write([&](Transaction& t) {
    return t.insert_many("INSERT INTO thing (name, amount, body) VALUES", 3, cells);
  }));
  EXPECT_EQ(count(), static_cast<std::int64_t>(kRows));
  // The suffix makes the same rows an update.
  cells[1] = std::int64_t{77};
  must(store_->write([&](Transaction& t) {
    return t.insert_many("INSERT INTO thing (name, amount, body) VALUES", 3, cells,
                         "ON CONFLICT (name) DO UPDATE SET amount = excluded.amount");
  }));
  const Rows rows = must(store_->read(
      [](Transaction& t) { return t.query("SELECT CAST(sum(amount) AS BIGINT) FROM thing"); }));
  EXPECT_EQ(rows.integer(0, 0), static_cast<std::int64_t>(kRows * (kRows - 1) / 2 + 77));
  EXPECT_EQ(count(), static_cast<std::int64_t>(kRows));
  must(store_->write([&](Transaction& t) {
    return t.insert_many("INSERT INTO thing (name, amount, body) VALUES", 3, {});
  }));
}

// What one row may hold, each beside the others in its column.
TEST_P(StoreContract, ManyRowsKeepEveryValueAsItIs) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  const std::vector<Value> cells{std::string("quoted ' \" \\ {a,b} NULL"),
                                 std::int64_t{-1},
                                 Bytes{every_byte},
                                 std::string(""),
                                 Value{},
                                 Bytes{""},
                                 std::string("\xC3\xA9\xE6\xB3\x95"),
                                 std::int64_t{9'223'372'036'854'775'807},
                                 Value{},
                                 std::string("n"),
                                 std::int64_t{0},
                                 Bytes{std::string(3, '\0')}};
  must(store_->write([&](Transaction& t) {
    return t.insert_many("INSERT INTO thing (name, amount, body) VALUES", 3, cells);
  }));
  const Rows rows = must(store_->read([](Transaction& t) {
    return t.query("SELECT name, amount, body FROM thing ORDER BY coalesce(amount, 7)");
  }));
  ASSERT_EQ(rows.size(), 4U);
  for (const auto& [row, given] :
       std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {1, 3}, {2, 1}, {3, 2}}) {
    for (std::size_t column = 0; column < 3; ++column) {
      EXPECT_EQ(rows.at(row, column), cells[given * 3 + column]) << given << " " << column;
    }
  }
}

TEST_P(StoreContract, ManyRowsWithAColumnOfNullsOnly) {
  must(store_->write([&](Transaction& t) {
    return t.insert_many(
        "INSERT INTO thing (name, amount, body) VALUES", 3,
        std::vector<Value>{std::string("a"), Value{}, Value{}, std::string("b"), Value{}, Value{}});
  }));
  const Rows rows = must(store_->read([](Transaction& t) {
    return t.query("SELECT count(*), count(amount), count(body) FROM thing");
  }));
  EXPECT_EQ(rows.integer(0, 0), 2);
  EXPECT_EQ(rows.integer(0, 1), 0);
  EXPECT_EQ(rows.integer(0, 2), 0);
}

TEST_P(StoreContract, ManyRowsAreRefusedWithATextThatNoEngineStores) {
  const Status refused = store_->write([&](Transaction& t) {
    return t.insert_many("INSERT INTO thing (name, amount) VALUES", 2,
                         std::vector<Value>{std::string("a"), std::int64_t{1}, std::string("\xFF"),
                                            std::int64_t{2}});
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kInvalidInput);
  EXPECT_EQ(count(), 0);
  EXPECT_FALSE(store_->write([&](Transaction& t) {
    return t.insert_many("INSERT INTO thing (name, amount) VALUES", 2,
                         std::vector<Value>{std::string("half a row")});
  }));
}

TEST_P(StoreContract, ManyRowsGiveBackWhatTheyReturn) {
  const Rows rows = must(store_->write([&](Transaction& t) {
    return t.query_many(
        "INSERT INTO thing (name, amount) VALUES", 2,
        std::vector<Value>{std::string("a"), std::int64_t{1}, std::string("b"), std::int64_t{2}},
        "RETURNING name, amount + 10");
  }));
  std::map<std::string, std::int64_t> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found[rows.text(i, 0)] = rows.integer(i, 1);
  EXPECT_EQ(found, (std::map<std::string, std::int64_t>{{"a", 11}, {"b", 12}}));
}

TEST_P(StoreContract, OneQueryForEachRowOfParameters) {
  must(store_->write([&](Transaction& t) -> Status {
    UNCAC_TRY(put(t, "a", 1));
    UNCAC_TRY(put(t, "b", 1));
    return put(t, "c", 2);
  }));
  // Several times, since a statement that comes again is prepared.
  for (int time = 0; time < 3; ++time) {
    const std::vector<Rows> each = must(store_->read([](Transaction& t) {
      return t.query_each("SELECT name FROM thing WHERE amount = $1 AND name > $2 ORDER BY name", 2,
                          std::vector<Value>{std::int64_t{2}, std::string(""), std::int64_t{3},
                                             std::string(""), std::int64_t{1}, std::string("")});
    }));
    ASSERT_EQ(each.size(), 3U);
    ASSERT_EQ(each[0].size(), 1U);
    EXPECT_EQ(each[0].text(0, 0), "c");
    EXPECT_TRUE(each[1].empty());
    ASSERT_EQ(each[2].size(), 2U);
    EXPECT_EQ(each[2].text(1, 0), "b");
  }
}

TEST_P(StoreContract, OneOfManyQueriesFailsAndTheStoreIsUsableAfterwards) {
  for (int time = 0; time < 3; ++time) {
    const auto failed = store_->read([](Transaction& t) {
      return t.query_each("SELECT amount + $1 FROM nowhere", 1,
                          std::vector<Value>{std::int64_t{1}, std::int64_t{2}});
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().reason, Reason::kInternal);
    EXPECT_EQ(count(), 0);
  }
}

TEST_P(StoreContract, WhoOnlyTriesALockWaitsForNobody) {
  const std::vector<std::string> names{"mine", "theirs", "other"};
  must(store_->write([&](Transaction& t) -> Status {
    UNCAC_ASSIGN(const std::vector<bool> held, t.try_lock(names));
    EXPECT_EQ(held, std::vector<bool>(3, true));
    return t.lock("mine");  // again, by who holds it
  }));
  const auto read = store_->read([&](Transaction& t) { return t.try_lock(names); });
  EXPECT_FALSE(read) << "a lock is for who writes";
}

// Increments under a lock lose no update, whichever engine serialises them.
TEST_P(StoreContract, TheLockMakesReadThenWriteSafe) {
  must(store_->write([&](Transaction& t) { return put(t, "counter", 0); }));
  constexpr int kThreads = 8;
  constexpr int kTimes = 25;
  std::atomic<int> failed = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < kTimes; ++k) {
        const Status status = store_->write([&](Transaction& t) -> Status {
          UNCAC_TRY(t.lock("counter"));
          UNCAC_ASSIGN(const Rows rows, t.query("SELECT amount FROM thing WHERE name = $1",
                                                {std::string("counter")}));
          UNCAC_ASSIGN([[maybe_unused]] const std::int64_t changed,
                       t.execute("UPDATE thing SET amount = $1 WHERE name = $2",
                                 {rows.integer(0, 0) + 1, std::string("counter")}));
          return {};
        });
        if (!status) ++failed;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(failed, 0);
  const Rows rows =
      must(store_->read([](Transaction& t) { return t.query("SELECT amount FROM thing"); }));
  EXPECT_EQ(rows.integer(0, 0), kThreads * kTimes);
}

// One writer's error is its own, also when several writers share a commit.
TEST_P(StoreContract, WritersThatWaitTogetherFailApart) {
  constexpr int kThreads = 16;
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 20; ++k) {
        const Status status = store_->write([&](Transaction& t) -> Status {
          UNCAC_TRY(put(t, std::to_string(i) + "/" + std::to_string(k), 1));
          if ((i + k) % 3 == 0) return make_error(Reason::kFailedPrecondition, "every third");
          return {};
        });
        if (status) {
          ++done;
        } else if (status.error().reason == Reason::kFailedPrecondition) {
          ++refused;
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(done + refused, kThreads * 20);
  EXPECT_EQ(count(), done);
}

TEST_P(StoreContract, AReadSeesOneMoment) {
  must(store_->write([&](Transaction& t) { return put(t, "first", 1); }));
  must(store_->read([&](Transaction& t) -> Status {
    UNCAC_ASSIGN(const Rows before, t.query("SELECT count(*) FROM thing"));
    std::jthread([&] {
      must(store_->write([&](Transaction& w) { return put(w, "second", 2); }));
    }).join();
    UNCAC_ASSIGN(const Rows after, t.query("SELECT count(*) FROM thing"));
    EXPECT_EQ(before.integer(0, 0), after.integer(0, 0));
    return {};
  }));
  EXPECT_EQ(count(), 2);
}

TEST_P(StoreContract, WhatWasWrittenIsThereAfterOpeningAgain) {
  must(store_->write([&](Transaction& t) { return put(t, "kept", 5); }));
  store_.reopen();
  EXPECT_EQ(count(), 1);
}

TEST_P(StoreContract, MigrationsRunOnceAndRefuseAChangedPast) {
  std::vector<Migration> steps{{1, "0001_a.sql", "CREATE TABLE a (x BIGINT);\n"}};
  must(store_->migrate("own", steps));
  must(store_->migrate("own", steps));
  steps.push_back({2, "0002_b.sql",
                   "-- a comment; with a semicolon\nCREATE TABLE b (id {{identity}}, body "
                   "{{bytes}});\nINSERT INTO a (x) VALUES (7);\n"});
  must(store_->migrate("own", steps));
  const Rows rows = must(store_->read([](Transaction& t) { return t.query("SELECT x FROM a"); }));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.integer(0, 0), 7);
  steps[0].sql = "CREATE TABLE a (y BIGINT);\n";
  const Status changed = store_->migrate("own", steps);
  ASSERT_FALSE(changed);
  EXPECT_NE(changed.error().message.find("0001_a.sql"), std::string::npos)
      << changed.error().message;
}

TEST_P(StoreContract, AFailedMigrationLeavesNothing) {
  const std::vector<Migration> steps{
      {1, "0001_half.sql", "CREATE TABLE half (x BIGINT);\nCREATE TABLE half (x BIGINT);\n"}};
  EXPECT_FALSE(store_->migrate("own", steps));
  EXPECT_FALSE(
      store_->read([](Transaction& t) { return t.query("SELECT count(*) FROM half"); }).ok());
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreContract, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& parameter) { return parameter.param; });

TEST(StoreOnPostgres, SeveralProcessesMigrateTogether) {
  FreshStore first("postgresql");
  const std::vector<Migration> steps{{1, "0001_a.sql", "CREATE TABLE a (x BIGINT);\n"}};
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 4; ++i) stores.push_back(first.second());
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    for (auto& store : stores) {
      threads.emplace_back([&] {
        if (!store->migrate("own", steps)) ++failed;
      });
    }
  }
  EXPECT_EQ(failed, 0);
}

TEST(StoreOnPostgres, WhatAnotherHoldsIsNotHeld) {
  FreshStore store("postgresql");
  const std::vector<std::string> names{"free", "held", "free too"};
  must(store->write([&](Transaction& holder) -> Status {
    UNCAC_TRY(holder.lock("held"));
    UNCAC_ASSIGN(const std::vector<bool> held,
                 store->write([&](Transaction& t) { return t.try_lock(names); }));
    EXPECT_EQ(held, (std::vector<bool>{true, false, true}));
    return {};
  }));
}

TEST(StoreOnPostgres, ReconnectsAfterTheServerRestarted) {
  // Its own server: the others' tests must not notice.
  auto server = must(testing::PostgresServer::start());
  must(server->create_database("restarted"));
  auto store = must(open_postgres({server->conninfo("restarted"), ""}));
  must(migrate_platform(*store));
  must(server->restart());
  EXPECT_TRUE(testing::eventually([&] {
    return store->read([](Transaction& t) { return t.query("SELECT count(*) FROM outbox"); }).ok();
  }));
}

TEST(StoreOnPostgres, AServerThatIsAwayIsUnavailable) {
  auto server = must(testing::PostgresServer::start());
  must(server->create_database("gone"));
  auto store = must(open_postgres({server->conninfo("gone"), ""}));
  must(server->stop());
  const auto result = store->read([](Transaction& t) { return t.query("SELECT 1"); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::kUnavailable);
}

TEST(StoreOnSqlite, ADamagedFileIsRefusedByName) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.file("broken.db");
  FILE* out = std::fopen(file.c_str(), "wb");
  ASSERT_NE(out, nullptr);
  for (int i = 0; i < 5000; ++i) std::fputs("this is no database ", out);
  std::fclose(out);
  const auto opened = open_sqlite(file);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("broken.db"), std::string::npos);
}

TEST(StoreOnSqlite, AFileHeldByAnotherIsRefusedByName) {
  const testing::TemporaryFolder folder;
  const auto first = must(open_sqlite(folder.file("held.db")));
  const auto second = open_sqlite(folder.file("held.db"));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("held.db"), std::string::npos);
}

TEST(StoreOnSqlite, ABackupOfALiveStoreIsWhole) {
  FreshStore store("sqlite");
  const testing::TemporaryFolder folder;
  must(store->write([](Transaction& t) -> Status {
    UNCAC_ASSIGN([[maybe_unused]] const auto created, t.execute("CREATE TABLE a (x BIGINT)"));
    UNCAC_ASSIGN([[maybe_unused]] const auto changed, t.execute("INSERT INTO a VALUES (3)"));
    return {};
  }));
  must(store->backup_to(folder.file("copy.db")));
  const auto copy = must(open_sqlite(folder.file("copy.db")));
  const Rows rows = must(copy->read([](Transaction& t) { return t.query("SELECT x FROM a"); }));
  EXPECT_EQ(rows.integer(0, 0), 3);
}

}  // namespace
}  // namespace uncac::platform
