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

void put_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(number >> shift);
}

struct ElementType {
  Oid element = 0, array = 0;
};

ElementType type_of(const Value& value) {
  if (std::holds_alternative<std::int64_t>(value)) return {kOidInt8, kOidInt8Array};
  if (std::holds_alternative<std::string>(value)) return {kOidText, kOidTextArray};
  if (std::holds_alternative<Bytes>(value)) return {kOidBytea, kOidByteaArray};
  return {};
}

void put_element(std::string& out, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    put_big_endian(out, 8, 4);
    put_big_endian(out, static_cast<std::uint64_t>(*integer), 8);
  } else if (std::holds_alternative<std::monostate>(value)) {
    put_big_endian(out, 0xFFFFFFFF, 4);
  } else {
    const auto* text = std::get_if<std::string>(&value);
    const std::string& data = text != nullptr ? *text : std::get<Bytes>(value).data;
    put_big_endian(out, data.size(), 4);
    out += data;
  }
}

}  // namespace

Result<PostgresParameters> PostgresParameters::arrays(std::size_t columns,
                                                      std::span<const Value> cells) {
  constexpr int kBinary = 1;
  const std::size_t rows = cells.size() / columns;
  PostgresParameters all;
  for (std::size_t column = 0; column < columns; ++column) {
    ElementType type;
    bool has_null = false;
    for (std::size_t at = column; at < cells.size(); at += columns) {
      const ElementType here = type_of(cells[at]);
      if (here.element == 0) {
        has_null = true;
      } else if (type.element == 0) {
        type = here;
      } else if (here.element != type.element) {
        return make_error(Reason::kInternal, "column " + std::to_string(column + 1) +
                                                 " of many rows has values of two types");
      }
    }
    if (type.element == 0) continue;
    // One dimension: whether there are NULLs, the elements' type, how many, the first one's number.
    std::string& array = all.arrays_.emplace_back();
    put_big_endian(array, 1, 4);
    put_big_endian(array, has_null ? 1 : 0, 4);
    put_big_endian(array, type.element, 4);
    put_big_endian(array, rows, 4);
    put_big_endian(array, 1, 4);
    for (std::size_t at = column; at < cells.size(); at += columns) put_element(array, cells[at]);
    all.types_.push_back(type.array);
    all.lengths_.push_back(static_cast<int>(array.size()));
    all.formats_.push_back(kBinary);
    all.columns_.push_back(column);
  }
  // The texts have moved while their list grew.
  for (const std::string& array : all.arrays_) all.pointers_.push_back(array.data());
  return all;
}

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
