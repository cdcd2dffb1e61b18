// A position as text: base64url of version, log id, offsets and a checksum.
#include <algorithm>

#include "platform/base64url.h"
#include "platform/events/event_log.h"
#include "platform/store/sha256.h"

namespace uncac::platform {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kChecksumBytes = 4;
// A log's id is a few dozen characters; nothing of ours comes near it.
constexpr std::size_t kLongestText = 1'024;

void put_number(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

// False when there is no number at the front, or one of more than 64 bits.
bool take_number(std::string_view& in, std::uint64_t& number) {
  number = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// Not a secret: it tells a cut or mistyped position, and whoever makes one up has to mean it.
std::string checksum_of(std::string_view bytes) {
  return sha256({"position", bytes}).substr(0, kChecksumBytes);
}

bool read_bytes(std::string_view bytes, Position& position) {
  if (bytes.size() <= kChecksumBytes) return false;
  const std::string_view checksum = bytes.substr(bytes.size() - kChecksumBytes);
  bytes.remove_suffix(kChecksumBytes);
  if (checksum_of(bytes) != checksum || bytes.front() != kVersion) return false;
  bytes.remove_prefix(1);
  std::uint64_t number = 0;
  if (!take_number(bytes, number) || number > bytes.size()) return false;
  position.log_id = bytes.substr(0, number);
  bytes.remove_prefix(number);
  if (!take_number(bytes, number) || number != kPartitions) return false;
  for (int partition = 0; partition < kPartitions; ++partition) {
    if (!take_number(bytes, number) || number > static_cast<std::uint64_t>(INT64_MAX)) return false;
    position.next.push_back(static_cast<std::int64_t>(number));
  }
  return bytes.empty();
}

}  // namespace

bool Completion::holds(const Position& end) const {
  for (std::size_t p = 0; p < confirmed.size(); ++p) {
    if (end.next[p] < confirmed[p]) return false;
  }
  return true;
}

bool Position::covers(const Position& other) const {
  if (log_id != other.log_id || next.size() != other.next.size()) return false;
  return std::equal(next.begin(), next.end(), other.next.begin(), std::greater_equal<>());
}

std::int64_t Position::behind(const Position& end) const {
  std::int64_t sum = 0;
  for (std::size_t p = 0; p < std::min(next.size(), end.next.size()); ++p) {
    sum += std::max<std::int64_t>(0, end.next[p] - next[p]);
  }
  return sum;
}

std::string encode(const Position& position) {
  std::string bytes(1, kVersion);
  put_number(bytes, position.log_id.size());
  bytes += position.log_id;
  put_number(bytes, position.next.size());
  for (const std::int64_t offset : position.next) {
    put_number(bytes, static_cast<std::uint64_t>(offset));
  }
  bytes += checksum_of(bytes);
  return to_base64url(bytes);
}

Result<Position> decode_position(std::string_view text) {
  Position position;
  const auto bytes = text.size() > kLongestText ? std::nullopt : from_base64url(text);
  if (!bytes || !read_bytes(*bytes, position) || encode(position) != text) {
    return make_error(Reason::kInvalidInput,
                      "the position cannot be read; give one exactly as it was answered");
  }
  return position;
}

}  // namespace uncac::platform
