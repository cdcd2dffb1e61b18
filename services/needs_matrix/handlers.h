// The writer of the needs topics: compares the fold with what was published and writes what
// changed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "needs_matrix/domain/needs.h"
#include "needs_matrix/matrix_parts.h"
#include "needs_matrix/store.h"
#include "needs_matrix/translate.h"
#include "platform/events/consumer.h"

namespace uncac::needs_matrix {

// The event's body for a need: with everything for the restricted topic, without free text and
// names for the wider ones.
needs::v1::Need published_body(const reference::Reference& reference, const Need& need,
                               bool restricted);
// What a published row remembers of a body.
std::string digest_of(const needs::v1::Need& restricted_body);

// The day on which a State's needs are published: today, or later where the clock that dated its
// newest version is ahead of ours at midnight. Nothing would look again when the day has come.
Day publishing_day(const Snapshot& snapshot, StateIndex state, Day today);

class NeedsWriter final : public platform::Handler {
 public:
  explicit NeedsWriter(const MatrixParts& parts) : parts_(parts) {}

  // For every State in the batch: its needs as folded (at least up to the batch), against its rows.
  // Doing it twice says nothing new.
  platform::Status handle(platform::Transaction& transaction,
                          std::span<const platform::Record> batch) override;
  // A decision that cannot be read closes what it decides on: see FactReader::closed().
  platform::Status buried(platform::Transaction& transaction,
                          const platform::Record& record) override;

 private:
  // Of one partition of a batch: how far the fold must be, and whose needs to compare.
  struct Touched {
    std::int64_t next = 0;
    std::string traceparent;
    std::map<StateIndex, std::vector<SharingFact>> states;  // with what it decided
    void add(const Fact& fact, const platform::Record& record);
  };
  struct Head;
  platform::Status write(platform::Transaction& transaction, const std::map<int, Touched>& touched);
  platform::Status write_state(platform::Transaction& transaction, StateIndex state,
                               const std::vector<SharingFact>& decided, Head& head,
                               std::vector<platform::Event>& events);

  const MatrixParts& parts_;
};

}  // namespace uncac::needs_matrix
