#include "checklist_intake/actions/file_response.h"

#include "checklist_intake/actions/record_decisions.h"
#include "checklist_intake/wire.h"

namespace uncac::checklist_intake {
namespace {

using platform::Reason;
using platform::Result;
using platform::Status;
using platform::Transaction;

VersionStatus status_of(checklist::v1::ResponseStatus status) {
  switch (status) {
    case checklist::v1::RESPONSE_STATUS_WITHDRAWN:
      return VersionStatus::kWithdrawn;
    case checklist::v1::RESPONSE_STATUS_VOID:
      return VersionStatus::kVoid;
    default:
      return VersionStatus::kSubmitted;
  }
}

// What the store knows, in the domain's words.
struct Before {
  std::optional<StoredVersion> stored;
  std::optional<Version> newest;
  std::vector<StoredDecision> decisions;
  Known known;
};

Result<Version> version_from(const Reference& reference, const StoredVersion& stored) {
  Version version;
  version.number = stored.body.version();
  UNCAC_ASSIGN(version.submitted_on, platform::parse_day(stored.body.submitted_on()));
  UNCAC_ASSIGN(version.answers, answers_from(reference, stored.body));
  version.exercise = stored.body.exercise();
  version.status = status_of(stored.body.status());
  if (!stored.body.withdrawn_on().empty()) {
    UNCAC_ASSIGN(version.withdrawn_on, platform::parse_day(stored.body.withdrawn_on()));
  }
  return version;
}

Status read_before(Transaction& transaction, const IntakeParts& parts, std::span<const Key> keys,
                   std::vector<Before>& all) {
  const Reference& reference = *parts.reference;
  std::vector<std::string> states;
  for (const Key& key : keys) states.push_back(key.state);
  UNCAC_ASSIGN(auto newest, read_newest(transaction, keys));
  UNCAC_ASSIGN(auto decisions, read_decisions(transaction, states));
  UNCAC_ASSIGN(const std::vector<FiledChoices> filed, read_filed(transaction, keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Before& before = all[i];
    before.stored = std::move(newest[i]);
    before.decisions = std::move(decisions[i]);
    if (before.stored) {
      UNCAC_ASSIGN(before.newest, version_from(reference, *before.stored));
      before.known.newest = &*before.newest;
      // Days never decrease among versions that are not void, so the newest such one has the
      // latest.
      if (before.newest->status != VersionStatus::kVoid) {
        before.known.not_before = before.newest->submitted_on;
      } else {
        UNCAC_ASSIGN(const std::vector<StoredVersion> versions,
                     read_versions(transaction, keys[i]));
        for (const StoredVersion& version : versions) {
          if (status_of(version.body.status()) == VersionStatus::kVoid) continue;
          UNCAC_ASSIGN(before.known.not_before, platform::parse_day(version.body.submitted_on()));
        }
      }
    }
    UNCAC_ASSIGN(const std::vector<ProvisionIndex> decided,
                 provisions_of(reference, before.decisions));
    for (std::size_t at = 0; at < decided.size(); ++at) {
      before.known.in_force.emplace(decided[at],
                                    choice_on(before.decisions[at].choice, parts.today()));
      if (before.decisions[at].suspended) before.known.suspended.insert(decided[at]);
    }
    for (const auto& [provision, choice] : filed[i]) {
      if (const auto index = reference.provision(provision)) {
        before.known.filed.emplace(*index, choice);
      }
    }
  }
  return {};
}

// What was decided, until it is written: one statement for each table.
struct Writes {
  std::vector<std::pair<Key, FiledChoices>> filed;
  std::vector<DecisionsOf> decisions;
  std::vector<StoredVersion> versions;
  std::vector<platform::AuditEntry> audit;
  std::vector<platform::Event> events;
};

Status write(Transaction& transaction, const IntakeParts& parts, const Writes& writes) {
  UNCAC_TRY(write_filed(transaction, writes.filed));
  UNCAC_TRY(write_decisions(transaction, writes.decisions));
  UNCAC_TRY(insert_versions(transaction, writes.versions));
  UNCAC_TRY(
      platform::record_audit(transaction, parts.context.clock, parts.context.ids, writes.audit));
  return parts.context.outbox.append(transaction, writes.events);
}

StoredVersion new_version(const IntakeParts& parts, const platform::Call& call,
                          const FilingRequest& request, const Change& change, std::int64_t epoch) {
  const Response& response = request.checked.response;
  StoredVersion version;
  version.body = to_proto(*parts.reference, response.key, response.answers);
  version.body.set_version(change.version);
  version.body.set_submitted_on(platform::format_day(change.submitted_on));
  version.body.set_status(checklist::v1::RESPONSE_STATUS_SUBMITTED);
  version.body.set_recorded_at(platform::format_moment(parts.context.clock.now()));
  version.body.set_recorded_by(std::string(access::code(access::caller_of(call).role)));
  version.body.set_exercise(request.exercise);
  version.revision = {epoch, 1};
  return version;
}

checklist::v1::Outcome outcome_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kSubmitted:
      return checklist::v1::OUTCOME_SUBMITTED;
    case ChangeKind::kAmended:
      return checklist::v1::OUTCOME_AMENDED;
    case ChangeKind::kUnchanged:
      return checklist::v1::OUTCOME_UNCHANGED;
    case ChangeKind::kSharingChanged:
      return checklist::v1::OUTCOME_SHARING_CHANGED;
  }
  return checklist::v1::OUTCOME_UNSPECIFIED;
}

Key key_of(const Reference& reference, const FilingRequest& request) {
  const checklist::v1::ResponseKey key = to_proto(reference, request.checked.response.key);
  return {key.state(), key.checklist(), key.round()};
}

Filed decide(const IntakeParts& parts, const FilingJob& job, const Key& key, const Before& before,
             std::int64_t epoch, Writes& writes) {
  const Reference& reference = *parts.reference;
  const FilingRequest& request = job.request;
  const int newest = before.newest ? before.newest->number : 0;
  if (request.expected_version && *request.expected_version != newest) {
    return platform::make_error(Reason::kConflict, "the newest version is " +
                                                       std::to_string(newest) + ", not " +
                                                       std::to_string(*request.expected_version));
  }
  const access::Caller& caller = access::caller_of(job.call);
  const std::optional<Change> change =
      decide_change(reference, before.known,
                    Filing{request.checked, request.exercise,
                           caller.role == access::Role::kSecretariat, parts.today()},
                    job.problems);
  if (!change) return std::optional<checklist::v1::SubmitReply>();

  const bool adds_version =
      change->kind == ChangeKind::kSubmitted || change->kind == ChangeKind::kAmended;
  StoredVersion version =
      adds_version ? new_version(parts, job.call, request, *change, epoch) : *before.stored;
  checklist::v1::SubmitReply reply;
  reply.set_outcome(outcome_of(change->kind));
  reply.set_version(change->version);
  reply.set_version_token(version_token(version));
  reply.set_answers(static_cast<int>(request.checked.response.answers.size()));
  reply.set_sharing_decisions(static_cast<int>(change->decisions.size()));
  if (request.dry_run) return std::optional(reply);
  // Also when nothing changes: an audience that was in force already is now the one last filed, and
  // another one in the next file is a decision.
  writes.filed.emplace_back(key, by_id(reference, change->filed));
  if (change->kind == ChangeKind::kUnchanged) return std::optional(reply);

  std::vector<StoredDecision> decisions =
      next_decisions(parts, before.decisions, by_id(reference, change->decisions), epoch);
  const std::string traceparent = job.call.trace.traceparent();
  // Sharing first: who has folded the version has folded who may read it.
  for (platform::Event& event : sharing_events(parts, key.state, decisions, traceparent)) {
    writes.events.push_back(std::move(event));
  }
  std::string action = "response.share";
  std::string payload;
  const std::string name = version_name(version.body);
  if (adds_version) {
    writes.events.push_back(version_event(parts, version, traceparent));
    action = change->kind == ChangeKind::kSubmitted ? "response.submit" : "response.amend";
    payload = *writes.events.back().body;
    writes.versions.push_back(std::move(version));
  } else {
    reply.set_version_token(sharing_token(version, decisions.back()));
    payload = audit_payload(key.state, decisions);
  }
  writes.audit.push_back(audit_entry(job.call, action, name, "", payload));
  writes.decisions.emplace_back(key.state, std::move(decisions));
  return std::optional(reply);
}

}  // namespace

Result<std::vector<Filed>> file_responses(Transaction& transaction, const IntakeParts& parts,
                                          std::span<const FilingJob> jobs) {
  std::vector<Key> keys;
  for (const FilingJob& job : jobs) keys.push_back(key_of(*parts.reference, job.request));
  std::vector<Before> before(jobs.size());
  UNCAC_TRY(read_before(transaction, parts, keys, before));
  UNCAC_ASSIGN(const std::int64_t epoch, platform::current_epoch(transaction));
  Writes writes;
  std::vector<Filed> filed;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    filed.push_back(decide(parts, jobs[i], keys[i], before[i], epoch, writes));
  }
  UNCAC_TRY(write(transaction, parts, writes));
  return filed;
}

Filed file_response(Transaction& transaction, const IntakeParts& parts, const platform::Call& call,
                    const FilingRequest& request, ProblemSink& problems) {
  if (!request.dry_run) {
    UNCAC_TRY(lock_state(transaction, call, key_of(*parts.reference, request).state));
  }
  const FilingJob job{call, request, problems};
  UNCAC_ASSIGN(std::vector<Filed> filed, file_responses(transaction, parts, std::span(&job, 1)));
  return std::move(filed.front());
}

}  // namespace uncac::checklist_intake
