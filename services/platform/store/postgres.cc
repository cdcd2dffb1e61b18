// The distributed store: a bounded pool of connections to PostgreSQL, and transactions that are
// tried again as long as it is certain that nothing was committed.
//
// It keeps prepared statements and settings in its sessions, so it needs the server itself or a
// pooler in session mode, never one that changes the session between transactions.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "platform/store/adapter.h"
#include "platform/store/postgres_connection.h"
#include "platform/store/sha256.h"

namespace uncac::platform {
namespace {

constexpr std::string_view kBeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
constexpr std::string_view kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// Of one statement, so that many large bodies do not become one message of hundreds of megabytes.
constexpr std::size_t kBytesPerStatement = 8'000'000;

std::size_t size_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size();
  if (const auto* bytes = std::get_if<Bytes>(&value)) return bytes->data.size();
  return sizeof(std::int64_t);
}

// In place of a list of VALUES, and with the same names for its columns: column1, column2 …
std::string rows_of_arrays(std::size_t columns, const PostgresParameters& arrays) {
  const std::vector<std::size_t>& given = arrays.columns();
  std::string selected, unnested, named;
  std::size_t next = 0;
  for (std::size_t column = 0; column < columns; ++column) {
    const std::string name = "column" + std::to_string(column + 1);
    if (column > 0) selected += ", ";
    if (next == given.size() || given[next] != column) {
      // Of the table's type, which a column of NULLs does not tell.
      selected += "NULL AS " + name;
      continue;
    }
    selected += name;
    ++next;
    unnested += (next > 1 ? ", $" : "$") + std::to_string(next);
    named += (next > 1 ? ", " : "") + name;
  }
  return "SELECT " + selected + " FROM unnest(" + unnested + ") AS given(" + named + ") ";
}

class PostgresTransaction final : public Transaction {
 public:
  PostgresTransaction(PostgresConnection& connection, bool writes, bool unlimited)
      : connection_(connection), writes_(writes), unlimited_(unlimited) {}

  Result<Rows> query(std::string_view sql, std::span<const Value> parameters) override {
    UNCAC_ASSIGN(auto answer, run(sql, parameters, true));
    return std::move(answer.rows);
  }
  Result<std::int64_t> execute(std::string_view sql, std::span<const Value> parameters) override {
    UNCAC_ASSIGN(const auto answer, run(sql, parameters, false));
    return answer.changed;
  }
  Status lock(std::string_view name) override {
    UNCAC_TRY(may_lock());
    const std::array<Value, 1> number{sha256_number(name)};
    UNCAC_TRY(run("SELECT pg_advisory_xact_lock($1)", number, false));
    return {};
  }
  Result<std::vector<bool>> try_lock(std::span<const std::string> names) override;
  Status plan_anew() override {
    UNCAC_TRY(may_run({}));
    deferred_.push_back({"SET LOCAL plan_cache_mode = force_custom_plan", PostgresParameters()});
    return {};
  }
  void after_commit(std::function<void()> action) override {
    actions_.push_back(std::move(action));
  }

  // The first thing that went wrong: then there is nothing to commit, whatever the work says.
  const std::optional<PostgresFailure>& failure() const { return failure_; }
  bool has_something_to_commit() const { return begun_ || !deferred_.empty(); }
  // What has to go out ahead of the next statement.
  Result<PostgresConnection::Ahead> ahead() {
    UNCAC_ASSIGN(const std::string_view begin_first, begin());
    deferred_bytes_ = 0;
    return PostgresConnection::Ahead{begin_first, std::exchange(deferred_, {})};
  }
  std::vector<std::function<void()>> take_actions() { return std::move(actions_); }

 protected:
  Result<Rows> run_many(std::string_view before_rows, std::size_t columns,
                        std::span<const Value> cells, std::string_view suffix,
                        bool want_rows) override;
  Result<std::vector<Rows>> run_each(std::string_view sql, std::size_t columns,
                                     std::span<const Value> cells) override;

