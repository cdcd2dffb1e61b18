#include "checklist_intake/wire.h"

namespace uncac::checklist_intake {
namespace {

using platform::Reason;
using platform::Result;

// Unknown numbers become a text that no rule accepts, so that they are refused with the field's
// name.
std::string compliance_text(checklist::v1::Compliance compliance) {
  switch (compliance) {
    case checklist::v1::COMPLIANCE_UNSPECIFIED:
      return "";
    case checklist::v1::COMPLIANCE_YES:
      return "YES";
    case checklist::v1::COMPLIANCE_IN_PART:
      return "IN_PART";
    case checklist::v1::COMPLIANCE_NO:
      return "NO";
    case checklist::v1::COMPLIANCE_NOT_ANSWERED:
      return "NOT_ANSWERED";
    default:
      return "COMPLIANCE " + std::to_string(compliance);
  }
}

std::string choice_text(checklist::v1::Choice choice) {
  switch (choice) {
    case checklist::v1::CHOICE_UNSPECIFIED:
      return "";
    case checklist::v1::CHOICE_YES:
      return "YES";
    case checklist::v1::CHOICE_NO:
      return "NO";
    default:
      return "CHOICE " + std::to_string(choice);
  }
}

std::string_view audience_text(common::v1::Audience audience) {
  switch (audience) {
    case common::v1::AUDIENCE_UNSPECIFIED:
      return "";
    case common::v1::AUDIENCE_RESTRICTED:
      return "RESTRICTED";
    case common::v1::AUDIENCE_NAMED:
      return "NAMED";
    case common::v1::AUDIENCE_PROVIDERS:
      return "PROVIDERS";
    case common::v1::AUDIENCE_PUBLIC:
      return "PUBLIC";
    default:
      return "AUDIENCE of an unknown number";
  }
}

std::vector<std::string_view> views(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

checklist::v1::Compliance to_proto(Compliance compliance) {
  switch (compliance) {
    case Compliance::kYes:
      return checklist::v1::COMPLIANCE_YES;
    case Compliance::kInPart:
      return checklist::v1::COMPLIANCE_IN_PART;
    case Compliance::kNo:
      return checklist::v1::COMPLIANCE_NO;
    case Compliance::kNotAnswered:
      return checklist::v1::COMPLIANCE_NOT_ANSWERED;
  }
  return checklist::v1::COMPLIANCE_UNSPECIFIED;
}

checklist::v1::Choice to_proto(Choice choice) {
  switch (choice) {
    case Choice::kNotSaid:
      return checklist::v1::CHOICE_UNSPECIFIED;
    case Choice::kYes:
      return checklist::v1::CHOICE_YES;
    case Choice::kNo:
      return checklist::v1::CHOICE_NO;
  }
  return checklist::v1::CHOICE_UNSPECIFIED;
}

void add_answer(const Reference& reference, const Answer& answer, checklist::v1::Answer& message) {
  message.set_provision(reference.provisions()[answer.provision].id);
  message.set_compliance(to_proto(answer.compliance));
  message.set_measures(answer.measures);
  for (const ChallengeIndex challenge : answer.challenges) {
    message.add_challenges(reference.challenges()[challenge].code);
  }
  message.set_challenges_text(answer.challenges_text);
  for (const NeededAssistance& needed : answer.needed) {
    checklist::v1::AssistanceNeeded& to = *message.add_needed();
    to.set_type(reference.types()[needed.type].code);
    to.set_text(needed.text);
    to.set_state_priority(std::string(code(needed.priority)));
  }
  if (answer.received != Received()) {
    checklist::v1::AssistanceReceived& to = *message.mutable_received();
    for (const std::string& from : answer.received.from) to.add_from(from);
    for (const std::string& type : answer.received.types) to.add_types(type);
    to.set_would_extend(to_proto(answer.received.would_extend));
  }
  message.set_language(answer.language);
}

}  // namespace

SharingText sharing_text(const checklist::v1::SharingChoice& choice) {
  return {audience_text(choice.audience()), views(choice.named()), choice.until(), 0};
}

RequestText::RequestText(const checklist::v1::SubmitRequest& request) {
  const auto word = [this](std::string text) -> std::string_view {
    return words_.emplace_back(std::move(text));
  };
  text_.state = request.key().state();
  text_.checklist = request.key().checklist();
  text_.round = word(std::to_string(request.key().round()));
  text_.submitted_on = request.submitted_on();
  text_.sharing = sharing_text(request.sharing());
  for (const checklist::v1::SharingException& exception : request.exceptions()) {
    text_.exceptions.emplace_back(exception.provision(), sharing_text(exception.choice()));
  }
  text_.answers.reserve(static_cast<std::size_t>(request.answers_size()));
  for (const checklist::v1::Answer& from : request.answers()) {
    AnswerText& to = text_.answers.emplace_back();
    to.provision = from.provision();
    to.compliance = word(compliance_text(from.compliance()));
    to.measures = from.measures();
    to.challenges = views(from.challenges());
    to.challenges_text = from.challenges_text();
    for (const checklist::v1::AssistanceNeeded& needed : from.needed()) {
      to.needed.push_back({needed.type(), needed.text(), needed.state_priority(), 0});
    }
    to.received_from = views(from.received().from());
    to.received_types = views(from.received().types());
    to.would_extend = word(choice_text(from.received().would_extend()));
    to.language = from.language();
  }
}

checklist::v1::ResponseKey to_proto(const Reference& reference, const ResponseKey& key) {
  checklist::v1::ResponseKey message;
  message.set_state(reference.states()[key.state].iso3);
  message.set_checklist(reference.checklists()[key.checklist].code);
  message.set_round(key.round);
  return message;
}

checklist::v1::ResponseVersion to_proto(const Reference& reference, const ResponseKey& key,
                                        const std::vector<Answer>& answers) {
  checklist::v1::ResponseVersion message;
  *message.mutable_key() = to_proto(reference, key);
  for (const Answer& answer : answers) add_answer(reference, answer, *message.add_answers());
  return message;
}

Result<std::vector<Answer>> answers_from(const Reference& reference,
                                         const checklist::v1::ResponseVersion& message) {
  // The codes are read by the one set of rules that wrote them.
  checklist::v1::SubmitRequest request;
  *request.mutable_key() = message.key();
  *request.mutable_answers() = message.answers();
  const RequestText text(request);
  ProblemBudget budget;
  ProblemSink problems("", budget);
  // Any day after every round: the round was checked when it was filed.
  auto checked =
      check_response(reference, text.text(), Day(std::chrono::year(9999) / 1 / 1), problems);
  if (!checked) {
    return platform::make_error(Reason::kInternal, "a stored response cannot be read");
  }
  return std::move(checked->response.answers);
}

common::v1::Audience to_proto(Audience audience) {
  switch (audience) {
    case Audience::kRestricted:
      return common::v1::AUDIENCE_RESTRICTED;
    case Audience::kNamed:
      return common::v1::AUDIENCE_NAMED;
    case Audience::kProviders:
      return common::v1::AUDIENCE_PROVIDERS;
    case Audience::kPublic:
      return common::v1::AUDIENCE_PUBLIC;
  }
  return common::v1::AUDIENCE_UNSPECIFIED;
}

common::v1::Problem to_proto(const platform::Problem& problem) {
  common::v1::Problem message;
  message.set_file(problem.file);
  message.set_row(problem.row);
  message.set_column(problem.column);
  message.set_severity(problem.severity == platform::Severity::kError
                           ? common::v1::SEVERITY_ERROR
                           : common::v1::SEVERITY_WARNING);
  message.set_rule(problem.rule);
  message.set_message(problem.message);
  return message;
}

std::string join_names(const std::vector<std::string>& named) {
  std::string text;
  for (const std::string& name : named) text += (text.empty() ? "" : "|") + name;
  return text;
}

std::vector<std::string> split_names(const std::string& named) {
  std::vector<std::string> names;
  std::size_t at = 0;
  while (at < named.size()) {
    const std::size_t end = std::min(named.find('|', at), named.size());
    names.push_back(named.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

}  // namespace uncac::checklist_intake
