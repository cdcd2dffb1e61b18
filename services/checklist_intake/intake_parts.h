// What the actions of checklist intake share. Lent to each; owned by the module.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "access/token.h"
#include "checklist_intake/domain/response.h"
#include "checklist_intake/store.h"
#include "platform/audit.h"
#include "platform/rpc/call.h"
#include "platform/runtime/service.h"

namespace uncac::checklist_intake {

inline constexpr const char* kTopic = "uncac.checklist.v1";

struct IntakeParts {
  const platform::ServiceContext context;  // references, and a few words
  std::shared_ptr<const Reference> reference;

  platform::Day today() const { return platform::day_of(context.clock.now()); }
};

// The lock of everything that belongs to one State here: its responses and its sharing decisions
// are numbered and published in one order.
std::string lock_name(std::string_view state);
// Takes it for a change that a caller asked for. kDeadlineExceeded when by then nobody waits for
// the answer: the caller may have asked again and got it, and then something else (a narrower
// audience), which a change made now would undo.
platform::Status lock_state(platform::Transaction& transaction, const platform::Call& call,
                            const std::string& state);
// The second half of that, for who holds the lock.
platform::Status somebody_waits(const platform::Call& call);

// The events of the topic, full state after the change.
platform::Event version_event(const IntakeParts& parts, const StoredVersion& version,
                              const std::string& traceparent);
platform::Event version_event(platform::Moment now, const StoredVersion& version,
                              const std::string& traceparent);
platform::Event sharing_event(const IntakeParts& parts, const std::string& state,
                              const StoredDecision& decision, const std::string& traceparent);
platform::Event sharing_event(platform::Moment now, const std::string& state,
                              const StoredDecision& decision, const std::string& traceparent);
checklist::v1::SharingDecision to_proto(const std::string& state, const StoredDecision& decision);
// The same as a list shows it: with what is suspended, which no event tells.
checklist::v1::SharingDecision listed(const std::string& state, const StoredDecision& decision);

// The tokens of SubmitReply.version_token, EndReply.version_token and
// SetSharingReply.version_token: what a change made, for who wants an answer that knows of it.
// After a restore the same numbers are given out again, so a token says the epoch too, unless it is
// the first.
//   the version: "KEN/uncac-2007/2007@v3", "KEN/uncac-2007/2007@v3+e2"
std::string version_token(const StoredVersion& version);
//   its end: "KEN/uncac-2007/2007@v3+end"
std::string ending_token(const StoredVersion& version);
//   a decision, and beside a version that stays as it is: "KEN@s17", "KEN/uncac-2007/2007@v3+s17"
std::string sharing_token(const std::string& state, const StoredDecision& decision);
std::string sharing_token(const StoredVersion& version, const StoredDecision& decision);
// "KEN/uncac-2007/2007@v3": how an audit row names a version.
std::string version_name(const checklist::v1::ResponseVersion& version);

platform::AuditEntry audit_entry(const platform::Call& call, const std::string& action,
                                 const std::string& object, const std::string& reason,
                                 const std::string& payload);
// Writes the audit row of an action on an object.
platform::Status audit(platform::Transaction& transaction, const IntakeParts& parts,
                       const platform::Call& call, const std::string& action,
                       const std::string& object, const std::string& reason,
                       const std::string& payload);

// The key as the store has it, from a request's: known codes only. Round 0 stays 0.
platform::Result<Key> read_key(const Reference& reference,
                               const checklist::v1::ResponseKey& message);
// Round 0 becomes the newest round filed; kNotFound when there is none.
platform::Status resolve_round(platform::Transaction& transaction, Key& key);

// kForbidden unless the caller may read this State's answers in full.
platform::Status may_read(const access::Caller& caller, const std::string& state);

}  // namespace uncac::checklist_intake
