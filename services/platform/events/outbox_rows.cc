#include "platform/events/outbox_rows.h"

#include "platform/events/outbox.h"

namespace uncac::platform {

Result<Record> record_of_row(const Rows& rows, std::size_t row) {
  Record record;
  record.offset = rows.integer(row, 0);
  Event& event = record.event;
  event.topic = rows.text(row, 1);
  const std::int64_t partition = rows.integer(row, 2);
  if (partition < 0 || partition >= kPartitions) {
    return make_error(Reason::kInternal,
                      "outbox row " + std::to_string(record.offset) + " has no partition of ours");
  }
  event.partition = static_cast<int>(partition);
  event.key = rows.text(row, 3);
  event.revision = {rows.integer(row, 4), rows.integer(row, 5)};
  event.type = rows.text(row, 6);
  event.source = rows.text(row, 7);
  event.subject = rows.text(row, 8);
  event.time = rows.text(row, 9);
  event.traceparent = rows.text(row, 10);
  UNCAC_ASSIGN(event.extensions, decode_extensions(rows.bytes(row, 11)));
  if (!rows.is_null(row, 12)) event.body = rows.bytes(row, 12);
  return record;
}

}  // namespace uncac::platform
