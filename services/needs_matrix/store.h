// The matrix's one table: what the needs topics say now. Every line of its SQL is in store.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/events/event.h"
#include "platform/store/store.h"

namespace uncac::needs_matrix {

// How far a need is published: the topics are cumulative.
enum class Reach : std::int8_t { kGone = -1, kRestricted = 0, kProviders = 1, kPublic = 2 };

struct Published {
  std::string need;  // key
  platform::Revision revision;
  Reach reach = Reach::kGone;
  std::string digest;    // of the restricted body
  std::string audience;  // "PROVIDERS", "NAMED:EX1|EX2"
};

std::vector<platform::Migration> migrations();

// Of one State, by key, those that are gone included.
platform::Result<std::vector<Published>> read_published(platform::Transaction& transaction,
                                                        std::string_view state);
platform::Status write_published(platform::Transaction& transaction, std::string_view state,
                                 const std::vector<Published>& rows);
// The number that the next record of a partition of the restricted topic gets is one higher.
platform::Result<std::int64_t> last_feed_number(platform::Transaction& transaction, int partition);
platform::Status keep_feed_number(platform::Transaction& transaction, int partition,
                                  std::int64_t number);
// Of every partition.
platform::Result<std::vector<std::int64_t>> feed_numbers(platform::Transaction& transaction);

}  // namespace uncac::needs_matrix
