// What a release is computed from: for each of its tables and columns, which States are in it, and
// what each kind of reader cannot work out by himself.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "needs_matrix/domain/dimensions.h"
#include "needs_matrix/domain/release.h"
#include "needs_matrix/domain/snapshot.h"
#include "needs_matrix/domain/standing.h"

namespace uncac::needs_matrix {

// The tables of every release, always the same ones, each by regional group. A free choice of
// questions would let two of them be taken from one another down to one State.
struct ReleaseQuestion {
  Measure measure;
  std::optional<Dimension> columns;
};
std::span<const ReleaseQuestion> release_questions();

struct ReleaseColumn {
  std::string code;  // along the dimension of the columns; empty: of all together
  Contribution now;
  std::vector<Unknown> unknown;  // by reader
};

struct ReleaseTable {
  ReleaseQuestion question;
  std::vector<ReleaseColumn> columns;  // in the order of the codes, then all together
};

struct ReleaseMaterial {
  std::vector<ReleaseTable> tables;
  bool exercise = false;
};

// As of `today`, over every answer, whoever may read it. The readers are the public, a provider
// that no State names, and every provider that one does.
ReleaseMaterial release_material(const Snapshot& snapshot, StandingTables& tables, Day today);

}  // namespace uncac::needs_matrix
