// Who calls and what they may read. Rule 2 of the subject in one place: every exit asks here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/time.h"

namespace uncac::access {

enum class Role : std::uint8_t {
  kAnonymous,    // no token: the public
  kFocalPoint,   // of a State
  kContributor,  // of a State: fills sections of its drafts
  kProvider,     // of an organization
  kSecretariat,
  kAuditor,   // reads the audit log and what the secretariat reads; changes nothing
  kOperator,  // service state, no answers
};
inline constexpr std::size_t kRoleCount = 7;
std::string_view code(Role role);  // "focal_point"
std::optional<Role> parse_role(std::string_view code);

struct Caller {
  Role role = Role::kAnonymous;
  std::string subject;       // the token's `sub`: for the audit log only
  std::string state;         // of a focal point or contributor: "KEN"
  std::string organization;  // of a provider: "EX1"
  // When the identity ends; a stream ends with it. None for the public.
  std::optional<platform::Moment> ends = {};
};

// How far a State lets its answers to a provision go.
enum class Audience : std::uint8_t { kRestricted, kNamed, kProviders, kPublic };
std::string_view code(Audience audience);  // "RESTRICTED"
std::optional<Audience> parse_audience(std::string_view code);

// The code of a provider: 1 to 32 of A-Z, 0-9 and '-'.
bool is_organization_code(std::string_view code);

// What a reader can see, reduced to what makes a difference: two callers with the same scope get
// the same answers, so it is (part of) the cache's key.
class Scope {
 public:
  static Scope of(const Caller& caller);

  // May read this State's answers whatever their audience.
  bool reads_all_of(std::string_view state) const {
    return kind_ == Kind::kEverything || (kind_ == Kind::kState && name_ == state);
  }
  // May read an answer of another State shared so far; `named` are the providers it names.
  bool reads_shared(Audience audience, const std::vector<std::string>& named) const;
  bool sees(std::string_view state, Audience audience,
            const std::vector<std::string>& named) const {
    return reads_all_of(state) || reads_shared(audience, named);
  }
  // May see the names in NAMED of this State's decisions.
  bool sees_names(std::string_view state) const { return reads_all_of(state); }
  // "everything", "state:KEN", "provider:EX1", "public", "nothing"
  std::string text() const;
  // One of those that a reader other than the secretariat can have, from its text: "public",
  // "state:KEN", "provider:EX1". Whether the State or the provider exists is not asked here, only
  // whether its code is one.
  static std::optional<Scope> parse_reader(std::string_view text);

 private:
  enum class Kind : std::uint8_t { kNothing, kPublic, kState, kProvider, kEverything };
  Scope(Kind kind, std::string name) : kind_(kind), name_(std::move(name)) {}
  Kind kind_;
  std::string name_;
};

}  // namespace uncac::access
