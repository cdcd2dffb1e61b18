#include "platform/store/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace uncac::platform {
namespace {

// Prepared statements kept by a connection, and the length of their texts together: a many-row
// insert has a long text, and its plan takes much of the server's memory.
constexpr std::size_t kStatementsKept = 128;
constexpr std::size_t kTextKept = 1'000'000;
constexpr std::size_t kTextsRemembered = 4'096;
// How often the limit of one statement an exchange of many may last.
constexpr int kExchange = 3;
// How much longer than the server's own limit an answer is waited for, before the server is taken
// for dead.
constexpr std::chrono::milliseconds kGrace{2'000};
constexpr const char* kLost = "the connection to the PostgreSQL server was lost";

struct Meaning {
  Reason reason;
  Remedy remedy = Remedy::kNone;
  bool ends_session = false;
};

// By the classes of PostgreSQL's documentation, appendix A.
Meaning meaning_of(std::string_view state) {
  if (state == "40001" || state == "40P01") return {Reason::kOverloaded, Remedy::kRetry};
  // 08P01 is a wrong number of parameters, told over a connection that is well.
  if ((state.starts_with("08") && state != "08P01") || state == "57P01" || state == "57P02" ||
      state == "57P03" || state == "57P05" || state == "25P03") {
    return {Reason::kUnavailable, Remedy::kReconnect, true};
  }
  if (state == "57014") return {Reason::kDeadlineExceeded};
  if (state == "55P03") return {Reason::kOverloaded};
  if (state.starts_with("23")) return {Reason::kConflict};
  if (state.starts_with("53") || state.starts_with("58")) return {Reason::kUnavailable};
  if (state.starts_with("54")) return {Reason::kTooLarge};
  if (state == "22021" || state == "22P05") return {Reason::kInvalidInput};
  return {Reason::kInternal};
}

Instant deadline_after(std::chrono::milliseconds limit, bool unlimited) {
  return unlimited ? Instant::max() : std::chrono::steady_clock::now() + limit + kGrace;
}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return text;
}

const std::string* find_keyword(const PostgresSession& session, std::string_view name) {
  for (const auto& [keyword, value] : session.keywords) {
    if (keyword == name) return &value;
  }
  return nullptr;
}

}  // namespace

Result<PostgresSession> make_postgres_session(const PostgresOptions& options, StoreLimits limits) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(options.conninfo.c_str(), nullptr), &PQconninfoFree);
  // libpq's own message would quote the text, and with it what might be a password.
  if (!parsed) {
    return make_error(Reason::kInvalidInput,
                      "the connection string of the PostgreSQL server cannot be read; "
                      "it is `host=… port=… dbname=… user=…` or a postgresql:// address");
  }
  PostgresSession session{{}, options.password, limits};
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::string_view(option->keyword) == "password") {
      return make_error(Reason::kInvalidInput,
                        "the connection string of the PostgreSQL server must not hold the "
                        "password, which is given apart");
    }
    session.keywords.emplace_back(option->keyword, option->val);
  }
  const auto unless_given = [&](const char* keyword, std::string value) {
    if (find_keyword(session, keyword) == nullptr) {
      session.keywords.emplace_back(keyword, std::move(value));
    }
  };
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(limits.acquire).count();
  unless_given("connect_timeout", std::to_string(std::max<std::int64_t>(2, seconds)));
  // A server whose machine is gone sends nothing; without these a wait would last for hours.
  unless_given("keepalives_idle", "5");
  unless_given("keepalives_interval", "2");
  unless_given("keepalives_count", "3");
  unless_given("tcp_user_timeout", std::to_string((limits.statement + kGrace).count()));
  unless_given("fallback_application_name", "uncac");
  std::erase_if(session.keywords,
                [](const auto& entry) { return entry.first == "client_encoding"; });
  session.keywords.emplace_back("client_encoding", "UTF8");
  if (!options.password.empty()) session.keywords.emplace_back("password", options.password);
  return session;
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(
    const PostgresSession& session) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : session.keywords) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Handle handle(PQconnectdbParams(keywords.data(), values.data(), 0));
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(std::move(handle), session));
  if (PQstatus(connection->connection_.get()) != CONNECTION_OK) {
    return connection->lost("the PostgreSQL server cannot be reached").error;
  }
  PQsetNoticeReceiver(
      connection->connection_.get(), [](void*, const PGresult*) {}, nullptr);
  PQsetnonblocking(connection->connection_.get(), 1);
  // A server set to synchronous_commit = off would answer before the change is on disk, against
  // what Store::write promises; stronger settings than `on` stay.
  const auto text = [](std::chrono::milliseconds limit) {
    return Value{std::to_string(limit.count())};
  };
  const std::array<Value, 3> limits{text(session.limits.statement), text(session.limits.acquire),
                                    text(3 * session.limits.statement)};
  auto answer = connection->run(
      {},
      "SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false), "
      "set_config('idle_in_transaction_session_timeout', $3, false), "
      "set_config('synchronous_commit', CASE current_setting('synchronous_commit') "
      "WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)",
      PostgresParameters(limits), false, false);
  if (auto* failure = std::get_if<PostgresFailure>(&answer)) return std::move(failure->error);
  return connection;
}

