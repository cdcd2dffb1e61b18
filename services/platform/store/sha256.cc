#include "platform/store/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace uncac::platform {
namespace {

class Digest {
 public:
  // Without SHA-256 in the library no checksum could be trusted, and it is there in every OpenSSL.
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) std::abort();
  }
  void add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) std::abort();
  }
  std::string finish() {
    std::string out(32, '\0');
    unsigned int length = 0;
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    if (EVP_DigestFinal_ex(context_.get(), to, &length) != 1 || length != out.size()) std::abort();
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256(std::initializer_list<std::string_view> parts) {
  Digest digest;
  for (const std::string_view part : parts) digest.add(part);
  return digest.finish();
}

std::string sha256_framed(std::initializer_list<std::string_view> parts) {
  Digest digest;
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
