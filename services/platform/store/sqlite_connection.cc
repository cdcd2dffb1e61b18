#include "platform/store/sqlite_connection.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "platform/store/adapter.h"

namespace uncac::platform {
namespace {

constexpr std::size_t kStatementsKept = 128;
// A longer text is a many-row insert whose compiled form is large and seldom comes again.
constexpr std::size_t kLongestKept = 8'192;
// Virtual machine steps between two looks at the clock: some tens of microseconds.
constexpr int kStepsPerLook = 4'000;

Reason reason_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return Reason::kConflict;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
      return Reason::kUnavailable;
    case SQLITE_TOOBIG:
      return Reason::kTooLarge;
    case SQLITE_INTERRUPT:
      return Reason::kDeadlineExceeded;
    default:
      return Reason::kInternal;
  }
}

const char* words_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "the database is locked by another process";
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_CORRUPT:
      return "the database file is damaged";
    case SQLITE_NOTADB:
      return "the file is not a database";
    case SQLITE_CANTOPEN:
      return "the database file cannot be opened";
    case SQLITE_READONLY:
      return "the database is read only";
    case SQLITE_INTERRUPT:
      return "a statement took longer than it may";
    default:
      return nullptr;
  }
}

Result<Value> value_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return Value{};
    case SQLITE_INTEGER:
      return Value{std::int64_t{sqlite3_column_int64(statement, column)}};
    case SQLITE_TEXT: {
      // The bytes must be asked for after the text, which may convert.
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return Value{std::string(text == nullptr ? "" : text, text == nullptr ? 0 : size)};
    }
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return Value{Bytes{std::string(data == nullptr ? "" : data, data == nullptr ? 0 : size)}};
    }
    default:
      return make_error(Reason::kInternal,
                        std::string("column \"") + sqlite3_column_name(statement, column) +
                            "\" of a result is a floating point number, which no store reads; "
                            "cast it");
  }
}

// `$1, $2, $1` as `?, ?, ?1`. To SQLite `$7` is a name, which it looks for in a list of all names
// at each use, and so it does for `?7`: a statement of thousands of parameters would take seconds.
// A bare `?` is the number after the highest before it.
std::string with_bare_parameters(std::string_view sql) {
  std::string out;
  out.reserve(sql.size());
  int highest = 0;
  while (!sql.empty()) {
    // Up to the next parameter, over what is quoted or a comment.
    const std::size_t stop = std::min(sql.find_first_of("'\"$-"), sql.size());
    out.append(sql.substr(0, stop));
    sql.remove_prefix(stop);
    if (sql.empty()) break;
    std::size_t length = 1;
    int number = 0;
    if (sql.front() == '$') {
      const auto [end, error] = std::from_chars(sql.data() + 1, sql.data() + sql.size(), number);
      length = static_cast<std::size_t>(end - sql.data());
      if (error != std::errc() || number < 1) {
        number = 0;
        length = 1;
      }
    } else if (sql.front() != '-') {
      length = sql.find(sql.front(), 1) + 1;
      if (length == 0) length = sql.size();  // never closed: SQLite will say so
    } else if (sql.starts_with("--")) {
      length = std::min(sql.find('\n'), sql.size());
    }
    if (number == 0) {
      out.append(sql.substr(0, length));
    } else {
      out += '?';
      if (number != highest + 1) out += std::to_string(number);
      highest = std::max(highest, number);
    }
    sql.remove_prefix(length);
  }
  return out;
}

}  // namespace

Error sqlite_error(sqlite3* database, const std::string& file) {
  const int code = sqlite3_extended_errcode(database);
  const char* words = words_of(code);
  std::string message = file + ": ";
  if (words != nullptr) message.append(words).append(" (");
  message.append(sqlite3_errmsg(database));
  if (words != nullptr) message.append(")");
  if ((code & 0xFF) == SQLITE_IOERR) {
    message += ", input/output error " + std::to_string(code);
    // SQLite's own words are the same for a full disk and a broken one.
    if (const int why = sqlite3_system_errno(database); why != 0) {
      message += ": " + std::generic_category().message(why);
    }
  }
  return make_error(reason_of(code), std::move(message));
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& file,
                                                                 bool create,
                                                                 std::chrono::milliseconds busy) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  SqliteHandle handle(raw);
  if (raw == nullptr) return make_error(Reason::kOverloaded, file + ": out of memory");
  if (code != SQLITE_OK) return sqlite_error(raw, file);
  sqlite3_busy_timeout(raw, static_cast<int>(busy.count()));
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(std::move(handle), file));
  sqlite3_progress_handler(raw, kStepsPerLook, &SqliteConnection::on_progress, connection.get());
  return connection;
}

SqliteConnection::~SqliteConnection() {
  by_sql_.clear();
  statements_.clear();  // before the handle, or closing waits for them
}

int SqliteConnection::on_progress(void* self) {
  const auto* connection = static_cast<const SqliteConnection*>(self);
  return connection->deadline_ != Instant::max() &&
         std::chrono::steady_clock::now() > connection->deadline_;
}

