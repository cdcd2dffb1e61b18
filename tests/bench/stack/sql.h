// libpq with as little around it as a hand-written program has.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

namespace uncac::bench {

// One connection. Every failure throws with the server's words.
class Sql {
 public:
  explicit Sql(const std::string& conninfo);
  using Row = std::vector<std::string>;
  std::vector<Row> rows(const std::string& text);
  void run(const std::string& text) { rows(text); }
  std::string one(const std::string& text) { return rows(text).at(0).at(0); }
  std::string quoted(const std::string& text);
  PGconn* raw() { return connection_.get(); }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

}  // namespace uncac::bench