 private:
  Status may_run(std::span<const Value> values);
  Status may_lock();
  Result<PostgresConnection::Answer> run(std::string_view sql, std::span<const Value> parameters,
                                         bool want_rows) {
    UNCAC_TRY(may_run(parameters));
    return send(sql, PostgresParameters(parameters), want_rows);
  }
  Result<PostgresConnection::Answer> send(std::string_view sql,
                                          const PostgresParameters& parameters, bool want_rows) {
    UNCAC_ASSIGN(const PostgresConnection::Ahead first, ahead());
    return kept(connection_.run(first, sql, parameters, want_rows, unlimited_));
  }
  // The BEGIN that has to go out ahead of the next statement; empty after the first.
  Result<std::string_view> begin();

  template <class Answer>
  Result<Answer> kept(std::variant<Answer, PostgresFailure> outcome) {
    if (auto* answer = std::get_if<Answer>(&outcome)) return std::move(*answer);
    failure_ = std::get<PostgresFailure>(std::move(outcome));
    return failure_->error;
  }

  PostgresConnection& connection_;
  const bool writes_;
  const bool unlimited_;
  bool begun_ = false;
  std::vector<PostgresConnection::Deferred> deferred_;
  std::size_t deferred_bytes_ = 0;
  std::optional<PostgresFailure> failure_;
  std::vector<std::function<void()>> actions_;
};

Status PostgresTransaction::may_lock() {
  if (writes_ || failure_) return {};
  failure_ =
      PostgresFailure{make_error(Reason::kInternal, "lock() needs a transaction that writes")};
  return failure_->error;
}

Status PostgresTransaction::may_run(std::span<const Value> values) {
  if (failure_) return after_error();
  if (Status good = check_parameters(values); !good) {
    failure_ = PostgresFailure{good.error()};
    return good.error();
  }
  return {};
}

Result<std::string_view> PostgresTransaction::begin() {
  if (begun_) return std::string_view();
  begun_ = true;
  const std::string_view begin = writes_ ? kBeginWrite : kBeginRead;
  if (!unlimited_) return begin;
  for (const std::string_view first : {begin, std::string_view("SET LOCAL statement_timeout = 0"),
                                       std::string_view("SET LOCAL lock_timeout = 0")}) {
    UNCAC_TRY(kept(connection_.run({}, first, PostgresParameters(), false, true)));
  }
  return std::string_view();
}

Result<std::vector<bool>> PostgresTransaction::try_lock(std::span<const std::string> names) {
  UNCAC_TRY(may_lock());
  std::vector<Value> numbers;
  for (const std::string& name : names) numbers.emplace_back(sha256_number(name));
  UNCAC_ASSIGN(
      const Rows rows,
      query_many("SELECT name.column1, pg_try_advisory_xact_lock(name.column1) FROM (VALUES", 1,
                 numbers, ") AS name"));
  std::map<std::int64_t, bool> held;
  for (std::size_t i = 0; i < rows.size(); ++i) held[rows.integer(i, 0)] = rows.integer(i, 1) != 0;
  std::vector<bool> answers;
  for (const Value& number : numbers) answers.push_back(held[std::get<std::int64_t>(number)]);
  return answers;
}

// One text for any number of rows: an array for each column. Where no rows are wanted nobody waits
// for the answer: it goes out with the next statement, the COMMIT at the latest.
Result<Rows> PostgresTransaction::run_many(std::string_view before_rows, std::size_t columns,
                                           std::span<const Value> cells, std::string_view suffix,
                                           bool want_rows) {
  UNCAC_TRY(may_run(cells));
  constexpr std::string_view kValues = "VALUES";
  if (!before_rows.ends_with(kValues)) {
    return make_error(Reason::kInternal, "a statement for many rows that does not say VALUES");
  }
  before_rows.remove_suffix(kValues.size());
  Rows all;
  while (!cells.empty()) {
    std::size_t size = 0;
    std::size_t bytes = 0;
    while (size < cells.size() && bytes < kBytesPerStatement) {
      for (std::size_t c = 0; c < columns; ++c) bytes += size_of(cells[size++]);
    }
    if (!deferred_.empty() && deferred_bytes_ + bytes > kBytesPerStatement) {
      UNCAC_ASSIGN(const PostgresConnection::Ahead first, ahead());
      UNCAC_TRY(kept(connection_.flush(first, unlimited_)));
    }
    UNCAC_ASSIGN(PostgresParameters arrays, PostgresParameters::arrays(columns, cells.first(size)));
    cells = cells.subspan(size);
    std::string text =
        std::string(before_rows) + rows_of_arrays(columns, arrays) + std::string(suffix);
    if (want_rows) {
      UNCAC_ASSIGN(PostgresConnection::Answer answer, send(text, arrays, true));
      all.append(std::move(answer.rows));
      continue;
    }
    deferred_.push_back({std::move(text), std::move(arrays)});
    deferred_bytes_ += bytes;
  }
  return all;
}

Result<std::vector<Rows>> PostgresTransaction::run_each(std::string_view sql, std::size_t columns,
                                                        std::span<const Value> cells) {
  UNCAC_TRY(may_run(cells));
  UNCAC_ASSIGN(const PostgresConnection::Ahead first, ahead());
  return kept(connection_.run_each(first, sql, columns, cells, unlimited_));
}

class PostgresStore final : public Store {
 public:
  explicit PostgresStore(PostgresSession session) : session_(std::move(session)) {}

