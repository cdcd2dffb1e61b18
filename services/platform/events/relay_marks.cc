#include "platform/events/relay_marks.h"

#include <vector>

namespace uncac::platform {

Result<RelayMarks> read_relay_marks(Transaction& transaction) {
  UNCAC_ASSIGN(
      const Rows rows,
      transaction.query("SELECT topic, partition_number, outbox_id, place_offset, place_id "
                        "FROM relay_mark"));
  RelayMarks marks;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    marks[{rows.text(row, 0), static_cast<int>(rows.integer(row, 1))}] = {
        rows.integer(row, 2), rows.integer(row, 3), rows.integer(row, 4)};
  }
  return marks;
}

Status raise_relay_marks(Transaction& transaction, const RelayMarks& marks) {
  std::vector<Value> cells;
  for (const auto& [partition, mark] : marks) {
    cells.insert(cells.end(), {partition.first, std::int64_t{partition.second}, mark.highest,
                               mark.place_offset, mark.place_id});
  }
  return transaction.insert_many(
      "INSERT INTO relay_mark (topic, partition_number, outbox_id, place_offset, place_id) VALUES",
      5, cells,
      "ON CONFLICT (topic, partition_number) DO UPDATE SET outbox_id = CASE WHEN "
      "excluded.outbox_id > relay_mark.outbox_id THEN excluded.outbox_id ELSE "
      "relay_mark.outbox_id END, place_offset = CASE WHEN excluded.place_offset < 0 THEN "
      "relay_mark.place_offset ELSE excluded.place_offset END, place_id = CASE WHEN "
      "excluded.place_offset < 0 THEN relay_mark.place_id ELSE excluded.place_id END");
}

Status forget_relay_marks(Transaction& transaction) {
  UNCAC_TRY(transaction.execute("DELETE FROM relay_mark"));
  return {};
}

}  // namespace uncac::platform
