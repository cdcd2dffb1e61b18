// A digest of a set of keyed facts that does not depend on the order they came in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace uncac::needs_matrix {

// A number modulo 2^128. The digest of a set is the sum of the digests of its members, so a member
// can be taken out again and order cannot matter. It finds accidents (a lost, doubled or altered
// fact); it is no seal against a person who chooses the facts.
struct Digest {
  std::uint64_t high = 0, low = 0;

  Digest& operator+=(const Digest& other);
  Digest& operator-=(const Digest& other);
  bool operator==(const Digest&) const = default;
  // 32 lower-case hexadecimal digits.
  std::string text() const;
};

// Collects the bytes of one fact, every field with its length, and gives the first 128 bits of
// their SHA-256. Reusable; one thread at a time.
class FactHasher {
 public:
  FactHasher();
  ~FactHasher();
  FactHasher(FactHasher&&) noexcept;
  FactHasher& operator=(FactHasher&&) noexcept;

  void number(std::uint64_t value);  // eight bytes, whatever the machine's byte order
  void text(std::string_view value);
  Digest finish();  // and starts over

 private:
  struct Engine;
  std::string bytes_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace uncac::needs_matrix
