// The table of methods against the descriptors: nothing is open because somebody forgot a row.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "access/methods.h"
#include "uncac/checklist/v1/checklist.pb.h"
#include "uncac/needs/v1/needs.pb.h"
#include "uncac/operations/v1/operations.pb.h"

namespace uncac::access {
namespace {

std::set<std::string> methods_of_the_protos() {
  std::set<std::string> names;
  for (const google::protobuf::FileDescriptor* file :
       {uncac::checklist::v1::SubmitRequest::descriptor()->file(),
        uncac::needs::v1::QueryMatrixRequest::descriptor()->file(),
        uncac::operations::v1::BackupRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        names.insert("/" + file->service(s)->full_name() + "/" +
                     file->service(s)->method(m)->name());
      }
    }
  }
  return names;
}

TEST(AccessMethods, EveryMethodHasExactlyOneRowAndEveryRowAMethod) {
  const std::set<std::string> expected = methods_of_the_protos();
  ASSERT_GE(expected.size(), 14u);
  std::multiset<std::string> rows;
  for (const MethodRow& row : method_table()) rows.insert(std::string(row.method));
  EXPECT_EQ(rows, std::multiset<std::string>(expected.begin(), expected.end()));
  for (const std::string& name : expected) {
    ASSERT_NE(find_method(name), nullptr) << name;
    EXPECT_EQ(find_method(name)->method, name);
  }
}

TEST(AccessMethods, ANameThatIsNotThereIsNotFound) {
  for (const char* name :
       {"", "/", "/uncac.needs.v1.NeedsMatrix", "/zzz.Service/Method",
        "uncac.needs.v1.NeedsMatrix/Follow", "/uncac.needs.v1.NeedsMatrix/follow"}) {
    EXPECT_EQ(find_method(name), nullptr) << name;
  }
}

// Written out a second time on purpose: a changed right must be changed in two places to pass.
TEST(AccessMethods, TheRightsAreThese) {
  // anonymous, focal_point, contributor, provider, secretariat, auditor, operator
  const std::map<std::string, std::string> expected{
      {"/uncac.checklist.v1.ChecklistIntake/Submit", "-f--s--"},
      {"/uncac.checklist.v1.ChecklistIntake/ImportResponses", "-f--s--"},
      {"/uncac.checklist.v1.ChecklistIntake/WithdrawResponse", "-f--s--"},
      {"/uncac.checklist.v1.ChecklistIntake/VoidResponse", "----s--"},
      {"/uncac.checklist.v1.ChecklistIntake/GetResponse", "-fc-sa-"},
      {"/uncac.checklist.v1.ChecklistIntake/ListResponses", "-fc-sa-"},
      {"/uncac.checklist.v1.ChecklistIntake/GetHistory", "-fc-sa-"},
      {"/uncac.checklist.v1.ChecklistIntake/ExportResponse", "-fc-sa-"},
      {"/uncac.checklist.v1.ChecklistIntake/ListSharing", "-fc-sa-"},
      {"/uncac.checklist.v1.ChecklistIntake/SetSharing", "-f-----"},
      {"/uncac.needs.v1.NeedsMatrix/QueryMatrix", "pfcPsa-"},
      {"/uncac.needs.v1.NeedsMatrix/ListNeeds", "pfcPsa-"},
      {"/uncac.needs.v1.NeedsMatrix/GetNeedHistory", "pfcPsa-"},
      {"/uncac.needs.v1.NeedsMatrix/Follow", "pfcPsa-"},
      {"/uncac.needs.v1.NeedsMatrix/CheckRebuild", "----sao"},
      {"/uncac.needs.v1.NeedsMatrix/MakeRelease", "----s--"},
      {"/uncac.needs.v1.NeedsMatrix/GetRelease", "pfcPsa-"},
      {"/uncac.needs.v1.NeedsMatrix/ListReleases", "pfcPsa-"},
      {"/uncac.operations.v1.Operations/Backup", "------o"},
      {"/uncac.operations.v1.Operations/GetServiceState", "------o"},
      {"/uncac.operations.v1.Operations/ListDeadLetters", "------o"},
      {"/uncac.operations.v1.Operations/Republish", "------o"},
      {"/uncac.operations.v1.Operations/ResendDeadLetter", "------o"},
      {"/uncac.operations.v1.Operations/ShowDeadLetter", "------o"},
      {"/uncac.operations.v1.Publishing/GetPublished", "p------"},
  };
  EXPECT_EQ(expected.size(), method_table().size());
  for (const MethodRow& row : method_table()) {
    const auto letters = expected.find(std::string(row.method));
    ASSERT_NE(letters, expected.end()) << row.method;
    for (std::size_t role = 0; role < kRoleCount; ++role) {
      EXPECT_EQ(row.allows(static_cast<Role>(role)), letters->second[role] != '-')
          << row.method << " " << code(static_cast<Role>(role));
    }
  }
}

}  // namespace
}  // namespace uncac::access