  // Connects once, so that a wrong address or password is known at start.
  Status try_to_connect() {
    UNCAC_ASSIGN(auto connection, acquire());
    release(std::move(connection));
    return {};
  }

  std::string dialect(std::string_view sql) const override {
    return replace_dialect_words(sql, "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "BYTEA");
  }
  std::string engine() const override { return "postgresql"; }
  Status backup_to(const std::string&) override {
    return make_error(Reason::kFailedPrecondition,
                      "a PostgreSQL store is backed up with the server's own tools (pg_dump, "
                      "pg_basebackup)");
  }

 protected:
  Status run(Mode mode, const std::function<Status(Transaction&)>& work) override;

 private:
  struct Outcome {
    Status status;
    Remedy remedy = Remedy::kNone;
    std::vector<std::function<void()>> actions;
  };
  using Connection = std::unique_ptr<PostgresConnection>;

  Outcome try_once(Mode mode, const std::function<Status(Transaction&)>& work);
  static Outcome commit(Mode mode, PostgresConnection& connection,
                        PostgresTransaction& transaction);
  Result<Connection> acquire();
  void release(Connection connection);
  void wait_before_retry(Remedy remedy, int attempt);

  const PostgresSession session_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Connection> idle_;
  std::size_t open_ = 0;  // idle, lent and being opened

  std::mutex random_mutex_;
  std::minstd_rand random_{std::random_device{}()};
};

Status PostgresStore::run(Mode mode, const std::function<Status(Transaction&)>& work) {
  const StoreLimits& limits = session_.limits;
  const Instant give_up = std::chrono::steady_clock::now() + limits.acquire + limits.statement;
  for (int attempt = 0;; ++attempt) {
    Outcome outcome = try_once(mode, work);
    if (outcome.status) {
      for (const auto& action : outcome.actions) action();
      return {};
    }
    if (outcome.remedy == Remedy::kNone || attempt >= limits.retries ||
        std::chrono::steady_clock::now() > give_up) {
      return std::move(outcome.status);
    }
    wait_before_retry(outcome.remedy, attempt);
  }
}

PostgresStore::Outcome PostgresStore::try_once(Mode mode,
                                               const std::function<Status(Transaction&)>& work) {
  auto acquired = acquire();
  if (!acquired) {
    const bool lost = acquired.error().reason == Reason::kUnavailable;
    return {acquired.error(), lost ? Remedy::kReconnect : Remedy::kNone, {}};
  }
  Connection connection = *std::move(acquired);
  PostgresTransaction transaction(*connection, mode != Mode::kRead, mode == Mode::kMigrate);
  Outcome outcome;
  outcome.status = work(transaction);
  if (transaction.failure()) {
    // The work may have its own words for an error that it understood, a conflict for instance.
    if (outcome.status) outcome.status = transaction.failure()->error;
    outcome.remedy = transaction.failure()->remedy;
  } else if (outcome.status && transaction.has_something_to_commit()) {
    outcome = commit(mode, *connection, transaction);
  }
  if (outcome.status) outcome.actions = transaction.take_actions();
  if (connection->usable() && connection->in_transaction()) {
    (void)connection->run({}, "ROLLBACK", PostgresParameters(), false, false);
  }
  release(std::move(connection));
  return outcome;
}

PostgresStore::Outcome PostgresStore::commit(Mode mode, PostgresConnection& connection,
                                             PostgresTransaction& transaction) {
  auto ahead = transaction.ahead();
  if (!ahead) return {ahead.error(), transaction.failure()->remedy, {}};
  auto answer =
      connection.run(*ahead, "COMMIT", PostgresParameters(), false, mode == Mode::kMigrate);
  if (const auto* done = std::get_if<PostgresConnection::Answer>(&answer)) {
    if (done->command == "COMMIT") return {};
    return {
        make_error(Reason::kInternal, "PostgreSQL undid a transaction instead of committing it"),
        Remedy::kNone,
        {}};
  }
  const auto& failure = std::get<PostgresFailure>(answer);
  if (!failure.session_ended || failure.not_run) return {failure.error, failure.remedy, {}};
  // What was read is true all the same.
  if (mode == Mode::kRead) return {};
  // Never again from here: the first time may have been committed.
  return {make_error(Reason::kUnavailable,
                     "the outcome is unknown: the connection was lost during the commit (" +
                         failure.error.message + ")"),
          Remedy::kNone,
          {}};
}

Result<PostgresStore::Connection> PostgresStore::acquire() {
  {
    std::unique_lock lock(mutex_);
    const auto free = [&] { return !idle_.empty() || open_ < session_.limits.connections; };
    if (!changed_.wait_for(lock, session_.limits.acquire, free)) {
      return make_error(Reason::kOverloaded,
                        "all connections to the PostgreSQL server are in use; try later");
    }
    if (!idle_.empty()) {
      Connection connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    ++open_;
  }
  auto opened = PostgresConnection::open(session_);
  if (!opened) release(nullptr);
  return opened;
}

// `connection` may be null: one that could not be opened.
void PostgresStore::release(Connection connection) {
  std::vector<Connection> closed;  // outside of the mutex, since it says goodbye to the server
  {
    const std::lock_guard lock(mutex_);
    if (connection && connection->usable() && !connection->in_transaction()) {
      idle_.push_back(std::move(connection));
    } else {
      // What ended one session (a restart) has most likely ended the idle ones.
      closed.swap(idle_);
      open_ -= closed.size() + 1;
    }
  }
  changed_.notify_all();
}

// Up to twice as long each time. Those who met in a deadlock draw from the whole span, so that they
// do not meet again; whoever waits for a server waits at least half of it.
void PostgresStore::wait_before_retry(Remedy remedy, int attempt) {
  const std::int64_t first = remedy == Remedy::kRetry ? 8'000 : 20'000;
  const std::int64_t longest = std::min<std::int64_t>(first << std::min(attempt, 10), 1'000'000);
  const std::int64_t shortest = remedy == Remedy::kRetry ? 0 : longest / 2;
  std::int64_t microseconds = 0;
  {
    const std::lock_guard lock(random_mutex_);
    microseconds = std::uniform_int_distribution<std::int64_t>(shortest, longest)(random_);
  }
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
}

}  // namespace

Result<std::unique_ptr<Store>> open_postgres(const PostgresOptions& options, StoreLimits limits) {
  UNCAC_ASSIGN(PostgresSession session, make_postgres_session(options, limits));
  auto store = std::make_unique<PostgresStore>(std::move(session));
  UNCAC_TRY(store->try_to_connect());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace uncac::platform
