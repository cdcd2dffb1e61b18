#include "platform/events/consumer.h"

namespace uncac::platform {

Result<Position> stored_position(Transaction& transaction, const std::string& consumer,
                                 const std::string& topic) {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT partition_number, log_id, next_offset FROM "
                                 "consumer_position WHERE consumer = $1 AND topic = $2",
                                 {consumer, topic}));
  Position position;
  position.next.assign(kPartitions, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    position.log_id = rows.text(i, 1);
    position.next[static_cast<std::size_t>(rows.integer(i, 0))] = rows.integer(i, 2);
  }
  return position;
}

}  // namespace uncac::platform
