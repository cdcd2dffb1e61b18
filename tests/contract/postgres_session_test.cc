// What a session of PostgreSQL must be like, on each connection of the pool: limits that the server
// itself keeps, so that nobody who hangs holds up the others, and statements that outlive another
// version's migration.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "platform/store/store.h"
#include "support/engines.h"
#include "support/gate.h"
#include "support/servers.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using testing::eventually;
using testing::must;

class PostgresSessions : public ::testing::Test {
 protected:
  PostgresSessions() {
    const std::string name = testing::unique_name("sessions");
    must(testing::postgres().create_database(name));
    conninfo_ = testing::postgres().conninfo(name);
    others_ = open({});
    execute("CREATE TABLE thing (name TEXT PRIMARY KEY, amount INTEGER)");
    execute("INSERT INTO thing VALUES ('a', 1), ('b', 2)");
    StoreLimits limits;
    limits.connections = 1;  // so it is the same session, unless that is given up
    store_ = open(limits);
  }
  std::unique_ptr<Store> open(StoreLimits limits) const {
    return must(open_postgres({conninfo_, ""}, limits));
  }
  // By another process.
  void execute(const std::string& sql) {
    must(others_->write([&](Transaction& t) { return t.execute(sql); }));
  }
  static Result<std::int64_t> session(Transaction& t) {
    UNCAC_ASSIGN(const Rows rows, t.query("SELECT pg_backend_pid()"));
    return rows.integer(0, 0);
  }
  std::int64_t session() {
    return must(store_->read([](Transaction& t) { return session(t); }));
  }
  std::int64_t count() {
    return must(store_->read([](Transaction& t) -> Result<std::int64_t> {
      UNCAC_ASSIGN(const Rows rows, t.query("SELECT count(*) FROM thing"));
      return rows.integer(0, 0);
    }));
  }

  std::string conninfo_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Store> others_;
};

