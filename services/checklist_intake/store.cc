#include "checklist_intake/store.h"

#include "checklist_intake/wire.h"
#include "embedded/kChecklistIntakeMigrations.h"

namespace uncac::checklist_intake {
namespace {

using platform::Bytes;
using platform::Reason;
using platform::Result;
using platform::Rows;
using platform::Status;
using platform::Transaction;
using platform::Value;

constexpr std::string_view kVersionColumns = "body, epoch, counter FROM response_version ";

Result<StoredVersion> version_at(const Rows& rows, std::size_t row) {
  StoredVersion version;
  if (!version.body.ParseFromString(rows.bytes(row, 0))) {
    return platform::make_error(Reason::kInternal, "a stored response cannot be read");
  }
  version.revision = {rows.integer(row, 1), rows.integer(row, 2)};
  return version;
}

std::vector<Value> cells_of(std::span<const Key> keys) {
  std::vector<Value> cells;
  for (const Key& key : keys) cells.insert(cells.end(), {key.state, key.checklist, key.round});
  return cells;
}

Result<SharingChoice> choice_from(const std::string& audience, const std::string& named,
                                  const std::string& until) {
  SharingChoice choice;
  const auto parsed = access::parse_audience(audience);
  if (!parsed) {
    return platform::make_error(Reason::kInternal, "a stored sharing decision cannot be read");
  }
  choice.audience = *parsed;
  choice.named = split_names(named);
  if (!until.empty()) {
    UNCAC_ASSIGN(choice.until, platform::parse_day(until));
  }
  return choice;
}

void add_choice(const SharingChoice& choice, std::vector<Value>& cells) {
  cells.emplace_back(std::string(access::code(choice.audience)));
  cells.emplace_back(join_names(choice.named));
  cells.emplace_back(choice.until ? platform::format_day(*choice.until) : std::string());
}

// "NAMED;EX1|EX2;2027-01-31", and back; nothing is the empty text.
std::string suspended_text(const std::optional<SharingChoice>& choice) {
  if (!choice) return "";
  return std::string(access::code(choice->audience)) + ";" + join_names(choice->named) + ";" +
         (choice->until ? platform::format_day(*choice->until) : "");
}

Result<std::optional<SharingChoice>> suspended_from(const std::string& text) {
  if (text.empty()) return std::optional<SharingChoice>();
  const std::size_t first = text.find(';');
  const std::size_t last = text.rfind(';');
  if (first == last) {
    return platform::make_error(Reason::kInternal, "a suspended sharing decision cannot be read");
  }
  UNCAC_ASSIGN(SharingChoice choice,
               choice_from(text.substr(0, first), text.substr(first + 1, last - first - 1),
                           text.substr(last + 1)));
  return std::optional(std::move(choice));
}

}  // namespace

std::vector<platform::Migration> migrations() {
  return platform::migrations_from(kChecklistIntakeMigrations);
}

Result<std::optional<StoredVersion>> read_version(Transaction& transaction, const Key& key,
                                                  std::int64_t version) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT " + std::string(kVersionColumns) +
                                     "WHERE state = $1 AND checklist = $2 AND round = $3 "
                                     "AND version = $4",
                                 {key.state, key.checklist, key.round, version}));
  if (rows.empty()) return std::optional<StoredVersion>();
  UNCAC_ASSIGN(StoredVersion found, version_at(rows, 0));
  return std::optional(std::move(found));
}

Result<std::optional<StoredVersion>> read_newest(Transaction& transaction, const Key& key) {
  UNCAC_ASSIGN(auto newest, read_newest(transaction, std::span(&key, 1)));
  return std::move(newest.front());
}

Result<std::vector<std::optional<StoredVersion>>> read_newest(Transaction& transaction,
                                                              std::span<const Key> keys) {
  UNCAC_ASSIGN(const std::vector<Rows> found,
               transaction.query_each(
                   "SELECT v.body, v.epoch, v.counter FROM response r JOIN response_version v ON "
                   "v.state = r.state AND v.checklist = r.checklist AND v.round = r.round AND "
                   "v.version = r.newest_version WHERE r.state = $1 AND r.checklist = $2 AND "
                   "r.round = $3",
                   3, cells_of(keys)));
  std::vector<std::optional<StoredVersion>> all;
  for (const Rows& rows : found) {
    all.emplace_back();
    if (rows.empty()) continue;
    UNCAC_ASSIGN(all.back(), version_at(rows, 0));
  }
  return all;
}

