// What filing and sharing have in common: an audience shown, and waiting until the matrix shows
// what was done.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"
#include "uncac/checklist/v1/checklist.pb.h"

namespace uncac::cli {

// "NAMED:EX1|EX2", of a choice or a decision.
template <class Message>
std::string audience_text(const Message& message) {
  std::string text = common::v1::Audience_Name(message.audience()).substr(9);
  const char* separator = ":";
  for (const std::string& provider : message.named()) {
    text += separator + provider;
    separator = "|";
  }
  return text;
}

// Waits until questions see what these version tokens name. On record is on record: a matrix that
// is late is worth a word on standard error, not a failure.
void await_matrix(const Session& session, const std::vector<std::string>& tokens);

}  // namespace uncac::cli
