#include "checklist_intake/actions/submit.h"

#include "access/methods.h"
#include "checklist_intake/actions/file_response.h"
#include "checklist_intake/domain/text.h"
#include "checklist_intake/wire.h"
#include "platform/store/sha256.h"

namespace uncac::checklist_intake {
namespace {

using platform::Error;
using platform::Reason;
using platform::Result;

constexpr std::size_t kMostIdempotencyKey = 128;

Error refused(ProblemSink& problems) {
  Error error = platform::make_error(Reason::kInvalidInput, "the response breaks rules");
  error.problems = problems.take();
  return error;
}

}  // namespace

Result<checklist::v1::SubmitReply> submit(const IntakeParts& parts, const platform::Call& call,
                                          const checklist::v1::SubmitRequest& request) {
  UNCAC_TRY(access::may_act_for(access::caller_of(call), request.key().state()));
  if (request.idempotency_key().size() > kMostIdempotencyKey) {
    return platform::make_error(Reason::kInvalidInput,
                                "idempotency_key has more than 128 characters");
  }
  // The store would refuse it too, but not in a dry run.
  if (scan_text(request.idempotency_key()).fault != TextFault::kNone) {
    return platform::make_error(Reason::kInvalidInput, "idempotency_key holds a control character");
  }
  const RequestText text(request);
  ProblemBudget budget;
  ProblemSink problems("", budget);
  const auto checked = check_response(*parts.reference, text.text(), parts.today(), problems);
  if (!checked) return refused(problems);

  FilingRequest filing{*checked, request.exercise(), request.dry_run(), {}};
  if (request.has_expected_version()) filing.expected_version = request.expected_version();
  const std::vector<platform::Problem> warnings = problems.take();
  const auto finish = [&](checklist::v1::SubmitReply& reply, ProblemSink& found) {
    for (const platform::Problem& problem : warnings) *reply.add_warnings() = to_proto(problem);
    for (const platform::Problem& problem : found.take()) {
      *reply.add_warnings() = to_proto(problem);
    }
  };
  const auto file = [&](platform::Transaction& transaction) -> Result<checklist::v1::SubmitReply> {
    ProblemSink found("", budget);  // afresh each time the transaction is tried
    UNCAC_ASSIGN(std::optional<checklist::v1::SubmitReply> reply,
                 file_response(transaction, parts, call, filing, found));
    if (!reply) return refused(found);
    finish(*reply, found);
    return *std::move(reply);
  };
  if (request.dry_run()) return parts.context.store.read(file);
  if (request.idempotency_key().empty()) return parts.context.store.write(file);

  const std::string actor = call.principal->name();
  const std::string digest = platform::to_hex(platform::sha256({request.SerializeAsString()}));
  return parts.context.store.write(
      [&](platform::Transaction& transaction) -> Result<checklist::v1::SubmitReply> {
        UNCAC_TRY(lock_state(transaction, call, request.key().state()));
        UNCAC_ASSIGN(const std::optional<std::string> kept,
                     read_reply(transaction, actor, "Submit", request.idempotency_key(), digest));
        if (kept) {
          checklist::v1::SubmitReply reply;
          if (reply.ParseFromString(*kept)) return reply;
          return platform::make_error(Reason::kInternal, "a stored reply cannot be read");
        }
        UNCAC_ASSIGN(checklist::v1::SubmitReply reply, file(transaction));
        UNCAC_TRY(keep_reply(transaction, actor, "Submit", request.idempotency_key(), digest,
                             reply.SerializeAsString(), parts.context.clock.now()));
        return reply;
      });
}

}  // namespace uncac::checklist_intake
