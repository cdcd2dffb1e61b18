// What Kafka has confirmed of an outbox, by topic and partition: the table `relay_mark`. Every line
// of its SQL is in relay_marks.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "platform/store/store.h"

namespace uncac::platform {

struct RelayMark {
  std::int64_t highest = 0;  // outbox id
  // Of the record confirmed last whose offset was told: where it lies, and its outbox id. A
  // negative offset is not known.
  std::int64_t place_offset = -1, place_id = 0;
};
using RelayMarks = std::map<std::pair<std::string, int>, RelayMark>;

Result<RelayMarks> read_relay_marks(Transaction& transaction);
// The highest ids only rise; a place that is not known leaves the one before.
Status raise_relay_marks(Transaction& transaction, const RelayMarks& marks);
// The log has lost something, or is another one.
Status forget_relay_marks(Transaction& transaction);

}  // namespace uncac::platform
