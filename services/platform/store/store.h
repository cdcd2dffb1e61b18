// One relational store behind one SQL text: SQLite (embedded) or PostgreSQL (distributed).
//
// The SQL is the part both engines agree on, with parameters $1, $2 … Dialect words are written in
// migrations only, as {{identity}} (a growing integer primary key) and {{bytes}}.
// Text must be valid UTF-8 without NUL; whatever else goes in a Bytes value, which carries all 256.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "platform/result.h"
#include "platform/time.h"

namespace uncac::platform {

struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

// NULL, integer, text or bytes: all that the tables of this project hold.
using Value = std::variant<std::monostate, std::int64_t, std::string, Bytes>;

// The rows of one query, all in memory: a query that can return much has a LIMIT.
class Rows {
 public:
  Rows(std::size_t columns, std::vector<Value> cells)
      : columns_(columns), cells_(std::move(cells)) {}
  Rows() = default;

  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return size() == 0; }
  bool is_null(std::size_t row, std::size_t column) const {
    return std::holds_alternative<std::monostate>(at(row, column));
  }
  // 0 and empty for NULL. Asking for another type than the column has is a defect and aborts.
  std::int64_t integer(std::size_t row, std::size_t column) const;
  const std::string& text(std::size_t row, std::size_t column) const;
  const std::string& bytes(std::size_t row, std::size_t column) const;
  const Value& at(std::size_t row, std::size_t column) const {
    return cells_[row * columns_ + column];
  }
  // Behind the own rows those of another answer to the same statement.
  void append(Rows more);

 private:
  std::size_t columns_ = 0;
  std::vector<Value> cells_;
};

// One transaction, lent to the function that Store::write or Store::read runs. Used by one thread,
// never kept. After an error nothing more can be done in it: return the error, and it is undone.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Result<Rows> query(std::string_view sql, std::span<const Value> parameters = {}) = 0;
  // Rows changed.
  virtual Result<std::int64_t> execute(std::string_view sql,
                                       std::span<const Value> parameters = {}) = 0;
  // Nobody else holds the same name until this transaction ends. Take it before reading what you
  // are about to change. (PostgreSQL: an advisory lock. SQLite has one writer at a time anyway.)
  virtual Status lock(std::string_view name) = 0;
  // Of each name, whether nobody else held it and this transaction holds it now. Waits for nobody,
  // so whoever takes many cannot meet another in a deadlock.
  virtual Result<std::vector<bool>> try_lock(std::span<const std::string> names) = 0;
  // For a table that is mostly empty and now and then is not. PostgreSQL keeps the plan of a
  // statement, and the one for an empty table walks through all rows once there are some: what
  // follows in this transaction is planned by the size that the tables have now. (SQLite plans by
  // the indexes alone.)
  virtual Status plan_anew() = 0;
  // Runs after the commit is durable, on the thread that called write() and before it returns; not
  // at all after an undo.
  virtual void after_commit(std::function<void()> action) = 0;

  Result<Rows> query(std::string_view sql, std::initializer_list<Value> parameters) {
    return query(sql, std::span<const Value>(parameters.begin(), parameters.size()));
  }
  Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Value> parameters) {
    return execute(sql, std::span<const Value>(parameters.begin(), parameters.size()));
  }
  // Many rows in few statements: `INSERT INTO t (a, b) VALUES` + rows + suffix (an ON CONFLICT
  // clause, or empty). `cells` holds rows × columns values, row by row; a column holds values of
  // one type, and NULL. A column with nothing but NULL needs another one beside it. What is wrong
  // with it may be told later: by the next statement, or by Store::write.
  Status insert_many(std::string_view insert_into_values, std::size_t columns,
                     std::span<const Value> cells, std::string_view suffix = {});
  // The same with a suffix that returns rows: all that were returned, in no order.
  Result<Rows> query_many(std::string_view insert_into_values, std::size_t columns,
                          std::span<const Value> cells, std::string_view suffix);
  // The same query for each row of `cells`, in one exchange: what each returned, in that order.
  Result<std::vector<Rows>> query_each(std::string_view sql, std::size_t columns,
                                       std::span<const Value> cells);

 protected:
  // `cells` holds whole rows, and at least one.
  virtual Result<Rows> run_many(std::string_view before_rows, std::size_t columns,
                                std::span<const Value> cells, std::string_view suffix,
                                bool want_rows) = 0;
  virtual Result<std::vector<Rows>> run_each(std::string_view sql, std::size_t columns,
                                             std::span<const Value> cells) = 0;
};

