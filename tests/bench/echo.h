// A gRPC server that does nothing: what a call costs before anybody works for it.
#pragma once

#include <sys/types.h>

#include <string>

namespace uncac::bench {

// A process of its own, as the server under test is. Made before this process uses gRPC, which does
// not survive a fork; killed with the object, and by the kernel when this process dies.
class Echo {
 public:
  Echo();
  ~Echo();
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;

  // Once: from now on every call of any method is answered with these bytes, unread and unparsed.
  // Returns the address.
  std::string serve(const std::string& bytes);

 private:
  pid_t process_ = 0;
  int to_ = -1, from_ = -1;
};

}  // namespace uncac::bench
