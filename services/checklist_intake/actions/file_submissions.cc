#include "checklist_intake/actions/file_submissions.h"

#include <deque>
#include <set>

#include "checklist_intake/wire.h"

namespace uncac::checklist_intake {
namespace {

using checklist::v1::SubmitReply;
using platform::Reason;
using platform::Result;
using platform::Status;
using platform::Transaction;

// What one run of the transaction makes of a submission; the transaction may run again.
struct Attempt {
  explicit Attempt(const Submission& of) : submission(of), budget(of.budget) {}
  const Submission& submission;
  ProblemBudget budget;
  ProblemSink problems{"", budget};
  std::optional<Result<SubmitReply>> outcome = {};
};

// The first of each State and of each idempotency key, taken out of `left`: what a later one finds
// is what this one wrote.
std::vector<Attempt*> take_pass(std::vector<Attempt*>& left) {
  std::set<std::string> states;
  std::set<std::pair<std::string, std::string>> keys;
  std::vector<Attempt*> pass;
  std::vector<Attempt*> later;
  for (Attempt* attempt : left) {
    const Submission& submission = attempt->submission;
    const Idempotency& used = submission.idempotency;
    const bool first_of_state = states.insert(submission.state).second;
    const bool first_of_key = used.key.empty() || keys.emplace(used.actor, used.key).second;
    (first_of_state && first_of_key ? pass : later).push_back(attempt);
  }
  left = std::move(later);
  return pass;
}

Result<SubmitReply> reply_of(Attempt& attempt, Filed filed) {
  if (!filed) return std::move(filed).error();
  if (!*filed) return refused(attempt.problems);
  SubmitReply reply = **std::move(filed);
  for (const platform::Problem& problem : attempt.submission.warnings) {
    *reply.add_warnings() = to_proto(problem);
  }
  for (const platform::Problem& problem : attempt.problems.take()) {
    *reply.add_warnings() = to_proto(problem);
  }
  return reply;
}

// Gives the same reply again to a key that was used before.
Status find_kept(Transaction& transaction, const std::vector<Attempt*>& pass) {
  std::vector<Attempt*> with_key;
  std::vector<Idempotency> used;
  for (Attempt* attempt : pass) {
    if (attempt->submission.idempotency.key.empty()) continue;
    with_key.push_back(attempt);
    used.push_back(attempt->submission.idempotency);
  }
  UNCAC_ASSIGN(std::vector<KeptReply> kept, read_replies(transaction, used));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) {
      with_key[i]->outcome = std::move(kept[i]).error();
    } else if (*kept[i]) {
      SubmitReply reply;
      if (!reply.ParseFromString(**kept[i])) {
        return platform::make_error(Reason::kInternal, "a stored reply cannot be read");
      }
      with_key[i]->outcome = std::move(reply);
    }
  }
  return {};
}

// Whose States' locks are held, each of another State.
Status file_pass(Transaction& transaction, const IntakeParts& parts,
                 const std::vector<Attempt*>& pass) {
  UNCAC_TRY(find_kept(transaction, pass));
  std::vector<Attempt*> attempts;
  std::vector<FilingJob> jobs;
  for (Attempt* attempt : pass) {
    if (attempt->outcome) continue;
    attempts.push_back(attempt);
    jobs.push_back({attempt->submission.call, attempt->submission.filing, attempt->problems});
  }
  if (jobs.empty()) return {};
  UNCAC_ASSIGN(std::vector<Filed> filed, file_responses(transaction, parts, jobs));
  std::vector<std::pair<Idempotency, std::string>> replies;
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    Attempt& attempt = *attempts[i];
    attempt.outcome = reply_of(attempt, std::move(filed[i]));
    if (*attempt.outcome && !attempt.submission.idempotency.key.empty()) {
      replies.emplace_back(attempt.submission.idempotency, (*attempt.outcome)->SerializeAsString());
    }
  }
  return keep_replies(transaction, replies, parts.context.clock.now());
}

}  // namespace

platform::Error refused(ProblemSink& problems) {
  platform::Error error = platform::make_error(Reason::kInvalidInput, "the response breaks rules");
  error.problems = problems.take();
  return error;
}

void file_together(const IntakeParts& parts, std::span<Submission* const> group) {
  std::vector<std::string> locks;
  for (const Submission* submission : group) locks.push_back(lock_name(submission->state));
  std::deque<Attempt> attempts;
  const Status done = parts.context.store.write([&](Transaction& transaction) -> Status {
    attempts.clear();
    UNCAC_ASSIGN(const std::vector<bool> held, transaction.try_lock(locks));
    std::vector<Attempt*> left;
    for (std::size_t i = 0; i < group.size(); ++i) {
      Attempt& attempt = attempts.emplace_back(*group[i]);
      if (!held[i]) continue;
      if (Status waits = somebody_waits(group[i]->call); !waits) {
        attempt.outcome = std::move(waits).error();
      } else {
        left.push_back(&attempt);
      }
    }
    while (!left.empty()) UNCAC_TRY(file_pass(transaction, parts, take_pass(left)));
    return {};
  });
  // What any of them may try again without a change is no fault of one.
  const bool same_for_all = !done && platform::row_of(done.error().reason).retryable;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (done) {
      group[i]->outcome = std::move(attempts[i].outcome);
    } else if (same_for_all || group.size() == 1) {
      group[i]->outcome = done.error();
    }
  }
}

void file_alone(const IntakeParts& parts, Submission& submission) {
  submission.outcome =
      parts.context.store.write([&](Transaction& transaction) -> Result<SubmitReply> {
        UNCAC_TRY(lock_state(transaction, submission.call, submission.state));
        Attempt attempt(submission);
        UNCAC_TRY(file_pass(transaction, parts, {&attempt}));
        return *std::move(attempt.outcome);
      });
}

Result<SubmitReply> check_only(const IntakeParts& parts, const Submission& submission) {
  return parts.context.store.read([&](Transaction& transaction) -> Result<SubmitReply> {
    Attempt attempt(submission);
    return reply_of(attempt, file_response(transaction, parts, submission.call, submission.filing,
                                           attempt.problems));
  });
}

}  // namespace uncac::checklist_intake
