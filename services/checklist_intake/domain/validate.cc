#include "checklist_intake/domain/validate.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "checklist_intake/domain/text.h"

namespace uncac::checklist_intake {
namespace {

// Checks one answer after the other and says what is wrong with each.
class AnswerCheck {
 public:
  AnswerCheck(const Reference& reference, const reference::Checklist& checklist,
              ProblemSink& problems)
      : reference_(reference), checklist_(checklist), problems_(problems) {}

  Answer check(const AnswerText& text) {
    text_ = &text;
    Answer answer;
    answer.provision = provision();
    if (const auto compliance = parse_compliance(trimmed(text.compliance))) {
      answer.compliance = *compliance;
    } else {
      add(Rule::kUnknownCompliance, "compliance",
          in_quotes(text.compliance) + " is not YES, IN_PART, NO or NOT_ANSWERED");
    }
    answer.measures = free_text("measures", text.measures, text.row);
    challenges(answer);
    needed(answer);
    answer.received.from = values("received_from", text.received_from);
    answer.received.types = values("received_type", text.received_types);
    if (const auto choice = parse_choice(trimmed(text.would_extend))) {
      answer.received.would_extend = *choice;
    } else {
      add(Rule::kBadChoice, "would_extend",
          in_quotes(text.would_extend) + " is not YES, NO or empty");
    }
    const std::string_view language = trimmed(text.language);
    if (language.empty() || is_language(language)) {
      answer.language = language;
    } else {
      add(Rule::kBadLanguage, "language",
          in_quotes(language) + " is not one of ar, en, es, fr, ru, zh");
    }
    return answer;
  }

 private:
  void add(Rule rule, std::string_view column, const std::string& message) {
    add(rule, text_->row, column, message);
  }
  void add(Rule rule, std::int64_t row, std::string_view column, const std::string& message) {
    // Without a file there is no line to look at, so the message says which answer is meant.
    problems_.add(rule, row, column,
                  row == 0 ? in_quotes(text_->provision) + ": " + message : message);
  }

  ProvisionIndex provision() {
    const std::string_view id = trimmed(text_->provision);
    if (id.empty()) {
      add(Rule::kUnknownProvision, "provision", "no provision is named");
      return 0;
    }
    if (id.front() >= '0' && id.front() <= '9') {
      add(Rule::kProvisionWithoutTreaty, "provision",
          in_quotes(id) + " does not name its treaty; write \"uncac/44.10\"");
      return 0;
    }
    const auto found = reference_.provision(id);
    if (!found) {
      add(Rule::kUnknownProvision, "provision", in_quotes(id) + " is not a provision");
      return 0;
    }
    if (!checklist_.has(*found)) not_an_item(id, *found);
    return *found;
  }

  void not_an_item(std::string_view id, ProvisionIndex index) {
    const auto provisions = reference_.provisions();
    for (auto above = provisions[index].parent; above; above = provisions[*above].parent) {
      if (!checklist_.has(*above)) continue;
      add(Rule::kNotAnItem, "provision",
          in_quotes(id) + " is not an item of " + checklist_.code + "; its item is \"" +
              provisions[*above].id + "\"");
      return;
    }
    for (std::size_t below = index + 1u; below < provisions[index].end; ++below) {
      if (!checklist_.has(static_cast<ProvisionIndex>(below))) continue;
      add(Rule::kNotAnItem, "provision",
          in_quotes(id) + " is not an item of " + checklist_.code + "; its items are \"" +
              provisions[below].id + "\" and those that follow");
      return;
    }
    add(Rule::kProvisionNotInChecklist, "provision",
        checklist_.code + " does not ask about " + in_quotes(id));
  }

  std::string free_text(std::string_view column, std::string_view text, std::int64_t row) {
    const TextScan scan = scan_text(text);
    if (scan.fault == TextFault::kInvalidUtf8) {
      add(Rule::kInvalidUtf8, row, column, "the text is not UTF-8");
    } else if (scan.fault == TextFault::kControlCharacter) {
      add(Rule::kControlCharacter, row, column, "the text holds a control character");
    }
    if (scan.characters > kMostCharacters) {
      add(Rule::kTextTooLong, row, column,
          "the text has " + std::to_string(scan.characters) + " characters, more than " +
              std::to_string(kMostCharacters));
    }
    return std::string(text);
  }

