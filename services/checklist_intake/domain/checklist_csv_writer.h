// Answers as a checklist CSV, which read again gives the same answers.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "checklist_intake/domain/response.h"

namespace uncac::checklist_intake {

struct ExportedResponse {
  ResponseKey key;
  std::optional<Day> submitted_on;
  std::span<const Answer> answers;
  const SharingChoices& in_force;  // written as `audience`; empty where there is none
  bool exercise = false;           // adds the column `exercise`
};

// A whole file: the header and one row per answer and type. UTF-8 without a mark, `,` and LF. The
// name of every provider in NAMED is written: leave out or replace choices that the reader may not
// see before calling.
std::string write_checklist_csv(const Reference& reference, const ExportedResponse& response);

// "NAMED:EX1|EX2"
std::string audience_text(const SharingChoice& choice);

}  // namespace uncac::checklist_intake
