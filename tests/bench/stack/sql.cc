#include "bench/stack/sql.h"

#include <stdexcept>

namespace uncac::bench {

Sql::Sql(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str()), &PQfinish) {
  if (PQstatus(raw()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(raw()));
}

std::vector<Sql::Row> Sql::rows(const std::string& text) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(raw(), text.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error(PQerrorMessage(raw()));
  }
  std::vector<Row> all;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    Row& cells = all.emplace_back();
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      cells.emplace_back(PQgetvalue(result.get(), row, column),
                         static_cast<std::size_t>(PQgetlength(result.get(), row, column)));
    }
  }
  return all;
}

std::string Sql::quoted(const std::string& text) {
  const std::unique_ptr<char, decltype(&PQfreemem)> literal(
      PQescapeLiteral(raw(), text.data(), text.size()), &PQfreemem);
  if (!literal) throw std::runtime_error(PQerrorMessage(raw()));
  return literal.get();
}

}  // namespace uncac::bench
