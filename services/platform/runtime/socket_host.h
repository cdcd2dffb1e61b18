// The host of an address as a socket wants it.
#pragma once

#include <string>

namespace uncac::platform {

// "::1" of the "[::1]" that Address has; any other host as it is.
inline std::string socket_host(const std::string& host) {
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return in_brackets ? host.substr(1, host.size() - 2) : host;
}

}  // namespace uncac::platform