Result<std::int64_t> newest_round(Transaction& transaction, const std::string& state,
                                  const std::string& checklist) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT round FROM response WHERE state = $1 AND checklist = $2 "
                                 "ORDER BY round DESC LIMIT 1",
                                 {state, checklist}));
  return rows.empty() ? std::int64_t{0} : rows.integer(0, 0);
}

Result<std::vector<StoredVersion>> read_versions(Transaction& transaction, const Key& key) {
  UNCAC_ASSIGN(const Rows rows, transaction.query("SELECT " + std::string(kVersionColumns) +
                                                      "WHERE state = $1 AND checklist = $2 AND "
                                                      "round = $3 ORDER BY version",
                                                  {key.state, key.checklist, key.round}));
  std::vector<StoredVersion> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    UNCAC_ASSIGN(StoredVersion version, version_at(rows, i));
    all.push_back(std::move(version));
  }
  return all;
}

Status insert_versions(Transaction& transaction, std::span<const StoredVersion> versions) {
  std::vector<Value> newest;
  std::vector<Value> cells;
  for (const StoredVersion& version : versions) {
    const checklist::v1::ResponseVersion& body = version.body;
    const std::int64_t round = body.key().round();
    const std::int64_t number = body.version();
    newest.insert(newest.end(), {body.key().state(), body.key().checklist(), round, number});
    cells.insert(cells.end(),
                 {body.key().state(), body.key().checklist(), round, number, body.submitted_on(),
                  static_cast<std::int64_t>(body.status()), body.withdrawn_on(), body.recorded_at(),
                  body.recorded_by(), body.reason(), std::int64_t{body.exercise() ? 1 : 0},
                  static_cast<std::int64_t>(body.answers_size()), version.revision.epoch,
                  version.revision.counter, Bytes{body.SerializeAsString()}});
  }
  UNCAC_TRY(transaction.insert_many(
      "INSERT INTO response (state, checklist, round, newest_version) VALUES", 4, newest,
      "ON CONFLICT (state, checklist, round) DO UPDATE SET newest_version = "
      "excluded.newest_version"));
  return transaction.insert_many(
      "INSERT INTO response_version (state, checklist, round, version, submitted_on, status, "
      "withdrawn_on, recorded_at, recorded_by, reason, exercise, answers, epoch, counter, body) "
      "VALUES",
      15, cells);
}

Status update_version(Transaction& transaction, const StoredVersion& version) {
  const checklist::v1::ResponseVersion& body = version.body;
  UNCAC_ASSIGN(
      const std::int64_t changed,
      transaction.execute(
          "UPDATE response_version SET status = $1, withdrawn_on = $2, reason = $3, epoch = $4, "
          "counter = $5, body = $6 WHERE state = $7 AND checklist = $8 AND round = $9 AND version "
          "= "
          "$10",
          {static_cast<std::int64_t>(body.status()), body.withdrawn_on(), body.reason(),
           version.revision.epoch, version.revision.counter, Bytes{body.SerializeAsString()},
           body.key().state(), body.key().checklist(), std::int64_t{body.key().round()},
           std::int64_t{body.version()}}));
  if (changed != 1) return platform::make_error(Reason::kInternal, "a stored version is gone");
  return {};
}

Result<std::vector<Ending>> read_endings(Transaction& transaction, const Key& key) {
  UNCAC_ASSIGN(
      const Rows rows,
      transaction.query("SELECT version, action, day, recorded_at, recorded_by, reason FROM "
                        "response_ending WHERE state = $1 AND checklist = $2 AND round = $3 "
                        "ORDER BY id",
                        {key.state, key.checklist, key.round}));
  std::vector<Ending> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all.push_back({rows.integer(i, 0), rows.text(i, 1), rows.text(i, 2), rows.text(i, 3),
                   rows.text(i, 4), rows.text(i, 5)});
  }
  return all;
}

Status insert_ending(Transaction& transaction, const Key& key, const Ending& ending) {
  UNCAC_ASSIGN([[maybe_unused]] const std::int64_t inserted,
               transaction.execute(
                   "INSERT INTO response_ending (state, checklist, round, version, action, day, "
                   "recorded_at, recorded_by, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                   {key.state, key.checklist, key.round, ending.version, ending.action, ending.day,
                    ending.recorded_at, ending.recorded_by, ending.reason}));
  return {};
}

