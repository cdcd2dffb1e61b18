// Options of a program: each declared once, with help, default and check; read from the command
// line, the environment and a file, in this order of precedence. CLI11 is included in options.cc.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/result.h"

namespace uncac::platform {

struct Address {
  std::string host;
  int port = 0;  // 0: any free one
  std::string text() const { return host + ":" + std::to_string(port); }
};
Result<Address> parse_address(std::string_view text);

// The text of the file without one newline at its end. A file that others may read is refused when
// it holds a secret (mode & 077).
Result<std::string> read_file(const std::string& path, std::size_t limit = 1 << 20);
Result<std::string> read_secret_file(const std::string& path);

// Of this build, as --version prints it: "0.1.0".
std::string_view program_version();

// Not safe for concurrent use; used by main.cc and thrown away.
class Options {
 public:
  // Returns "" when the value is allowed, else what is allowed.
  using Check = std::function<std::string(const std::string&)>;

  Options(std::string program, std::string purpose);
  ~Options();

  // `name` like "listen": --listen on the command line, UNCAC_LISTEN in the environment, `listen =
  // …` in the file given by --config. The targets must outlive parse().
  void text(const std::string& name, std::string& target, const std::string& help,
            Check check = {});
  void required_text(const std::string& name, std::string& target, const std::string& help,
                     Check check = {});
  void number(const std::string& name, int& target, const std::string& help, int least, int most);
  void flag(const std::string& name, bool& target, const std::string& help);
  void address(const std::string& name, Address& target, const std::string& help);

  // What the program should do now: go on (nullopt), or leave with this exit code because --help
  // was printed (0) or something is wrong (2; the option's name and what is allowed on standard
  // error).
  std::optional<int> parse(int argc, const char* const* argv);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uncac::platform
