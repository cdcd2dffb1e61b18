#include "checklist_intake/actions/import_responses.h"

#include <algorithm>

#include "access/methods.h"
#include "checklist_intake/actions/file_response.h"
#include "checklist_intake/domain/checklist_csv.h"
#include "checklist_intake/wire.h"

namespace uncac::checklist_intake {
namespace {

using platform::Problem;
using platform::Reason;
using platform::Result;
using platform::Severity;
using platform::Status;
using platform::Transaction;

// Responses that share a transaction with keep_good: enough to pay for its commit.
constexpr std::size_t kTogether = 32;
constexpr std::size_t kMostFileName = 255;

bool has_error(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.severity == Severity::kError; });
}

class Import {
 public:
  Import(const IntakeParts& parts, const platform::Call& call,
         const checklist::v1::ImportOptions& options,
         const std::function<bool(const checklist::v1::ImportReply&)>& send)
      : parts_(parts), call_(call), options_(options), send_(send) {}

  Status run(ParsedFile file, const std::optional<SharingChoice>& choice) {
    summary_.set_dry_run(options_.dry_run());
    summary_.set_rows(file.rows);
    summary_.set_responses(static_cast<int>(file.responses.size()));
    summary_.set_problems_left_out(file.problems_left_out);
    for (ParsedResponse& response : file.responses) {
      prepare(response, choice);
      if (response.checked) {
        summary_.set_answers(summary_.answers() +
                             static_cast<std::int64_t>(response.checked->response.answers.size()));
      }
    }
    const bool keep_good = options_.keep_good() && !file.unreadable;
    bool refuse_all = file.unreadable || (!keep_good && has_error(file.problems));
    for (const ParsedResponse& response : file.responses) {
      if (!keep_good && !response.checked) refuse_all = true;
    }
    send_problems(std::move(file.problems));
    if (refuse_all) {
      // Still held against the store, so that one look shows everything that is wrong.
      UNCAC_TRY(check_only(file.responses));
      return finish_refused(file.responses);
    }
    if (keep_good) return file_apart(file.responses);
    return file_together(file.responses);
  }

 private:
  using Filed = std::vector<std::pair<const ParsedResponse*, checklist::v1::SubmitReply>>;

  // Whose response it is, and the choice for rows that name none.
  void prepare(ParsedResponse& response, const std::optional<SharingChoice>& choice) {
    const std::string& state = parts_.reference->states()[response.key.state].iso3;
    if (const Status allowed = access::may_act_for(access::caller_of(call_), state); !allowed) {
      response.problems.push_back({options_.file_name(), response.first_row, "state",
                                   Severity::kError, "not-your-state",
                                   "you may not submit for " + state});
      response.checked.reset();
    }
    if (response.checked && !response.checked->sharing.choice) {
      response.checked->sharing.choice = choice;
    }
    if (options_.exercise()) response.exercise = true;
  }

  // Files one response inside a transaction; problems come back with the result.
  Result<std::optional<checklist::v1::SubmitReply>> file_one(Transaction& transaction,
                                                             const ParsedResponse& response,
                                                             bool dry_run,
                                                             std::vector<Problem>& problems) {
    ProblemSink sink(options_.file_name(), budget_);
    auto reply =
        file_response(transaction, parts_, call_,
                      FilingRequest{*response.checked, response.exercise, dry_run, {}}, sink);
    for (Problem& problem : sink.take()) problems.push_back(std::move(problem));
    return reply;
  }

  Status check_only(std::vector<ParsedResponse>& responses) {
    return parts_.context.store.read([&](Transaction& transaction) -> Status {
      for (ParsedResponse& response : responses) {
        if (!response.checked) continue;
        UNCAC_ASSIGN([[maybe_unused]] const auto reply,
                     file_one(transaction, response, true, response.problems));
      }
      return {};
    });
  }

  Status file_together(std::vector<ParsedResponse>& responses) {
    Filed filed;
    std::vector<std::vector<Problem>> problems;
    bool broken = false;
    const auto all = [&](Transaction& transaction) -> Status {
      filed.clear();
      problems.assign(responses.size(), {});
      broken = false;
      budget_ = {};
      for (std::size_t i = 0; i < responses.size(); ++i) {
        UNCAC_ASSIGN(auto reply,
                     file_one(transaction, responses[i], options_.dry_run(), problems[i]));
        if (reply) {
          filed.emplace_back(&responses[i], *std::move(reply));
        } else {
          broken = true;
        }
      }
      if (!broken) return {};
      return platform::make_error(Reason::kInvalidInput, "nothing of the file is kept");
    };
    const Status done =
        options_.dry_run() ? parts_.context.store.read(all) : parts_.context.store.write(all);
    if (!done && !broken) return done;
    for (std::size_t i = 0; i < responses.size(); ++i) {
      for (Problem& problem : problems[i]) responses[i].problems.push_back(std::move(problem));
    }
    if (broken) return finish_refused(responses);
    for (ParsedResponse& response : responses) send_problems(std::move(response.problems));
    for (const auto& [response, reply] : filed) send_filed(*response, reply);
    return finish();
  }

