// One connection to a SQLite file; not for services.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/store/store.h"

namespace uncac::platform {

struct SqliteClose {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using SqliteHandle = std::unique_ptr<sqlite3, SqliteClose>;

// The engine's last word on `database` as an Error that names the file. Call it before anything
// else is asked of the connection.
Error sqlite_error(sqlite3* database, const std::string& file);

// Used by one thread at a time.
class SqliteConnection {
 public:
  // Opens the file, which is created when `create` says so.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& file, bool create,
                                                        std::chrono::milliseconds busy);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // Runs one statement to its end. `rows` may be null, when what it returns is of no interest.
  // Rows changed. A statement that runs longer than `limit` ends with kDeadlineExceeded; zero:
  // none.
  Result<std::int64_t> run(std::string_view sql, std::span<const Value> parameters, Rows* rows,
                           std::chrono::milliseconds limit);
  // A statement of our own without parameters.
  Status run(std::string_view sql);

  // False between BEGIN and its end. An engine's error may have ended the transaction by itself.
  bool outside_transaction() const { return sqlite3_get_autocommit(handle_.get()) != 0; }
  sqlite3* handle() { return handle_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
  struct Cached {
    std::string sql;
    Statement statement;
  };

  SqliteConnection(SqliteHandle handle, std::string file)
      : handle_(std::move(handle)), file_(std::move(file)) {}
  Result<Statement> prepare(std::string_view sql, bool keep);
  Result<sqlite3_stmt*> cached(std::string_view sql);
  Status bind(sqlite3_stmt* statement, std::span<const Value> parameters);
  Status step(sqlite3_stmt* statement, Rows* rows);
  static int on_progress(void* self);

  SqliteHandle handle_;
  std::string file_;
  std::list<Cached> statements_;  // the newest used first
  std::unordered_map<std::string_view, std::list<Cached>::iterator>
      by_sql_;  // keys lie in the list
  Instant deadline_ = Instant::max();
};

// A job's view of a connection.
class SqliteTransaction final : public Transaction {
 public:
  SqliteTransaction(SqliteConnection& connection, bool writes, std::chrono::milliseconds limit)
      : connection_(connection), writes_(writes), limit_(limit) {}

  Result<Rows> query(std::string_view sql, std::span<const Value> parameters) override;
  Result<std::int64_t> execute(std::string_view sql, std::span<const Value> parameters) override;
  Status lock(std::string_view name) override;
  Result<std::vector<bool>> try_lock(std::span<const std::string> names) override;
  Status plan_anew() override { return {}; }
  void after_commit(std::function<void()> action) override {
    actions_.push_back(std::move(action));
  }

  // The first error, when there was one: then the transaction must not be committed even if the
  // work did not pass it on.
  const Status& status() const { return status_; }
  std::vector<std::function<void()>> take_actions() { return std::move(actions_); }

 protected:
  // Both row by row: there is no exchange to save, and a text of thousands of parameters costs more
  // than the rows do.
  Result<Rows> run_many(std::string_view before_rows, std::size_t columns,
                        std::span<const Value> cells, std::string_view suffix,
                        bool want_rows) override;
  Result<std::vector<Rows>> run_each(std::string_view sql, std::size_t columns,
                                     std::span<const Value> cells) override;

 private:
  Result<std::int64_t> run(std::string_view sql, std::span<const Value> parameters, Rows* rows);

  SqliteConnection& connection_;
  const bool writes_;
  const std::chrono::milliseconds limit_;
  Status status_;
  std::vector<std::function<void()>> actions_;
};

}  // namespace uncac::platform
