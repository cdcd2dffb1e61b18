// Who a browser is: a session in a sealed cookie, which the page's script cannot read.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/caller.h"
#include "gateway/http/exchange.h"
#include "gateway/session/provider.h"
#include "platform/result.h"
#include "platform/runtime/options.h"
#include "platform/sealer.h"
#include "platform/time.h"

namespace uncac::gateway::session {

struct SessionOptions {
  // A folder of tokens, as `uncac exercise tokens` makes it: whoever comes chooses one of them. For
  // an exercise on one machine only; empty: nobody signs in here.
  std::string exercise_identities;
  // A file of 32 bytes or more that every replica has; empty: sessions end with the process.
  std::string key_file;
  // Where browsers find this: "https://needs.example.org". With https the cookie is for it alone.
  std::string public_url;
  // An OpenID Connect provider; empty: none. It knows PUBLIC-URL/sign-in/callback. Whom it names
  // gets tokens signed with `token_signing_key`.
  std::string oidc_issuer, oidc_client_id, oidc_client_secret_file, token_signing_key;

  void declare(platform::Options& options);
};

// One of the exercise, as it is offered.
struct Identity {
  std::string id;  // "focal-point-KEN"
  access::Caller caller;
  std::string token;
  platform::Moment ends;
};

// Safe for concurrent use.
class Sessions {
 public:
  // Refuses by name a folder without a token, a key that is too short, an URL that is none, and
  // identities to choose from beside a real provider.
  static platform::Result<std::unique_ptr<Sessions>> create(const SessionOptions& options,
                                                            platform::Ids& ids,
                                                            const platform::Clock& clock);

  // Before every handler: who is signed in by cookie, and sends no token of his own, gets his
  // session's. What changes something must then carry the header Uncac-Csrf, which no page of
  // another site knows: kForbidden without it.
  platform::Status admit(http::Request& request) const;

  // GET /session
  http::Response show(const http::Request& request) const;
  // GET /session/identities
  http::Response identities() const;
  // POST /session with {"identity": "focal-point-KEN"}
  http::Response choose(const http::Request& request, const std::string& body) const;
  // DELETE /session
  http::Response end() const;

  // GET /sign-in?back=/path, to the provider; and its way back, GET /sign-in/callback. Both go over
  // the network and wait. Why it came to nothing is told on the dashboard's page /enter.
  http::Response leave_for_provider(const http::Request& request) const;
  http::Response come_back(const http::Request& request) const;

 private:
  struct Session {
    std::string id;
    access::Caller caller;
    const Identity* identity = nullptr;  // of the exercise; else the provider named the caller
    platform::Moment ends;
  };
  Sessions(platform::Sealer sealer, platform::Ids& ids, const platform::Clock& clock)
      : sealer_(std::move(sealer)), ids_(ids), clock_(clock) {}
  // A short token of the session's own; the same for a while, so that services need not verify a
  // new one for each request.
  platform::Result<std::string> token_of(const Session& session) const;
  void begin(Session session, http::Response& response) const;
  std::optional<std::string> sealed_cookie(const http::Request& request,
                                           std::string_view name) const;
  std::optional<Session> session_of(const http::Request& request) const;
  http::Response shown(const std::optional<Session>& session) const;
  std::string cookie(const std::string& name, const std::string& value,
                     std::chrono::seconds lasts) const;

  const platform::Sealer sealer_;
  platform::Ids& ids_;
  const platform::Clock& clock_;
  bool secure_ = false;
  std::string cookie_name_, attempt_name_;
  std::vector<Identity> identities_;  // in the order in which they are offered
  std::unique_ptr<Provider> provider_;
  std::string signing_key_;

  struct Minted {
    std::string token;
    platform::Moment ends;
  };
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Minted> minted_;  // by session
};

}  // namespace uncac::gateway::session
