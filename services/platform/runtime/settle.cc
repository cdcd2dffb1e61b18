#include "platform/runtime/settle.h"

#include <algorithm>

#include "platform/audit.h"
#include "platform/events/relay_marks.h"
#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

using Verdict = LogComparison::Verdict;

// When the store was written last: what is known of the age of a copy that nobody labelled.
Result<std::string> last_written(Transaction& transaction, const Clock& clock) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT recorded_at FROM audit ORDER BY id DESC LIMIT 1"));
  return rows.empty() ? format_moment(clock.now()) : rows.text(0, 0);
}

Status restore_step(Transaction& transaction, const SettledStore& settled,
                    const StoreIdentity& identity, const std::string& taken_at, const Clock& clock,
                    Ids& ids) {
  if (!settled.service.after_restore) return {};
  return settled.service.after_restore(transaction,
                                       {clock, ids, settled.outbox, identity, taken_at});
}

Result<std::int64_t> publish_all(Transaction& transaction, const SettledStore& settled,
                                 std::vector<Record> on_log, const std::string& traceparent,
                                 const Clock& clock, Ids& ids) {
  if (!settled.service.publish_again) return std::int64_t{0};
  UNCAC_ASSIGN(const std::int64_t epoch, current_epoch(transaction));
  return settled.service.publish_again(
      transaction, {clock, ids, settled.outbox, epoch, std::move(on_log), traceparent});
}

std::int64_t highest_epoch(const std::vector<Record>& records) {
  std::int64_t highest = 0;
  for (const Record& record : records) highest = std::max(highest, record.event.revision.epoch);
  return highest;
}

}  // namespace

Status settle_restored(const SettledStore& settled, const std::string& backup,
                       const std::string& taken_at, const Clock& clock, Ids& ids) {
  return settled.store.write([&](Transaction& transaction) -> Status {
    UNCAC_ASSIGN(const StoreIdentity identity, raise_epoch(transaction, ids, clock.now()));
    // All logs are in these stores and other ones now. Left in place, positions of old and new logs
    // would stand side by side while a consumer starts over.
    UNCAC_TRY(transaction.execute("DELETE FROM consumer_position"));
    UNCAC_TRY(record_audit(transaction, clock, ids,
                           {"host", "system", "store.restore", backup,
                            "restored from a backup of " + taken_at, "", ""}));
    return restore_step(transaction, settled, identity, taken_at, clock, ids);
  });
}

Status settle_with_log(const SettledStore& settled, EventLog& log, const Sealer& sealer,
                       const Clock& clock, Ids& ids) {
  const std::vector<Topic>& topics = settled.service.topics;
  UNCAC_ASSIGN(const LogComparison found, compare_with_log(settled.store, log, topics, sealer));
  if (found.verdict == Verdict::kInStep) return {};
  const bool behind = found.verdict == Verdict::kStoreBehind;
  if (behind && found.store_is_new && !settled.service.derived) {
    return make_error(Reason::kFailedPrecondition,
                      "the store of " + settled.service.name +
                          " has never published anything, but " + found.evidence +
                          " holds events: this is another database than the one they came from. "
                          "Restore that one, or give the services a broker without events");
  }
  UNCAC_ASSIGN(std::vector<Record> on_log, newest_on_log(log, topics));
  UNCAC_ASSIGN(
      const std::int64_t events,
      settled.store.write([&](Transaction& transaction) -> Result<std::int64_t> {
        UNCAC_TRY(transaction.lock("settle"));
        UNCAC_ASSIGN(const Rows identity, transaction.query("SELECT store_id FROM store_identity"));
        // Another replica was faster.
        if (identity.text(0, 0) != found.store_id) return std::int64_t{0};
        UNCAC_ASSIGN(const std::string written, last_written(transaction, clock));
        UNCAC_ASSIGN(const StoreIdentity raised,
                     raise_epoch(transaction, ids, clock.now(), highest_epoch(on_log)));
        UNCAC_TRY(forget_relay_marks(transaction));
        const std::string reason =
            behind ? "the log at " + found.evidence +
                         " is ahead of this store, which was last written at " + written
                   : "the log at " + found.evidence + " has lost events that it had confirmed";
        UNCAC_TRY(record_audit(transaction, clock, ids,
                               {"host", "system", behind ? "store.restore" : "log.republish",
                                settled.service.name, reason, "", ""}));
        if (behind) UNCAC_TRY(restore_step(transaction, settled, raised, written, clock, ids));
        return publish_all(transaction, settled, on_log, "", clock, ids);
      }));
  log::warning(behind ? "the store is older than its log: all is published again"
                      : "the log lost events: all is published again",
               {{"service", settled.service.name},
                {"where", found.evidence},
                {"events", std::to_string(events)}});
  return {};
}

Result<std::int64_t> publish_again(
    const SettledStore& settled, const std::string& traceparent, const Clock& clock, Ids& ids,
    const std::function<Status(Transaction&, std::int64_t)>& record) {
  return settled.store.write([&](Transaction& transaction) -> Result<std::int64_t> {
    UNCAC_ASSIGN(const std::int64_t events,
                 publish_all(transaction, settled, {}, traceparent, clock, ids));
    UNCAC_TRY(record(transaction, events));
    return events;
  });
}

Status publish_after_late_send(const SettledStore& settled, const Clock& clock, Ids& ids) {
  UNCAC_ASSIGN(const std::int64_t events,
               publish_again(settled, "", clock, ids, [&](Transaction& transaction, std::int64_t) {
                 return record_audit(transaction, clock, ids,
                                     {"host", "system", "log.republish", settled.service.name,
                                      "a relay sent events after it had lost its lease", "", ""});
               }));
  log::warning("events were sent late: all is published again",
               {{"service", settled.service.name}, {"events", std::to_string(events)}});
  return {};
}

}  // namespace uncac::platform
