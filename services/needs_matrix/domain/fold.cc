#include "needs_matrix/domain/fold.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace uncac::needs_matrix {

namespace {

enum FactTag : std::uint64_t { kVersionTag = 1, kSharingTag = 2 };

platform::Error broken(std::string message) {
  return platform::make_error(platform::Reason::kInvalidInput, std::move(message));
}

}  // namespace

Fold::Fold(std::shared_ptr<const Items> items) : items_(std::move(items)) {
  const auto& reference = items_->reference();
  states_.resize(reference.states().size());
  const auto id = [this](std::string_view code) {
    hasher_.text(code);
    return hasher_.finish().high;
  };
  for (const auto& state : reference.states()) state_ids_.push_back(id(state.iso3));
  for (const auto& provision : reference.provisions()) provision_ids_.push_back(id(provision.id));
  for (const auto& type : reference.types()) type_ids_.push_back(id(type.code));
  for (const auto& challenge : reference.challenges()) challenge_ids_.push_back(id(challenge.code));
  for (const auto& checklist : reference.checklists()) checklist_ids_.push_back(id(checklist.code));

  auto empty = std::make_shared<Snapshot>();
  empty->items = items_;
  empty->responses.assign(states_.size(), std::make_shared<StateResponses>());
  empty->sharing.assign(states_.size(), grouped(HeldState{}, Which::kInForce));
  empty->ever_shared = empty->sharing;
  snapshot_ = std::move(empty);
}

platform::Status Fold::check(const Version& version) const {
  const auto& reference = items_->reference();
  const auto& key = version.key;
  if (key.state >= states_.size() || key.checklist >= reference.checklists().size()) {
    return broken("a version of no known State or checklist");
  }
  if (key.version == 0) return broken("versions count from 1");
  const auto& checklist = reference.checklists()[key.checklist];
  const std::uint64_t types = (std::uint64_t{1} << reference.types().size()) - 1;
  const std::uint64_t challenges = (std::uint64_t{1} << reference.challenges().size()) - 1;
  for (std::size_t i = 0; i < version.answers.size(); ++i) {
    const auto& answer = version.answers[i];
    if (answer.provision >= reference.provisions().size() || !checklist.has(answer.provision)) {
      return broken("an answer to no item of " + checklist.code);
    }
    if (i > 0 && version.answers[i - 1].provision == answer.provision) {
      return broken(reference.provisions()[answer.provision].id + " is answered twice");
    }
    if ((answer.needed & ~types) != 0 || (answer.challenges & ~challenges) != 0 ||
        answer.compliance > Compliance::kNotAnswered) {
      return broken("an unknown type, challenge or compliance");
    }
  }
  for (const auto& text : version.texts) {
    if (text.provision >= reference.provisions().size() || text.type >= reference.types().size()) {
      return broken("a text beside no known type");
    }
  }
  return {};
}

platform::Result<std::optional<StateIndex>> Fold::apply(VersionFact fact) {
  auto version = std::make_shared<Version>(std::move(fact.version));
  std::sort(version->answers.begin(), version->answers.end(),
            [](const auto& a, const auto& b) { return a.provision < b.provision; });
  std::erase_if(version->texts, [](const auto& text) { return text.text.empty(); });
  std::sort(version->texts.begin(), version->texts.end());
  // A day that says nothing must not make two equal versions differ.
  if (version->status != ResponseStatus::kWithdrawn) version->withdrawn_on = Day{};
  UNCAC_TRY(check(*version));
  version->answers.shrink_to_fit();
  const VersionKey key = version->key;
  return put(key, fact.revision, std::move(version));
}

platform::Result<std::optional<StateIndex>> Fold::apply(SharingFact fact) {
  if (fact.key.state >= states_.size() ||
      fact.key.provision >= items_->reference().provisions().size()) {
    return broken("a sharing decision on no known State or provision");
  }
  std::sort(fact.named.begin(), fact.named.end());
  fact.named.erase(std::unique(fact.named.begin(), fact.named.end()), fact.named.end());
  HeldDecision decision;
  decision.revision = fact.revision;
  decision.audience = fact.audience;
  decision.named = std::move(fact.named);
  decision.sequence = fact.sequence;
  return put(fact.key, std::move(decision));
}

