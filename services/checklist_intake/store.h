// Checklist intake's tables. Every line of its SQL is in store.cc.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checklist_intake/domain/response.h"
#include "platform/events/event.h"
#include "platform/store/store.h"
#include "uncac/checklist/v1/checklist.pb.h"

namespace uncac::checklist_intake {

std::vector<platform::Migration> migrations();

// One version as it stands: the event's body and its revision.
struct StoredVersion {
  checklist::v1::ResponseVersion body;
  platform::Revision revision;
};

// The decision in force for a State × provision.
struct StoredDecision {
  std::string provision;
  SharingChoice choice;
  std::string recorded_at;
  std::int64_t sequence = 0;  // in the State's order
  platform::Revision revision;
  // What held before the store was restored from a backup, until the State decides anew.
  std::optional<SharingChoice> suspended = {};
};

struct Key {
  std::string state, checklist;
  std::int64_t round = 0;
};

platform::Result<std::optional<StoredVersion>> read_version(platform::Transaction& transaction,
                                                            const Key& key, std::int64_t version);
// nullopt when nothing was ever filed.
platform::Result<std::optional<StoredVersion>> read_newest(platform::Transaction& transaction,
                                                           const Key& key);
platform::Result<std::vector<std::optional<StoredVersion>>> read_newest(
    platform::Transaction& transaction, std::span<const Key> keys);
// The newest round of a State and checklist; 0 when there is none.
platform::Result<std::int64_t> newest_round(platform::Transaction& transaction,
                                            const std::string& state, const std::string& checklist);
platform::Result<std::vector<StoredVersion>> read_versions(platform::Transaction& transaction,
                                                           const Key& key);
// Of responses that all differ.
platform::Status insert_versions(platform::Transaction& transaction,
                                 std::span<const StoredVersion> versions);
platform::Status update_version(platform::Transaction& transaction, const StoredVersion& version);

// A withdrawal or void of one version, as the history tells it.
struct Ending {
  std::int64_t version = 0;
  std::string action;  // "withdrawn" or "voided"
  std::string day, recorded_at, recorded_by, reason;
};
platform::Result<std::vector<Ending>> read_endings(platform::Transaction& transaction,
                                                   const Key& key);
platform::Status insert_ending(platform::Transaction& transaction, const Key& key,
                               const Ending& ending);

// What was last filed about sharing with a response, by provision.
using FiledChoices = std::vector<std::pair<std::string, SharingChoice>>;
platform::Result<std::vector<FiledChoices>> read_filed(platform::Transaction& transaction,
                                                       std::span<const Key> keys);
platform::Status write_filed(platform::Transaction& transaction,
                             std::span<const std::pair<Key, FiledChoices>> filed);

// In no order; sorted by the caller who knows the treaty.
platform::Result<std::vector<StoredDecision>> read_decisions(platform::Transaction& transaction,
                                                             const std::string& state);
platform::Result<std::vector<std::vector<StoredDecision>>> read_decisions(
    platform::Transaction& transaction, std::span<const std::string> states);
platform::Status write_decisions(platform::Transaction& transaction, const std::string& state,
                                 const std::vector<StoredDecision>& decisions);
// By State.
using DecisionsOf = std::pair<std::string, std::vector<StoredDecision>>;
platform::Status write_decisions(platform::Transaction& transaction,
                                 std::span<const DecisionsOf> decisions);

struct Summary {
  Key key;
  std::int64_t version = 0;
  std::string submitted_on, withdrawn_on;
  int status = 0;  // of checklist::v1::ResponseStatus
  std::int64_t answers = 0;
  bool exercise = false;
};
// The newest versions, of one State and checklist or of all (empty).
platform::Result<std::vector<Summary>> read_summaries(platform::Transaction& transaction,
                                                      const std::string& state,
                                                      const std::string& checklist);

// Pages over everything, for publishing it again.
platform::Result<std::vector<Key>> read_keys(platform::Transaction& transaction);
// Every version and decision of an older epoch gets this one.
platform::Status raise_revisions(platform::Transaction& transaction, std::int64_t epoch);
// States that have a decision whose last day is before `today`.
platform::Result<std::vector<std::string>> states_with_ended_sharing(
    platform::Transaction& transaction, Day today);
platform::Result<std::vector<std::string>> states_with_decisions(
    platform::Transaction& transaction);

// An idempotency key as its caller used it.
struct Idempotency {
  std::string actor, method, key;
  std::string request_digest;
};
// Of each the first reply, if it was used before with the same request; kInvalidInput when it was
// used with another one.
using KeptReply = platform::Result<std::optional<std::string>>;
platform::Result<std::vector<KeptReply>> read_replies(platform::Transaction& transaction,
                                                      std::span<const Idempotency> used);
platform::Status keep_replies(platform::Transaction& transaction,
                              std::span<const std::pair<Idempotency, std::string>> replies,
                              platform::Moment now);

}  // namespace uncac::checklist_intake
