// pgbench, PostgreSQL's own load generator, writing the rows that one submission writes.
#pragma once

#include <string>
#include <vector>

#include "bench/stack/sql.h"

namespace uncac::bench {

// Rows of each table that a submission writes, and the bytes of their bodies: what two databases
// are compared by. A text, to be shown when two differ.
std::string rows_written(Sql& database);

class Pgbench {
 public:
  // `written`: a database in which the newest submission is the one to be copied, its events
  // included. `states`: one for each client.
  Pgbench(Sql& written, std::vector<std::string> states, const std::string& folder);

  struct Way {
    int clients = 0;
    bool pipeline = false;  // a whole transaction in one exchange
    std::string text() const;
  };
  // One transaction.
  void once(const std::string& conninfo);
  // Transactions per second.
  double run(const std::string& conninfo, const Way& way, int seconds);
  // The quickest of several.
  Way best(const std::string& conninfo);

 private:
  double start(const std::string& conninfo, const std::string& script,
               const std::vector<std::string>& arguments);

  const std::string folder_;
  std::string plain_, pipeline_;  // files of the two scripts
  int first_version_ = 1'000;     // each run goes on above the one before
};

}  // namespace uncac::bench