  Status file_apart(std::vector<ParsedResponse>& responses) {
    std::vector<ParsedResponse*> good;
    for (ParsedResponse& response : responses) {
      if (response.checked) {
        good.push_back(&response);
      } else {
        refuse(response);
      }
    }
    for (std::size_t at = 0; at < good.size(); at += kTogether) {
      const std::size_t end = std::min(good.size(), at + kTogether);
      UNCAC_TRY(file_group({good.begin() + static_cast<std::ptrdiff_t>(at),
                            good.begin() + static_cast<std::ptrdiff_t>(end)}));
    }
    return finish();
  }

  Status file_group(const std::vector<ParsedResponse*>& group) {
    Filed filed;
    std::vector<std::vector<Problem>> problems;
    const auto all = [&](Transaction& transaction) -> Status {
      filed.clear();
      problems.assign(group.size(), {});
      for (std::size_t i = 0; i < group.size(); ++i) {
        UNCAC_ASSIGN(auto reply, file_one(transaction, *group[i], options_.dry_run(), problems[i]));
        // A response that breaks a rule wrote nothing, so the others can go on without it.
        if (reply) filed.emplace_back(group[i], *std::move(reply));
      }
      return {};
    };
    UNCAC_TRY(options_.dry_run() ? parts_.context.store.read(all)
                                 : parts_.context.store.write(all));
    auto next = filed.begin();
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (Problem& problem : problems[i]) group[i]->problems.push_back(std::move(problem));
      if (next != filed.end() && next->first == group[i]) {
        send_problems(std::move(group[i]->problems));
        send_filed(*group[i], next->second);
        ++next;
      } else {
        refuse(*group[i]);
      }
    }
    return {};
  }

  void refuse(ParsedResponse& response) {
    send_problems(std::move(response.problems));
    summary_.set_refused(summary_.refused() + 1);
  }

  Status finish_refused(std::vector<ParsedResponse>& responses) {
    for (ParsedResponse& response : responses) refuse(response);
    return finish();
  }

  void send_problems(std::vector<Problem> problems) {
    for (const Problem& problem : problems) {
      checklist::v1::ImportReply reply;
      *reply.mutable_problem() = to_proto(problem);
      send_(reply);
    }
  }

  void send_filed(const ParsedResponse& response, const checklist::v1::SubmitReply& filed) {
    switch (filed.outcome()) {
      case checklist::v1::OUTCOME_SUBMITTED:
        summary_.set_submitted(summary_.submitted() + 1);
        break;
      case checklist::v1::OUTCOME_AMENDED:
        summary_.set_amended(summary_.amended() + 1);
        break;
      case checklist::v1::OUTCOME_SHARING_CHANGED:
        summary_.set_sharing_changed(summary_.sharing_changed() + 1);
        break;
      default:
        summary_.set_unchanged(summary_.unchanged() + 1);
        break;
    }
    checklist::v1::ImportReply reply;
    *reply.mutable_response()->mutable_key() = to_proto(*parts_.reference, response.key);
    *reply.mutable_response()->mutable_reply() = filed;
    send_(reply);
  }

  Status finish() {
    checklist::v1::ImportReply reply;
    *reply.mutable_summary() = summary_;
    send_(reply);
    return {};
  }

  const IntakeParts& parts_;
  const platform::Call& call_;
  const checklist::v1::ImportOptions& options_;
  const std::function<bool(const checklist::v1::ImportReply&)>& send_;
  ProblemBudget budget_;
  checklist::v1::ImportSummary summary_;
};

}  // namespace

Status import_responses(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::ImportOptions& options,
    const std::function<platform::Result<std::optional<std::string>>()>& next_piece,
    const std::function<bool(const checklist::v1::ImportReply&)>& send) {
  if (options.file_name().size() > kMostFileName) {
    return platform::make_error(Reason::kInvalidInput, "file_name has more than 255 bytes");
  }
  std::optional<SharingChoice> choice;
  {
    ProblemBudget budget;
    ProblemSink problems("", budget);
    choice = check_sharing(sharing_text(options.sharing()), parts.today(), problems);
    if (problems.errors() > 0) {
      platform::Error error =
          platform::make_error(Reason::kInvalidInput, "the sharing choice breaks rules");
      error.problems = problems.take();
      return error;
    }
  }
  ChecklistCsvParser parser(*parts.reference, options.file_name(), parts.today());
  while (true) {
    UNCAC_ASSIGN(const std::optional<std::string> piece, next_piece());
    if (!piece || !parser.push(*piece)) break;
  }
  return Import(parts, call, options, send).run(parser.finish(), choice);
}

}  // namespace uncac::checklist_intake
