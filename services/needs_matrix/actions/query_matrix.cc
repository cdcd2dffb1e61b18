#include "needs_matrix/actions/query_matrix.h"

#include "needs_matrix/domain/pivot.h"

namespace uncac::needs_matrix {
namespace {

using platform::Result;

// Nothing stale can be served, since the position is part of the key; this only bounds how long an
// answer that nobody asks for again takes room.
constexpr auto kKept = std::chrono::minutes(15);

void fill(const Figure& from, needs::v1::Figure& to) {
  to.set_value(from.value);
  to.set_withheld(from.withheld);
  to.set_empty(from.empty);
  to.set_base(from.base);
  to.set_withheld_cells(from.withheld_cells);
}

void fill(const Header& from, needs::v1::Header& to) {
  to.set_code(from.code);
  to.set_name(from.name);
}

needs::v1::QueryMatrixReply to_proto(const Question& question, const MatrixAnswer& answer) {
  needs::v1::QueryMatrixReply reply;
  reply.set_rows(std::string(code(question.rows)));
  if (question.columns) reply.set_columns(std::string(code(*question.columns)));
  reply.set_measure(std::string(code(question.measure)));
  reply.set_as_of(platform::format_day(question.as_of));
  for (const Header& column : answer.columns) fill(column, *reply.add_column_headers());
  for (std::size_t i = 0; i < answer.rows.size(); ++i) {
    needs::v1::MatrixRow& row = *reply.add_matrix();
    fill(answer.rows[i], *row.mutable_header());
    for (const Figure& figure : answer.figures[i]) fill(figure, *row.add_figures());
    if (question.columns) fill(answer.row_totals[i], *row.mutable_total());
  }
  for (const Figure& figure : answer.column_totals) fill(figure, *reply.add_column_totals());
  fill(answer.total, *reply.mutable_total());
  reply.set_exercise(answer.exercise);
  return reply;
}

}  // namespace

Result<std::string> query_matrix(const MatrixParts& parts, const platform::Call& call,
                                 const access::Scope& scope,
                                 const needs::v1::QueryMatrixRequest& request) {
  UNCAC_ASSIGN(std::vector<Filter> where, read_filters(request.where()));
  UNCAC_ASSIGN(
      const Question question,
      parse_question(parts.live.items(),
                     {request.rows(), request.columns(), request.measure(), std::move(where),
                      request.as_of(), request.language(), request.order_by()},
                     parts.today()));
  UNCAC_ASSIGN(const access::Scope reader,
               reading_as(parts, scope, question.selection, request.reader()));
  UNCAC_TRY(must_know_audiences(parts, reader, question.selection));
  UNCAC_ASSIGN(const FreshView fresh,
               fresh_view(parts, scope, question.selection, request.freshness(), call));
  // Everything that the answer depends on: who answers, who reads, what is asked, of which state of
  // the log, and the day, which is what an empty as_of means and what the standing answers end at.
  const std::string key = parts.made_by + "|" + reader.text() + "|" + question.text + "|" +
                          platform::format_day(parts.today()) + "|" + encode(fresh.view.position);
  UNCAC_ASSIGN(std::string bytes, parts.answers.get(key, kKept, [&]() -> Result<std::string> {
    return to_proto(question, answer(question, reader, *fresh.view.snapshot, parts.tables))
        .SerializeAsString();
  }));
  // The position is the one field that each answer has of its own. Bytes of a message may follow
  // one another: they are read as one.
  needs::v1::QueryMatrixReply position;
  position.set_position(encode(parts.sealer, fresh.token));
  position.AppendToString(&bytes);
  return bytes;
}

}  // namespace uncac::needs_matrix