std::string PostgresConnection::redacted(std::string text) const {
  const std::string& secret = session_.password;
  if (secret.empty()) return text;
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), "***");
    at += 3;
  }
  return text;
}

PostgresFailure PostgresConnection::lost(const std::string& what) {
  usable_ = false;
  const std::string why = redacted(one_line(PQerrorMessage(connection_.get())));
  return {make_error(Reason::kUnavailable, why.empty() ? what : what + ": " + why),
          Remedy::kReconnect, "", true};
}

PostgresFailure PostgresConnection::failure_of(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (state == nullptr) return lost(kLost);
  const Meaning meaning = meaning_of(state);
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  const bool fatal = severity != nullptr && std::string_view(severity) != "ERROR";
  // The primary message alone: DETAIL and CONTEXT hold values and queries.
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  PostgresFailure failure{
      make_error(meaning.reason,
                 "PostgreSQL: " + redacted(one_line(primary == nullptr ? "" : primary)) + " (" +
                     state + ")"),
      meaning.remedy, state, meaning.ends_session || fatal};
  if (failure.session_ended) {
    usable_ = false;
    failure.remedy = Remedy::kReconnect;
    if (failure.error.reason == Reason::kInternal) failure.error.reason = Reason::kUnavailable;
  }
  return failure;
}

std::variant<PostgresConnection::Answer, PostgresFailure> PostgresConnection::answer_of(
    const PGresult* result, bool want_rows) {
  if (result == nullptr) {
    return lost(PQstatus(connection_.get()) == CONNECTION_OK
                    ? "the PostgreSQL server does not answer"
                    : kLost);
  }
  Answer answer;
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      break;
    case PGRES_FATAL_ERROR:
      return failure_of(result);
    default:
      usable_ = false;  // a COPY, or an answer out of step: only a new session is in a known state
      return PostgresFailure{make_error(
          Reason::kInternal, "a statement that the store cannot run: no SQL in it, or a COPY")};
  }
  answer.command = PQcmdStatus(const_cast<PGresult*>(result));
  if (!answer.command.starts_with("SELECT")) {
    const std::string_view changed = PQcmdTuples(const_cast<PGresult*>(result));
    std::from_chars(changed.data(), changed.data() + changed.size(), answer.changed);
  }
  if (want_rows) {
    auto rows = rows_of(result);
    if (!rows) return PostgresFailure{std::move(rows).error()};
    answer.rows = *std::move(rows);
  }
  return answer;
}

bool PostgresConnection::flush_and_wait(Instant deadline) {
  PGconn* connection = connection_.get();
  for (;;) {
    const int unsent = PQflush(connection);
    if (unsent < 0) return false;
    if (unsent == 0 && PQisBusy(connection) == 0) return true;
    pollfd socket{PQsocket(connection), static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN),
                  0};
    int milliseconds = -1;
    if (deadline != Instant::max()) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      milliseconds = static_cast<int>(left.count());
    }
    const int ready = ::poll(&socket, 1, milliseconds);
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0 && (socket.revents & ~POLLOUT) != 0 && PQconsumeInput(connection) == 0) {
      // What the server said before it left (an administrator's shutdown) is read all the same.
      return PQisBusy(connection) == 0;
    }
  }
}

bool PostgresConnection::next_result(Instant deadline, ResultHandle& result) {
  if (!flush_and_wait(deadline)) return false;
  result.reset(PQgetResult(connection_.get()));
  return true;
}

