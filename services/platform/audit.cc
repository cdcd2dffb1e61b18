#include "platform/audit.h"

#include <map>

#include "platform/store/sha256.h"

namespace uncac::platform {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::int64_t kPage = 200;  // rows with their payloads in memory at once

// The columns of a row as every query here reads them, payload and salt last.
constexpr std::string_view kColumns =
    "a.id, a.recorded_at, a.actor, a.role, a.action, a.object, a.reason, a.origin, "
    "a.payload_digest";

// The salt has one length, so salt and payload cannot be divided in another place.
std::string payload_digest(std::string_view salt, std::string_view payload) {
  return to_hex(sha256({salt, payload}));
}

// Over the previous chain value and every column of row `i` but its id, each framed by its length.
std::string chain_hash(const std::string& previous, const Rows& rows, std::size_t i,
                       std::int64_t sequence) {
  return to_hex(sha256_framed({previous, rows.text(i, 1), rows.text(i, 2), rows.text(i, 3),
                               rows.text(i, 4), rows.text(i, 5), rows.text(i, 6), rows.text(i, 7),
                               rows.text(i, 8), std::to_string(sequence)}));
}

Error broken(std::int64_t sequence, const std::string& what) {
  return make_error(Reason::kFailedPrecondition, "the audit log does not verify at sequence " +
                                                     std::to_string(sequence) + ": " + what);
}

Status verify_row(const Rows& rows, std::size_t i, AuditVerdict& verdict) {
  const std::int64_t sequence = rows.integer(i, 9);
  const std::int64_t expected = verdict.rows + 1;
  if (sequence != expected) {
    return broken(expected,
                  "the row is missing (the next one there has " + std::to_string(sequence) + ")");
  }
  const std::string chain = chain_hash(verdict.head, rows, i, sequence);
  if (rows.text(i, 10) != chain) return broken(sequence, "the row or one before it was changed");
  if (rows.is_null(i, 11)) {
    ++verdict.erased;
  } else if (rows.bytes(i, 11).size() != kSaltBytes ||
             payload_digest(rows.bytes(i, 11), rows.bytes(i, 12)) != rows.text(i, 8)) {
    return broken(sequence, "the payload was changed");
  }
  ++verdict.rows;
  verdict.head = chain;
  return {};
}

}  // namespace

Status record_audit(Transaction& transaction, const Clock& clock, Ids& ids,
                    const AuditEntry& entry) {
  return record_audit(transaction, clock, ids, std::span(&entry, 1));
}

Status record_audit(Transaction& transaction, const Clock& clock, Ids& ids,
                    std::span<const AuditEntry> entries) {
  const std::string now = format_moment(clock.now());
  std::vector<Value> cells;
  std::multimap<std::string, std::pair<std::string, const AuditEntry*>> by_digest;  // with its salt
  for (const AuditEntry& entry : entries) {
    std::string salt = ids.random(kSaltBytes);
    const std::string digest = payload_digest(salt, entry.payload);
    cells.insert(cells.end(), {now, entry.actor, entry.role, entry.action, entry.object,
                               entry.reason, entry.origin, digest});
    by_digest.emplace(digest, std::pair(std::move(salt), &entry));
  }
  UNCAC_ASSIGN(const Rows rows,
               transaction.query_many("INSERT INTO audit (recorded_at, actor, role, action, "
                                      "object, reason, origin, payload_digest) VALUES",
                                      8, cells, "RETURNING id, payload_digest"));
  // The rows come back in no order; the digest says which is whose.
  std::vector<Value> payloads;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto found = by_digest.find(rows.text(i, 1));
    if (found == by_digest.end()) {
      return make_error(Reason::kInternal, "an audit row came back changed");
    }
    const auto& [salt, entry] = found->second;
    payloads.insert(payloads.end(), {rows.integer(i, 0), Bytes{salt}, Bytes{entry->payload}});
    by_digest.erase(found);
  }
  return transaction.insert_many("INSERT INTO audit_payload (audit_id, salt, payload) VALUES", 3,
                                 payloads);
}

Result<std::int64_t> chain_audit(Store& store, std::size_t limit) {
  return store.write([&](Transaction& transaction) -> Result<std::int64_t> {
    // The lease may pass while a former holder is still at work; two must not number rows at once.
    UNCAC_TRY(transaction.lock("audit-chain"));
    UNCAC_ASSIGN(const Rows head,
                 transaction.query("SELECT sequence, chain FROM audit WHERE sequence IS NOT NULL "
                                   "ORDER BY sequence DESC LIMIT 1"));
    std::int64_t sequence = head.empty() ? 0 : head.integer(0, 0);
    std::string chain = head.empty() ? "" : head.text(0, 1);
    UNCAC_ASSIGN(const Rows rows,
                 transaction.query("SELECT " + std::string(kColumns) +
                                       " FROM audit a WHERE a.sequence IS NULL ORDER BY a.id "
                                       "LIMIT $1",
                                   {static_cast<std::int64_t>(limit)}));
    std::vector<Value> cells;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ++sequence;
      chain = chain_hash(chain, rows, i, sequence);
      cells.insert(cells.end(), {rows.integer(i, 0), sequence, chain});
    }
    // Many rows changed in one statement: insert_many writes the list of rows, which both engines
    // also take as a table, and call its columns column1, column2 and so on.
    UNCAC_TRY(transaction.insert_many(
        "UPDATE audit SET sequence = chained.column2, chain = chained.column3 FROM (VALUES", 3,
        cells, ") AS chained WHERE audit.id = chained.column1"));
    return static_cast<std::int64_t>(rows.size());
  });
}

Result<AuditVerdict> verify_audit(Store& store) {
  return store.read([&](Transaction& transaction) -> Result<AuditVerdict> {
    UNCAC_ASSIGN(const Rows counts,
                 transaction.query("SELECT COUNT(*), COUNT(sequence) FROM audit"));
    const std::int64_t chained = counts.integer(0, 1);
    AuditVerdict verdict;
    verdict.unchained = counts.integer(0, 0) - chained;
    for (bool more = true; more;) {
      UNCAC_ASSIGN(const Rows rows,
                   transaction.query("SELECT " + std::string(kColumns) +
                                         ", a.sequence, a.chain, p.salt, p.payload FROM audit a "
                                         "LEFT JOIN audit_payload p ON p.audit_id = a.id "
                                         "WHERE a.sequence > $1 ORDER BY a.sequence LIMIT $2",
                                     {verdict.rows, kPage}));
      for (std::size_t i = 0; i < rows.size(); ++i) UNCAC_TRY(verify_row(rows, i, verdict));
      more = !rows.empty();
    }
    // A row with a number below 1, or one that is there twice, is passed over by the pages.
    if (verdict.rows != chained) return broken(verdict.rows, "there are rows outside of the chain");
    return verdict;
  });
}

}  // namespace uncac::platform
