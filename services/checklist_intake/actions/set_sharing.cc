#include "checklist_intake/actions/set_sharing.h"

#include <map>

#include "checklist_intake/actions/record_decisions.h"
#include "checklist_intake/domain/sharing.h"
#include "checklist_intake/domain/text.h"
#include "checklist_intake/wire.h"

namespace uncac::checklist_intake {
namespace {

using platform::Reason;
using platform::Result;
using platform::Status;
using platform::Transaction;

constexpr std::size_t kMostReason = 1000;  // characters
// No checklist asks about that many, and every name costs a look-up, repeated or not.
constexpr int kMostNames = 1000;

Status may_share(const access::Caller& caller, const std::string& state) {
  if (caller.role == access::Role::kFocalPoint && !state.empty() && caller.state == state) {
    return {};
  }
  return platform::make_error(Reason::kForbidden,
                              "who may read a State's answers is said by its focal point alone");
}

// A request that breaks no rule.
struct CheckedSharing {
  std::vector<ProvisionIndex> items;
  std::optional<SharingChoice> choice;  // none: reinstate
};

void check_reason(const std::string& reason, ProblemSink& problems) {
  const TextScan scan = scan_text(reason);
  if (scan.fault != TextFault::kNone) {
    problems.add(Rule::kControlCharacter, 0, "reason", "the reason holds a control character");
  } else if (scan.characters > kMostReason) {
    problems.add(
        Rule::kTextTooLong, 0, "reason",
        "the reason has " + std::to_string(scan.characters) + " characters, more than 1,000");
  }
}

Result<CheckedSharing> check(const IntakeParts& parts,
                             const checklist::v1::SetSharingRequest& request) {
  ProblemBudget budget;
  ProblemSink problems("", budget);
  if (!parts.reference->state(request.state())) {
    problems.add(Rule::kUnknownState, 0, "state",
                 in_quotes(request.state()) + " is not the ISO 3166-1 alpha-3 code of a State");
  }
  const std::vector<std::string_view> names(request.provisions().begin(),
                                            request.provisions().end());
  auto items = items_named(*parts.reference, names, problems);
  CheckedSharing checked;
  const SharingText text = sharing_text(request.choice());
  const bool chosen = !text.audience.empty() || !text.named.empty() || !text.until.empty();
  if (request.reinstate()) {
    if (chosen) {
      problems.add(Rule::kReinstateWithChoice, 0, "audience",
                   "what held before holds again; an audience beside that says something else");
    }
  } else {
    const std::int64_t errors_before = problems.errors();
    checked.choice = check_sharing(text, parts.today(), problems);
    if (!checked.choice && problems.errors() == errors_before) {
      problems.add(Rule::kSharingNotChosen, 0, "audience", "who may read is not said");
    }
  }
  check_reason(request.reason(), problems);
  if (problems.errors() > 0) {
    platform::Error error = platform::make_error(Reason::kInvalidInput,
                                                 "this is no sharing decision; see the problems");
    error.problems = problems.take();
    return error;
  }
  checked.items = *std::move(items);
  return checked;
}

Result<checklist::v1::SetSharingReply> set_checked(Transaction& transaction,
                                                   const IntakeParts& parts,
                                                   const platform::Call& call,
                                                   const checklist::v1::SetSharingRequest& request,
                                                   const CheckedSharing& checked) {
  const std::string& state = request.state();
  const Reference& reference = *parts.reference;
  if (!request.dry_run()) UNCAC_TRY(lock_state(transaction, call, state));
  UNCAC_ASSIGN(const std::vector<StoredDecision> before, read_decisions(transaction, state));
  UNCAC_ASSIGN(const std::vector<ProvisionIndex> decided, provisions_of(reference, before));
  std::map<ProvisionIndex, HeldDecision> held;
  for (std::size_t at = 0; at < before.size(); ++at) {
    held.emplace(decided[at], HeldDecision{before[at].choice, before[at].suspended});
  }
  const SharingChange change = checked.choice
                                   ? set_choice(held, checked.items, *checked.choice, parts.today())
                                   : reinstate(held, checked.items, parts.today());

  checklist::v1::SetSharingReply reply;
  reply.set_changed(static_cast<int>(change.decisions.size()));
  std::map<std::string, StoredDecision> now;  // by provision
  for (const StoredDecision& decision : before) now.emplace(decision.provision, decision);
  if (!request.dry_run() && !change.decisions.empty()) {
    UNCAC_ASSIGN(const std::int64_t epoch, platform::current_epoch(transaction));
    UNCAC_ASSIGN(const std::vector<StoredDecision> recorded,
                 record_decisions(transaction, parts, state, before,
                                  by_id(reference, change.decisions), epoch));
    reply.set_version_token(sharing_token(state, recorded.back()));
    UNCAC_TRY(audit(transaction, parts, call,
                    request.reinstate() ? "sharing.reinstate" : "sharing.set",
                    reply.version_token(), request.reason(), audit_payload(state, recorded)));
    UNCAC_TRY(parts.context.outbox.append(
        transaction, sharing_events(parts, state, recorded, call.trace.traceparent())));
    for (const StoredDecision& decision : recorded) {
      now.insert_or_assign(decision.provision, decision);
    }
  }
  for (const auto& [provision, choice] : change.holds) {
    const std::string& id = reference.provisions()[provision].id;
    StoredDecision decision;
    // What a dry run would record has no time and no number yet.
    if (!request.dry_run() || !change.decisions.contains(provision)) decision = now[id];
    decision.provision = id;
    decision.choice = choice;
    *reply.add_decisions() = listed(state, decision);
  }
  return reply;
}

}  // namespace

Result<checklist::v1::SetSharingReply> set_sharing(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::SetSharingRequest& request) {
  UNCAC_TRY(may_share(access::caller_of(call), request.state()));
  if (request.provisions_size() > kMostNames) {
    return platform::make_error(Reason::kTooLarge, "at most 1,000 provisions");
  }
  UNCAC_ASSIGN(const CheckedSharing checked, check(parts, request));
  const auto set = [&](Transaction& transaction) {
    return set_checked(transaction, parts, call, request, checked);
  };
  return request.dry_run() ? parts.context.store.read(set) : parts.context.store.write(set);
}

}  // namespace uncac::checklist_intake
