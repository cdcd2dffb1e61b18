// The options by which a program learns whose tokens to believe.
#pragma once

#include <memory>
#include <string>

#include "access/token.h"
#include "platform/runtime/options.h"

namespace uncac::access {

struct TokenOptions {
  std::string verify_key;

  void declare(platform::Options& options) {
    options.required_text("token-verify-key", verify_key,
                          "PEM: the public key that tokens are checked with");
  }
  platform::Result<std::unique_ptr<platform::Gatekeeper>> gatekeeper(
      const platform::Clock& clock) const {
    UNCAC_ASSIGN(const std::string pem, platform::read_file(verify_key));
    UNCAC_ASSIGN(auto keeper, TokenGatekeeper::create(pem, clock));
    return std::unique_ptr<platform::Gatekeeper>(std::move(keeper));
  }
};

}  // namespace uncac::access
