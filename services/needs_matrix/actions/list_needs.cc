#include "needs_matrix/actions/list_needs.h"

#include "needs_matrix/domain/needs.h"
#include "needs_matrix/handlers.h"

namespace uncac::needs_matrix {
namespace {

using platform::Result;

constexpr int kPage = 1000;
constexpr int kMostPage = 10'000;
// Without a project on record nothing is offered or planned.
constexpr const char* kUnaddressed = "UNADDRESSED";

}  // namespace

Result<needs::v1::ListNeedsReply> list_needs(const MatrixParts& parts, const platform::Call& call,
                                             const access::Scope& scope,
                                             const needs::v1::ListNeedsRequest& request) {
  if (request.page_size() < 0 || request.page_size() > kMostPage) {
    return refused("that is no question", "page_size", "bad-page-size", "0 to 10,000");
  }
  UNCAC_ASSIGN(const std::vector<Filter> where, read_filters(request.where()));
  UNCAC_ASSIGN(const NeedsQuestion question,
               parse_needs_question(parts.live.items(), where, request.as_of(), request.language(),
                                    parts.today()));
  UNCAC_ASSIGN(const access::Scope reader,
               reading_as(parts, scope, question.selection, request.reader()));
  UNCAC_TRY(must_know_audiences(parts, reader, question.selection));
  std::optional<NeedKey> after;
  if (!request.page_token().empty()) {
    auto key = parse_need_key(parts.live.items(), request.page_token());
    if (!key) {
      return refused("that is no question", "page_token", "bad-page-token",
                     "not one that was given out");
    }
    after = *key;
  }
  UNCAC_ASSIGN(const FreshView fresh,
               fresh_view(parts, scope, question.selection, request.freshness(), call));
  const int size = request.page_size() == 0 ? kPage : request.page_size();
  const NeedsPage page = list_needs(question, reader, *fresh.view.snapshot, parts.tables, after,
                                    static_cast<std::size_t>(size));
  needs::v1::ListNeedsReply reply;
  const reference::Reference& reference = parts.reference();
  for (const Need& need : page.needs) {
    needs::v1::Need& to = *reply.add_needs();
    to = published_body(reference, need, true);
    to.set_coverage(kUnaddressed);
    to.set_version(need.source.version);
    // The State's own words are read by those who read its whole response; and only they may know
    // that it was amended, since what the amendment changed may be withheld.
    if (!reader.reads_all_of(to.state())) {
      to.clear_type_text();
      to.clear_version();
    }
  }
  if (page.next) reply.set_next_page_token(format_need_key(reference, *page.next));
  reply.set_exercise(page.exercise);
  reply.set_position(encode(parts.sealer, fresh.token));
  return reply;
}

}  // namespace uncac::needs_matrix
