// Who an OpenID Connect provider says a person is.
#pragma once

#include <string>

#include "access/caller.h"
#include "platform/result.h"
#include "platform/time.h"

namespace uncac::access {

struct ExpectedIdToken {
  std::string issuer;     // as the provider writes itself
  std::string client_id;  // whom it is for
  std::string nonce;      // of the request that it answers
};

// An ID token checked as OpenID Connect Core 1.0, 3.1.3.7 says, with the provider's keys (a JSON
// Web Key Set): RS256 or ES256, issuer, audience, times, nonce. The person's role comes from the
// claims `uncac_role` ("focal_point"), `uncac_state` ("KEN") and `uncac_organization` ("EX1"); the
// audit log names him by `sub`. kUnauthenticated with what is wrong; kForbidden for a person
// without a role here; kNotFound when the set has no key of that name: it may be an old one.
platform::Result<Caller> verify_id_token(const std::string& token, const std::string& key_set,
                                         const ExpectedIdToken& expected, platform::Moment now);

}  // namespace uncac::access
