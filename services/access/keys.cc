#include "access/keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <array>

#include "access/token.h"

namespace uncac::access {
namespace {

using platform::make_error;
using platform::Reason;
using platform::Result;

constexpr std::size_t kHalf = 32;  // bytes of r and of s, of x and of y, on P-256
constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;

template <auto function>
struct Free {
  template <class T>
  void operator()(T* object) const {
    function(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_p256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t length = 0;
  if (key == nullptr || EVP_PKEY_is_a(key, "EC") != 1) return false;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) != 1) return false;
  const std::string_view name(group.data(), length);
  return name == "prime256v1" || name == "P-256";
}

// Without a callback of ours OpenSSL would ask the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) { return -1; }

Result<Key> read_key(const std::string& pem, bool is_private) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(!bio         ? nullptr
          : is_private ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)
                       : PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr));
  if (!is_p256(key.get())) {
    return make_error(Reason::kInvalidInput,
                      std::string("not a ") + (is_private ? "private" : "public") +
                          " key of the curve P-256 in PEM, without a password");
  }
  return key;
}

bool verifies(EVP_PKEY* key, std::string_view text, const unsigned char* signature,
              std::size_t length) {
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature, length, bytes_of(text), text.size()) == 1;
}

// Null when OpenSSL takes the numbers for no key.
Key make_public(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<Key> read_private_key(const std::string& pem) { return read_key(pem, true); }
Result<Key> read_public_key(const std::string& pem) { return read_key(pem, false); }

std::optional<std::string> sign_es256(const Key& key, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t length = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes_of(text), text.size()) != 1) {
    return std::nullopt;
  }
  std::string der(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &length,
                     bytes_of(text), text.size()) != 1) {
    return std::nullopt;
  }
  const unsigned char* position = bytes_of(der);
  const Signature parsed(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(length)));
  std::string raw(2 * kHalf, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (!parsed || BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out, kHalf) != kHalf ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out + kHalf, kHalf) != kHalf) {
    return std::nullopt;
  }
  return raw;
}

bool is_signed_es256(const Key& key, std::string_view text, std::string_view raw) {
  if (raw.size() != 2 * kHalf || !is_p256(key.get())) return false;
  const Signature signature(ECDSA_SIG_new());
  Number r(BN_bin2bn(bytes_of(raw), kHalf, nullptr));
  Number s(BN_bin2bn(bytes_of(raw) + kHalf, kHalf, nullptr));
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
    return false;
  }
  // The signature owns them now.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  if (length <= 0) return false;
  const bool holds = verifies(key.get(), text, der, static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return holds;
}

bool is_signed_rs256(const Key& key, std::string_view text, std::string_view signature) {
  return key && EVP_PKEY_is_a(key.get(), "RSA") == 1 &&
         verifies(key.get(), text, bytes_of(signature), signature.size());
}

Result<Key> p256_key(std::string_view x, std::string_view y) {
  const std::string point = std::string("\x04").append(x).append(y);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  Key key;
  if (x.size() == kHalf && y.size() == kHalf && builder &&
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ==
          1 &&
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) == 1) {
    key = make_public("EC", builder.get());
  }
  if (!is_p256(key.get())) {
    return make_error(Reason::kInvalidInput, "not a point of the curve P-256");
  }
  return key;
}

Result<Key> rsa_key(std::string_view modulus, std::string_view exponent) {
  const auto number = [](std::string_view bytes) {
    return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
  };
  Key key;
  if (modulus.size() <= kMostRsaBits / 8 && exponent.size() <= 8) {
    const Number n = number(modulus);
    const Number e = number(exponent);
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    if (n && e && builder &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1) {
      key = make_public("RSA", builder.get());
    }
  }
  if (!key || EVP_PKEY_get_bits(key.get()) < kLeastRsaBits) {
    return make_error(Reason::kInvalidInput, "not an RSA key of 2048 to 8192 bits");
  }
  return key;
}

std::string digest(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned int length = 0;
  if (EVP_Digest(text.data(), text.size(), sum.data(), &length, EVP_sha256(), nullptr) != 1) {
    return {};
  }
  return {reinterpret_cast<const char*>(sum.data()), length};
}

Result<KeyPair> make_key_pair() {
  const auto failed = [] {
    return make_error(Reason::kInternal, "no P-256 key pair could be made");
  };
  const Key key(EVP_EC_gen("P-256"));
  const Bio private_bio(BIO_new(BIO_s_mem()));
  const Bio public_bio(BIO_new(BIO_s_mem()));
  if (!key || !private_bio || !public_bio ||
      PEM_write_bio_PrivateKey(private_bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                               nullptr) != 1 ||
      PEM_write_bio_PUBKEY(public_bio.get(), key.get()) != 1) {
    return failed();
  }
  const auto text = [](BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(length));
  };
  return KeyPair{text(private_bio.get()), text(public_bio.get())};
}

}  // namespace uncac::access
