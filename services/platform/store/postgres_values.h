// Values to and from PostgreSQL's wire; not for services.
#pragma once

#include <libpq-fe.h>

#include <array>
#include <span>
#include <string>
#include <vector>

#include "platform/store/store.h"

namespace uncac::platform {

// From the server's catalogue pg_type; these numbers never change.
inline constexpr Oid kOidBool = 16, kOidBytea = 17, kOidInt8 = 20, kOidInt2 = 21, kOidInt4 = 23,
                     kOidText = 25, kOidVarchar = 1043, kOidByteaArray = 1001, kOidTextArray = 1009,
                     kOidInt8Array = 1016;

// Parameters as libpq takes them. Borrows from `values`.
//
// Integers and bytes go in binary, as int8 and bytea; text as text. Every type is told, not
// inferred: a text that met a bytea column would otherwise be read as an escape sequence, and
// `$1 + 1` would be int4. Only NULL leaves the type to the server, which takes it from the column.
class PostgresParameters {
 public:
  PostgresParameters() = default;  // none
  explicit PostgresParameters(std::span<const Value> values);
  // `cells` by column: each parameter is the array of all values of one column, in binary. A column
  // with nothing but NULL has no parameter. kInternal for a column with values of two types.
  static Result<PostgresParameters> arrays(std::size_t columns, std::span<const Value> cells);
  PostgresParameters(PostgresParameters&&) = default;
  PostgresParameters(const PostgresParameters&) = delete;
  PostgresParameters& operator=(const PostgresParameters&) = delete;

  int count() const { return static_cast<int>(types_.size()); }
  const Oid* types() const { return types_.data(); }
  const char* const* values() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }
  bool has_null() const { return has_null_; }
  // Whether a statement prepared with these types can take them.
  bool fit(std::span<const Oid> types) const;

  // Of arrays(): the column, from 0, that each parameter is of.
  const std::vector<std::size_t>& columns() const { return columns_; }

 private:
  std::vector<Oid> types_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<std::array<char, 8>> integers_;
  std::vector<std::string> arrays_;
  std::vector<std::size_t> columns_;
  bool has_null_ = false;
};

// The rows of a result in binary format. kInternal for a column type that the store does not hold.
Result<Rows> rows_of(const PGresult* result);

}  // namespace uncac::platform