PostgresConnection::ResultHandle PostgresConnection::collect(Instant deadline) {
  ResultHandle last;
  ResultHandle result;
  // On a lost connection the answer may be there and its end not: what came is what counts.
  while (next_result(deadline, result) && result) {
    // The first failure is the cause; what follows it is the loss of the connection.
    if (!last || PQresultStatus(last.get()) != PGRES_FATAL_ERROR) last = std::move(result);
    if (PQstatus(connection_.get()) == CONNECTION_BAD) break;
  }
  return last;
}

const PostgresConnection::Prepared* PostgresConnection::find_prepared(
    std::string_view sql, const PostgresParameters& parameters) {
  const auto [first, last] = by_sql_.equal_range(sql);
  for (auto found = first; found != last; ++found) {
    if (!parameters.fit(found->second->types)) continue;
    statements_.splice(statements_.begin(), statements_, found->second);
    return &*found->second;
  }
  return nullptr;
}

bool PostgresConnection::comes_again(std::string_view sql) {
  if (seen_.size() >= kTextsRemembered) seen_.clear();
  return !seen_.insert(std::hash<std::string_view>{}(sql)).second;
}

void PostgresConnection::keep(Prepared statement) {
  text_kept_ += statement.sql.size();
  statements_.push_front(std::move(statement));
  by_sql_.emplace(statements_.front().sql, statements_.begin());
}

void PostgresConnection::forget_oldest() {
  while (statements_.size() > 1 &&
         (statements_.size() > kStatementsKept || text_kept_ > kTextKept)) {
    const auto oldest = std::prev(statements_.end());
    const bool sent = PQsendQuery(connection_.get(), ("DEALLOCATE " + oldest->name).c_str()) == 1;
    if (!sent || !std::holds_alternative<Answer>(answer_of(
                     collect(deadline_after(session_.limits.statement, false)).get(), false))) {
      usable_ = false;
      return;
    }
    const auto [from, to] = by_sql_.equal_range(oldest->sql);
    by_sql_.erase(std::find_if(from, to, [&](const auto& e) { return e.second == oldest; }));
    text_kept_ -= oldest->sql.size();
    statements_.pop_back();
  }
}

bool PostgresConnection::send(const Prepared* statement, std::string_view sql,
                              const PostgresParameters& parameters) {
  constexpr int kBinary = 1;
  if (statement != nullptr) {
    return PQsendQueryPrepared(connection_.get(), statement->name.c_str(), parameters.count(),
                               parameters.values(), parameters.lengths(), parameters.formats(),
                               kBinary) == 1;
  }
  return PQsendQueryParams(connection_.get(), std::string(sql).c_str(), parameters.count(),
                           parameters.types(), parameters.values(), parameters.lengths(),
                           parameters.formats(), kBinary) == 1;
}

bool PostgresConnection::post(std::span<Sent> earlier, Sent& sent, std::string_view sql,
                              const PostgresParameters& parameters) {
  PGconn* connection = connection_.get();
  if (sent.times++ == 0) {
    sent.known = find_prepared(sql, parameters);
    for (Sent& other : earlier) {
      if (other.made && other.made->sql == sql && parameters.fit(other.made->types)) {
        sent.known = &*other.made;
      }
    }
    // Most texts that come once never come again.
    if (sent.known == nullptr && comes_again(sql)) {
      sent.made = Prepared{std::string(sql),
                           "s" + std::to_string(++names_),
                           {parameters.types(), parameters.types() + parameters.count()}};
      sent.described = parameters.has_null();
      if (PQsendPrepare(connection, sent.made->name.c_str(), sent.made->sql.c_str(),
                        parameters.count(), parameters.types()) != 1 ||
          (sent.described && PQsendDescribePrepared(connection, sent.made->name.c_str()) != 1)) {
        return false;
      }
    }
  }
  const Prepared* statement = sent.made ? &*sent.made : sent.known;
  if (statement != nullptr && !parameters.fit(statement->types)) statement = nullptr;
  return send(statement, sql, parameters);
}