  std::vector<std::string> values(std::string_view column,
                                  const std::vector<std::string_view>& texts) {
    std::vector<std::string> values;
    std::size_t characters = 0;
    for (std::string_view text : texts) {
      text = trimmed(text);
      if (text.empty()) continue;
      if (text.find('|') != std::string_view::npos) {
        add(Rule::kBarInValue, column, in_quotes(text) + " holds the separator \"|\"");
      }
      values.push_back(free_text(column, text, text_->row));
      characters += scan_text(text).characters;
    }
    if (values.size() > 1 && characters > kMostCharacters) {
      add(Rule::kTextTooLong, column,
          "the values have together more than " + std::to_string(kMostCharacters) + " characters");
    }
    return values;
  }

  void challenges(Answer& answer) {
    bool text_required = false;
    bool named = false;
    for (const std::string_view text : text_->challenges) {
      const std::string_view code = trimmed(text);
      if (code.empty()) continue;
      named = true;
      if (const auto challenge = reference_.challenge(code)) {
        answer.challenges.push_back(*challenge);
        text_required = text_required || reference_.challenges()[*challenge].text_required;
      } else {
        add(Rule::kUnknownChallenge, "challenges", in_quotes(code) + " is not a challenge");
      }
    }
    answer.challenges_text = free_text("challenges_text", text_->challenges_text, text_->row);
    const bool short_of =
        answer.compliance == Compliance::kInPart || answer.compliance == Compliance::kNo;
    if (short_of && !named) {
      add(Rule::kChallengeMissing, "challenges",
          std::string(code(answer.compliance)) + " without a challenge");
    }
    if (text_required && blank(answer.challenges_text)) {
      add(Rule::kChallengeWithoutText, "challenges_text",
          "a challenge named here asks to specify, and there is no text");
    }
  }

  void needed(Answer& answer) {
    for (const NeededText& text : text_->needed) {
      NeededAssistance need;
      need.text = free_text("type_text", text.text, text.row);
      if (const auto priority = parse_priority(trimmed(text.priority))) {
        need.priority = *priority;
      } else {
        add(Rule::kBadPriority, text.row, "state_priority",
            in_quotes(text.priority) + " is not HIGH, MEDIUM, LOW or empty");
      }
      if (const auto type = known_type(text)) {
        need.type = *type;
        one_more(answer, need, text.row);
      }
    }
    for (std::size_t at = 0; at < answer.needed.size() && answer.needed.size() > 1; ++at) {
      const auto& type = reference_.types()[answer.needed[at].type];
      if (!type.excludes_rest) continue;
      add(Rule::kTypeExcludesRest, row_of_type(answer.needed[at].type), "type",
          type.code + " excludes every other type");
    }
    if (answer.compliance == Compliance::kNotAnswered &&
        parse_compliance(trimmed(text_->compliance)) && !answer.needed.empty()) {
      add(Rule::kNotAnsweredWithType, row_of_type(answer.needed.front().type), "type",
          "NOT_ANSWERED cannot state assistance");
    }
  }

  std::optional<TypeIndex> known_type(const NeededText& text) {
    const std::string_view code = trimmed(text.type);
    if (code.empty()) {
      add(Rule::kTypeMissing, text.row, "type", "a text or a priority of a need without a type");
      return std::nullopt;
    }
    const auto type = reference_.type(code);
    if (!type) {
      add(Rule::kUnknownType, text.row, "type",
          in_quotes(code) + " is not a type of " + checklist_.code);
      return std::nullopt;
    }
    if (!checklist_.knows_type[*type]) {
      add(Rule::kTypeNotInChecklist, text.row, "type",
          in_quotes(code) + " is not among the types of " + checklist_.code);
    }
    return type;
  }

  void one_more(Answer& answer, const NeededAssistance& need, std::int64_t row) {
    const auto& type = reference_.types()[need.type];
    if (type.text_required && blank(need.text)) {
      add(Rule::kOtherWithoutText, row, "type_text", type.code + " without a text");
    }
    const bool twice = std::any_of(answer.needed.begin(), answer.needed.end(),
                                   [&](const auto& other) { return other.type == need.type; });
    if (twice) {
      add(Rule::kDuplicateType, row, "type", type.code + " stands twice in this answer");
    } else {
      answer.needed.push_back(need);
    }
  }

