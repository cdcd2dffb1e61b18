// Texts that only this system can read and nobody can make: for tokens handed to strangers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/store/store.h"
#include "platform/time.h"

namespace uncac::platform {

// AES-256-GCM under one key, url-safe base64. Safe for concurrent use.
class Sealer {
 public:
  static constexpr std::size_t kKeyBytes = 32;
  // kInvalidInput for a key of another length.
  static Result<Sealer> create(std::string key, Ids& ids);
  // Never the same twice, also for the same text.
  std::string seal(std::string_view text) const;
  // Nothing for what seal() did not write under this key.
  std::optional<std::string> open(std::string_view sealed) const;

 private:
  Sealer(std::string key, Ids& ids) : key_(std::move(key)), ids_(&ids) {}
  std::string key_;
  Ids* ids_;
};

// A secret that every process on this store shares; made on first use.
Result<std::string> store_secret(Store& store, Ids& ids, const std::string& name,
                                 std::size_t bytes);

}  // namespace uncac::platform
