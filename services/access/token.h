// Signed tokens: JSON Web Tokens with ES256 and nothing else.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "access/caller.h"
#include "platform/result.h"
#include "platform/rpc/call.h"
#include "platform/time.h"

namespace uncac::access {

inline constexpr std::string_view kIssuer = "uncac-assist";
inline constexpr std::string_view kAudience = "uncac-assist";  // the claim `aud`

// A new P-256 key pair as PEM.
struct KeyPair {
  std::string private_pem, public_pem;
};
platform::Result<KeyPair> make_key_pair();

// Mints a token for `caller` that ends `lasts` after now.
platform::Result<std::string> mint_token(const std::string& private_pem, const Caller& caller,
                                         std::chrono::seconds lasts, platform::Moment now,
                                         platform::Ids& ids);

// Admission for Calls: verifies the token, looks the method up in the table. Remembers verified
// tokens until they expire (bounded), so that a caller pays for one signature check, not for each.
class TokenGatekeeper final : public platform::Gatekeeper {
 public:
  // Refuses a key that is not a P-256 public key.
  static platform::Result<std::unique_ptr<TokenGatekeeper>> create(const std::string& public_pem,
                                                                   const platform::Clock& clock);
  ~TokenGatekeeper() override;
  platform::Result<std::shared_ptr<const platform::Principal>> admit(
      std::string_view method, std::string_view authorization) const override;
  // kUnauthenticated with what is wrong: expired, wrongly signed, wrong audience, wrong algorithm.
  platform::Result<Caller> verify(const std::string& token) const;

 private:
  struct State;
  explicit TokenGatekeeper(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The caller behind a call that TokenGatekeeper admitted.
const Caller& caller_of(const platform::Call& call);

}  // namespace uncac::access
