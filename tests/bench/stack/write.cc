// What changed in the needs, compared and written by the matrix's writer, beside libpq by hand that
// is told the same rows.

#include <array>
#include <stdexcept>

#include "access/token.h"
#include "bench/stack/exercise_log.h"
#include "bench/stack/plain_stack.h"
#include "bench/stack/rows.h"
#include "bench/stack/sql.h"
#include "bench/stopwatch.h"
#include "needs_matrix/handlers.h"
#include "needs_matrix/store.h"
#include "platform/events/consumer.h"

namespace uncac::bench {
namespace {

using testing::must;

constexpr std::size_t kBatch = 500;  // records: as ConsumerOptions has it
constexpr std::size_t kRowsOfStatement = 500;

// The log of a matrix that is given its records directly: nobody reads it.
class NoLog final : public platform::EventLog {
 public:
  platform::Result<std::unique_ptr<platform::LogReader>> read(const std::string&,
                                                              const platform::Position&) override {
    return none();
  }
  platform::Result<std::unique_ptr<platform::LogReader>> join(const std::string&,
                                                              const std::string&,
                                                              platform::Assignment&) override {
    return none();
  }
  platform::Result<platform::Position> start(const std::string&) override { return none(); }
  platform::Result<platform::Position> end(const std::string&) override { return none(); }
  platform::Completion completion(const std::string&) override { return {}; }
  platform::Result<std::string> log_id(const std::string&) override { return none(); }

 private:
  static platform::Error none() {
    return platform::make_error(platform::Reason::kInternal, "there is no log");
  }
};

// The matrix's writer with the fold that it compares, in this process.
class Writer {
 public:
  Writer(const std::string& conninfo, std::shared_ptr<const reference::Reference> reference)
      : store_(must(platform::open_postgres({conninfo, ""}))),
        items_(must(needs_matrix::Items::create(reference))),
        gatekeeper_(must(
            access::TokenGatekeeper::create(must(access::make_key_pair()).public_pem, clock_))),
        calls_(*gatekeeper_, ids_, metrics_, {}),
        cache_(platform::make_memory_cache(1 << 20, clock_)),
        live_(items_, metrics_),
        feed_(*reference, metrics_),
        sealer_(
            must(platform::Sealer::create(std::string(platform::Sealer::kKeyBytes, 'k'), ids_))),
        answers_(*cache_, metrics_, "bench") {
    must(platform::migrate_platform(*store_));
    must(store_->migrate("needs_matrix", needs_matrix::migrations()));
    must(platform::read_identity(*store_, ids_));  // makes it
    parts_.emplace(needs_matrix::MatrixParts{
        {clock_, ids_, metrics_, calls_, *store_, outbox_, log_, *cache_, "bench"},
        live_,
        tables_,
        feed_,
        answers_,
        ended_,
        log_readers_,
        sealer_,
        "bench",
        [] { return true; },
        [this] { return clock_.steady_now(); }});
    writer_.emplace(*parts_);
  }

  // Folds all of it, and keeps it for write_all().
  void fold(const std::vector<platform::Event>& events) {
    platform::Position position{"bench", std::vector<std::int64_t>(platform::kPartitions, 0)};
    for (const platform::Event& event : events) {
      std::int64_t& next = position.next[static_cast<std::size_t>(event.partition)];
      records_.push_back({event, next++});
    }
    live_.apply(records_, position);
  }
  // Transactions.
  std::size_t write_all() {
    std::size_t count = 0;
    for (std::size_t at = 0; at < records_.size(); at += kBatch, ++count) {
      const auto batch = std::span(records_).subspan(at, std::min(kBatch, records_.size() - at));
      must(store_->write(
          [&](platform::Transaction& transaction) { return writer_->handle(transaction, batch); }));
    }
    return count;
  }

 private:
  const platform::SystemClock clock_;
  platform::SystemIds ids_;
  platform::Metrics metrics_;
  NoLog log_;
  std::unique_ptr<platform::Store> store_;
  std::shared_ptr<const needs_matrix::Items> items_;
  std::unique_ptr<access::TokenGatekeeper> gatekeeper_;
  platform::Calls calls_;
  std::unique_ptr<platform::Cache> cache_;
  platform::Outbox outbox_{std::make_shared<platform::Wakeup>()};
  needs_matrix::LiveMatrix live_;
  needs_matrix::StandingTables tables_;
  needs_matrix::Feed feed_;
  platform::Sealer sealer_;
  platform::CachedAnswers answers_;
  std::atomic<bool> ended_ = false;
  std::atomic<int> log_readers_ = 0;
  std::optional<needs_matrix::MatrixParts> parts_;
  std::optional<needs_matrix::NeedsWriter> writer_;
  std::vector<platform::Record> records_;
};

// Many-row inserts with prepared statements and parameters: the quickest that upserts.
class ByHand {
 public:
  struct Rows {
    std::string table, columns, conflict;
    std::vector<bool> is_bytes;
    std::vector<Sql::Row> rows;
  };
  explicit ByHand(const std::string& conninfo) : sql_(conninfo) {}

  void write_all(const std::vector<Rows>& tables, std::size_t transactions) {
    for (std::size_t i = 0; i < transactions; ++i) {
      sql_.run("BEGIN");
      for (const Rows& table : tables) {
        const std::size_t from = table.rows.size() * i / transactions;
        const std::size_t to = table.rows.size() * (i + 1) / transactions;
        for (std::size_t at = from; at < to; at += kRowsOfStatement) {
          insert(table, at, std::min(at + kRowsOfStatement, to));
        }
      }
      sql_.run("COMMIT");
    }
  }
  Sql& sql() { return sql_; }

