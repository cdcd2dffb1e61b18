// The answer to a question: one pass over the standing columns, for one reader.
#pragma once

#include <cstdint>
#include <vector>

#include "access/caller.h"
#include "needs_matrix/domain/question.h"
#include "needs_matrix/domain/standing.h"

namespace uncac::needs_matrix {

struct Figure {
  double value = 0;  // meaningless when withheld or empty
  // "A figure is `withheld` when the reader may see none of the State × provision in its
  // coordinates." Read as: there are some, and he sees none. A figure of no State × provision at
  // all (the row of one group crossed with a State of another) is a plain 0.
  bool withheld = false;
  bool empty = false;               // a share without a base
  std::int64_t base = 0;            // respondents; for the response rate those that had deposited
  std::int64_t withheld_cells = 0;  // State × provision in its coordinates that he may not see
  bool operator==(const Figure&) const = default;
};

struct MatrixAnswer {
  std::vector<Header> rows, columns;         // columns empty without a column dimension
  std::vector<std::vector<Figure>> figures;  // by row, then column; one in all without columns
  std::vector<Figure> row_totals;            // by row; empty without columns
  std::vector<Figure> column_totals;         // by column; likewise
  Figure total;
  bool exercise = false;  // an answer that the reader sees here was invented for an exercise
};

// Pure but for the cache of tables. Reads only what the scope may see, except that the standing
// answer of an article depends on whether one of its paragraphs was answered later, and NOT_ASKED
// on which checklists the State has answered: so says their definition, for every reader alike.
MatrixAnswer answer(const Question& question, const access::Scope& scope, const Snapshot& snapshot,
                    StandingTables& tables);

}  // namespace uncac::needs_matrix
