// Public keys as a provider's key set has them (RFC 7518, 6.2.1 and 6.3.1).
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <nlohmann/json.hpp>
#include <string>

#include "access/keys.h"
#include "platform/base64url.h"

namespace uncac::testing {

// One of the key's numbers; with `bytes` of 0 as long as it is.
inline std::string key_number(const access::Key& key, const char* name, int bytes = 0) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), name, &value) != 1) return "";
  std::string text(static_cast<std::size_t>(bytes == 0 ? BN_num_bytes(value) : bytes), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(text.size()));
  BN_free(value);
  return platform::to_base64url(text);
}

inline nlohmann::json rsa_web_key(const access::Key& key, const std::string& name) {
  return {{"kty", "RSA"},
          {"kid", name},
          {"use", "sig"},
          {"n", key_number(key, OSSL_PKEY_PARAM_RSA_N)},
          {"e", key_number(key, OSSL_PKEY_PARAM_RSA_E)}};
}

inline nlohmann::json p256_web_key(const access::Key& key, const std::string& name) {
  return {{"kty", "EC"},
          {"kid", name},
          {"crv", "P-256"},
          {"x", key_number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32)},
          {"y", key_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
}

}  // namespace uncac::testing