TEST_F(PostgresSessions, EveryConnectionHasTheLimitsAndWritesToDiskWhateverTheServerIsSetTo) {
  for (const std::string setting :
       {"statement_timeout = 0", "lock_timeout = 0", "idle_in_transaction_session_timeout = 0",
        "synchronous_commit = off"}) {
    must(others_->write([&](Transaction& t) -> Status {
      UNCAC_ASSIGN(const Rows rows, t.query("SELECT current_database()::text"));
      UNCAC_TRY(t.execute("ALTER DATABASE " + rows.text(0, 0) + " SET " + setting));
      return {};
    }));
  }
  StoreLimits limits;
  limits.connections = 3;
  limits.statement = milliseconds(7'000);
  limits.acquire = milliseconds(6'001);
  const auto store = open(limits);
  const std::map<std::string, std::string> wanted{{"idle_in_transaction_session_timeout", "21000"},
                                                  {"lock_timeout", "6001"},
                                                  {"statement_timeout", "7000"},
                                                  {"synchronous_commit", "on"}};
  std::set<std::int64_t> sessions;
  const auto look = [&](Transaction& t) -> Status {
    UNCAC_ASSIGN(const std::int64_t number, session(t));
    sessions.insert(number);
    std::map<std::string, std::string> found;
    for (const auto& [name, value] : wanted) {
      // In milliseconds, where it is a time.
      UNCAC_ASSIGN(const Rows rows,
                   t.query("SELECT setting FROM pg_settings WHERE name = $1", {name}));
      found[name] = rows.text(0, 0);
    }
    EXPECT_EQ(found, wanted);
    return {};
  };
  must(store->read([&](Transaction& first) -> Status {
    UNCAC_TRY(look(first));
    return store->write([&](Transaction& second) -> Status {
      UNCAC_TRY(look(second));
      return store->read(look);
    });
  }));
  EXPECT_EQ(sessions.size(), 3U);
  must(store->read(look));
  EXPECT_EQ(sessions.size(), 3U) << "used again, as they were";
}

// A query that would never end costs its caller the answer, and nobody else anything.
TEST_F(PostgresSessions, AStatementOverTheLimitIsUndoneAndItsConnectionGoesOn) {
  const std::int64_t before = session();
  const std::vector<std::function<Status(Transaction&)>> endless{
      [](Transaction& t) -> Status {
        UNCAC_TRY(t.query("SELECT 1 FROM pg_sleep(600)"));
        return {};
      },
      [](Transaction& t) -> Status {
        UNCAC_TRY(t.query_each("SELECT 1 FROM pg_sleep($1)", 1,
                               std::vector<Value>{std::int64_t{0}, std::int64_t{600}}));
        return {};
      }};
  for (const auto& statement : endless) {
    int runs = 0;
    const Status done = store_->write([&](Transaction& t) -> Status {
      ++runs;
      UNCAC_TRY(t.execute("INSERT INTO thing VALUES ('half', 1)"));
      UNCAC_TRY(t.execute("SET LOCAL statement_timeout = 50"));
      return statement(t);
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason, Reason::kDeadlineExceeded) << done.error().message;
    EXPECT_EQ(runs, 1) << "what took too long is not done again";
    EXPECT_EQ(count(), 2);
    EXPECT_EQ(session(), before);
  }
}

TEST_F(PostgresSessions, WhoWaitsTooLongForALockIsToldToTryLater) {
  const std::int64_t before = session();
  must(others_->write([&](Transaction& holder) -> Status {
    UNCAC_TRY(holder.lock("held"));
    UNCAC_TRY(holder.execute("UPDATE thing SET amount = 3 WHERE name = 'a'"));
    const auto waiting = [&](const std::function<Status(Transaction&)>& wait) {
      return store_->write([&](Transaction& t) -> Status {
        UNCAC_TRY(t.execute("SET LOCAL lock_timeout = 50"));
        return wait(t);
      });
    };
    for (const Status& refused : {waiting([](Transaction& t) { return t.lock("held"); }),
                                  waiting([](Transaction& t) -> Status {
                                    UNCAC_TRY(t.execute("DELETE FROM thing WHERE name = 'a'"));
                                    return {};
                                  })}) {
      EXPECT_FALSE(refused);
      if (refused) continue;
      EXPECT_EQ(refused.error().reason, Reason::kOverloaded) << refused.error().message;
    }
    return {};
  }));
  must(store_->write([](Transaction& t) { return t.lock("held"); }));
  EXPECT_EQ(count(), 2);
  EXPECT_EQ(session(), before);
}

// A caller that hangs between two statements loses his session, so what he holds is free for
// others; when he goes on, he does it all again in another one.
TEST_F(PostgresSessions, WhoHangsInATransactionHoldsNothingForEver) {
  const std::vector<std::string> held{"held"};
  std::vector<std::int64_t> sessions;
  const Status done = store_->write([&](Transaction& t) -> Status {
    UNCAC_ASSIGN(const std::int64_t number, session(t));
    sessions.push_back(number);
    UNCAC_TRY(t.lock("held"));
    UNCAC_TRY(t.execute("INSERT INTO thing VALUES ('c', 3)"));
    if (sessions.size() > 1) return {};
    UNCAC_TRY(t.execute("SET LOCAL idle_in_transaction_session_timeout = 50"));
    EXPECT_TRUE(eventually([&]() -> bool {
      return must(others_->write([&](Transaction& other) { return other.try_lock(held); }))[0];
    }));
    const auto late = t.query("SELECT 1");
    EXPECT_FALSE(late);
    if (late) return {};
    EXPECT_EQ(late.error().reason, Reason::kUnavailable);
    EXPECT_NE(late.error().message.find("25P03"), std::string::npos) << late.error().message;
    return late.error();
  });
  EXPECT_TRUE(done) << done.error().message;
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_NE(sessions[0], sessions[1]);
  EXPECT_EQ(count(), 3);
}

// Tables are altered while replicas of the version before go on, and the server refuses statements
// that were prepared before ("cached plan must not change result type").
TEST_F(PostgresSessions, AStatementPreparedBeforeAMigrationIsPreparedAgain) {
  int runs = 0;
  const auto all_at_once = [&](Transaction& t) -> Result<Rows> {
    ++runs;
    return t.query("SELECT amount FROM thing ORDER BY name");
  };
  const auto each = [&](Transaction& t) -> Result<Rows> {
    ++runs;
    UNCAC_ASSIGN(std::vector<Rows> rows,
                 t.query_each("SELECT amount FROM thing WHERE name = $1", 1,
                              std::vector<Value>{std::string("a"), std::string("b")}));
    rows[0].append(std::move(rows[1]));
    return std::move(rows[0]);
  };
  const auto written = [&](Transaction& t) -> Result<Rows> {
    ++runs;
    return t.query("UPDATE thing SET amount = amount WHERE name IN ('a', 'b') RETURNING amount");
  };
  const auto reads = [&](const auto& work) { return [&] { return must(store_->read(work)); }; };
  const std::vector<std::function<Rows()>> questions{reads(all_at_once), reads(each),
                                                     [&] { return must(store_->write(written)); }};
  const std::array<std::string, 2> types{"BIGINT", "INTEGER"};
  std::size_t migrations = 0;
  for (const auto& ask : questions) {
    // A statement is prepared when it comes again.
    for (int time = 0; time < 3; ++time) EXPECT_EQ(ask().size(), 2U);
    const std::int64_t before = session();
    execute("ALTER TABLE thing ALTER COLUMN amount TYPE " + types[migrations++ % 2]);
    runs = 0;
    EXPECT_EQ(ask().integer(1, 0), 2);
    EXPECT_EQ(runs, 2) << "refused once, and done again";
    EXPECT_NE(session(), before);
    EXPECT_EQ(ask().size(), 2U);
    EXPECT_EQ(runs, 3);
  }
}

// A server far away: what costs is how often its answer is waited for. Inserts go out with the
// COMMIT, also when their texts come for the second time and are prepared.
TEST_F(PostgresSessions, InsertsAreWrittenInOneExchange) {
  testing::Gate gate;
  gate.lead_to(testing::postgres().port());
  StoreLimits limits;
  limits.connections = 1;
  const auto far = must(open_postgres(
      {conninfo_ + " hostaddr=127.0.0.1 port=" + std::to_string(gate.port()), ""}, limits));
  gate.delay(milliseconds(100));
  const auto time_of = [](const auto& act) {
    const auto began = std::chrono::steady_clock::now();
    act();
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
  };
  // Two exchanges: the query, the COMMIT.
  const milliseconds two = time_of([&] {
    must(far->read([](Transaction& t) { return t.query("SELECT count(*) FROM thing"); }));
  });
  for (int round = 0; round < 3; ++round) {
    const milliseconds written = time_of([&] {
      must(far->write([&](Transaction& t) -> Status {
        for (int i = 0; i < 8; ++i) {
          const std::string name = std::to_string(round) + "." + std::to_string(i);
          const std::string conflict = "ON CONFLICT DO NOTHING /* " + std::to_string(i) + " */";
          UNCAC_TRY(t.insert_many("INSERT INTO thing (name, amount) VALUES", 2,
                                  std::vector<Value>{name, std::int64_t{i}}, conflict));
        }
        return {};
      }));
    });
    EXPECT_LT(written.count(), two.count()) << "ms, in round " << round;
  }
  EXPECT_EQ(count(), 2 + 3 * 8);
}

// Whatever it is told by, nothing of it stays.
TEST_F(PostgresSessions, AnInsertThatCannotBeIsToldByWhatFollowsIt) {
  const std::vector<Value> there_already{std::string("a"), std::int64_t{3}};
  const std::vector<Value> fresh{std::string("c"), std::int64_t{3}};
  for (const bool asked : {false, true}) {
    bool answered = false;
    const Status done = store_->write([&](Transaction& t) -> Status {
      UNCAC_TRY(t.insert_many("INSERT INTO thing (name, amount) VALUES", 2, fresh));
      UNCAC_TRY(t.insert_many("INSERT INTO thing (name, amount) VALUES", 2, there_already));
      if (asked) UNCAC_TRY(t.query("SELECT 1"));
      answered = asked;
      return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason, Reason::kConflict) << done.error().message;
    EXPECT_FALSE(answered);
    EXPECT_EQ(count(), 2);
  }
  // A refusal of the work's own sends nothing.
  const Status refused = store_->write([&](Transaction& t) -> Status {
    UNCAC_TRY(t.insert_many("INSERT INTO thing (name, amount) VALUES", 2, fresh));
    return make_error(Reason::kForbidden, "no");
  });
  EXPECT_EQ(refused.error().reason, Reason::kForbidden);
  EXPECT_EQ(count(), 2);
}

// The server said so of what went ahead of the COMMIT: that was not done, and the work is done
// again.
TEST_F(PostgresSessions, ASessionThatEndsAheadOfTheCommitIsNoUnknownOutcome) {
  int runs = 0;
  must(store_->write([&](Transaction& t) -> Status {
    UNCAC_ASSIGN(const std::int64_t mine, session(t));
    UNCAC_TRY(t.insert_many("INSERT INTO thing (name, amount) VALUES", 2,
                            std::vector<Value>{std::string("c"), std::int64_t{3}}));
    if (++runs > 1) return {};
    must(others_->read([&](Transaction& other) {
      return other.query("SELECT pg_terminate_backend(CAST($1 AS INTEGER), 10000)", {mine});
    }));
    return {};
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(count(), 3);
}

TEST_F(PostgresSessions, ATextThatComesOftenAtOnceIsPreparedOnce) {
  std::int64_t prepared = 0;
  must(store_->write([&](Transaction& t) -> Status {
    for (int i = 0; i < 200; ++i) {
      UNCAC_TRY(t.insert_many("INSERT INTO thing (name, amount) VALUES", 2,
                              std::vector<Value>{"n" + std::to_string(i), std::int64_t{i}}));
    }
    UNCAC_ASSIGN(const Rows rows,
                 t.query("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE "
                         "'INSERT INTO thing%'"));
    prepared = rows.integer(0, 0);
    return {};
  }));
  EXPECT_EQ(prepared, 1);
  EXPECT_EQ(count(), 2 + 200);
}

}  // namespace
}  // namespace uncac::platform