std::variant<std::vector<PostgresConnection::Answer>, PostgresFailure> PostgresConnection::exchange(
    const Ahead& ahead, std::string_view sql, std::size_t count,
    const std::function<const PostgresParameters&(std::size_t)>& parameters_of, bool want_rows,
    bool unlimited) {
  PGconn* connection = connection_.get();
  std::vector<Sent> all(ahead.deferred.size() + 1);
  bool sent = PQenterPipelineMode(connection) == 1 &&
              (ahead.begin.empty() || send(nullptr, ahead.begin, PostgresParameters()));
  for (std::size_t i = 0; sent && i < ahead.deferred.size(); ++i) {
    sent =
        post(std::span(all).first(i), all[i], ahead.deferred[i].sql, ahead.deferred[i].parameters);
  }
  for (std::size_t i = 0; sent && i < count; ++i) {
    sent = post(std::span(all).first(all.size() - 1), all.back(), sql, parameters_of(i));
  }
  if (!sent || PQpipelineSync(connection) != 1) return lost(kLost);

  // However many answers there are, and each within its own limit.
  const Instant end = deadline_after(kExchange * session_.limits.statement, unlimited);
  const auto deadline = [&] {
    return std::min(end, deadline_after(session_.limits.statement, unlimited));
  };
  std::optional<PostgresFailure> failure;
  ResultHandle result;
  bool the_statement = false;  // whose answers are next
  // Nothing once something failed: what follows a failure only says that it was not run.
  const auto take = [&](bool rows) -> std::optional<Answer> {
    if (!usable_) return std::nullopt;
    result = collect(deadline());
    if (failure) return std::nullopt;
    auto answer = answer_of(result.get(), rows);
    if (auto* failed = std::get_if<PostgresFailure>(&answer)) {
      failure = std::move(*failed);
      failure->not_run = !the_statement && !failure->state.empty();
      return std::nullopt;
    }
    return std::move(std::get<Answer>(answer));
  };
  if (!ahead.begin.empty() && !take(false)) {
    // A server that refuses to begin is going down, or a standby that cannot write.
    usable_ = false;
    failure->error.reason = Reason::kUnavailable;
    failure->remedy = Remedy::kReconnect;
    return *std::move(failure);
  }
  std::vector<Answer> answers;
  std::vector<Prepared> made;
  for (Sent& one : all) {
    const bool so_far = !failure;
    if (one.made) {
      const bool prepared = take(false).has_value();
      if (one.described && take(false)) {
        for (std::size_t i = 0; i < one.made->types.size(); ++i) {
          one.made->types[i] = PQparamtype(result.get(), static_cast<int>(i));
        }
      }
      if (prepared) made.push_back(*std::move(one.made));
    }
    const bool asked = &one == &all.back();
    the_statement = asked;
    for (std::size_t i = 0; i < one.times; ++i) {
      auto answer = take(asked && want_rows);
      if (asked && answer) answers.push_back(*std::move(answer));
    }
    if (so_far && failure && one.known != nullptr) renew_if_stale(*failure);
  }
  if (!usable_) return *std::move(failure);
  // What came is what counts, also when the end of it did not.
  if (!next_result(deadline(), result) || !result ||
      PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(connection) != 1) {
    usable_ = false;
  }
  for (Prepared& statement : made) keep(std::move(statement));
  if (failure) return *std::move(failure);
  if (usable_) forget_oldest();
  return answers;
}

std::variant<PostgresConnection::Answer, PostgresFailure> PostgresConnection::run(
    const Ahead& ahead, std::string_view sql, const PostgresParameters& parameters, bool want_rows,
    bool unlimited) {
  auto answers = exchange(
      ahead, sql, 1, [&](std::size_t) -> const PostgresParameters& { return parameters; },
      want_rows, unlimited);
  if (auto* failed = std::get_if<PostgresFailure>(&answers)) return std::move(*failed);
  return std::move(std::get<std::vector<Answer>>(answers).front());
}

std::variant<std::vector<Rows>, PostgresFailure> PostgresConnection::run_each(
    const Ahead& ahead, std::string_view sql, std::size_t columns, std::span<const Value> cells,
    bool unlimited) {
  std::optional<PostgresParameters> row;
  auto answers = exchange(
      ahead, sql, cells.size() / columns,
      [&](std::size_t i) -> const PostgresParameters& {
        return row.emplace(cells.subspan(i * columns, columns));
      },
      true, unlimited);
  if (auto* failed = std::get_if<PostgresFailure>(&answers)) return std::move(*failed);
  std::vector<Rows> all;
  for (Answer& answer : std::get<std::vector<Answer>>(answers)) {
    all.push_back(std::move(answer.rows));
  }
  return all;
}

void PostgresConnection::renew_if_stale(PostgresFailure& failure) {
  if (failure.state != "0A000" && failure.state != "26000") return;
  usable_ = false;
  failure.remedy = Remedy::kReconnect;
}

}  // namespace uncac::platform
