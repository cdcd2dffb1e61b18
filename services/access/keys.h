// Keys and signatures of tokens. OpenSSL is included in keys.cc alone.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/result.h"

struct evp_pkey_st;

namespace uncac::access {

// A key of OpenSSL's. Safe for concurrent use.
struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using Key = std::unique_ptr<evp_pkey_st, FreeKey>;

// Of the curve P-256, in PEM, without a password: kInvalidInput for anything else.
platform::Result<Key> read_private_key(const std::string& pem);
platform::Result<Key> read_public_key(const std::string& pem);

// ES256 (RFC 7518, 3.4): a signature is r and s, 32 bytes each.
std::optional<std::string> sign_es256(const Key& key, std::string_view text);
bool is_signed_es256(const Key& key, std::string_view text, std::string_view signature);
// RS256 (RFC 7518, 3.3).
bool is_signed_rs256(const Key& key, std::string_view text, std::string_view signature);

// Public keys as a JSON Web Key has them (RFC 7518, 6.2.1 and 6.3.1), each number in bytes.
// kInvalidInput for what is no point of P-256, and for RSA keys below 2048 or above 8192 bits.
platform::Result<Key> p256_key(std::string_view x, std::string_view y);
platform::Result<Key> rsa_key(std::string_view modulus, std::string_view exponent);

// SHA-256; empty when it could not be computed.
std::string digest(std::string_view text);

}  // namespace uncac::access
