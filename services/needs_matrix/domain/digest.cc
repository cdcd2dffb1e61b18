#include "needs_matrix/domain/digest.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

namespace uncac::needs_matrix {

Digest& Digest::operator+=(const Digest& other) {
  low += other.low;
  high += other.high + (low < other.low ? 1 : 0);
  return *this;
}

Digest& Digest::operator-=(const Digest& other) {
  high -= other.high + (low < other.low ? 1 : 0);
  low -= other.low;
  return *this;
}

std::string Digest::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::uint64_t half : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) out += digits[(half >> shift) & 15];
  }
  return out;
}

struct FactHasher::Engine {
  EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Engine() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(sha256);
  }
};

FactHasher::FactHasher() : engine_(std::make_unique<Engine>()) {}
FactHasher::~FactHasher() = default;
FactHasher::FactHasher(FactHasher&&) noexcept = default;
FactHasher& FactHasher::operator=(FactHasher&&) noexcept = default;

void FactHasher::number(std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>((value >> shift) & 0xff);
}

void FactHasher::text(std::string_view value) {
  number(value.size());
  bytes_ += value;
}

Digest FactHasher::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  // Only a machine without memory or without SHA-256 fails here; a digest of nothing would then
  // pass for a proof of equality, so the program ends instead.
  if (EVP_DigestInit_ex2(engine_->context, engine_->sha256, nullptr) != 1 ||
      EVP_DigestUpdate(engine_->context, bytes_.data(), bytes_.size()) != 1 ||
      EVP_DigestFinal_ex(engine_->context, out.data(), &size) != 1) {
    std::abort();
  }
  bytes_.clear();
  Digest digest;
  for (std::size_t i = 0; i < 8; ++i) {
    digest.high = digest.high << 8 | out[i];
    digest.low = digest.low << 8 | out[i + 8];
  }
  return digest;
}

}  // namespace uncac::needs_matrix
