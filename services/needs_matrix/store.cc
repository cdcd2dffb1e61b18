#include "needs_matrix/store.h"

#include <sstream>

#include "embedded/kNeedsMatrixMigrations.h"

namespace uncac::needs_matrix {

using platform::Result;
using platform::Rows;
using platform::Status;
using platform::Transaction;
using platform::Value;

std::vector<platform::Migration> migrations() {
  return platform::migrations_from(kNeedsMatrixMigrations);
}

Result<std::vector<Published>> read_published(Transaction& transaction, std::string_view state) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT need, epoch, counter, reach, digest, audience, again "
                                 "FROM published WHERE state = $1 ORDER BY need",
                                 {std::string(state)}));
  std::vector<Published> all;
  all.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all.push_back({rows.text(i, 0),
                   {rows.integer(i, 1), rows.integer(i, 2)},
                   static_cast<Reach>(rows.integer(i, 3)),
                   rows.text(i, 4),
                   rows.text(i, 5),
                   rows.integer(i, 6) != 0});
  }
  return all;
}

Status write_published(Transaction& transaction, std::string_view state,
                       const std::vector<Published>& rows) {
  std::vector<Value> cells;
  cells.reserve(rows.size() * 7);
  for (const Published& row : rows) {
    cells.emplace_back(row.need);
    cells.emplace_back(std::string(state));
    cells.emplace_back(row.revision.epoch);
    cells.emplace_back(row.revision.counter);
    cells.emplace_back(static_cast<std::int64_t>(row.reach));
    cells.emplace_back(row.digest);
    cells.emplace_back(row.audience);
  }
  return transaction.insert_many(
      "INSERT INTO published (need, state, epoch, counter, reach, digest, audience) VALUES", 7,
      cells,
      "ON CONFLICT (need) DO UPDATE SET epoch = excluded.epoch, counter = excluded.counter, "
      "reach = excluded.reach, digest = excluded.digest, audience = excluded.audience, "
      "again = 0");
}

Result<std::int64_t> mark_again(Transaction& transaction) {
  return transaction.execute("UPDATE published SET again = 1");
}

Status insert_found(Transaction& transaction, const std::string& state, const Published& found) {
  UNCAC_TRY(transaction.execute(
      "INSERT INTO published (need, state, epoch, counter, reach, digest, audience, again) "
      "VALUES ($1, $2, $3, $4, $5, '', $6, 1) ON CONFLICT (need) DO UPDATE SET reach = "
      "excluded.reach, digest = '', audience = excluded.audience WHERE published.reach < "
      "excluded.reach",
      {found.need, state, found.revision.epoch, found.revision.counter,
       static_cast<std::int64_t>(found.reach), found.audience}));
  return {};
}

Result<std::int64_t> last_feed_number(Transaction& transaction, int partition) {
  UNCAC_ASSIGN(
      const Rows rows,
      transaction.query("SELECT last_number FROM feed_sequence WHERE partition_number = $1",
                        {std::int64_t{partition}}));
  return rows.empty() ? std::int64_t{0} : rows.integer(0, 0);
}

Status keep_feed_number(Transaction& transaction, int partition, std::int64_t number) {
  UNCAC_ASSIGN([[maybe_unused]] const std::int64_t changed,
               transaction.execute(
                   "INSERT INTO feed_sequence (partition_number, last_number) VALUES ($1, $2) ON "
                   "CONFLICT (partition_number) DO UPDATE SET last_number = excluded.last_number",
                   {std::int64_t{partition}, number}));
  return {};
}

Result<std::vector<std::int64_t>> feed_numbers(Transaction& transaction) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT partition_number, last_number FROM feed_sequence"));
  std::vector<std::int64_t> numbers(platform::kPartitions, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    numbers[static_cast<std::size_t>(rows.integer(i, 0))] = rows.integer(i, 1);
  }
  return numbers;
}

namespace {

std::string joined(const std::vector<std::string>& codes) {
  std::string out;
  for (const std::string& code : codes) out += (out.empty() ? "" : " ") + code;
  return out;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

Result<needs::v1::Release> to_release(const std::string& body) {
  needs::v1::Release release;
  if (!release.ParseFromString(body)) {
    return platform::make_error(platform::Reason::kInternal, "a release cannot be read");
  }
  return release;
}

}  // namespace

Status insert_release(Transaction& transaction, const needs::v1::Release& release,
                      const std::vector<KeptColumn>& columns) {
  UNCAC_ASSIGN([[maybe_unused]] const std::int64_t one,
               transaction.execute(
                   "INSERT INTO release (number, body) VALUES ($1, $2)",
                   {std::int64_t{release.number()}, platform::Bytes{release.SerializeAsString()}}));
  std::vector<Value> cells;
  for (const KeptColumn& column : columns) {
    cells.emplace_back(std::int64_t{release.number()});
    cells.emplace_back(column.measure);
    cells.emplace_back(column.columns_by);
    cells.emplace_back(column.code);
    cells.emplace_back(joined(column.counted));
    cells.emplace_back(joined(column.given));
  }
  return transaction.insert_many(
      "INSERT INTO release_column (number, measure, columns_by, code, counted, given) VALUES", 6,
      cells);
}

Result<std::vector<KeptColumn>> read_release_columns(Transaction& transaction) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT number, measure, columns_by, code, counted, given "
                                 "FROM release_column ORDER BY number DESC"));
  std::vector<KeptColumn> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all.push_back({rows.integer(i, 0), rows.text(i, 1), rows.text(i, 2), rows.text(i, 3),
                   words(rows.text(i, 4)), words(rows.text(i, 5))});
  }
  return all;
}

Status hold_releases(Transaction& transaction, const std::string& taken_at) {
  UNCAC_ASSIGN([[maybe_unused]] const std::int64_t one,
               transaction.execute("INSERT INTO release_hold (only_row, taken_at) VALUES (1, $1) "
                                   "ON CONFLICT (only_row) DO UPDATE SET taken_at = "
                                   "excluded.taken_at",
                                   {taken_at}));
  return {};
}

Result<std::optional<std::string>> releases_held(Transaction& transaction) {
  UNCAC_ASSIGN(const Rows rows, transaction.query("SELECT taken_at FROM release_hold"));
  return rows.empty() ? std::optional<std::string>() : std::optional(rows.text(0, 0));
}

Status free_releases(Transaction& transaction) {
  UNCAC_ASSIGN([[maybe_unused]] const std::int64_t gone,
               transaction.execute("DELETE FROM release_hold"));
  return {};
}

Result<std::optional<needs::v1::Release>> read_release(Transaction& transaction,
                                                       std::int64_t number) {
  UNCAC_ASSIGN(const Rows rows,
               number == 0
                   ? transaction.query("SELECT body FROM release ORDER BY number DESC LIMIT 1")
                   : transaction.query("SELECT body FROM release WHERE number = $1", {number}));
  if (rows.empty()) return std::optional<needs::v1::Release>();
  UNCAC_ASSIGN(needs::v1::Release release, to_release(rows.bytes(0, 0)));
  return std::optional(std::move(release));
}

Result<std::vector<needs::v1::Release>> read_releases(Transaction& transaction, std::int64_t below,
                                                      std::int64_t limit) {
  UNCAC_ASSIGN(
      const Rows rows,
      transaction.query("SELECT body FROM release WHERE number < $1 ORDER BY number DESC LIMIT $2",
                        {below, limit}));
  std::vector<needs::v1::Release> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    UNCAC_ASSIGN(needs::v1::Release release, to_release(rows.bytes(i, 0)));
    all.push_back(std::move(release));
  }
  return all;
}

}  // namespace uncac::needs_matrix
