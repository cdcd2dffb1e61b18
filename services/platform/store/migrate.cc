// Numbered changes of the tables, each in a transaction of its own, one process at a time.
#include <algorithm>
#include <charconv>
#include <map>

#include "embedded/kEmbeddedLogMigrations.h"
#include "embedded/kPlatformMigrations.h"
#include "platform/store/sha256.h"
#include "platform/store/store.h"

namespace uncac::platform {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The statements of a migration, without their ';'. Only a ';' at the end of a line that is not all
// comment divides, so a ';' within a comment or a text does not.
std::vector<std::string> statements_of(std::string_view sql) {
  std::vector<std::string> statements;
  std::string statement;
  while (!sql.empty()) {
    const std::size_t end = std::min(sql.find('\n'), sql.size());
    const std::string_view line = sql.substr(0, end);
    sql.remove_prefix(std::min(end + 1, sql.size()));
    const std::string_view words = trim(line);
    const bool comment = words.starts_with("--");
    if (statement.empty() && (comment || words.empty())) continue;
    statement.append(line).append(1, '\n');
    if (comment || !words.ends_with(';')) continue;
    statement.resize(statement.rfind(';'));
    statements.push_back(std::move(statement));
    statement.clear();
  }
  if (!statement.empty()) statements.push_back(std::move(statement));
  return statements;
}

std::string named(const std::string& set, const Migration& migration) {
  return "migration " + std::to_string(migration.number) + " (" + migration.name +
         ") of the set \"" + set + "\"";
}

struct Applied {
  std::string name;
  std::string checksum;
};

Result<std::map<std::int64_t, Applied>> read_applied(Transaction& transaction,
                                                     const std::string& set) {
  UNCAC_TRY(
      transaction.execute("CREATE TABLE IF NOT EXISTS schema_migration ("
                          "set_name TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, "
                          "checksum TEXT NOT NULL, applied_at TEXT NOT NULL, "
                          "PRIMARY KEY (set_name, number))"));
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT number, name, checksum FROM schema_migration "
                                 "WHERE set_name = $1 ORDER BY number",
                                 {set}));
  std::map<std::int64_t, Applied> applied;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    applied[rows.integer(i, 0)] = {rows.text(i, 1), rows.text(i, 2)};
  }
  return applied;
}

// Applies the first migration that is missing. False when none was.
Result<bool> apply_next(const Store& store, Transaction& transaction, const std::string& set,
                        std::span<const Migration> migrations) {
  UNCAC_TRY(transaction.lock("migrations"));
  UNCAC_ASSIGN(const auto applied, read_applied(transaction, set));
  for (const Migration& migration : migrations) {
    const std::string checksum = to_hex(sha256({migration.sql}));
    if (const auto found = applied.find(migration.number); found != applied.end()) {
      if (found->second.checksum == checksum) continue;
      return make_error(Reason::kFailedPrecondition,
                        named(set, migration) + " ran on this store with another text, as \"" +
                            found->second.name +
                            "\"; what ran is never changed, a new number is added");
    }
    for (const std::string& statement : statements_of(migration.sql)) {
      if (auto done = transaction.execute(store.dialect(statement)); !done) {
        return make_error(done.error().reason, named(set, migration) + ": " + done.error().message);
      }
    }
    // The engine's own time: it is for a person to read, and nothing depends on it.
    UNCAC_TRY(transaction.execute(
        "INSERT INTO schema_migration (set_name, number, name, checksum, applied_at) "
        "VALUES ($1, $2, $3, $4, CAST(CURRENT_TIMESTAMP AS TEXT))",
        {set, std::int64_t{migration.number}, migration.name, checksum}));
    return true;
  }
  return false;
}

}  // namespace

std::vector<Migration> migrations_from(
    std::span<const std::pair<std::string_view, std::string_view>> files) {
  std::vector<Migration> migrations;
  for (const auto& [name, text] : files) {
    Migration migration{0, std::string(name), std::string(text)};
    // A name without a number keeps 0, which migrate() refuses by that name.
    std::from_chars(name.data(), name.data() + name.size(), migration.number);
    migrations.push_back(std::move(migration));
  }
  std::stable_sort(migrations.begin(), migrations.end(),
                   [](const Migration& a, const Migration& b) { return a.number < b.number; });
  return migrations;
}

Status Store::migrate(const std::string& set, std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].number != static_cast<int>(i) + 1) {
      return make_error(Reason::kInternal,
                        named(set, migrations[i]) + ": numbers must run from 1 without gaps");
    }
  }
  bool again = true;
  while (again) {
    UNCAC_TRY(run(Mode::kMigrate, [&](Transaction& transaction) -> Status {
      UNCAC_ASSIGN(again, apply_next(*this, transaction, set, migrations));
      return {};
    }));
  }
  return {};
}

Status migrate_platform(Store& store) {
  UNCAC_TRY(store.migrate("platform", migrations_from(kPlatformMigrations)));
  if (store.engine() != "sqlite") return {};
  return store.migrate("embedded_log", migrations_from(kEmbeddedLogMigrations));
}

}  // namespace uncac::platform
