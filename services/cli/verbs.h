// The verbs, each a function from its options to an exit code; main.cc declares the options.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"

namespace uncac::cli {

struct ResponseName {
  std::string state, checklist;
  int round = 0;
};

struct SubmitOptions {
  std::vector<std::string> files;
  std::string audience, audience_until;
  bool dry_run = false, keep_good = false, exercise = false, no_wait = false;
};
int submit_responses(const Session& session, const SubmitOptions& options);
int export_response(const Session& session, const ResponseName& name);
int list_responses(const Session& session, const ResponseName& name);
int show_history(const Session& session, const ResponseName& name);
int withdraw_response(const Session& session, const ResponseName& name, const std::string& reason);
int void_response(const Session& session, const ResponseName& name, const std::string& reason);
int list_sharing(const Session& session, const std::string& state);

struct QuestionOptions {
  std::string rows, columns, measure, as_of;
  std::vector<std::string> where;  // DIM=V[,V]
  std::vector<std::string> after;  // version tokens
};
int ask_matrix(const Session& session, const QuestionOptions& options);
int list_needs(const Session& session, const QuestionOptions& options);
struct FollowOptions {
  std::string from;
  std::vector<std::string> where;
  bool until_caught_up = false;
};
int follow_needs(const Session& session, const FollowOptions& options);

int check_rebuild(const Session& session);
int republish(const Session& session);

struct TokenOptions {
  std::string role, state, organization, key_file, subject;
  std::string ttl = "12h";
};
int print_token(const TokenOptions& options);

int make_exercise_keys(const std::string& folder);
int make_exercise_tokens(const std::string& key_file, const std::string& folder);
int write_exercise_responses(unsigned long long seed, const std::string& file);

}  // namespace uncac::cli
