#include "platform/sealer.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

#include "platform/base64url.h"

namespace uncac::platform {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kLongest = 64 << 10;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<Sealer> Sealer::create(std::string key, Ids& ids) {
  if (key.size() != kKeyBytes) return make_error(Reason::kInvalidInput, "a key has 32 bytes");
  return Sealer(std::move(key), ids);
}

std::string Sealer::seal(std::string_view text) const {
  std::string sealed = ids_->random(kNonceBytes);
  sealed.resize(kNonceBytes + text.size() + kTagBytes);
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  // These fail only where the library lacks AES-GCM or memory; there is no token to hand out then.
  const bool good =
      cipher &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(std::string_view(key_)),
                         bytes_of(std::string_view(sealed))) == 1 &&
      EVP_EncryptUpdate(cipher.get(), bytes_of(sealed) + kNonceBytes, &length, bytes_of(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), bytes_of(sealed) + kNonceBytes + length, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          bytes_of(sealed) + kNonceBytes + text.size()) == 1;
  if (!good) std::abort();
  return to_base64url(sealed);
}

std::optional<std::string> Sealer::open(std::string_view sealed) const {
  if (sealed.size() > kLongest) return std::nullopt;
  std::optional<std::string> bytes = from_base64url(sealed);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::size_t size = bytes->size() - kNonceBytes - kTagBytes;
  std::string text(size, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  const bool good =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(std::string_view(key_)),
                         bytes_of(std::string_view(*bytes))) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(text), &length, bytes_of(*bytes) + kNonceBytes,
                        static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes,
                          bytes_of(*bytes) + kNonceBytes + size) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(text) + length, &length) == 1;
  if (!good) return std::nullopt;
  return text;
}

Result<std::string> store_secret(Store& store, Ids& ids, const std::string& name,
                                 std::size_t bytes) {
  return store.write([&](Transaction& transaction) -> Result<std::string> {
    UNCAC_TRY(transaction.lock("secret/" + name));
    UNCAC_ASSIGN(const Rows rows,
                 transaction.query("SELECT secret FROM store_secret WHERE name = $1", {name}));
    if (!rows.empty()) return rows.bytes(0, 0);
    const std::string secret = ids.random(bytes);
    UNCAC_ASSIGN([[maybe_unused]] const std::int64_t inserted,
                 transaction.execute("INSERT INTO store_secret (name, secret) VALUES ($1, $2)",
                                     {name, Bytes{secret}}));
    return secret;
  });
}

}  // namespace uncac::platform