Result<std::vector<FiledChoices>> read_filed(Transaction& transaction, std::span<const Key> keys) {
  UNCAC_ASSIGN(const std::vector<Rows> found,
               transaction.query_each("SELECT provision, audience, named, until_day FROM "
                                      "filed_choice WHERE state = $1 AND checklist = $2 AND round "
                                      "= $3",
                                      3, cells_of(keys)));
  std::vector<FiledChoices> all;
  for (const Rows& rows : found) {
    FiledChoices& choices = all.emplace_back();
    choices.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      UNCAC_ASSIGN(SharingChoice choice,
                   choice_from(rows.text(i, 1), rows.text(i, 2), rows.text(i, 3)));
      choices.emplace_back(rows.text(i, 0), std::move(choice));
    }
  }
  return all;
}

Status write_filed(Transaction& transaction, std::span<const std::pair<Key, FiledChoices>> filed) {
  std::vector<Value> cells;
  for (const auto& [key, choices] : filed) {
    for (const auto& [provision, choice] : choices) {
      cells.insert(cells.end(), {key.state, key.checklist, key.round, provision});
      add_choice(choice, cells);
    }
  }
  return transaction.insert_many(
      "INSERT INTO filed_choice (state, checklist, round, provision, audience, named, until_day) "
      "VALUES",
      7, cells,
      "ON CONFLICT (state, checklist, round, provision) DO UPDATE SET audience = "
      "excluded.audience, named = excluded.named, until_day = excluded.until_day");
}

Result<std::vector<StoredDecision>> read_decisions(Transaction& transaction,
                                                   const std::string& state) {
  UNCAC_ASSIGN(auto decisions, read_decisions(transaction, std::span(&state, 1)));
  return std::move(decisions.front());
}

Result<std::vector<std::vector<StoredDecision>>> read_decisions(
    Transaction& transaction, std::span<const std::string> states) {
  UNCAC_ASSIGN(const std::vector<Rows> found,
               transaction.query_each("SELECT provision, audience, named, until_day, recorded_at, "
                                      "sequence, epoch, counter, suspended FROM sharing_decision "
                                      "WHERE state = $1",
                                      1, std::vector<Value>(states.begin(), states.end())));
  std::vector<std::vector<StoredDecision>> all;
  for (const Rows& rows : found) {
    std::vector<StoredDecision>& of_state = all.emplace_back();
    of_state.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      StoredDecision& decision = of_state.emplace_back();
      decision.provision = rows.text(i, 0);
      UNCAC_ASSIGN(decision.choice, choice_from(rows.text(i, 1), rows.text(i, 2), rows.text(i, 3)));
      decision.recorded_at = rows.text(i, 4);
      decision.sequence = rows.integer(i, 5);
      decision.revision = {rows.integer(i, 6), rows.integer(i, 7)};
      UNCAC_ASSIGN(decision.suspended, suspended_from(rows.text(i, 8)));
    }
  }
  return all;
}

Status write_decisions(Transaction& transaction, const std::string& state,
                       const std::vector<StoredDecision>& decisions) {
  const DecisionsOf all{state, decisions};
  return write_decisions(transaction, std::span(&all, 1));
}

Status write_decisions(Transaction& transaction, std::span<const DecisionsOf> decisions) {
  std::vector<Value> cells;
  for (const auto& [state, of_state] : decisions) {
    for (const StoredDecision& decision : of_state) {
      cells.emplace_back(state);
      cells.emplace_back(decision.provision);
      add_choice(decision.choice, cells);
      cells.emplace_back(decision.recorded_at);
      cells.emplace_back(decision.sequence);
      cells.emplace_back(decision.revision.epoch);
      cells.emplace_back(decision.revision.counter);
      cells.emplace_back(suspended_text(decision.suspended));
    }
  }
  return transaction.insert_many(
      "INSERT INTO sharing_decision (state, provision, audience, named, until_day, recorded_at, "
      "sequence, epoch, counter, suspended) VALUES",
      10, cells,
      "ON CONFLICT (state, provision) DO UPDATE SET audience = excluded.audience, named = "
      "excluded.named, until_day = excluded.until_day, recorded_at = excluded.recorded_at, "
      "sequence = excluded.sequence, epoch = excluded.epoch, counter = excluded.counter, "
      "suspended = excluded.suspended");
}

