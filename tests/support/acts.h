// What States do in tests that break something under them: acts chosen at random, and what must be
// on record after each.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/asked.h"

namespace uncac::testing {

using Strings = std::vector<std::string>;

// What is on record of one State: its only response and its sharing.
struct Record {
  int versions = 0;
  Strings history;                            // "amended 2"
  std::map<std::string, Strings> needed;      // of the newest version, by provision: types
  std::string measures;                       // of every answer of the newest version
  bool in_force = false;                      // the newest version is
  std::map<std::string, std::string> shared;  // by provision: RESTRICTED, PROVIDERS or PUBLIC
  bool operator==(const Record&) const = default;
};
std::string text_of(const Record& record);

// Adds the keys of the needs that stand, with their audience: those that reach `audience` at least.
void add_needs(const std::string& state, const Record& record, const std::string& audience,
               std::map<std::string, common::v1::Audience>& needs);
std::set<std::string> keys_of(const std::map<std::string, common::v1::Audience>& needs);

// One act: what it asks for, and the record after it.
struct Act {
  enum class Kind { kSubmit, kWithdraw, kShare, kImport } kind = Kind::kSubmit;
  checklist::v1::SubmitRequest submit;  // with its idempotency key
  checklist::v1::SetSharingRequest share;
  std::string csv;
  bool keep_good = false;
  std::map<std::string, Record> after;  // by State
  std::set<std::string> acknowledged;   // of an import: States
  std::string version_token;            // of the reply; empty when nothing changed
};

// Chooses acts. Used by one thread.
class Acts {
 public:
  explicit Acts(std::uint64_t seed) : random_(seed) {}
  // Of one of these States: a submission, a withdrawal or a change of sharing.
  Act next(const std::map<std::string, Record>& records);
  // A file with new answers of all of them.
  Act next_import(const std::map<std::string, Record>& records);
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

 private:
  const std::string& one_of(const Strings& texts) { return texts[below(texts.size())]; }
  Record amended(const Record& before);

  std::mt19937_64 random_;
  int acts_ = 0;
};

// Does it, as whoever may. What was answered and cannot be right is added to `wrong`.
grpc::Status perform(Asked& asked, Act& act, Strings& wrong);

// As the system tells it.
Record on_record(Asked& asked, const std::string& state);
std::map<std::string, common::v1::Audience> listed(Asked& asked, const std::string& reader);

}  // namespace uncac::testing
