#include "checklist_intake/actions/submit.h"

#include "access/methods.h"
#include "checklist_intake/actions/file_submissions.h"
#include "checklist_intake/domain/text.h"
#include "checklist_intake/wire.h"
#include "platform/store/sha256.h"

namespace uncac::checklist_intake {
namespace {

using platform::Reason;
using platform::Result;

constexpr std::size_t kMostIdempotencyKey = 128;

}  // namespace

Result<checklist::v1::SubmitReply> submit(const IntakeParts& parts, FilingQueue& queue,
                                          const platform::Call& call,
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
  Idempotency used;
  if (!request.idempotency_key().empty()) {
    used = {call.principal->name(), "Submit", request.idempotency_key(),
            platform::to_hex(platform::sha256({request.SerializeAsString()}))};
  }
  Submission submission{
      call, filing, std::move(used), problems.take(), budget, request.key().state()};
  if (request.dry_run()) return check_only(parts, submission);
  queue.file(submission);
  return *std::move(submission.outcome);
}

}  // namespace uncac::checklist_intake
