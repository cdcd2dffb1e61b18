#include "platform/store/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

namespace uncac::platform {
struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
};

// Without SHA-256 in the library no checksum could be trusted, and it is there in every OpenSSL.
Sha256::Sha256() : state_(std::make_unique<State>()) {
  EVP_MD_CTX* context = state_->context.get();
  if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) std::abort();
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view part) {
  if (EVP_DigestUpdate(state_->context.get(), part.data(), part.size()) != 1) std::abort();
}

std::string Sha256::finish() {
  std::string out(32, '\0');
  unsigned int length = 0;
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  if (EVP_DigestFinal_ex(state_->context.get(), to, &length) != 1 || length != out.size()) {
    std::abort();
  }
  return out;
}

std::string sha256(std::initializer_list<std::string_view> parts) {
  Sha256 digest;
  for (const std::string_view part : parts) digest.add(part);
  return digest.finish();
}

std::string sha256_framed(std::initializer_list<std::string_view> parts) {
  Sha256 digest;
  for (const std::string_view part : parts) {
    std::array<char, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i) {
      length[i] = static_cast<char>(static_cast<std::uint64_t>(part.size()) >> (56 - 8 * i));
    }
    digest.add({length.data(), length.size()});
    digest.add(part);
  }
  return digest.finish();
}

std::int64_t sha256_number(std::string_view text) {
  const std::string digest = sha256({text});
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(digest[i]);
  return static_cast<std::int64_t>(number);
}

}  // namespace uncac::platform
