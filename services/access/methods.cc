#include "access/methods.h"

#include <algorithm>
#include <array>

namespace uncac::access {
namespace {

using platform::make_error;
using platform::Reason;

template <class... Roles>
constexpr std::uint8_t roles(Roles... allowed) {
  return static_cast<std::uint8_t>(((1u << static_cast<unsigned>(allowed)) | ...));
}

constexpr auto kFilers = roles(Role::kFocalPoint, Role::kSecretariat);
constexpr auto kReaders =
    roles(Role::kFocalPoint, Role::kContributor, Role::kSecretariat, Role::kAuditor);
constexpr auto kEveryoneButOperators =
    roles(Role::kAnonymous, Role::kFocalPoint, Role::kContributor, Role::kProvider,
          Role::kSecretariat, Role::kAuditor);

constexpr std::array kTable{
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/ExportResponse", kReaders},
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/GetHistory", kReaders},
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/GetResponse", kReaders},
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/ImportResponses", kFilers},
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/ListResponses", kReaders},
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/ListSharing", kReaders},
    // "Only the State's focal point shares."
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/SetSharing", roles(Role::kFocalPoint)},
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/Submit", kFilers},
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/VoidResponse", roles(Role::kSecretariat)},
    MethodRow{"/uncac.checklist.v1.ChecklistIntake/WithdrawResponse", kFilers},
    MethodRow{"/uncac.needs.v1.NeedsMatrix/CheckRebuild",
              roles(Role::kSecretariat, Role::kAuditor, Role::kOperator)},
    MethodRow{"/uncac.needs.v1.NeedsMatrix/Follow", kEveryoneButOperators},
    MethodRow{"/uncac.needs.v1.NeedsMatrix/GetNeedHistory", kEveryoneButOperators},
    MethodRow{"/uncac.needs.v1.NeedsMatrix/GetRelease", kEveryoneButOperators},
    MethodRow{"/uncac.needs.v1.NeedsMatrix/ListNeeds", kEveryoneButOperators},
    MethodRow{"/uncac.needs.v1.NeedsMatrix/ListReleases", kEveryoneButOperators},
    MethodRow{"/uncac.needs.v1.NeedsMatrix/MakeRelease", roles(Role::kSecretariat)},
    MethodRow{"/uncac.needs.v1.NeedsMatrix/QueryMatrix", kEveryoneButOperators},
    MethodRow{"/uncac.operations.v1.Operations/Backup", roles(Role::kOperator)},
    MethodRow{"/uncac.operations.v1.Operations/GetServiceState", roles(Role::kOperator)},
    MethodRow{"/uncac.operations.v1.Operations/ListDeadLetters", roles(Role::kOperator)},
    MethodRow{"/uncac.operations.v1.Operations/Republish", roles(Role::kOperator)},
    MethodRow{"/uncac.operations.v1.Operations/ResendDeadLetter", roles(Role::kOperator)},
    MethodRow{"/uncac.operations.v1.Operations/ShowDeadLetter", roles(Role::kOperator)},
    // Services have no tokens; who reaches one past the gateway has a certificate.
    MethodRow{"/uncac.operations.v1.Publishing/GetPublished", roles(Role::kAnonymous)},
};
static_assert(std::is_sorted(kTable.begin(), kTable.end(),
                             [](const MethodRow& a, const MethodRow& b) {
                               return a.method < b.method;
                             }));

}  // namespace

std::span<const MethodRow> method_table() { return kTable; }

const MethodRow* find_method(std::string_view method) {
  const auto row = std::lower_bound(
      kTable.begin(), kTable.end(), method,
      [](const MethodRow& one, std::string_view name) { return one.method < name; });
  return row != kTable.end() && row->method == method ? &*row : nullptr;
}

platform::Status may_act_for(const Caller& caller, std::string_view state) {
  if (caller.role == Role::kSecretariat) return {};
  if (caller.role == Role::kFocalPoint && !caller.state.empty() && caller.state == state) return {};
  return make_error(Reason::kForbidden,
                    "only the State's focal point or the secretariat may do this");
}

}  // namespace uncac::access