// A numbered change of the tables. Version n of the program must run on the tables of n + 1:
// expand first, contract one version later.
struct Migration {
  int number = 0;    // from 1 without gaps, per set
  std::string name;  // of its file
  std::string sql;   // statements divided by ';' at a line's end
};

// Migrations from embedded files named `0001_words.sql`, in order.
std::vector<Migration> migrations_from(
    std::span<const std::pair<std::string_view, std::string_view>> files);

struct StoreLimits {
  std::size_t connections = 8;                  // PostgreSQL: at most this many
  std::chrono::milliseconds statement{10'000};  // one statement
  std::chrono::milliseconds acquire{5'000};     // waiting for a connection or the write lock
  int retries = 8;  // of a transaction, on busy or serialization failure
};

// Safe for concurrent use.
class Store {
 public:
  virtual ~Store() = default;

  // Runs `work` in a transaction and commits when it returns a value. Runs it again when the engine
  // says busy, deadlock or serialization failure, so it must not have effects outside of the
  // transaction. When write() returns a value the change is on disk. kUnavailable when the engine
  // cannot be reached: then nothing was changed, or (a connection lost in the commit) it is
  // unknown, and the caller's idempotency key tells.
  template <class Work>
  auto write(Work&& work) -> std::invoke_result_t<Work, Transaction&> {
    return typed(Mode::kWrite, std::forward<Work>(work));
  }
  // The same on one snapshot, read only.
  template <class Work>
  auto read(Work&& work) -> std::invoke_result_t<Work, Transaction&> {
    return typed(Mode::kRead, std::forward<Work>(work));
  }

  // Brings the tables of `set` to the newest number, one process at a time. Refuses when a
  // migration that ran differs from the one given now.
  Status migrate(const std::string& set, std::span<const Migration> migrations);

  // Words for {{identity}} and {{bytes}}.
  virtual std::string dialect(std::string_view sql) const = 0;
  virtual std::string engine() const = 0;  // "sqlite" or "postgresql"
  // Copies the whole store into a new file while it is in use (SQLite only; else
  // kFailedPrecondition).
  virtual Status backup_to(const std::string& file) = 0;

 protected:
  // kMigrate is a write whose statements and waiting for locks have no time limit: an index over a
  // large table takes its time, and replicas started together wait for the first.
  enum class Mode { kRead, kWrite, kMigrate };
  virtual Status run(Mode mode, const std::function<Status(Transaction&)>& work) = 0;

 private:
  template <class Work>
  auto typed(Mode mode, Work&& work) -> std::invoke_result_t<Work, Transaction&> {
    using R = std::invoke_result_t<Work, Transaction&>;
    std::optional<R> result;
    Status status = run(mode, [&](Transaction& transaction) -> Status {
      result.emplace(work(transaction));
      if (!result->ok()) return result->error();
      return {};
    });
    if (!status) return std::move(status).error();
    return *std::move(result);
  }
};

// One file, WAL, synchronous=FULL. Refuses a damaged file, and one held by another process.
// Writers queue, and those that wait together share one commit (group commit by savepoints).
Result<std::unique_ptr<Store>> open_sqlite(const std::string& file, StoreLimits limits = {});

struct PostgresOptions {
  std::string conninfo;  // libpq, without the password
  std::string password;  // never printed
};
// Connects on demand; reconnects by itself. Fails when the server cannot be reached now.
Result<std::unique_ptr<Store>> open_postgres(const PostgresOptions& options,
                                             StoreLimits limits = {});

// The tables of this room, which every service's store has: migration set "platform", and on
// SQLite, whose outbox is the log, "embedded_log".
Status migrate_platform(Store& store);

}  // namespace uncac::platform
