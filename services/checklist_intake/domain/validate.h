// The rules of a response: text as it came in, values and problems out. One place for the
// structured request and for the file, so that both refuse the same things with the same names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "checklist_intake/domain/response.h"
#include "checklist_intake/domain/rules.h"

namespace uncac::checklist_intake {

inline constexpr int kFirstRound = 2003;  // the Convention was adopted on 31 October 2003
inline constexpr std::size_t kMostCharacters = 10'000;  // of one text
inline constexpr std::size_t kMostAnswers = 2'000;      // of one response
inline constexpr std::size_t kMostNamed = 50;           // providers in one NAMED

// The `…Text` values are what somebody wrote, nothing checked yet. They point into memory of the
// caller. `row` is the line of the file that problems name, 0 when there is no file.

struct NeededText {
  std::string_view type, text, priority;
  std::int64_t row = 0;
};

struct AnswerText {
  std::string_view provision, compliance, measures;
  std::vector<std::string_view> challenges;
  std::string_view challenges_text;
  std::vector<NeededText> needed;
  std::vector<std::string_view> received_from, received_types;
  std::string_view would_extend, language;
  std::int64_t row = 0;
};

struct SharingText {
  std::string_view audience;  // empty: no choice made here
  std::vector<std::string_view> named;
  std::string_view until;
  std::int64_t row = 0;
};

struct ResponseText {
  std::string_view state, checklist, round, submitted_on;
  std::vector<AnswerText> answers;
  SharingText sharing;  // for every provision without an exception
  std::vector<std::pair<std::string_view, SharingText>> exceptions;  // by provision
  std::int64_t row = 0;  // for problems of the response as a whole
};

struct CheckedResponse {
  Response response;
  Sharing sharing;
  std::vector<std::int64_t> rows;  // of each answer, in the order of response.answers
  std::int64_t first_row = 0;
};

// Each returns a value only if it added no error (warnings do not count). `today` is the day in
// UTC.
std::optional<ResponseKey> check_key(const Reference& reference, std::string_view state,
                                     std::string_view checklist, std::string_view round, Day today,
                                     std::int64_t row, ProblemSink& problems);
std::optional<CheckedResponse> check_response(const Reference& reference, const ResponseText& text,
                                              Day today, ProblemSink& problems);
// Also nothing, and no problem, when the text makes no choice.
std::optional<SharingChoice> check_sharing(const SharingText& text, Day today,
                                           ProblemSink& problems);

}  // namespace uncac::checklist_intake
