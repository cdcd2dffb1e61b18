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
int export_response(const Session& session, const ResponseName& name, int version);
int list_responses(const Session& session, const ResponseName& name);
int show_history(const Session& session, const ResponseName& name);
int withdraw_response(const Session& session, const ResponseName& name, const std::string& reason);
int void_response(const Session& session, const ResponseName& name, const std::string& reason);

struct ShareOptions {
  std::string state;
  std::vector<std::string> provisions;
  std::string audience, until, reason;
  bool reinstate = false, dry_run = false;
};
int set_sharing(const Session& session, const ShareOptions& options);
int revoke_sharing(const Session& session, const ShareOptions& options);
int list_sharing(const Session& session, const std::string& state);
// What `reader` ("public", "provider:EX1", "state:UGA") sees of the State.
int preview_sharing(const Session& session, const std::string& state, const std::string& reader);

struct QuestionOptions {
  std::string rows, columns, measure, as_of, language, order_by, reader;
  std::string since;               // a position: the changes after it
  std::vector<std::string> where;  // DIM=V[,V]
  std::vector<std::string> after;  // version tokens
};
int ask_matrix(const Session& session, const QuestionOptions& options);
int list_needs(const Session& session, const QuestionOptions& options);
int show_need_history(const Session& session, const std::string& need, const std::string& reader);
struct FollowOptions {
  std::string from;
  std::vector<std::string> where;
  bool until_caught_up = false;
};
int follow_needs(const Session& session, const FollowOptions& options);

struct ReleaseOptions {
  std::string title, language;
  bool dry_run = false, none_lost = false;
};
int make_release(const Session& session, const ReleaseOptions& options);
int list_releases(const Session& session);
int get_release(const Session& session, int number, const std::string& language);

int check_rebuild(const Session& session);
int show_state(const Session& session);
int republish(const Session& session);
// Dead letters, named SERVICE/NUMBER.
int list_dead_letters(const Session& session, bool handled);
int show_dead_letter(const Session& session, const std::string& name);
int resend_dead_letters(const Session& session, const std::vector<std::string>& names,
                        const std::string& reason);
int make_backup(const Session& session, const std::string& name);
// Without a server.
int restore_backup(const Session& session, const std::string& from, const std::string& data);

struct TokenOptions {
  std::string role, state, organization, key_file, subject;
  std::string ttl = "12h";
};
int print_token(const TokenOptions& options);

int make_exercise_keys(const std::string& folder);
int make_exercise_tokens(const std::string& key_file, const std::string& folder);
int write_exercise_responses(unsigned long long seed, const std::string& file);

}  // namespace uncac::cli
