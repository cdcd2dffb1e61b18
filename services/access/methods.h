// One readable table: which role may call which method at all. What a caller may do to which object
// within a method is the action's question (`may_act_for`) and the reader's scope.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "access/caller.h"
#include "platform/result.h"

namespace uncac::access {

struct MethodRow {
  std::string_view method;  // "/uncac.checklist.v1.ChecklistIntake/Submit"
  std::uint8_t roles;       // bit per Role
  bool allows(Role role) const { return (roles >> static_cast<int>(role)) & 1; }
};

// Sorted by method. A test holds it against the descriptors of every proto.
std::span<const MethodRow> method_table();
const MethodRow* find_method(std::string_view method);

// May the caller decide for this State: its own focal point, or the secretariat where a method
// allows it. kForbidden otherwise, without telling whether anything exists.
platform::Status may_act_for(const Caller& caller, std::string_view state);

}  // namespace uncac::access
