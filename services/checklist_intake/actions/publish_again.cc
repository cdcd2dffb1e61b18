#include "checklist_intake/actions/publish_again.h"

#include <algorithm>
#include <set>

namespace uncac::checklist_intake {
namespace {

using platform::Event;
using platform::Result;
using platform::Status;
using platform::Transaction;

// In the order in which every transaction over several States locks them.
Result<std::set<std::string>> lock_states(Transaction& transaction, const std::vector<Key>& keys) {
  UNCAC_ASSIGN(const std::vector<std::string> deciding, states_with_decisions(transaction));
  std::set<std::string> states(deciding.begin(), deciding.end());
  for (const Key& key : keys) states.insert(key.state);
  for (const std::string& state : states) UNCAC_TRY(transaction.lock(lock_name(state)));
  return states;
}

// Older than anything that is filed under this key from now on, newer than what is on the log.
Event tombstone(const platform::PublishAgain& again, const Event& vanished) {
  Event event = vanished;
  event.revision = {again.epoch, 0};
  event.time = platform::format_moment(again.clock.now());
  event.traceparent = again.traceparent;
  event.extensions.clear();
  event.body.reset();
  return event;
}

}  // namespace

Result<std::int64_t> publish_again(Transaction& transaction, const platform::PublishAgain& again) {
  UNCAC_ASSIGN(const std::vector<Key> keys, read_keys(transaction));
  UNCAC_ASSIGN(const std::set<std::string> states, lock_states(transaction, keys));
  UNCAC_TRY(raise_revisions(transaction, again.epoch));
  const platform::Moment now = again.clock.now();
  std::set<std::string> known;
  std::int64_t count = 0;
  const auto write = [&](const std::vector<Event>& events) -> Status {
    for (const Event& event : events) known.insert(event.key);
    count += static_cast<std::int64_t>(events.size());
    return again.outbox.append(transaction, events);
  };
  for (const std::string& state : states) {
    std::vector<Event> events;
    UNCAC_ASSIGN(const std::vector<StoredDecision> decisions, read_decisions(transaction, state));
    for (const StoredDecision& decision : decisions) {
      events.push_back(sharing_event(now, state, decision, again.traceparent));
    }
    UNCAC_TRY(write(events));
  }
  for (const Key& key : keys) {
    std::vector<Event> events;
    UNCAC_ASSIGN(const std::vector<StoredVersion> versions, read_versions(transaction, key));
    for (const StoredVersion& version : versions) {
      events.push_back(version_event(now, version, again.traceparent));
    }
    UNCAC_TRY(write(events));
  }
  std::vector<Event> vanished;
  for (const platform::Record& record : again.on_log) {
    if (!record.event.body || known.contains(record.event.key)) continue;
    vanished.push_back(tombstone(again, record.event));
  }
  UNCAC_TRY(write(vanished));
  return count;
}

}  // namespace uncac::checklist_intake
