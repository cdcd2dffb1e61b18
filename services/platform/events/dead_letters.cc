#include "platform/events/dead_letters.h"

#include "platform/events/outbox.h"
#include "platform/events/outbox_rows.h"

namespace uncac::platform {
namespace {

using State = DeadLetter::State;

constexpr std::int64_t number(State state) { return static_cast<std::int64_t>(state); }

// Those of kOutboxColumns first.
const std::string& columns() {
  static const std::string text =
      "log_offset, topic, partition_number, event_key, epoch, counter, event_type, source, "
      "subject, event_time, traceparent, extensions, body, id, consumer, reason, buried_at, state, "
      "tries";
  return text;
}

Result<DeadLetter> letter_of_row(const Rows& rows, std::size_t row) {
  DeadLetter letter;
  UNCAC_ASSIGN(letter.record, record_of_row(rows, row));
  letter.id = rows.integer(row, 13);
  letter.consumer = rows.text(row, 14);
  letter.reason = rows.text(row, 15);
  letter.buried_at = rows.text(row, 16);
  letter.state = static_cast<State>(rows.integer(row, 17));
  letter.tries = rows.integer(row, 18);
  return letter;
}

Result<std::vector<DeadLetter>> letters_of(const Rows& rows) {
  std::vector<DeadLetter> letters;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    UNCAC_ASSIGN(DeadLetter letter, letter_of_row(rows, row));
    letters.push_back(std::move(letter));
  }
  return letters;
}

}  // namespace

bool is_malformed(const Event& event) {
  return event.type.empty() && event.extensions.contains("malformed");
}

Status keep_dead_letter(Transaction& transaction, const std::string& consumer, const Record& record,
                        const std::string& reason, Moment now) {
  const Event& event = record.event;
  return transaction.insert_many(
      "INSERT INTO dead_letter (consumer, topic, partition_number, log_offset, event_key, epoch, "
      "counter, event_type, source, subject, event_time, traceparent, extensions, body, reason, "
      "buried_at, state, tries) VALUES",
      18,
      std::vector<Value>{consumer, event.topic, std::int64_t{event.partition}, record.offset,
                         event.key, event.revision.epoch, event.revision.counter, event.type,
                         event.source, event.subject, event.time, event.traceparent,
                         Bytes{encode_extensions(event.extensions)},
                         event.body ? Value{Bytes{*event.body}} : Value{}, reason,
                         format_moment(now), number(State::kWaiting), std::int64_t{1}},
      "ON CONFLICT (consumer, topic, event_key, epoch, counter) DO UPDATE SET "
      "partition_number = excluded.partition_number, log_offset = excluded.log_offset, "
      "body = excluded.body, reason = excluded.reason, buried_at = excluded.buried_at, "
      "state = excluded.state, tries = dead_letter.tries + 1");
}

Result<std::vector<DeadLetter>> list_dead_letters(Transaction& transaction, std::int64_t after,
                                                  bool handled_too, std::int64_t most) {
  static const std::string sql = "SELECT " + columns() +
                                 " FROM dead_letter WHERE id > $1 AND state <= $2 ORDER BY id "
                                 "LIMIT $3";
  UNCAC_ASSIGN(
      const Rows rows,
      transaction.query(sql, {after, number(handled_too ? State::kHandled : State::kSent), most}));
  return letters_of(rows);
}

Result<DeadLetter> read_dead_letter(Transaction& transaction, std::int64_t id) {
  static const std::string sql = "SELECT " + columns() + " FROM dead_letter WHERE id = $1";
  UNCAC_ASSIGN(const Rows rows, transaction.query(sql, {id}));
  if (rows.empty()) {
    return make_error(Reason::kNotFound, "there is no dead letter " + std::to_string(id));
  }
  return letter_of_row(rows, 0);
}

Status send_again(Transaction& transaction, std::int64_t id) {
  UNCAC_ASSIGN(const std::int64_t changed,
               transaction.execute("UPDATE dead_letter SET state = $1 WHERE id = $2 AND state = $3",
                                   {number(State::kSent), id, number(State::kWaiting)}));
  if (changed == 1) return {};
  UNCAC_ASSIGN(const DeadLetter letter, read_dead_letter(transaction, id));
  return make_error(Reason::kFailedPrecondition,
                    "dead letter " + std::to_string(id) +
                        (letter.state == State::kHandled ? " was handled" : " is sent already"));
}

Result<std::vector<DeadLetter>> sent_again(Transaction& transaction, const std::string& consumer,
                                           const std::string& topic) {
  static const std::string sql =
      "SELECT " + columns() +
      " FROM dead_letter WHERE state = $1 AND consumer = $2 AND topic = $3 ORDER BY id LIMIT 100";
  UNCAC_ASSIGN(const Rows rows, transaction.query(sql, {number(State::kSent), consumer, topic}));
  return letters_of(rows);
}

Result<bool> mark_handled(Transaction& transaction, std::int64_t id) {
  UNCAC_ASSIGN(const std::int64_t changed,
               transaction.execute(
                   "UPDATE dead_letter SET state = $1, body = NULL WHERE id = $2 AND state = $3",
                   {number(State::kHandled), id, number(State::kSent)}));
  return changed == 1;
}

Status mark_failed_again(Transaction& transaction, std::int64_t id, const std::string& reason) {
  UNCAC_TRY(transaction.execute(
      "UPDATE dead_letter SET state = $1, reason = $2, tries = tries + 1 WHERE id = $3 AND "
      "state = $4",
      {number(State::kWaiting), reason, id, number(State::kSent)}));
  return {};
}

Result<std::int64_t> count_dead_letters(Transaction& transaction, const std::string& consumer,
                                        const std::string& topic) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT count(*) FROM dead_letter WHERE state <= $1 AND "
                                 "consumer = $2 AND topic = $3",
                                 {number(State::kSent), consumer, topic}));
  return rows.integer(0, 0);
}

}  // namespace uncac::platform
