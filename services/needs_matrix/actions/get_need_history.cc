#include "needs_matrix/actions/get_need_history.h"

#include "needs_matrix/domain/need_history.h"
#include "platform/runtime/utf8.h"

namespace uncac::needs_matrix {

platform::Result<needs::v1::GetNeedHistoryReply> get_need_history(
    const MatrixParts& parts, const platform::Call& call, const access::Scope& scope,
    const needs::v1::GetNeedHistoryRequest& request) {
  const reference::Reference& reference = parts.reference();
  const auto parsed = parse_need_key(parts.live.items(), request.need());
  if (!parsed) {
    return refused("that is no need", "need", "unknown-need",
                   '"' + platform::safe_utf8(request.need(), 80) +
                       "\" is no key of a need like KEN:uncac/44.4:LEGAL_ADVICE");
  }
  const NeedKey key = *parsed;
  const std::string& state = reference.states()[key.state].iso3;
  UNCAC_ASSIGN(
      const NeedsQuestion question,
      parse_needs_question(parts.live.items(), {{"state", {state}}}, "", "", parts.today()));
  UNCAC_ASSIGN(const access::Scope reader,
               reading_as(parts, scope, question.selection, request.reader()));
  UNCAC_TRY(must_know_audiences(parts, reader, question.selection));
  UNCAC_ASSIGN(const FreshView fresh,
               fresh_view(parts, scope, question.selection, request.freshness(), call));
  const Snapshot& snapshot = *fresh.view.snapshot;
  needs::v1::GetNeedHistoryReply reply;
  const ItemIndex item = snapshot.items->item_of(key.provision);
  if (!visible_items(snapshot, key.state, reader).test(item)) {
    reply.set_withheld(true);
    return reply;
  }
  for (const NeedStep& step : need_history(snapshot, key, parts.today())) {
    needs::v1::NeedHistoryEntry& to = *reply.add_entries();
    to.set_day(platform::format_day(step.day));
    to.set_stated(step.stated);
    to.set_state_priority(std::string(code_of(step.state_priority)));
    to.set_exercise(step.exercise);
    if (!step.source) continue;
    to.set_checklist(reference.checklists()[step.source->checklist].code);
    to.set_round(step.source->round);
    if (reader.reads_all_of(state)) to.set_version(step.source->version);
  }
  return reply;
}

}  // namespace uncac::needs_matrix