 private:
  void insert(const Rows& table, std::size_t from, std::size_t to) {
    constexpr Oid kBytea = 17;
    const std::size_t columns = table.is_bytes.size();
    if (columns == 0) return;
    std::vector<Oid> types;
    std::vector<const char*> values;
    std::vector<int> lengths, formats;
    for (std::size_t row = from; row < to; ++row) {
      for (std::size_t column = 0; column < columns; ++column) {
        const std::string& cell = table.rows[row][column];
        const bool bytes = table.is_bytes[column];
        // A tombstone has no body.
        values.push_back(bytes && cell == "NULL" ? nullptr : cell.data());
        lengths.push_back(static_cast<int>(cell.size()));
        formats.push_back(bytes ? 1 : 0);
        types.push_back(bytes ? kBytea : 0);
      }
    }
    const std::string name = table.table + std::to_string(to - from);
    if (prepared_.insert(name).second) {
      std::string text = "INSERT INTO " + table.table + " (" + table.columns + ") VALUES ";
      for (std::size_t i = 0; i < values.size(); ++i) {
        text += i % columns > 0 ? ", " : i > 0 ? "), (" : "(";
        text += "$" + std::to_string(i + 1);
      }
      check(PQprepare(sql_.raw(), name.c_str(), (text + ") " + table.conflict).c_str(),
                      static_cast<int>(types.size()), types.data()));
    }
    check(PQexecPrepared(sql_.raw(), name.c_str(), static_cast<int>(values.size()), values.data(),
                         lengths.data(), formats.data(), 1));
  }
  void check(PGresult* raw) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(raw, &PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      throw std::runtime_error(PQerrorMessage(sql_.raw()));
    }
  }

  Sql sql_;
  std::set<std::string> prepared_;
};

constexpr const char* kPublishedColumns = "need, state, epoch, counter, reach, digest, audience";
constexpr const char* kOutboxColumns =
    "topic, partition_number, event_key, epoch, counter, event_type, source, subject, event_time, "
    "traceparent, extensions, body";

std::string unhexed(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::vector<ByHand::Rows> rows_of(Sql& sql) {
  ByHand::Rows published{
      "published", kPublishedColumns,
      "ON CONFLICT (need) DO UPDATE SET epoch = excluded.epoch, counter = "
      "excluded.counter, reach = excluded.reach, digest = excluded.digest, "
      "audience = excluded.audience",
      std::vector<bool>(7, false),
      sql.rows(std::string("SELECT ") + kPublishedColumns + " FROM published ORDER BY ctid")};
  ByHand::Rows outbox{"outbox", kOutboxColumns, "", std::vector<bool>(12, false),
                      sql.rows("SELECT topic, partition_number, event_key, epoch, counter, "
                               "event_type, source, subject, event_time, traceparent, "
                               "encode(extensions, 'hex'), coalesce(encode(body, 'hex'), 'NULL') "
                               "FROM outbox ORDER BY id")};
  outbox.is_bytes[10] = outbox.is_bytes[11] = true;
  for (Sql::Row& row : outbox.rows) {
    row[10] = unhexed(row[10]);
    if (row[11] != "NULL") row[11] = unhexed(row[11]);
  }
  std::vector<ByHand::Rows> all;
  all.push_back(std::move(published));
  all.push_back(std::move(outbox));
  return all;
}

std::string digest(Sql& sql) {
  std::string text;
  for (const auto& [table, columns] :
       {std::pair{"published", kPublishedColumns}, std::pair{"outbox", kOutboxColumns}}) {
    const auto row = sql.rows(std::string("SELECT count(*), md5(coalesce(string_agg(line, '' ORDER "
                                          "BY line), '')) FROM (SELECT (") +
                              columns + ")::text AS line FROM " + table + ") AS all_lines")[0];
    text += std::string(table) + " " + row[0] + " rows " + row[1] + "; ";
  }
  return text;
}

void empty(Sql& sql) { sql.run("TRUNCATE published, outbox, feed_sequence"); }

}  // namespace

void measure_write(Table& table) {
  PlainStack stack;
  const std::string ours = stack.database("ours");
  const std::string theirs = stack.database("by_hand");
  const auto reference = must(reference::Reference::load());
  Writer writer(ours, reference);
  {
    Writer tables(theirs, reference);  // makes them
  }
  writer.fold(exercise_events(*reference, 1));
  ByHand by_hand(theirs);
  Sql look(ours);

  const std::size_t transactions = writer.write_all();
  const std::vector<ByHand::Rows> rows = rows_of(look);
  by_hand.write_all(rows, transactions);
  if (const std::string here = digest(look), there = digest(by_hand.sql()); here != there) {
    return table.differs("write", "written: " + here + "by hand: " + there);
  }

  Pairs pairs{.what = std::to_string(rows[0].rows.size()) + " needs, " +
                      std::to_string(rows[1].rows.size()) +
                      " events: compared and written beside "
                      "libpq by hand",
              .unit = Pairs::Unit::kMicroseconds,
              .at_least = 0.7};
  for (int pair = 0; pair < kPairs; ++pair) {
    empty(look);
    pairs.ours.push_back(microseconds([&] { writer.write_all(); }));
    empty(by_hand.sql());
    pairs.baseline.push_back(microseconds([&] { by_hand.write_all(rows, transactions); }));
  }
  table.add(pairs);
}

}  // namespace uncac::bench