  std::int64_t row_of_type(TypeIndex type) const {
    for (const NeededText& text : text_->needed) {
      if (trimmed(text.type) == reference_.types()[type].code) return text.row;
    }
    return text_->row;
  }

  const Reference& reference_;
  const reference::Checklist& checklist_;
  ProblemSink& problems_;
  const AnswerText* text_ = nullptr;
};

// The order that puts `answers` into treaty order, equals as they came.
std::vector<std::size_t> treaty_order(const std::vector<Answer>& answers) {
  std::vector<std::size_t> order(answers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return answers[left].provision < answers[right].provision;
  });
  return order;
}

void check_answers(const Reference& reference, const ResponseText& text, CheckedResponse& checked,
                   ProblemSink& problems) {
  AnswerCheck check(reference, reference.checklists()[checked.response.key.checklist], problems);
  std::vector<Answer> answers;
  answers.reserve(text.answers.size());
  for (const AnswerText& answer : text.answers) answers.push_back(check.check(answer));
  const std::vector<std::size_t> order = treaty_order(answers);
  checked.response.answers.reserve(answers.size());
  checked.rows.reserve(answers.size());
  for (const std::size_t at : order) {
    const bool again = !checked.response.answers.empty() &&
                       checked.response.answers.back().provision == answers[at].provision;
    // An unknown provision has index 0 here and was reported for itself.
    if (again && reference.provision(trimmed(text.answers[at].provision))) {
      problems.add(Rule::kDuplicateAnswer, text.answers[at].row, "provision",
                   in_quotes(text.answers[at].provision) + " is answered twice");
    }
    checked.response.answers.push_back(std::move(answers[at]));
    checked.rows.push_back(text.answers[at].row);
  }
  put_in_order(checked.response.answers);
}

void check_exceptions(const Reference& reference, const ResponseText& text, Day today,
                      CheckedResponse& checked, ProblemSink& problems) {
  std::vector<std::string_view> answered;
  answered.reserve(text.answers.size());
  for (const AnswerText& answer : text.answers) answered.push_back(trimmed(answer.provision));
  std::sort(answered.begin(), answered.end());
  for (const auto& [provision, sharing] : text.exceptions) {
    const auto choice = check_sharing(sharing, today, problems);
    if (!std::binary_search(answered.begin(), answered.end(), trimmed(provision))) {
      problems.add(Rule::kExceptionWithoutAnswer, sharing.row, "provision",
                   in_quotes(provision) + " is not answered in this response");
      continue;
    }
    const auto index = reference.provision(trimmed(provision));
    if (choice && index) checked.sharing.exceptions.insert_or_assign(*index, *choice);
  }
}

}  // namespace

std::optional<ResponseKey> check_key(const Reference& reference, std::string_view state,
                                     std::string_view checklist, std::string_view round, Day today,
                                     std::int64_t row, ProblemSink& problems) {
  state = trimmed(state);
  checklist = trimmed(checklist);
  round = trimmed(round);
  const auto state_index = reference.state(state);
  if (!state_index) {
    if (reference.is_other_party(state)) {
      problems.add(Rule::kNotAState, row, "state",
                   in_quotes(state) + " is a party to the Convention and not a State");
    } else {
      problems.add(Rule::kUnknownState, row, "state",
                   in_quotes(state) + " is not the ISO 3166-1 alpha-3 code of a State");
    }
  }
  const auto checklist_index = reference.checklist(checklist);
  if (!checklist_index) {
    problems.add(Rule::kUnknownChecklist, row, "checklist",
                 in_quotes(checklist) + " is no checklist");
  }
  const int last_round = static_cast<int>(std::chrono::year_month_day{today}.year());
  int year = 0;
  if (round.size() == 4 && round.find_first_not_of("0123456789") == std::string_view::npos) {
    for (const char digit : round) year = year * 10 + (digit - '0');
  }
  if (year < kFirstRound || year > last_round) {
    problems.add(Rule::kBadRound, row, "round",
                 in_quotes(round) + " is not a year from " + std::to_string(kFirstRound) + " to " +
                     std::to_string(last_round));
    return std::nullopt;
  }
  if (!state_index || !checklist_index) return std::nullopt;
  return ResponseKey{*state_index, *checklist_index, year};
}

