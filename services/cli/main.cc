// `uncac`: declares the verbs and their options, and runs the one that was named.
#include <CLI/CLI.hpp>

#include "cli/verbs.h"

// What may throw here is CLI11's word for an option declared twice: a defect that the first start
// shows.
int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape)
  namespace cli = uncac::cli;
  CLI::App app{"uncac: technical assistance under the Convention against Corruption", "uncac"};
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand after the verb

  cli::Session session;
  std::string format = "table";
  app.add_option("--server", session.server, "HOST:PORT of the suite")
      ->envname("UNCAC_SERVER")
      ->capture_default_str();
  app.add_option("--token", session.token_file, "file that holds your token")
      ->envname("UNCAC_TOKEN");
  app.add_option("--format", format, "how to print")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  app.add_option("--tls-ca", session.tls_ca, "PEM: who signed the server's certificate");
  app.add_option("--tls-certificate", session.tls_certificate, "PEM: your own, for mutual TLS");
  app.add_option("--tls-key", session.tls_key, "PEM: its key");

  int code = cli::kDone;
  const auto run = [&](CLI::App* verb, std::function<int()> action) {
    verb->callback([&session, &format, &code, action = std::move(action)] {
      session.format = format == "json"  ? cli::Format::kJson
                       : format == "csv" ? cli::Format::kCsv
                                         : cli::Format::kTable;
      code = action();
    });
  };

  // ---- responses -----------------------------------------------------------------------------
  CLI::App* response = app.add_subcommand("response", "answers of States to a checklist");
  response->require_subcommand(1);
  cli::SubmitOptions submit;
  CLI::App* verb = response->add_subcommand(
      "submit", "submits the responses in files: the State's own act, on record from then on");
  verb->add_option("FILE", submit.files, "checklist CSV")->required();
  verb->add_flag("--dry-run", submit.dry_run, "check everything, change nothing");
  verb->add_flag("--keep-good", submit.keep_good, "submit the responses without an error");
  verb->add_option("--audience", submit.audience,
                   "who may read answers whose row does not say: RESTRICTED, NAMED:<provider>|…, "
                   "PROVIDERS or PUBLIC");
  verb->add_option("--audience-until", submit.audience_until, "last day of that audience");
  verb->add_flag("--exercise", submit.exercise, "mark them as invented for an exercise");
  verb->add_flag("--no-wait", submit.no_wait, "do not wait until the matrix shows them");
  run(verb, [&] { return cli::submit_responses(session, submit); });

  cli::ResponseName name;
  std::string reason;
  const auto name_options = [&name](CLI::App* to, bool round_required) {
    to->add_option("--state", name.state, "ISO 3166-1 alpha-3")->required();
    to->add_option("--checklist", name.checklist, "uncac-2007 or uncac-comprehensive")->required();
    CLI::Option* round = to->add_option("--round", name.round, "year of collection");
    if (round_required) {
      round->required();
    } else {
      round->description("year of collection; the newest without it");
    }
  };
  verb = response->add_subcommand("export", "the newest submitted version, as a checklist CSV");
  name_options(verb, false);
  int version = 0;
  verb->add_option("--version", version, "this one, whether or not it is in force")
      ->check(CLI::Range(1, 65'535));
  run(verb, [&] { return cli::export_response(session, name, version); });
  verb = response->add_subcommand("list", "the responses you may read");
  verb->add_option("--state", name.state, "of this State only");
  verb->add_option("--checklist", name.checklist, "to this checklist only");
  verb->add_option("--round", name.round, "of this round only");
  run(verb, [&] { return cli::list_responses(session, name); });
  verb = response->add_subcommand("history", "every version, withdrawal and void of one response");
  name_options(verb, false);
  run(verb, [&] { return cli::show_history(session, name); });
  verb = response->add_subcommand("withdraw", "takes a response out of force from today on");
  name_options(verb, false);
  verb->add_option("--reason", reason, "on record")->required();
  run(verb, [&] { return cli::withdraw_response(session, name, reason); });
  verb =
      response->add_subcommand("void", "secretariat: ends a wrong historical import, for all days");
  name_options(verb, true);
  verb->add_option("--reason", reason, "on record")->required();
  run(verb, [&] { return cli::void_response(session, name, reason); });

  // ---- sharing -------------------------------------------------------------------------------
  CLI::App* share = app.add_subcommand("share", "who sees which answers of a State");
  share->require_subcommand(1);
  cli::ShareOptions sharing;
  const auto share_options = [&sharing](CLI::App* to) {
    to->add_option("--state", sharing.state, "ISO 3166-1 alpha-3: your own")->required();
    to->add_option("--provision", sharing.provisions,
                   "uncac/44 and everything below it, answered or not; uncac for all")
        ->required()
        ->delimiter(',');
    to->add_option("--reason", sharing.reason, "on record");
    to->add_flag("--dry-run", sharing.dry_run, "say what would hold, change nothing");
  };
  verb = share->add_subcommand("set", "says who may read from now on, for all days");
  share_options(verb);
  CLI::Option* audience = verb->add_option("--audience", sharing.audience,
                                           "RESTRICTED, NAMED:<provider>|…, PROVIDERS or PUBLIC");
  verb->add_option("--until", sharing.until, "last day (UTC) on which it holds")->needs(audience);
  verb->add_flag("--reinstate", sharing.reinstate, "what held before a restored backup holds again")
      ->excludes(audience);
  run(verb, [&] { return cli::set_sharing(session, sharing); });
  verb = share->add_subcommand("revoke", "back to the State and the secretariat alone");
  share_options(verb);
  run(verb, [&] { return cli::revoke_sharing(session, sharing); });
  verb = share->add_subcommand("list", "the decisions in force");
  verb->add_option("--state", name.state, "ISO 3166-1 alpha-3")->required();
  run(verb, [&] { return cli::list_sharing(session, name.state); });
  std::string reader;
  verb = share->add_subcommand("preview", "what a reader sees of a State, provision by provision");
  verb->add_option("--state", name.state, "ISO 3166-1 alpha-3")->required();
  verb->add_option("--reader", reader, "public, provider:EX1 or state:UGA")->required();
  run(verb, [&] { return cli::preview_sharing(session, name.state, reader); });

  // ---- questions -----------------------------------------------------------------------------
  cli::QuestionOptions question;
  const auto question_options = [&question](CLI::App* to) {
    to->add_option("--where", question.where, "DIMENSION=VALUE[,VALUE]; may be repeated");
    to->add_option("--as-of", question.as_of, "day in UTC, included whole; today without it");
    to->add_option("--after", question.after, "wait until these version tokens are in the matrix")
        ->delimiter(',');
    to->add_option("--language", question.language,
                   "of names and of the order of States: ar en es fr ru zh");
    to->add_option("--reader", question.reader,
                   "as another reader sees your State: public, provider:<code>, state:<code>");
  };
  verb = app.add_subcommand("matrix", "the needs matrix, by one dimension or two");
  verb->add_option("--rows", question.rows, "dimension of the rows")->required();
  verb->add_option("--cols", question.columns, "dimension of the columns");
  verb->add_option("--measure", question.measure, "states_stating without it");
  verb->add_option("--order-by", question.order_by,
                   "name, or figure (largest first); States are never ranked");
  question_options(verb);
  run(verb, [&] { return cli::ask_matrix(session, question); });

  CLI::App* needs = app.add_subcommand("needs", "needs one by one, and the feed of changes");
  needs->require_subcommand(1);
  verb = needs->add_subcommand("list", "the needs you may see");
  question_options(verb);
  verb->add_option("--since", question.since,
                   "a position: what changed after it, removals with their reason included");
  run(verb, [&] { return cli::list_needs(session, question); });
  std::string need;
  verb = needs->add_subcommand("history", "when a need was stated, and when no longer");
  verb->add_option("need", need, "its key, as `needs list` shows it")->required();
  verb->add_option("--reader", question.reader,
                   "as another reader sees your State: public, provider:<code>, state:<code>");
  run(verb, [&] { return cli::show_need_history(session, need, question.reader); });
  cli::FollowOptions follow;
  verb = needs->add_subcommand("follow", "changes as they come, a CloudEvents JSON object a line");
  verb->add_option("--from", follow.from, "a position, or start; from now on without it");
  verb->add_option("--where", follow.where, "DIMENSION=VALUE[,VALUE]; may be repeated");
  verb->add_flag("--until-caught-up", follow.until_caught_up, "end at the log's present end");
  run(verb, [&] { return cli::follow_needs(session, follow); });

  // ---- releases ------------------------------------------------------------------------------
  CLI::App* release = app.add_subcommand("release", "the secretariat's published totals");
  release->require_subcommand(1);
  cli::ReleaseOptions releasing;
  int number = 0;
  const auto language_option = [&releasing](CLI::App* to) {
    to->add_option("--language", releasing.language, "of names: ar en es fr ru zh");
  };
  verb = release->add_subcommand("make", "secretariat: publishes totals as of today, for good");
  verb->add_option("--title", releasing.title, "what it is called")->required();
  verb->add_flag("--dry-run", releasing.dry_run, "show it, publish nothing");
  verb->add_flag("--none-lost", releasing.none_lost,
                 "after a restore: no release was made since that backup");
  language_option(verb);
  run(verb, [&] { return cli::make_release(session, releasing); });
  verb = release->add_subcommand("list", "the releases, newest first");
  run(verb, [&] { return cli::list_releases(session); });
  verb = release->add_subcommand("get", "the figures of one");
  verb->add_option("NUMBER", number, "the newest without it")->check(CLI::PositiveNumber);
  language_option(verb);
  run(verb, [&] { return cli::get_release(session, number, releasing.language); });

  // ---- operators -----------------------------------------------------------------------------
  CLI::App* admin = app.add_subcommand("admin", "for operators");
  admin->require_subcommand(1);
  verb = admin->add_subcommand("state", "where each service stands, and what waits");
  run(verb, [&] { return cli::show_state(session); });
  bool check = false;
  verb = admin->add_subcommand("rebuild", "folds the matrix again from the log and compares");
  verb->add_flag("--check", check, "print both digests")->required();
  run(verb, [&] { return cli::check_rebuild(session); });
  verb = admin->add_subcommand("republish",
                               "publishes every key again, for a log that lost something");
  run(verb, [&] { return cli::republish(session); });
  std::string backup_name, from, data;
  verb = admin->add_subcommand("backup", "copies the stores of a running suite, on its machine");
  verb->add_option("--name", backup_name, "of the backup's folder; the time without it");
  run(verb, [&] { return cli::make_backup(session, backup_name); });
  verb = admin->add_subcommand(
      "restore", "a data folder from a backup, without a server; audiences are then suspended");
  verb->add_option("--from", from, "folder of the backup")->required();
  verb->add_option("--data", data, "the data folder to make: new or empty")->required();
  run(verb, [&] { return cli::restore_backup(session, from, data); });

  CLI::App* letters = app.add_subcommand("dlq", "events that could not be handled");
  letters->require_subcommand(1);
  bool handled = false;
  std::vector<std::string> letter_names;
  verb = letters->add_subcommand("list", "those that are not handled yet");
  verb->add_flag("--handled", handled, "and those that were, after they were sent again");
  run(verb, [&] { return cli::list_dead_letters(session, handled); });
  verb =
      letters->add_subcommand("show", "where one came from and why it failed; not what it holds");
  verb->add_option("LETTER", letter_names, "SERVICE/NUMBER, as in the list")
      ->required()
      ->expected(1);
  run(verb, [&] { return cli::show_dead_letter(session, letter_names.front()); });
  verb =
      letters->add_subcommand("resend", "has its consumer handle it again, once the cause is gone");
  verb->add_option("LETTER", letter_names, "SERVICE/NUMBER, as in the list")->required();
  verb->add_option("--reason", reason, "on record")->required();
  run(verb, [&] { return cli::resend_dead_letters(session, letter_names, reason); });

  // ---- tokens and exercises ------------------------------------------------------------------
  cli::TokenOptions token;
  verb = app.add_subcommand("token", "mints a token, for a set-up without an identity provider");
  verb->add_option("--role", token.role, "focal_point, contributor, provider, secretariat, …")
      ->required();
  verb->add_option("--state", token.state, "of a focal point or contributor");
  verb->add_option("--organization", token.organization, "of a provider");
  verb->add_option("--subject", token.subject, "who holds it; for the audit log");
  verb->add_option("--ttl", token.ttl, "how long it lasts")->capture_default_str();
  verb->add_option("--key", token.key_file, "PEM: the private key that signs")->required();
  run(verb, [&] { return cli::print_token(token); });

  CLI::App* exercise = app.add_subcommand("exercise", "the exercise set-up");
  exercise->require_subcommand(1);
  std::string out, key;
  unsigned long long seed = 2009;
  verb = exercise->add_subcommand("keys", "a key pair for tokens, unless there is one");
  verb->add_option("--out", out, "folder")->required();
  run(verb, [&] { return cli::make_exercise_keys(out); });
  verb =
      exercise->add_subcommand("tokens", "a token for each role and State, unless they are fresh");
  verb->add_option("--key", key, "PEM: the private key that signs")->required();
  verb->add_option("--out", out, "folder")->required();
  run(verb, [&] { return cli::make_exercise_tokens(key, out); });
  verb = exercise->add_subcommand("responses",
                                  "invented responses of all States; same seed, same bytes");
  verb->add_option("--seed", seed, "which ones")->capture_default_str();
  verb->add_option("--out", out, "file, or - for standard output")->required();
  run(verb, [&] { return cli::write_exercise_responses(seed, out); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int shown = app.exit(error);
    return shown == 0 ? cli::kDone : cli::kWrongUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "uncac: %s\n", error.what());
    return cli::kRefused;
  }
  return code;
}