platform::Result<std::optional<StateIndex>> Fold::remove(const FactKey& key, Revision revision) {
  if (const auto* version = std::get_if<VersionKey>(&key)) {
    Version gone;
    gone.key = *version;
    UNCAC_TRY(check(gone));
    return put(*version, revision, nullptr);
  }
  const auto& sharing = std::get<SharingKey>(key);
  if (sharing.state >= states_.size() ||
      sharing.provision >= items_->reference().provisions().size()) {
    return broken("a sharing decision on no known State or provision");
  }
  HeldDecision decision;
  decision.revision = revision;
  decision.removed = true;
  return put(sharing, std::move(decision));
}

std::optional<Fold::Holding> Fold::holding(const VersionKey& key) const {
  const auto& versions = states_[key.state].versions;
  const auto at = versions.find(key);
  if (at == versions.end()) return std::nullopt;
  const auto& version = at->second.version;
  return Holding{at->second.revision, version ? std::optional(version->status) : std::nullopt};
}

std::optional<StateIndex> Fold::put(const VersionKey& key, Revision revision,
                                    std::shared_ptr<const Version> version) {
  auto& state = states_[key.state];
  const auto [at, inserted] = state.versions.try_emplace(key);
  auto& held = at->second;
  if (!inserted && revision <= held.revision) return std::nullopt;

  const bool same =
      held.version == version || (held.version && version && *held.version == *version);
  if (held.version) --versions_;
  if (version) ++versions_;
  state.digest -= held.digest;  // zero for a new key
  held.digest = digest_of(key, revision, version.get());
  state.digest += held.digest;
  held.revision = revision;
  if (same) return std::nullopt;
  held.version = std::move(version);
  state.responses_changed = true;
  return key.state;
}

std::optional<StateIndex> Fold::put(const SharingKey& key, HeldDecision decision) {
  auto& state = states_[key.state];
  const auto [at, inserted] = state.decisions.try_emplace(key.provision);
  auto& held = at->second;
  // Whether or not the fact is the newest: the widest does not depend on the order.
  if (!decision.removed && widen(held, decision)) state.sharing_changed = true;
  if (!inserted && decision.revision <= held.revision) return std::nullopt;
  decision.widest = held.widest;
  decision.widest_named = std::move(held.widest_named);

  // No decision and RESTRICTED look alike to every reader, but the writer of the needs may not know
  // that: only equal decisions count as no change.
  const bool same =
      (inserted || held.removed)
          ? decision.removed
          : !decision.removed && held.audience == decision.audience && held.named == decision.named;
  state.digest -= held.digest;
  decision.digest = digest_of(key, decision);
  state.digest += decision.digest;
  held = std::move(decision);
  if (same) return std::nullopt;
  state.sharing_changed = true;
  return key.state;
}

Digest Fold::digest_of(const VersionKey& key, Revision revision, const Version* version) {
  const auto& types = items_->reference().types();
  hasher_.number(kVersionTag);
  hasher_.number(state_ids_[key.state]);
  hasher_.number(checklist_ids_[key.checklist]);
  hasher_.number(key.round);
  hasher_.number(key.version);
  hasher_.number(static_cast<std::uint64_t>(revision.epoch));
  hasher_.number(static_cast<std::uint64_t>(revision.counter));
  hasher_.number(version ? 1 : 0);
  if (!version) return hasher_.finish();
  hasher_.number(static_cast<std::uint64_t>(version->status));
  hasher_.number(version->exercise ? 1 : 0);
  const auto days = [](Day day) {
    return static_cast<std::uint64_t>(day.time_since_epoch().count());
  };
  hasher_.number(days(version->submitted_on));
  hasher_.number(days(version->withdrawn_on));
  hasher_.number(version->answers.size());
  for (const auto& answer : version->answers) {
    hasher_.number(provision_ids_[answer.provision]);
    // Compliance and the two counts in one number; then the members themselves.
    hasher_.number(static_cast<std::uint64_t>(answer.compliance) << 32 |
                   count_ones(answer.needed) << 16 | count_ones(answer.challenges));
    for (TypeIndex type = 0; type < types.size(); ++type) {
      if ((answer.needed >> type & 1) == 0) continue;
      hasher_.number(type_ids_[type]);
      hasher_.number(static_cast<std::uint64_t>(answer.priority(type)));
    }
    for (std::size_t challenge = 0; challenge < challenge_ids_.size(); ++challenge) {
      if (answer.challenges >> challenge & 1) hasher_.number(challenge_ids_[challenge]);
    }
  }
  hasher_.number(version->texts.size());
  for (const auto& text : version->texts) {
    hasher_.number(provision_ids_[text.provision]);
    hasher_.number(type_ids_[text.type]);
    hasher_.text(text.text);
  }
  return hasher_.finish();
}