std::optional<CheckedResponse> check_response(const Reference& reference, const ResponseText& text,
                                              Day today, ProblemSink& problems) {
  const std::int64_t errors_before = problems.errors();
  const auto key =
      check_key(reference, text.state, text.checklist, text.round, today, text.row, problems);
  CheckedResponse checked;
  checked.first_row = text.row;
  if (const std::string_view day = trimmed(text.submitted_on); !day.empty()) {
    const auto parsed = platform::parse_day(day);
    if (!parsed) {
      problems.add(Rule::kBadDay, text.row, "submitted_on",
                   in_quotes(day) + " is not a day as YYYY-MM-DD");
    } else if (*parsed > today) {
      problems.add(Rule::kSubmittedOnInFuture, text.row, "submitted_on",
                   in_quotes(day) + " is after today, " + platform::format_day(today));
    } else {
      checked.response.submitted_on = *parsed;
    }
  }
  if (text.answers.empty()) {
    problems.add(Rule::kNoAnswers, text.row, "provision", "the response has no answer");
  } else if (text.answers.size() > kMostAnswers) {
    problems.add(Rule::kTooManyAnswers, text.row, "provision",
                 "the response has " + std::to_string(text.answers.size()) +
                     " answers, more than " + std::to_string(kMostAnswers));
    return std::nullopt;
  }
  checked.sharing.choice = check_sharing(text.sharing, today, problems);
  check_exceptions(reference, text, today, checked, problems);
  if (key) {  // without a checklist nothing can be said about items and types
    checked.response.key = *key;
    check_answers(reference, text, checked, problems);
  }
  if (problems.errors() != errors_before) return std::nullopt;
  return checked;
}

std::optional<SharingChoice> check_sharing(const SharingText& text, Day today,
                                           ProblemSink& problems) {
  const std::int64_t errors_before = problems.errors();
  const std::string_view audience_code = trimmed(text.audience);
  const std::string_view until = trimmed(text.until);
  if (audience_code.empty()) {
    if (!until.empty()) {
      problems.add(Rule::kUntilWithoutAudience, text.row, "audience_until",
                   "an end without an audience");
    }
    if (!text.named.empty()) {
      problems.add(Rule::kNamesNotExpected, text.row, "audience", "providers without NAMED");
    }
    return std::nullopt;
  }
  SharingChoice choice;
  if (const auto audience = access::parse_audience(audience_code)) {
    choice.audience = *audience;
  } else {
    problems.add(
        Rule::kUnknownAudience, text.row, "audience",
        in_quotes(audience_code) + " is not RESTRICTED, NAMED:<provider>, PROVIDERS or PUBLIC");
    return std::nullopt;
  }
  for (const std::string_view name : text.named) {
    const std::string_view provider = trimmed(name);
    if (provider.empty()) continue;
    if (!access::is_organization_code(provider)) {
      problems.add(Rule::kBadProvider, text.row, "audience",
                   in_quotes(provider) + " is not the code of a provider");
    }
    choice.named.emplace_back(provider);
  }
  std::sort(choice.named.begin(), choice.named.end());
  choice.named.erase(std::unique(choice.named.begin(), choice.named.end()), choice.named.end());
  if (choice.audience == Audience::kNamed && choice.named.empty()) {
    problems.add(Rule::kNamedWithoutProvider, text.row, "audience", "NAMED without a provider");
  }
  if (choice.audience != Audience::kNamed && !choice.named.empty()) {
    problems.add(Rule::kNamesNotExpected, text.row, "audience",
                 std::string(audience_code) + " does not name providers");
  }
  if (choice.named.size() > kMostNamed) {
    problems.add(Rule::kTooManyNamed, text.row, "audience",
                 std::to_string(choice.named.size()) + " providers, more than " +
                     std::to_string(kMostNamed));
  }
  if (!until.empty()) {
    const auto day = platform::parse_day(until);
    if (!day) {
      problems.add(Rule::kBadDay, text.row, "audience_until",
                   in_quotes(until) + " is not a day as YYYY-MM-DD");
    } else if (*day < today) {
      problems.add(Rule::kAudienceUntilPast, text.row, "audience_until",
                   in_quotes(until) + " is before today, " + platform::format_day(today));
    } else {
      choice.until = *day;
    }
  }
  if (problems.errors() != errors_before) return std::nullopt;
  return choice;
}

}  // namespace uncac::checklist_intake
