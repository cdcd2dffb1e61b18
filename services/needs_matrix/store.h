// The matrix's tables: what the needs topics say now, and the releases. Every line of their SQL is
// in store.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/events/event.h"
#include "platform/store/store.h"
#include "uncac/needs/v1/needs.pb.h"

namespace uncac::needs_matrix {

// How far a need is published: the topics are cumulative.
enum class Reach : std::int8_t { kGone = -1, kRestricted = 0, kProviders = 1, kPublic = 2 };

struct Published {
  std::string need;  // key
  platform::Revision revision;
  Reach reach = Reach::kGone;
  std::string digest;    // of the restricted body
  std::string audience;  // "PROVIDERS", "NAMED:EX1|EX2"
  bool again = false;    // to be written to every topic again, whatever it says
};

std::vector<platform::Migration> migrations();

// Of one State, by key, those that are gone included.
platform::Result<std::vector<Published>> read_published(platform::Transaction& transaction,
                                                        std::string_view state);
platform::Status write_published(platform::Transaction& transaction, std::string_view state,
                                 const std::vector<Published>& rows);
// All rows are to be written again. How many there are.
platform::Result<std::int64_t> mark_again(platform::Transaction& transaction);
// A need that the topics hold as far as `reach`: where its row knows less, it says so too.
platform::Status insert_found(platform::Transaction& transaction, const std::string& state,
                              const Published& found);
// The number that the next record of a partition of the restricted topic gets is one higher.
platform::Result<std::int64_t> last_feed_number(platform::Transaction& transaction, int partition);
platform::Status keep_feed_number(platform::Transaction& transaction, int partition,
                                  std::int64_t number);
// Of every partition.
platform::Result<std::vector<std::int64_t>> feed_numbers(platform::Transaction& transaction);

// One column of a release as it is kept for the next one: codes of States, and of the lines given.
struct KeptColumn {
  std::int64_t number = 0;  // of the release
  std::string measure, columns_by, code;
  std::vector<std::string> counted, given;
};
platform::Status insert_release(platform::Transaction& transaction,
                                const needs::v1::Release& release,
                                const std::vector<KeptColumn>& columns);
// All of them, the newest release first.
platform::Result<std::vector<KeptColumn>> read_release_columns(platform::Transaction& transaction);
// After a restore: when its backup was taken. Nullopt once it was said that no release is lost.
platform::Status hold_releases(platform::Transaction& transaction, const std::string& taken_at);
platform::Result<std::optional<std::string>> releases_held(platform::Transaction& transaction);
platform::Status free_releases(platform::Transaction& transaction);
// 0 = the newest; nullopt when there is none.
platform::Result<std::optional<needs::v1::Release>> read_release(platform::Transaction& transaction,
                                                                 std::int64_t number);
// At most `limit` with lower numbers, the newest first.
platform::Result<std::vector<needs::v1::Release>> read_releases(platform::Transaction& transaction,
                                                                std::int64_t below,
                                                                std::int64_t limit);

}  // namespace uncac::needs_matrix
