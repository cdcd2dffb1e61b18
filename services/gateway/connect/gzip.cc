#include "gateway/connect/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace uncac::gateway::connect {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window, with gzip's own header
constexpr std::size_t kPiece = 64 << 10;

Bytef* bytes_of(std::string_view text) {
  // zlib reads from here only; its interface is older than const.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kMemory = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = bytes_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

platform::Result<std::string> gunzip(std::string_view bytes, std::size_t most) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
  stream.next_in = bytes_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string whole;
  int code = Z_OK;
  while (code == Z_OK && whole.size() <= most) {
    const std::size_t before = whole.size();
    whole.resize(before + kPiece);
    stream.next_out = reinterpret_cast<Bytef*>(whole.data() + before);
    stream.avail_out = kPiece;
    code = inflate(&stream, Z_NO_FLUSH);
    whole.resize(before + kPiece - stream.avail_out);
    if (code == Z_OK && whole.size() == before && stream.avail_in == 0) code = Z_BUF_ERROR;
  }
  const bool rest = stream.avail_in > 0;
  inflateEnd(&stream);
  if (whole.size() > most) {
    return platform::make_error(
        platform::Reason::kTooLarge,
        "the body has more than " + std::to_string(most) + " bytes when it is unpacked");
  }
  if (code != Z_STREAM_END || rest) {
    return platform::make_error(platform::Reason::kInvalidInput, "the body is not whole gzip");
  }
  return whole;
}

}  // namespace uncac::gateway::connect
