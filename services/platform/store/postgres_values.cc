#include "platform/store/postgres_values.h"

namespace uncac::platform {
namespace {

// Big end first, with its sign.
std::int64_t integer_of(const char* data, int length) {
  auto number = static_cast<std::uint64_t>(std::int64_t{static_cast<signed char>(data[0])});
  for (int i = 1; i < length; ++i) number = number << 8 | static_cast<unsigned char>(data[i]);
  return static_cast<std::int64_t>(number);
}

bool is_read(Oid type) {
  switch (type) {
    case kOidBool:
    case kOidBytea:
    case kOidInt8:
    case kOidInt2:
    case kOidInt4:
    case kOidText:
    case kOidVarchar:
      return true;
    default:
      return false;
  }
}

Value value_of(Oid type, const char* data, int length) {
  const auto size = static_cast<std::size_t>(length);
  if (type == kOidBytea) return Bytes{std::string(data, size)};
  if (type == kOidText || type == kOidVarchar) return std::string(data, size);
  return integer_of(data, length);
}

}  // namespace

PostgresParameters::PostgresParameters(std::span<const Value> values)
    : types_(values.size()),
      pointers_(values.size()),
      lengths_(values.size()),
      formats_(values.size()),
      integers_(values.size()) {
  constexpr int kText = 0;
  constexpr int kBinary = 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (const auto* integer = std::get_if<std::int64_t>(&values[i])) {
      for (std::size_t k = 0; k < 8; ++k) {
        integers_[i][k] = static_cast<char>(static_cast<std::uint64_t>(*integer) >> (56 - 8 * k));
      }
      types_[i] = kOidInt8;
      pointers_[i] = integers_[i].data();
      lengths_[i] = 8;
      formats_[i] = kBinary;
    } else if (const auto* text = std::get_if<std::string>(&values[i])) {
      types_[i] = kOidText;
      pointers_[i] = text->c_str();
      formats_[i] = kText;
    } else if (const auto* bytes = std::get_if<Bytes>(&values[i])) {
      types_[i] = kOidBytea;
      pointers_[i] = bytes->data.data();
      lengths_[i] = static_cast<int>(bytes->data.size());
      formats_[i] = kBinary;
    } else {
      has_null_ = true;  // a null pointer is NULL, type 0 is the server's choice
    }
  }
}

bool PostgresParameters::fit(std::span<const Oid> types) const {
  if (types.size() != types_.size()) return false;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types_[i] != 0 && types_[i] != types[i]) return false;
  }
  return true;
}

Result<Rows> rows_of(const PGresult* result) {
  const int rows = PQntuples(result);
  const int columns = PQnfields(result);
  for (int column = 0; column < columns; ++column) {
    if (is_read(PQftype(result, column))) continue;
    return make_error(Reason::kInternal,
                      std::string("column \"") + PQfname(result, column) +
                          "\" of a result has the PostgreSQL type " +
                          std::to_string(PQftype(result, column)) +
                          ", which the store does not read; cast it to BIGINT, TEXT or BYTEA");
  }
  std::vector<Value> cells;
  cells.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) != 0) {
        cells.emplace_back();
      } else {
        cells.push_back(value_of(PQftype(result, column), PQgetvalue(result, row, column),
                                 PQgetlength(result, row, column)));
      }
    }
  }
  return Rows(static_cast<std::size_t>(columns), std::move(cells));
}

}  // namespace uncac::platform
