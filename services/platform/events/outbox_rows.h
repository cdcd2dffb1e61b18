// Reading rows of the outbox table: for the relay and the embedded log.
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/events/event.h"
#include "platform/store/store.h"

namespace uncac::platform {

// The columns that event_of_row() expects, for a SELECT.
inline constexpr const char* kOutboxColumns =
    "id, topic, partition_number, event_key, epoch, counter, event_type, source, subject, "
    "event_time, traceparent, extensions, body";

// The row's id is the record's offset. kInternal for a row that append() did not write.
Result<Record> record_of_row(const Rows& rows, std::size_t row);

}  // namespace uncac::platform
