// What the tests of checklist intake share: the reference data, short names, invented responses.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checklist_intake/domain/checklist_csv.h"
#include "checklist_intake/domain/response.h"

namespace uncac::checklist_intake::test {

inline const Reference& data() {
  static const std::shared_ptr<const Reference> loaded = [] {
    auto reference = Reference::load();
    if (!reference) {
      ADD_FAILURE() << platform::to_text(reference.error());
      std::abort();
    }
    return *reference;
  }();
  return *loaded;
}

inline Day day(std::string_view text) { return *platform::parse_day(text); }
inline Day today() { return day("2026-03-31"); }
inline ProvisionIndex provision(std::string_view id) { return *data().provision(id); }
inline TypeIndex type(std::string_view code) { return *data().type(code); }
inline ResponseKey key(std::string_view state, std::string_view checklist, int round) {
  return {*data().state(state), *data().checklist(checklist), round};
}

inline Answer answer(std::string_view id, Compliance compliance) {
  Answer answer;
  answer.provision = provision(id);
  answer.compliance = compliance;
  return answer;
}

// Each problem as a line, as the command line prints it.
inline std::vector<std::string> lines(const std::vector<platform::Problem>& problems) {
  std::vector<std::string> lines;
  lines.reserve(problems.size());
  for (const auto& problem : problems) lines.push_back(platform::to_line(problem));
  return lines;
}

inline std::string all_lines(const ParsedFile& file) {
  std::string text;
  for (const auto& line : lines(file.problems)) text += line + "\n";
  for (const auto& response : file.responses) {
    for (const auto& line : lines(response.problems)) text += line + "\n";
  }
  return text;
}

inline ParsedFile parse(std::string_view bytes, std::string file = "answers.csv",
                        CsvLimits limits = {}) {
  ChecklistCsvParser parser(data(), std::move(file), today(), limits);
  parser.push(bytes);
  return parser.finish();
}

inline const std::string kHeader =
    "state,checklist,round,submitted_on,language,provision,compliance,measures,challenges,"
    "challenges_text,type,type_text,state_priority,received_from,received_type,would_extend,"
    "audience,audience_until\n";

// ---- invented values ----------------------------------------------------------------------------

// Some of the numbers below `bound`, ascending.
inline rc::Gen<std::set<int>> any_of(std::size_t bound) {
  return rc::gen::map(
      rc::gen::container<std::vector<int>>(rc::gen::inRange<int>(0, static_cast<int>(bound))),
      [](const std::vector<int>& chosen) { return std::set<int>(chosen.begin(), chosen.end()); });
}

// Text with everything that a CSV file or a spreadsheet could stumble over.
inline rc::Gen<std::string> any_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "a",  "B",    "'", "'", "=", "+", "-", "@",  "\t", "\r", "\n", "\r\n",
          "\"", "\"\"", ",", ";", "|", " ", "é", "漢", "😀",  "ﷺ",  "0",  "\xEF\xBB\xBF"})),
      [](const std::vector<std::string>& parts) {
        std::string text;
        for (const auto& part : parts) text += part;
        return text;
      });
}

// A value of a list: without the separator and outer spaces, not empty.
inline rc::Gen<std::string> any_value() {
  return rc::gen::map(any_text(), [](std::string text) {
    std::erase(text, '|');
    while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string::npos) {
      text.pop_back();
    }
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string::npos || begin == text.size() ? "x" : text.substr(begin);
  });
}

inline rc::Gen<SharingChoice> any_choice() {
  return rc::gen::exec([] {
    SharingChoice choice;
    choice.audience = *rc::gen::element(Audience::kRestricted, Audience::kNamed,
                                        Audience::kProviders, Audience::kPublic);
    if (choice.audience == Audience::kNamed) {
      const auto names = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
          rc::gen::element<std::string>("EX1", "EX2", "A-1", "-", "Z9")));
      const std::set<std::string> each_once(names.begin(), names.end());
      choice.named.assign(each_once.begin(), each_once.end());
    }
    if (*rc::gen::arbitrary<bool>()) {
      choice.until = today() + std::chrono::days(*rc::gen::inRange(0, 900));
    }
    return choice;
  });
}

inline rc::Gen<Answer> any_answer(ProvisionIndex provision) {
  return rc::gen::exec([provision] {
    Answer answer;
    answer.provision = provision;
    answer.compliance = *rc::gen::element(Compliance::kYes, Compliance::kInPart, Compliance::kNo,
                                          Compliance::kNotAnswered);
    answer.measures = *any_text();
    const auto challenges = *any_of(data().challenges().size());
    for (const int challenge : challenges) {
      answer.challenges.push_back(static_cast<ChallengeIndex>(challenge));
    }
    answer.challenges_text = *any_text();
    if (answer.compliance != Compliance::kNotAnswered) {
      const auto types = *any_of(data().types().size());
      for (const int at : types) {
        const auto& type = data().types()[static_cast<std::size_t>(at)];
        if (type.excludes_rest && types.size() > 1) continue;
        NeededAssistance need{static_cast<TypeIndex>(at), *any_text(), Priority::kNone};
        if (type.text_required) need.text += "what";
        need.priority =
            *rc::gen::element(Priority::kNone, Priority::kHigh, Priority::kMedium, Priority::kLow);
        answer.needed.push_back(need);
      }
    }
    answer.received.from = *rc::gen::container<std::vector<std::string>>(any_value());
    answer.received.types = *rc::gen::container<std::vector<std::string>>(any_value());
    answer.received.would_extend = *rc::gen::element(Choice::kNotSaid, Choice::kYes, Choice::kNo);
    answer.language = *rc::gen::element<std::string>("", "ar", "en", "zh");
    return answer;
  });
}

inline rc::Gen<Response> any_response() {
  return rc::gen::exec([] {
    Response response;
    response.key.state =
        *rc::gen::inRange<StateIndex>(0, static_cast<StateIndex>(data().states().size()));
    response.key.checklist = *rc::gen::inRange<ChecklistIndex>(
        0, static_cast<ChecklistIndex>(data().checklists().size()));
    response.key.round = *rc::gen::inRange(2003, 2027);
    if (*rc::gen::arbitrary<bool>()) {
      response.submitted_on = today() - std::chrono::days(*rc::gen::inRange(0, 8000));
    }
    const auto& items = data().checklists()[response.key.checklist].items;
    auto chosen = *rc::gen::resize(12, any_of(items.size()));
    chosen.insert(*rc::gen::inRange<int>(0, static_cast<int>(items.size())));
    for (const int at : chosen) {
      response.answers.push_back(*any_answer(items[static_cast<std::size_t>(at)]));
    }
    put_in_order(response.answers);
    return response;
  });
}

}  // namespace uncac::checklist_intake::test
