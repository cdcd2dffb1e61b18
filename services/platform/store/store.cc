#include "platform/store/store.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "platform/store/adapter.h"

namespace uncac::platform {
namespace {

template <class T>
const T* typed_cell(const Value& value, std::size_t column, const char* wanted) {
  if (std::holds_alternative<std::monostate>(value)) return nullptr;
  if (const T* cell = std::get_if<T>(&value)) return cell;
  constexpr const char* kNames[] = {"NULL", "an integer", "text", "bytes"};
  std::fprintf(stderr, "column %zu of a result holds %s, and %s was asked for\n", column,
               kNames[value.index()], wanted);
  std::abort();
}

const std::string& empty_string() {
  static const std::string kEmpty;
  return kEmpty;
}

Status check_whole_rows(std::size_t columns, std::span<const Value> cells) {
  if (columns > 0 && cells.size() % columns == 0) return {};
  return make_error(Reason::kInternal, "the values given do not fill whole rows");
}

}  // namespace

std::int64_t Rows::integer(std::size_t row, std::size_t column) const {
  const auto* cell = typed_cell<std::int64_t>(at(row, column), column, "an integer");
  return cell == nullptr ? 0 : *cell;
}

const std::string& Rows::text(std::size_t row, std::size_t column) const {
  const auto* cell = typed_cell<std::string>(at(row, column), column, "text");
  return cell == nullptr ? empty_string() : *cell;
}

const std::string& Rows::bytes(std::size_t row, std::size_t column) const {
  const auto* cell = typed_cell<Bytes>(at(row, column), column, "bytes");
  return cell == nullptr ? empty_string() : cell->data;
}

void Rows::append(Rows more) {
  if (cells_.empty()) {
    *this = std::move(more);
    return;
  }
  cells_.insert(cells_.end(), std::make_move_iterator(more.cells_.begin()),
                std::make_move_iterator(more.cells_.end()));
}

Status Transaction::insert_many(std::string_view insert_into_values, std::size_t columns,
                                std::span<const Value> cells, std::string_view suffix) {
  UNCAC_TRY(check_whole_rows(columns, cells));
  if (cells.empty()) return {};
  UNCAC_TRY(run_many(insert_into_values, columns, cells, suffix, false));
  return {};
}

Result<Rows> Transaction::query_many(std::string_view insert_into_values, std::size_t columns,
                                     std::span<const Value> cells, std::string_view suffix) {
  UNCAC_TRY(check_whole_rows(columns, cells));
  if (cells.empty()) return Rows();
  return run_many(insert_into_values, columns, cells, suffix, true);
}

Result<std::vector<Rows>> Transaction::query_each(std::string_view sql, std::size_t columns,
                                                  std::span<const Value> cells) {
  UNCAC_TRY(check_whole_rows(columns, cells));
  if (cells.empty()) return std::vector<Rows>();
  return run_each(sql, columns, cells);
}

// RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. What PostgreSQL accepts, which
// refuses NUL too.
bool is_storable_text(std::string_view text) {
  std::size_t i = 0;
  // Nearly all text is ASCII: eight bytes at once, none above 0x7f and none zero.
  for (std::uint64_t word = 0; i + sizeof word <= text.size(); i += sizeof word) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHighs = 0x8080808080808080;
    std::memcpy(&word, text.data() + i, sizeof word);
    if (((word | (word - kOnes)) & kHighs) != 0) break;
  }
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  while (i < text.size()) {
    const unsigned char first = byte(i);
    if (first == 0) return false;
    if (first < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() - i < length) return false;
    const unsigned char second = byte(i + 1);
    const unsigned char least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned char most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (second < least || second > most) return false;
    for (std::size_t k = 2; k < length; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

Status check_parameters(std::span<const Value> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto* text = std::get_if<std::string>(&parameters[i]);
    if (text == nullptr) continue;
    if (!is_storable_text(*text)) {
      return make_error(Reason::kInvalidInput,
                        "a text is not valid UTF-8 or holds a NUL (parameter " +
                            std::to_string(i + 1) + " of a statement)");
    }
  }
  return {};
}

std::string replace_dialect_words(std::string_view sql, std::string_view identity,
                                  std::string_view bytes) {
  std::string out;
  out.reserve(sql.size());
  while (!sql.empty()) {
    const std::size_t open = std::min(sql.find("{{"), sql.size());
    out.append(sql.substr(0, open));
    sql.remove_prefix(open);
    constexpr std::string_view kIdentity = "{{identity}}";
    constexpr std::string_view kBytes = "{{bytes}}";
    if (sql.starts_with(kIdentity)) {
      out.append(identity);
      sql.remove_prefix(kIdentity.size());
    } else if (sql.starts_with(kBytes)) {
      out.append(bytes);
      sql.remove_prefix(kBytes.size());
    } else if (!sql.empty()) {
      out.append(sql.substr(0, 2));  // not ours: the engine will say what it thinks of it
      sql.remove_prefix(2);
    }
  }
  return out;
}

}  // namespace uncac::platform
