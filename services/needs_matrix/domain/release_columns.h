// What a release is computed from: for each of its tables and columns, which States are counted,
// and of which each kind of reader cannot work it out by himself.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "needs_matrix/domain/dimensions.h"
#include "needs_matrix/domain/release.h"
#include "needs_matrix/domain/snapshot.h"
#include "needs_matrix/domain/standing.h"

namespace uncac::needs_matrix {

// The tables of every release, always the same ones, each by regional group: the response rate, and
// the States that state a need by article, by type and by challenge. A free choice of questions
// would let two of them be taken from one another down to one State. For the same reason no table
// has a column of all others together, and none says how many States answered, beside the one that
// says only that.
struct ReleaseQuestion {
  Measure measure;
  std::optional<Dimension> columns;
};
std::span<const ReleaseQuestion> release_questions();

struct ReleaseColumn {
  std::string code;                // along the dimension of the columns; empty without one
  StateBits counted;               // of the response rate: had deposited, and answered
  std::vector<StateBits> unknown;  // by reader
};

struct ReleaseTable {
  ReleaseQuestion question;
  std::vector<ReleaseColumn> columns;  // in the order of the codes
};

struct ReleaseMaterial {
  std::vector<ReleaseTable> tables;
  bool exercise = false;
};

// As of `today`, over every answer, whoever may read it. The readers are the public, a provider
// that no State names, and every provider that one does or ever did; each is taken to know what was
// ever shared with him. Nothing when `stop` says so, which is asked now and then.
std::optional<ReleaseMaterial> release_material(const Snapshot& snapshot, StandingTables& tables,
                                                Day today, const std::function<bool()>& stop);

}  // namespace uncac::needs_matrix