Result<std::vector<Summary>> read_summaries(Transaction& transaction, const std::string& state,
                                            const std::string& checklist) {
  UNCAC_ASSIGN(
      const Rows rows,
      transaction.query(
          "SELECT v.state, v.checklist, v.round, v.version, v.submitted_on, v.status, "
          "v.withdrawn_on, v.answers, v.exercise FROM response r JOIN response_version v ON "
          "v.state = r.state AND v.checklist = r.checklist AND v.round = r.round AND v.version = "
          "r.newest_version WHERE ($1 = '' OR v.state = $1) AND ($2 = '' OR v.checklist = $2)",
          {state, checklist}));
  std::vector<Summary> all;
  all.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all.push_back({{rows.text(i, 0), rows.text(i, 1), rows.integer(i, 2)},
                   rows.integer(i, 3),
                   rows.text(i, 4),
                   rows.text(i, 6),
                   static_cast<int>(rows.integer(i, 5)),
                   rows.integer(i, 7),
                   rows.integer(i, 8) != 0});
  }
  return all;
}

Result<std::vector<Key>> read_keys(Transaction& transaction) {
  UNCAC_ASSIGN(const Rows rows, transaction.query("SELECT state, checklist, round FROM response "
                                                  "ORDER BY state, checklist, round"));
  std::vector<Key> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all.push_back({rows.text(i, 0), rows.text(i, 1), rows.integer(i, 2)});
  }
  return all;
}

Status raise_revisions(Transaction& transaction, std::int64_t epoch) {
  UNCAC_TRY(
      transaction.execute("UPDATE response_version SET epoch = $1 WHERE epoch < $1", {epoch}));
  UNCAC_TRY(
      transaction.execute("UPDATE sharing_decision SET epoch = $1 WHERE epoch < $1", {epoch}));
  return {};
}

Result<std::vector<std::string>> states_with_ended_sharing(Transaction& transaction, Day today) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT DISTINCT state FROM sharing_decision WHERE until_day > '' "
                                 "AND until_day < $1 ORDER BY state",
                                 {platform::format_day(today)}));
  std::vector<std::string> all;
  for (std::size_t i = 0; i < rows.size(); ++i) all.push_back(rows.text(i, 0));
  return all;
}

Result<std::vector<std::string>> states_with_decisions(Transaction& transaction) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT DISTINCT state FROM sharing_decision ORDER BY state"));
  std::vector<std::string> all;
  for (std::size_t i = 0; i < rows.size(); ++i) all.push_back(rows.text(i, 0));
  return all;
}

Result<std::vector<KeptReply>> read_replies(Transaction& transaction,
                                            std::span<const Idempotency> used) {
  std::vector<Value> cells;
  for (const Idempotency& one : used) cells.insert(cells.end(), {one.actor, one.method, one.key});
  UNCAC_ASSIGN(const std::vector<Rows> found,
               transaction.query_each("SELECT request_digest, reply FROM idempotency WHERE actor = "
                                      "$1 AND method = $2 AND idempotency_key = $3",
                                      3, cells));
  std::vector<KeptReply> all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Rows& rows = found[i];
    if (rows.empty()) {
      all.emplace_back(std::optional<std::string>());
    } else if (rows.text(0, 0) != used[i].request_digest) {
      all.emplace_back(platform::make_error(Reason::kInvalidInput,
                                            "this idempotency key was used with another request"));
    } else {
      all.emplace_back(std::optional(rows.bytes(0, 1)));
    }
  }
  return all;
}

Status keep_replies(Transaction& transaction,
                    std::span<const std::pair<Idempotency, std::string>> replies,
                    platform::Moment now) {
  const std::int64_t recorded =
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::vector<Value> cells;
  for (const auto& [used, reply] : replies) {
    cells.insert(cells.end(),
                 {used.actor, used.key, used.method, used.request_digest, Bytes{reply}, recorded});
  }
  return transaction.insert_many(
      "INSERT INTO idempotency (actor, idempotency_key, method, request_digest, reply, "
      "recorded_at) VALUES",
      6, cells);
}

}  // namespace uncac::checklist_intake
