// What a consumer could not handle, kept in its own store until an operator sends it again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/events/event.h"
#include "platform/store/store.h"

namespace uncac::platform {

struct DeadLetter {
  enum class State : std::int8_t { kWaiting = 1, kSent = 2, kHandled = 3 };
  std::int64_t id = 0;
  std::string consumer;
  Record record;  // as it came; without a body once it is handled
  std::string reason;
  std::string buried_at;  // RFC 3339
  State state = State::kWaiting;
  std::int64_t tries = 0;  // that failed
};

// A record that did not come from us: it has no type, and what is wrong with it as an extension.
bool is_malformed(const Event& event);

// Keeps it, or, when an event of the same key and revision of the same consumer is there already (a
// consumer that started over met it again), its newest reason.
Status keep_dead_letter(Transaction& transaction, const std::string& consumer, const Record& record,
                        const std::string& reason, Moment now);
// With ids above `after`, in their order.
Result<std::vector<DeadLetter>> list_dead_letters(Transaction& transaction, std::int64_t after,
                                                  bool handled_too, std::int64_t most);
// kNotFound when there is none.
Result<DeadLetter> read_dead_letter(Transaction& transaction, std::int64_t id);
// kFailedPrecondition unless it waits.
Status send_again(Transaction& transaction, std::int64_t id);
// Those of a consumer that are sent and not handled yet.
Result<std::vector<DeadLetter>> sent_again(Transaction& transaction, const std::string& consumer,
                                           const std::string& topic);
// False when another process settled it first.
Result<bool> mark_handled(Transaction& transaction, std::int64_t id);
// It failed once more and waits again.
Status mark_failed_again(Transaction& transaction, std::int64_t id, const std::string& reason);
// Those of a consumer that are not handled.
Result<std::int64_t> count_dead_letters(Transaction& transaction, const std::string& consumer,
                                        const std::string& topic);

}  // namespace uncac::platform
