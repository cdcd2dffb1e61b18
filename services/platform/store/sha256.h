// SHA-256, for checksums, digests and lock numbers that must be the same in every process.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace uncac::platform {

// 32 raw bytes over the parts one after the other. The parts' borders do not count: where they
// must, use sha256_framed.
std::string sha256(std::initializer_list<std::string_view> parts);

// 32 raw bytes over the parts, each behind its length as eight bytes, big end first: no two
// different lists of parts are the same input.
std::string sha256_framed(std::initializer_list<std::string_view> parts);

// The same over parts that come one by one, such as those of a file that is not held in memory.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::string_view part);
  std::string finish();  // 32 raw bytes; once, as the last call

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The first eight bytes of sha256(text) as a number.
std::int64_t sha256_number(std::string_view text);

}  // namespace uncac::platform
