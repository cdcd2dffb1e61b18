// The fold of the checklist log: every version and every sharing decision, each by its key.
//
// A fact is applied only when its revision is newer than what is held for its key, so order,
// repetition and splitting of the log change nothing. A removed key keeps its revision.
//
// Not thread safe. The service has one Fold behind one mutex: the consumer's handler holds it while
// it applies a batch, questions hold it for snapshot() and digest() only. A snapshot is immutable
// and lives as long as somebody reads it, so questions run without the lock. Nothing here fails
// when another part is gone: the fold has no other part.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "needs_matrix/domain/digest.h"
#include "needs_matrix/domain/snapshot.h"

namespace uncac::needs_matrix {

class Fold {
 public:
  explicit Fold(std::shared_ptr<const Items> items);

  // The State for which answers or audiences changed; nothing when the fact is not newer than what
  // is held, or newer but of the same content (its revision is kept then). kInvalidInput when the
  // fact breaks the reference data: an answer to no item of its checklist, an item answered twice,
  // an unknown index; nothing changed then.
  platform::Result<std::optional<StateIndex>> apply(VersionFact fact);
  platform::Result<std::optional<StateIndex>> apply(SharingFact fact);
  // A tombstone: the key is gone, its revision stays.
  platform::Result<std::optional<StateIndex>> remove(const FactKey& key, Revision revision);

  // What is held of a version; nothing when no fact told of it.
  struct Holding {
    Revision revision;
    std::optional<ResponseStatus> status;  // nothing: removed
  };
  std::optional<Holding> holding(const VersionKey& key) const;

  // Of everything held, revisions and removed keys included.
  Digest digest() const;
  Digest digest(StateIndex state) const { return states_[state].digest; }
  // Versions held, without removed ones.
  std::size_t versions() const { return versions_; }

  // The same object until something changes; afterwards only the changed States are copied.
  std::shared_ptr<const Snapshot> snapshot();

 private:
  // In what order a State's versions are kept: by checklist, round, version.
  struct HeldVersion {
    Revision revision;
    Digest digest;
    std::shared_ptr<const Version> version;  // null: removed
  };
  struct HeldDecision {
    Revision revision;
    Digest digest;
    bool removed = false;
    access::Audience audience = access::Audience::kRestricted;
    std::vector<std::string> named;
    std::int64_t sequence = 0;
    // The widest of all facts ever told of this key, in whatever order: see Snapshot::ever_shared.
    access::Audience widest = access::Audience::kRestricted;
    std::vector<std::string> widest_named;  // ascending; only for kNamed
  };
  struct HeldState {
    std::map<VersionKey, HeldVersion> versions;
    std::map<ProvisionIndex, HeldDecision> decisions;
    Digest digest;
    bool responses_changed = false, sharing_changed = false;  // since the last snapshot
  };

  platform::Status check(const Version& version) const;
  std::optional<StateIndex> put(const VersionKey& key, Revision revision,
                                std::shared_ptr<const Version> version);
  std::optional<StateIndex> put(const SharingKey& key, HeldDecision decision);
  // Takes a fact into `held.widest`; whether that changed it.
  static bool widen(HeldDecision& held, const HeldDecision& told);
  Digest digest_of(const VersionKey& key, Revision revision, const Version* version);
  Digest digest_of(const SharingKey& key, const HeldDecision& decision);
  // By what holds, or by the widest that ever did.
  enum class Which { kInForce, kWidest };
  std::shared_ptr<const StateSharing> grouped(const HeldState& state, Which which) const;

  std::shared_ptr<const Items> items_;
  std::vector<HeldState> states_;
  std::size_t versions_ = 0;
  std::shared_ptr<const Snapshot> snapshot_;
  FactHasher hasher_;
  // Stand for codes in digests: an index is only good within one process.
  std::vector<std::uint64_t> state_ids_, provision_ids_, type_ids_, challenge_ids_, checklist_ids_;
};

}  // namespace uncac::needs_matrix
