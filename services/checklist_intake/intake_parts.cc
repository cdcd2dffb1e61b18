#include "checklist_intake/intake_parts.h"

#include "checklist_intake/wire.h"

namespace uncac::checklist_intake {

using platform::Reason;
using platform::Result;
using platform::Status;

namespace {

constexpr const char* kSource = "/uncac/checklist_intake";

platform::Event event_of(platform::Moment now, std::string key, const std::string& state,
                         const char* type, platform::Revision revision,
                         const std::string& traceparent, std::string body) {
  platform::Event event;
  event.topic = kTopic;
  event.key = std::move(key);
  event.partition = platform::partition_of(state);
  event.revision = revision;
  event.type = type;
  event.source = kSource;
  event.subject = state;
  event.time = platform::format_moment(now);
  event.traceparent = traceparent;
  event.body = std::move(body);
  return event;
}

// A decision or a choice: both say it in the same fields.
template <class Message>
void fill(const SharingChoice& choice, Message& message) {
  message.set_audience(to_proto(choice.audience));
  for (const std::string& provider : choice.named) message.add_named(provider);
  if (choice.until) message.set_until(platform::format_day(*choice.until));
}

std::string epoch_suffix(platform::Revision revision) {
  return revision.epoch > 1 ? "+e" + std::to_string(revision.epoch) : "";
}

std::string text_of(const checklist::v1::ResponseKey& key) {
  return key.state() + "/" + key.checklist() + "/" + std::to_string(key.round());
}

}  // namespace

std::string lock_name(std::string_view state) { return "intake/" + std::string(state); }

platform::Status lock_state(platform::Transaction& transaction, const platform::Call& call,
                            const std::string& state) {
  UNCAC_TRY(transaction.lock(lock_name(state)));
  return somebody_waits(call);
}

platform::Status somebody_waits(const platform::Call& call) {
  if (!call.cancelled || !call.cancelled()) return {};
  return platform::make_error(platform::Reason::kDeadlineExceeded,
                              "nobody waits for this any more; nothing was changed");
}

platform::Event version_event(const IntakeParts& parts, const StoredVersion& version,
                              const std::string& traceparent) {
  return version_event(parts.context.clock.now(), version, traceparent);
}

platform::Event version_event(platform::Moment now, const StoredVersion& version,
                              const std::string& traceparent) {
  const checklist::v1::ResponseVersion& body = version.body;
  return event_of(now, text_of(body.key()) + "/v" + std::to_string(body.version()),
                  body.key().state(), "uncac.checklist.v1.ResponseVersion", version.revision,
                  traceparent, body.SerializeAsString());
}

checklist::v1::SharingDecision to_proto(const std::string& state, const StoredDecision& decision) {
  checklist::v1::SharingDecision message;
  message.set_state(state);
  message.set_provision(decision.provision);
  fill(decision.choice, message);
  message.set_recorded_at(decision.recorded_at);
  message.set_sequence(decision.sequence);
  return message;
}

checklist::v1::SharingDecision listed(const std::string& state, const StoredDecision& decision) {
  checklist::v1::SharingDecision message = to_proto(state, decision);
  if (decision.suspended) fill(*decision.suspended, *message.mutable_suspended());
  return message;
}

platform::Event sharing_event(const IntakeParts& parts, const std::string& state,
                              const StoredDecision& decision, const std::string& traceparent) {
  return sharing_event(parts.context.clock.now(), state, decision, traceparent);
}

platform::Event sharing_event(platform::Moment now, const std::string& state,
                              const StoredDecision& decision, const std::string& traceparent) {
  return event_of(now, state + "/sharing/" + decision.provision, state,
                  "uncac.checklist.v1.SharingDecision", decision.revision, traceparent,
                  to_proto(state, decision).SerializeAsString());
}

std::string version_name(const checklist::v1::ResponseVersion& version) {
  return text_of(version.key()) + "@v" + std::to_string(version.version());
}

std::string version_token(const StoredVersion& version) {
  return version_name(version.body) + epoch_suffix(version.revision);
}

std::string ending_token(const StoredVersion& version) {
  return version_name(version.body) + "+end" + epoch_suffix(version.revision);
}

std::string sharing_token(const std::string& state, const StoredDecision& decision) {
  return state + "@s" + std::to_string(decision.sequence) + epoch_suffix(decision.revision);
}

std::string sharing_token(const StoredVersion& version, const StoredDecision& decision) {
  return version_name(version.body) + "+s" + std::to_string(decision.sequence) +
         epoch_suffix(decision.revision);
}

platform::AuditEntry audit_entry(const platform::Call& call, const std::string& action,
                                 const std::string& object, const std::string& reason,
                                 const std::string& payload) {
  return {
      call.principal->name(), call.principal->role(), action, object, reason, call.peer, payload};
}

Status audit(platform::Transaction& transaction, const IntakeParts& parts,
             const platform::Call& call, const std::string& action, const std::string& object,
             const std::string& reason, const std::string& payload) {
  return platform::record_audit(transaction, parts.context.clock, parts.context.ids,
                                audit_entry(call, action, object, reason, payload));
}

Result<Key> read_key(const Reference& reference, const checklist::v1::ResponseKey& message) {
  platform::Error error =
      platform::make_error(Reason::kInvalidInput, "this names no response; see the problems");
  const auto add = [&](const char* column, const char* rule, std::string text) {
    error.problems.push_back({"", 0, column, platform::Severity::kError, rule, std::move(text)});
  };
  const auto quoted = [](const std::string& text) { return "\"" + text.substr(0, 60) + "\""; };
  if (!reference.state(message.state())) {
    add("state", "unknown-state", quoted(message.state()) + " is no State by ISO 3166-1 alpha-3");
  }
  if (!reference.checklist(message.checklist())) {
    add("checklist", "unknown-checklist", quoted(message.checklist()) + " is no checklist");
  }
  if (message.round() < 0 || message.round() > 9999) {
    add("round", "bad-round", std::to_string(message.round()) + " is not a year");
  }
  if (!error.problems.empty()) return error;
  return Key{message.state(), message.checklist(), message.round()};
}

Status resolve_round(platform::Transaction& transaction, Key& key) {
  if (key.round != 0) return {};
  UNCAC_ASSIGN(key.round, newest_round(transaction, key.state, key.checklist));
  if (key.round == 0) {
    return platform::make_error(Reason::kNotFound,
                                key.state + " has filed no response to " + key.checklist);
  }
  return {};
}

Status may_read(const access::Caller& caller, const std::string& state) {
  if (access::Scope::of(caller).reads_all_of(state)) return {};
  return platform::make_error(Reason::kForbidden,
                              "responses are read by their State and the secretariat; what a "
                              "State shares is in the needs matrix");
}

}  // namespace uncac::checklist_intake
