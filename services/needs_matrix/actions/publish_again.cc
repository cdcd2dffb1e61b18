#include "needs_matrix/actions/publish_again.h"

#include <algorithm>
#include <map>

#include "access/caller.h"
#include "needs_matrix/feed.h"
#include "needs_matrix/matrix_parts.h"
#include "needs_matrix/store.h"
#include "needs_matrix/translate.h"

namespace uncac::needs_matrix {
namespace {

using platform::Event;
using platform::Record;
using platform::Result;
using platform::Transaction;

// What the topics say, read without bodies.
struct Found {
  std::string state;
  Published row;
};

Reach reach_of_topic(const std::string& topic) {
  if (topic == kPublicTopic) return Reach::kPublic;
  if (topic == kProvidersTopic) return Reach::kProviders;
  return Reach::kRestricted;
}

// Who has been told of it: a named provider cannot be known from here.
std::string audience_of(Reach reach) {
  switch (reach) {
    case Reach::kPublic:
      return std::string(access::code(access::Audience::kPublic));
    case Reach::kProviders:
      return std::string(access::code(access::Audience::kProviders));
    case Reach::kRestricted:
    case Reach::kGone:
      break;
  }
  return std::string(access::code(access::Audience::kRestricted));
}

std::map<std::string, Found> found_on(const std::vector<Record>& on_log) {
  std::map<std::string, Found> all;
  for (const Record& record : on_log) {
    const Event& event = record.event;
    if (!event.body) continue;
    Found& found = all[event.key];
    found.state = event.subject;
    Published& row = found.row;
    row.need = event.key;
    row.revision = std::max(row.revision, event.revision);
    row.reach = std::max(row.reach, reach_of_topic(event.topic));
    row.audience = audience_of(row.reach);
  }
  return all;
}

// The numbers go on above those that readers have seen.
platform::Status raise_feed_numbers(Transaction& transaction, const std::vector<Record>& on_log) {
  UNCAC_ASSIGN(const std::vector<std::int64_t> stored, feed_numbers(transaction));
  std::vector<std::int64_t> numbers = stored;
  for (const Record& record : on_log) {
    const Result<std::int64_t> number = number_in(record.event, kFeedNumber);
    if (!number) continue;  // of another topic
    std::int64_t& highest = numbers[static_cast<std::size_t>(record.event.partition)];
    highest = std::max(highest, *number);
  }
  for (int partition = 0; partition < platform::kPartitions; ++partition) {
    const auto i = static_cast<std::size_t>(partition);
    if (numbers[i] == stored[i]) continue;
    UNCAC_TRY(keep_feed_number(transaction, partition, numbers[i]));
  }
  return {};
}

}  // namespace

Result<std::int64_t> publish_again(Transaction& transaction, const platform::PublishAgain& again) {
  // First: it waits for writers under way and fences later ones, so the marks reach what those have
  // written under the former epoch, and no number is given twice.
  UNCAC_TRY(transaction.execute("DELETE FROM consumer_position WHERE consumer = $1",
                                {std::string(kWriterName)}));
  for (const auto& [need, found] : found_on(again.on_log)) {
    UNCAC_TRY(insert_found(transaction, found.state, found.row));
  }
  UNCAC_TRY(raise_feed_numbers(transaction, again.on_log));
  return mark_again(transaction);
}

}  // namespace uncac::needs_matrix
