#include "checklist_intake/actions/end_response.h"

#include "access/methods.h"
#include "checklist_intake/domain/changes.h"
#include "platform/text.h"

namespace uncac::checklist_intake {
namespace {

using platform::Reason;
using platform::Result;
using platform::Status;
using platform::Transaction;

constexpr std::size_t kMostReason = 1000;

Status check_reason(const std::string& reason) {
  const platform::TextScan scan = platform::scan_text(reason);
  const char* rule = nullptr;
  if (platform::blank(reason)) {
    rule = "reason-missing";
  } else if (scan.fault != platform::TextFault::kNone) {
    rule = "control-character";
  } else if (scan.characters > kMostReason) {
    rule = "text-too-long";
  }
  if (rule == nullptr) return {};
  platform::Error error = platform::make_error(Reason::kInvalidInput, "a reason is required");
  error.problems.push_back({"", 0, "reason", platform::Severity::kError, rule,
                            "1 to 1,000 characters that can be printed, since it stays on record"});
  return error;
}

// The versions as the domain decides on them; answers are not needed for that.
Result<std::vector<Version>> outlines(const std::vector<StoredVersion>& stored) {
  std::vector<Version> versions;
  for (const StoredVersion& from : stored) {
    Version version;
    version.number = from.body.version();
    UNCAC_ASSIGN(version.submitted_on, platform::parse_day(from.body.submitted_on()));
    if (from.body.status() == checklist::v1::RESPONSE_STATUS_WITHDRAWN) {
      version.status = VersionStatus::kWithdrawn;
      UNCAC_ASSIGN(version.withdrawn_on, platform::parse_day(from.body.withdrawn_on()));
    } else if (from.body.status() == checklist::v1::RESPONSE_STATUS_VOID) {
      version.status = VersionStatus::kVoid;
    }
    versions.push_back(std::move(version));
  }
  return versions;
}

using Decide =
    std::function<Result<std::vector<StatusChange>>(const std::vector<Version>& versions)>;

Result<checklist::v1::EndReply> end_response(const IntakeParts& parts, const platform::Call& call,
                                             const checklist::v1::ResponseKey& name,
                                             const std::string& reason, const std::string& action,
                                             const Decide& decide) {
  UNCAC_TRY(check_reason(reason));
  UNCAC_ASSIGN(const Key named, read_key(*parts.reference, name));
  return parts.context.store.write([&](Transaction& transaction)
                                       -> Result<checklist::v1::EndReply> {
    Key key = named;
    UNCAC_TRY(lock_state(transaction, call, key.state));
    UNCAC_TRY(resolve_round(transaction, key));
    UNCAC_ASSIGN(std::vector<StoredVersion> stored, read_versions(transaction, key));
    if (stored.empty()) {
      return platform::make_error(Reason::kNotFound, "there is no such response");
    }
    UNCAC_ASSIGN(const std::vector<Version> versions, outlines(stored));
    UNCAC_ASSIGN(const std::vector<StatusChange> changes, decide(versions));
    UNCAC_ASSIGN(const std::int64_t epoch, platform::current_epoch(transaction));
    std::vector<platform::Event> events;
    const std::string now = platform::format_moment(parts.context.clock.now());
    for (const StatusChange& change : changes) {
      StoredVersion& version = stored[static_cast<std::size_t>(change.version - 1)];
      version.body.set_status(change.status == VersionStatus::kVoid
                                  ? checklist::v1::RESPONSE_STATUS_VOID
                                  : checklist::v1::RESPONSE_STATUS_WITHDRAWN);
      version.body.set_withdrawn_on(change.withdrawn_on ? platform::format_day(*change.withdrawn_on)
                                                        : std::string());
      version.body.set_reason(reason);
      version.revision = {epoch, version.revision.counter + 1};
      const bool is_void = change.status == VersionStatus::kVoid;
      UNCAC_TRY(insert_ending(
          transaction, key,
          {change.version, is_void ? "voided" : "withdrawn", platform::format_day(parts.today()),
           now, std::string(access::code(access::caller_of(call).role)), reason}));
      UNCAC_TRY(update_version(transaction, version));
      events.push_back(version_event(parts, version, call.trace.traceparent()));
    }
    const StoredVersion& last = stored[static_cast<std::size_t>(changes.back().version - 1)];
    checklist::v1::EndReply reply;
    *reply.mutable_key() = last.body.key();
    reply.set_version(last.body.version());
    reply.set_version_token(ending_token(last));
    UNCAC_TRY(audit(transaction, parts, call, action, version_name(last.body), reason,
                    last.body.SerializeAsString()));
    UNCAC_TRY(parts.context.outbox.append(transaction, events));
    return reply;
  });
}

}  // namespace

Result<checklist::v1::EndReply> withdraw_response(const IntakeParts& parts,
                                                  const platform::Call& call,
                                                  const checklist::v1::WithdrawRequest& request) {
  UNCAC_TRY(access::may_act_for(access::caller_of(call), request.key().state()));
  return end_response(
      parts, call, request.key(), request.reason(), "response.withdraw",
      [&](const std::vector<Version>& versions) -> Result<std::vector<StatusChange>> {
        UNCAC_ASSIGN(const StatusChange change, withdraw(&versions.back(), parts.today()));
        return std::vector{change};
      });
}

Result<checklist::v1::EndReply> void_response(const IntakeParts& parts, const platform::Call& call,
                                              const checklist::v1::VoidRequest& request) {
  return end_response(parts, call, request.key(), request.reason(), "response.void",
                      [](const std::vector<Version>& versions) { return make_void(versions); });
}

}  // namespace uncac::checklist_intake