Digest Fold::digest_of(const SharingKey& key, const HeldDecision& decision) {
  hasher_.number(kSharingTag);
  hasher_.number(state_ids_[key.state]);
  hasher_.number(provision_ids_[key.provision]);
  hasher_.number(static_cast<std::uint64_t>(decision.revision.epoch));
  hasher_.number(static_cast<std::uint64_t>(decision.revision.counter));
  hasher_.number(decision.removed ? 0 : 1);
  hasher_.number(static_cast<std::uint64_t>(decision.audience));
  hasher_.number(static_cast<std::uint64_t>(decision.sequence));
  hasher_.number(decision.named.size());
  for (const auto& name : decision.named) hasher_.text(name);
  return hasher_.finish();
}

Digest Fold::digest() const {
  Digest all;
  for (const auto& state : states_) all += state.digest;
  return all;
}

bool Fold::widen(HeldDecision& held, const HeldDecision& told) {
  if (told.audience < held.widest) return false;
  if (told.audience > held.widest) {
    held.widest = told.audience;
    held.widest_named =
        told.audience == access::Audience::kNamed ? told.named : std::vector<std::string>();
    return true;
  }
  if (told.audience != access::Audience::kNamed) return false;
  std::vector<std::string> both;
  std::set_union(held.widest_named.begin(), held.widest_named.end(), told.named.begin(),
                 told.named.end(), std::back_inserter(both));
  if (both == held.widest_named) return false;
  held.widest_named = std::move(both);
  return true;
}

std::shared_ptr<const StateSharing> Fold::grouped(const HeldState& state, Which which) const {
  auto out = std::make_shared<StateSharing>();
  out->group_of.assign(items_->size(), StateSharing::kNoDecision);
  std::map<std::pair<access::Audience, std::vector<std::string>>, std::uint16_t> group_by_content;
  for (const auto& [provision, decision] : state.decisions) {
    const ItemIndex item = items_->item_of(provision);
    const bool widest = which == Which::kWidest;
    if ((!widest && decision.removed) || item == kNoItem) continue;
    const auto audience = widest ? decision.widest : decision.audience;
    const auto& named = widest ? decision.widest_named : decision.named;
    const auto [at, inserted] = group_by_content.try_emplace(
        {audience, named}, static_cast<std::uint16_t>(out->groups.size()));
    if (inserted) out->groups.push_back({audience, named, {}});
    out->groups[at->second].items.set(item);
    out->group_of[item] = at->second;
  }
  return out;
}

std::shared_ptr<const Snapshot> Fold::snapshot() {
  std::shared_ptr<Snapshot> next;
  for (std::size_t s = 0; s < states_.size(); ++s) {
    auto& state = states_[s];
    if (!state.responses_changed && !state.sharing_changed) continue;
    if (!next) next = std::make_shared<Snapshot>(*snapshot_);
    if (state.responses_changed) {
      auto responses = std::make_shared<StateResponses>();
      responses->versions.reserve(state.versions.size());
      for (const auto& [key, held] : state.versions) {
        if (held.version) responses->versions.push_back(held.version);
      }
      next->responses[s] = std::move(responses);
    }
    if (state.sharing_changed) {
      next->sharing[s] = grouped(state, Which::kInForce);
      next->ever_shared[s] = grouped(state, Which::kWidest);
    }
    state.responses_changed = state.sharing_changed = false;
  }
  if (next) snapshot_ = std::move(next);
  return snapshot_;
}

}  // namespace uncac::needs_matrix
