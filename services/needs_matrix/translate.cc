#include "needs_matrix/translate.h"

namespace uncac::needs_matrix {
namespace {

using platform::Day;
using platform::Reason;
using platform::Result;
using platform::Status;
using reference::Reference;

platform::Error unknown(const std::string& what, const std::string& code) {
  return platform::make_error(Reason::kInvalidInput, "unknown " + what + " \"" + code + "\"");
}

Result<Compliance> to_compliance(checklist::v1::Compliance compliance) {
  switch (compliance) {
    case checklist::v1::COMPLIANCE_YES:
      return Compliance::kYes;
    case checklist::v1::COMPLIANCE_IN_PART:
      return Compliance::kInPart;
    case checklist::v1::COMPLIANCE_NO:
      return Compliance::kNo;
    case checklist::v1::COMPLIANCE_NOT_ANSWERED:
      return Compliance::kNotAnswered;
    default:
      return unknown("compliance", std::to_string(compliance));
  }
}

Result<Priority> to_priority(const std::string& code) {
  if (code.empty()) return Priority::kNone;
  if (code == "HIGH") return Priority::kHigh;
  if (code == "MEDIUM") return Priority::kMedium;
  if (code == "LOW") return Priority::kLow;
  return unknown("priority", code);
}

Result<VersionFact> to_version(const Reference& reference,
                               const checklist::v1::ResponseVersion& message) {
  VersionFact fact;
  Version& version = fact.version;
  const auto state = reference.state(message.key().state());
  if (!state) return unknown("State", message.key().state());
  const auto checklist = reference.checklist(message.key().checklist());
  if (!checklist) return unknown("checklist", message.key().checklist());
  if (message.key().round() < 1 || message.key().round() > 9999 || message.version() < 1 ||
      message.version() > 65'535) {
    return platform::make_error(Reason::kInvalidInput, "round or version out of range");
  }
  version.key = {*state, *checklist, static_cast<std::uint16_t>(message.key().round()),
                 static_cast<std::uint16_t>(message.version())};
  UNCAC_ASSIGN(version.submitted_on, platform::parse_day(message.submitted_on()));
  version.exercise = message.exercise();
  switch (message.status()) {
    case checklist::v1::RESPONSE_STATUS_SUBMITTED:
      version.status = ResponseStatus::kSubmitted;
      break;
    case checklist::v1::RESPONSE_STATUS_WITHDRAWN: {
      version.status = ResponseStatus::kWithdrawn;
      UNCAC_ASSIGN(version.withdrawn_on, platform::parse_day(message.withdrawn_on()));
      break;
    }
    case checklist::v1::RESPONSE_STATUS_VOID:
      version.status = ResponseStatus::kVoid;
      break;
    default:
      return unknown("status", std::to_string(message.status()));
  }
  version.answers.reserve(static_cast<std::size_t>(message.answers_size()));
  for (const checklist::v1::Answer& from : message.answers()) {
    Answer answer;
    const auto provision = reference.provision(from.provision());
    if (!provision) return unknown("provision", from.provision());
    answer.provision = *provision;
    UNCAC_ASSIGN(answer.compliance, to_compliance(from.compliance()));
    for (const std::string& code : from.challenges()) {
      const auto challenge = reference.challenge(code);
      if (!challenge) return unknown("challenge", code);
      answer.challenges |= static_cast<std::uint16_t>(1U << *challenge);
    }
    for (const checklist::v1::AssistanceNeeded& needed : from.needed()) {
      const auto type = reference.type(needed.type());
      if (!type) return unknown("type", needed.type());
      UNCAC_ASSIGN(const Priority priority, to_priority(needed.state_priority()));
      answer.need(*type, priority);
      if (!needed.text().empty()) version.texts.push_back({*provision, *type, needed.text()});
    }
    version.answers.push_back(answer);
  }
  return fact;
}

Result<SharingFact> to_sharing(const Reference& reference,
                               const checklist::v1::SharingDecision& message) {
  SharingFact fact;
  const auto state = reference.state(message.state());
  if (!state) return unknown("State", message.state());
  const auto provision = reference.provision(message.provision());
  if (!provision) return unknown("provision", message.provision());
  const auto audience = from_proto(message.audience());
  if (!audience) return unknown("audience", std::to_string(message.audience()));
  fact.key = {*state, *provision};
  fact.audience = *audience;
  fact.named.assign(message.named().begin(), message.named().end());
  fact.sequence = message.sequence();
  return fact;
}

}  // namespace

Result<Fact> to_fact(const Reference& reference, const platform::Event& event) {
  return FactReader(reference).read(event);
}

Result<Fact> FactReader::read(const platform::Event& event) {
  const Revision revision{event.revision.epoch, event.revision.counter};
  UNCAC_ASSIGN(const FactKey key, parse_key(reference_, event.key));
  if (!event.body) return Fact(Removal{key, revision});
  if (event.type == kVersionType) {
    if (!version_.ParseFromString(*event.body)) {
      return platform::make_error(Reason::kInvalidInput, "the body is no ResponseVersion");
    }
    UNCAC_ASSIGN(VersionFact fact, to_version(reference_, version_));
    if (key != FactKey(fact.version.key)) {
      return platform::make_error(Reason::kInvalidInput, "key and body name different responses");
    }
    fact.revision = revision;
    return Fact(std::move(fact));
  }
  if (event.type == kSharingType) {
    if (!sharing_.ParseFromString(*event.body)) {
      return platform::make_error(Reason::kInvalidInput, "the body is no SharingDecision");
    }
    UNCAC_ASSIGN(SharingFact fact, to_sharing(reference_, sharing_));
    if (key != FactKey(fact.key)) {
      return platform::make_error(Reason::kInvalidInput, "key and body name different decisions");
    }
    fact.revision = revision;
    return Fact(std::move(fact));
  }
  return unknown("event type", event.type);
}

std::optional<SharingFact> FactReader::closed(const platform::Event& event) const {
  const Result<FactKey> key = parse_key(reference_, event.key);
  if (!key || !event.body || !std::holds_alternative<SharingKey>(*key)) return std::nullopt;
  SharingFact fact;
  fact.key = std::get<SharingKey>(*key);
  fact.revision = {event.revision.epoch, event.revision.counter};
  fact.audience = access::Audience::kRestricted;
  return fact;
}

StateIndex state_of(const Fact& fact) {
  if (const auto* version = std::get_if<VersionFact>(&fact)) return version->version.key.state;
  if (const auto* sharing = std::get_if<SharingFact>(&fact)) return sharing->key.state;
  return std::visit([](const auto& key) { return key.state; }, std::get<Removal>(fact).key);
}

common::v1::Audience to_proto(access::Audience audience) {
  switch (audience) {
    case access::Audience::kRestricted:
      return common::v1::AUDIENCE_RESTRICTED;
    case access::Audience::kNamed:
      return common::v1::AUDIENCE_NAMED;
    case access::Audience::kProviders:
      return common::v1::AUDIENCE_PROVIDERS;
    case access::Audience::kPublic:
      return common::v1::AUDIENCE_PUBLIC;
  }
  return common::v1::AUDIENCE_UNSPECIFIED;
}

std::optional<access::Audience> from_proto(common::v1::Audience audience) {
  switch (audience) {
    case common::v1::AUDIENCE_RESTRICTED:
      return access::Audience::kRestricted;
    case common::v1::AUDIENCE_NAMED:
      return access::Audience::kNamed;
    case common::v1::AUDIENCE_PROVIDERS:
      return access::Audience::kProviders;
    case common::v1::AUDIENCE_PUBLIC:
      return access::Audience::kPublic;
    default:
      return std::nullopt;
  }
}

std::string_view code_of(Priority priority) {
  switch (priority) {
    case Priority::kNone:
      return "";
    case Priority::kHigh:
      return "HIGH";
    case Priority::kMedium:
      return "MEDIUM";
    case Priority::kLow:
      return "LOW";
  }
  return "";
}

}  // namespace uncac::needs_matrix
