// One connection to a PostgreSQL server; not for services.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "platform/store/postgres_values.h"
#include "platform/store/store.h"

namespace uncac::platform {

// What can be done about an error, beside telling the caller.
enum class Remedy {
  kNone,
  kRetry,      // a deadlock or a serialization failure: the same work again may succeed
  kReconnect,  // the session is lost or of no use: again, on another connection
};

struct PostgresFailure {
  Error error;
  Remedy remedy = Remedy::kNone;
  std::string state = {};      // SQLSTATE, empty when the server did not say one
  bool session_ended = false;  // nobody answers any more, so what was under way has an unknown end
  bool not_run = false;        // told of what went ahead of the statement, which was not run
};

struct PostgresSession {
  std::vector<std::pair<std::string, std::string>> keywords;  // libpq's, the password among them
  std::string password;                                       // to keep it out of messages
  StoreLimits limits;
};

// Reads `conninfo` and adds what this adapter needs. kInvalidInput when it cannot be read, or when
// it holds a password.
Result<PostgresSession> make_postgres_session(const PostgresOptions& options, StoreLimits limits);

// Used by one thread at a time. Every wait is bounded by the limits, also when the server's machine
// is gone without a word.
class PostgresConnection {
 public:
  static Result<std::unique_ptr<PostgresConnection>> open(const PostgresSession& session);

  // Rows, and the number of rows changed.
  struct Answer {
    Rows rows;
    std::int64_t changed = 0;
    std::string command;  // "INSERT 0 1", "COMMIT"
  };
  // A statement whose answer nobody waits for.
  struct Deferred {
    std::string sql;
    PostgresParameters parameters;
  };
  // What goes out ahead of a statement in the same exchange, which saves the waits for the answers:
  // a BEGIN, when not empty, and what was deferred. A text that comes again is prepared in it too.
  struct Ahead {
    std::string_view begin;
    std::vector<Deferred> deferred;
  };
  std::variant<Answer, PostgresFailure> run(const Ahead& ahead, std::string_view sql,
                                            const PostgresParameters& parameters, bool want_rows,
                                            bool unlimited);
  // Nothing but that: no answer to anything.
  std::variant<std::vector<Answer>, PostgresFailure> flush(const Ahead& ahead, bool unlimited) {
    return exchange(ahead, "", 0, nullptr, false, unlimited);
  }
  // The query once for each row of `cells`, within a transaction, all in one exchange.
  std::variant<std::vector<Rows>, PostgresFailure> run_each(const Ahead& ahead,
                                                            std::string_view sql,
                                                            std::size_t columns,
                                                            std::span<const Value> cells,
                                                            bool unlimited);

  bool usable() const { return usable_; }
  bool in_transaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Handle = std::unique_ptr<PGconn, Finish>;
  using ResultHandle = std::unique_ptr<PGresult, Clear>;

  // One SQL text may have several, because NULL leaves a parameter's type to the server.
  struct Prepared {
    std::string sql;
    std::string name;
    std::vector<Oid> types;
  };

  PostgresConnection(Handle connection, const PostgresSession& session)
      : connection_(std::move(connection)), session_(session) {}

  std::variant<Answer, PostgresFailure> answer_of(const PGresult* result, bool want_rows);
  PostgresFailure failure_of(const PGresult* result);
  PostgresFailure lost(const std::string& what);
  // One statement of an exchange, some number of times.
  struct Sent {
    const Prepared* known = nullptr;  // prepared before, or by an earlier one of this exchange
    std::optional<Prepared> made;     // in this exchange
    bool described = false;
    std::size_t times = 0;
  };

  // All that is sent together, and then answered in order: the answers to the statement, which goes
  // `count` times.
  std::variant<std::vector<Answer>, PostgresFailure> exchange(
      const Ahead& ahead, std::string_view sql, std::size_t count,
      const std::function<const PostgresParameters&(std::size_t)>& parameters_of, bool want_rows,
      bool unlimited);
  // `earlier`: what was sent before it in this exchange. False when the connection is lost.
  bool post(std::span<Sent> earlier, Sent& sent, std::string_view sql,
            const PostgresParameters& parameters);
  // A migration elsewhere changes a table, and the server refuses the statements prepared before it
  // ("cached plan must not change result type"). A new session prepares them again.
  void renew_if_stale(PostgresFailure& failure);
  // Null when no prepared statement fits.
  const Prepared* find_prepared(std::string_view sql, const PostgresParameters& parameters);
  // Whether the text came before.
  bool comes_again(std::string_view sql);
  void keep(Prepared statement);
  // As many as are too many. Where that fails the connection is of no use any more, and what was
  // answered before stands.
  void forget_oldest();
  // Sends it, prepared when `statement` is not null. False when the connection is lost.
  bool send(const Prepared* statement, std::string_view sql, const PostgresParameters& parameters);
  // The next result; null at the end of one statement's results. Gives up at `deadline`.
  bool next_result(Instant deadline, ResultHandle& result);
  bool flush_and_wait(Instant deadline);
  // All results of one statement; the last one that is not null.
  ResultHandle collect(Instant deadline);
  std::string redacted(std::string text) const;

  Handle connection_;
  const PostgresSession& session_;  // the store's
  bool usable_ = true;
  std::uint64_t names_ = 0;
  std::list<Prepared> statements_;  // the newest used first
  std::unordered_multimap<std::string_view, std::list<Prepared>::iterator> by_sql_;
  std::size_t text_kept_ = 0;             // bytes of their texts
  std::unordered_set<std::size_t> seen_;  // hashes of texts that came once
};

}  // namespace uncac::platform