Result<SqliteConnection::Statement> SqliteConnection::prepare(std::string_view sql, bool keep) {
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const std::string text = with_bare_parameters(sql);
  const int code = sqlite3_prepare_v3(handle_.get(), text.data(), static_cast<int>(text.size()),
                                      keep ? SQLITE_PREPARE_PERSISTENT : 0, &raw, &rest);
  Statement statement(raw);
  if (code != SQLITE_OK) return sqlite_error(handle_.get(), file_);
  // PostgreSQL refuses a second statement in the text; SQLite would never run it.
  const std::string_view tail(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  if (raw == nullptr || tail.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return make_error(Reason::kInternal, "a text of SQL must hold exactly one statement");
  }
  return statement;
}

Result<sqlite3_stmt*> SqliteConnection::cached(std::string_view sql) {
  if (const auto found = by_sql_.find(sql); found != by_sql_.end()) {
    statements_.splice(statements_.begin(), statements_, found->second);
    return found->second->statement.get();
  }
  UNCAC_ASSIGN(Statement statement, prepare(sql, true));
  statements_.push_front({std::string(sql), std::move(statement)});
  by_sql_.emplace(statements_.front().sql, statements_.begin());
  if (statements_.size() > kStatementsKept) {
    by_sql_.erase(statements_.back().sql);
    statements_.pop_back();
  }
  return statements_.front().statement.get();
}

Status SqliteConnection::bind(sqlite3_stmt* statement, std::span<const Value> parameters) {
  if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) != parameters.size()) {
    return make_error(Reason::kInternal,
                      "a statement was given " + std::to_string(parameters.size()) +
                          " parameters and takes " +
                          std::to_string(sqlite3_bind_parameter_count(statement)));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const int index = static_cast<int>(i) + 1;
    // SQLITE_STATIC is safe: the caller's values outlive the run, which clears the bindings.
    int code = SQLITE_OK;
    const Value& value = parameters[i];
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      code = sqlite3_bind_int64(statement, index, *integer);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      code = sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
      code = sqlite3_bind_blob64(statement, index, bytes->data.data(), bytes->data.size(),
                                 SQLITE_STATIC);
    } else {
      code = sqlite3_bind_null(statement, index);
    }
    if (code != SQLITE_OK) return sqlite_error(handle_.get(), file_);
  }
  return {};
}

Status SqliteConnection::step(sqlite3_stmt* statement, Rows* rows) {
  std::vector<Value> cells;
  for (;;) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) return sqlite_error(handle_.get(), file_);
    if (rows == nullptr) continue;
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      UNCAC_ASSIGN(Value value, value_of(statement, column));
      cells.push_back(std::move(value));
    }
  }
  // Asked after the first step, which compiles the statement again when the tables have changed.
  const auto columns = static_cast<std::size_t>(sqlite3_column_count(statement));
  if (rows != nullptr) *rows = Rows(columns, std::move(cells));
  return {};
}

Result<std::int64_t> SqliteConnection::run(std::string_view sql, std::span<const Value> parameters,
                                           Rows* rows, std::chrono::milliseconds limit) {
  sqlite3_stmt* statement = nullptr;
  Statement once;
  if (sql.size() <= kLongestKept) {
    UNCAC_ASSIGN(statement, cached(sql));
  } else {
    UNCAC_ASSIGN(once, prepare(sql, false));
    statement = once.get();
  }
  deadline_ = limit.count() == 0 ? Instant::max() : std::chrono::steady_clock::now() + limit;
  const auto changes_before = sqlite3_total_changes64(handle_.get());
  Status status = bind(statement, parameters);
  if (status) status = step(statement, rows);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  deadline_ = Instant::max();
  if (!status) return std::move(status).error();
  // sqlite3_changes keeps the count of an earlier statement when this one changed nothing.
  if (sqlite3_total_changes64(handle_.get()) == changes_before) return std::int64_t{0};
  return std::int64_t{sqlite3_changes64(handle_.get())};
}

Status SqliteConnection::run(std::string_view sql) {
  UNCAC_TRY(run(sql, {}, nullptr, std::chrono::milliseconds(0)));
  return {};
}

Result<std::int64_t> SqliteTransaction::run(std::string_view sql, std::span<const Value> parameters,
                                            Rows* rows) {
  if (!status_) return after_error();
  status_ = check_parameters(parameters);
  if (!status_) return status_.error();
  auto changed = connection_.run(sql, parameters, rows, limit_);
  if (!changed) status_ = changed.error();
  return changed;
}

Result<Rows> SqliteTransaction::query(std::string_view sql, std::span<const Value> parameters) {
  Rows rows;
  UNCAC_TRY(run(sql, parameters, &rows));
  return rows;
}

Result<std::int64_t> SqliteTransaction::execute(std::string_view sql,
                                                std::span<const Value> parameters) {
  return run(sql, parameters, nullptr);
}

Status SqliteTransaction::lock(std::string_view) {
  if (!status_) return after_error();
  // There is one writer at a time, so whoever writes holds every name. A reader holds none.
  if (writes_) return {};
  status_ = make_error(Reason::kInternal, "lock() needs a transaction that writes");
  return status_;
}

Result<std::vector<bool>> SqliteTransaction::try_lock(std::span<const std::string> names) {
  UNCAC_TRY(lock({}));
  return std::vector<bool>(names.size(), true);
}

Result<Rows> SqliteTransaction::run_many(std::string_view before_rows, std::size_t columns,
                                         std::span<const Value> cells, std::string_view suffix,
                                         bool want_rows) {
  std::string sql(before_rows);
  for (std::size_t column = 1; column <= columns; ++column) {
    sql += (column > 1 ? ", $" : " ($") + std::to_string(column);
  }
  sql += ')';
  if (!suffix.empty()) sql.append(1, ' ').append(suffix);
  Rows all;
  for (; !cells.empty(); cells = cells.subspan(columns)) {
    Rows of_row;
    UNCAC_TRY(run(sql, cells.first(columns), want_rows ? &of_row : nullptr));
    all.append(std::move(of_row));
  }
  return all;
}

Result<std::vector<Rows>> SqliteTransaction::run_each(std::string_view sql, std::size_t columns,
                                                      std::span<const Value> cells) {
  std::vector<Rows> all;
  for (; !cells.empty(); cells = cells.subspan(columns)) {
    UNCAC_TRY(run(sql, cells.first(columns), &all.emplace_back()));
  }
  return all;
}

}  // namespace uncac::platform
