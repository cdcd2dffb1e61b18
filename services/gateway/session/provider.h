// An OpenID Connect provider: the code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636).
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "access/caller.h"
#include "platform/result.h"
#include "platform/time.h"

namespace uncac::gateway::session {

struct ProviderOptions {
  std::string issuer;  // "https://login.example.org"; https, or http on loopback
  std::string client_id;
  std::string client_secret;
  std::string redirect_uri;  // of this gateway, as the provider knows it
};

// What one attempt to sign in must be answered with. Kept by the browser, sealed.
struct Attempt {
  std::string state;
  std::string nonce;
  std::string verifier;  // of PKCE
};

// Safe for concurrent use. Its calls go over the network and wait: not from a coroutine's thread.
class Provider {
 public:
  // Asks nobody yet. kInvalidInput, by name, for options that cannot be.
  static platform::Result<std::unique_ptr<Provider>> create(ProviderOptions options,
                                                            const platform::Clock& clock);
  // Where the browser goes. kUnavailable when the provider does not say.
  platform::Result<std::string> authorization_url(const Attempt& attempt);
  // Who came back with this code.
  platform::Result<access::Caller> redeem(const std::string& code, const Attempt& attempt);

 private:
  struct Configuration {
    std::string authorization_endpoint, token_endpoint, jwks_uri;
    platform::Instant fetched;
  };
  struct KeySet {
    std::string text;
    platform::Instant fetched;
  };
  Provider(ProviderOptions options, const platform::Clock& clock)
      : options_(std::move(options)), clock_(clock) {}
  platform::Result<Configuration> configuration();
  // Not older than `least`.
  platform::Result<KeySet> keys(const Configuration& configuration, platform::Instant least);

  const ProviderOptions options_;
  const platform::Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const Configuration> configuration_;
  std::shared_ptr<const KeySet> keys_;
};

}  // namespace uncac::gateway::session
