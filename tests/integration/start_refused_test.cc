// Stores on which a suite cannot start: it says why, leaves with 1, and leaves them as they are.
#include "integration/own_suite.h"

namespace uncac::testing {
namespace {

namespace fs = std::filesystem;
using Bytes = std::map<std::string, std::string>;

class StartRefused : public OwnSuite {
 protected:
  StartRefused() {
    submit("focal-point-KEN", checklist_csv({{.state = "KEN",
                                              .provision = "uncac/5",
                                              .type = "LEGAL_ADVICE",
                                              .audience = "PUBLIC"}}));
  }
  void expect_refused(const std::string& data, const std::vector<std::string>& words) {
    const Ended ended = start_another(data);
    EXPECT_EQ(ended.code, 1);
    for (const std::string& word : words) {
      EXPECT_NE(ended.err.find(word), std::string::npos) << word << " is missing in: " << ended.err;
    }
    EXPECT_EQ(lines_of(ended.err).size(), 1U) << ended.err;
  }
  // A folder of the test's own with what the suite left behind when it ended.
  std::string copy_of_store() {
    if (suite().running()) {
      EXPECT_EQ(suite().stop(), 0) << suite().log();
    }
    const std::string copy = path("copy");
    fs::remove_all(copy);
    fs::copy(store(), copy);
    return copy;
  }
  // Without what SQLite keeps beside a database while it is open.
  static Bytes databases(const std::string& folder) {
    Bytes files = bytes_below(folder);
    std::erase_if(files, [](const auto& file) { return !file.first.ends_with(".db"); });
    return files;
  }
};

TEST_F(StartRefused, WhileAnotherServesFromTheFolder) {
  expect_refused(store(), {"checklist_intake.db", "is in use by another process"});
  EXPECT_EQ(needs_of(*system_, "", "KEN").size(), 1U) << "the first one goes on";
  suite().kill9();
  system_->launch_all();
  EXPECT_EQ(needs_of(*system_, "", "KEN").size(), 1U) << "a killed one holds nothing";
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

TEST_F(StartRefused, OnADamagedStore) {
  for (const std::string name : {"checklist_intake.db", "needs_matrix.db"}) {
    const std::string data = copy_of_store();
    const std::string file = data + "/" + name;
    {
      std::fstream raw(file, std::ios::in | std::ios::out | std::ios::binary);
      raw.seekp(static_cast<std::streamoff>(fs::file_size(file) / 2));
      raw << std::string(16'384, '\xA5');
    }
    Bytes before = bytes_below(data);
    expect_refused(data, {name, "the database file is damaged"});
    EXPECT_EQ(bytes_below(data), before) << name;

    fs::resize_file(file, fs::file_size(file) / 2);
    before = bytes_below(data);
    expect_refused(data, {name});
    EXPECT_EQ(bytes_below(data), before) << name;

    write_text(file, "dear colleagues, please find attached the answers of our ministry\n");
    before = bytes_below(data);
    expect_refused(data, {name});
    EXPECT_EQ(bytes_below(data), before) << name;
  }
}

TEST_F(StartRefused, OnAFullDisk) {
  const std::string from = copy_of_store();
  const std::string data = path("small");
  const SmallDisk disk(data, "4m");
  for (const auto& [file, bytes] : databases(from)) {
    write_text(data + "/" + fs::path(file).filename().string(), bytes);
  }
  disk.fill();
  const Bytes before = databases(data);
  EXPECT_EQ(before.size(), 2U);
  expect_refused(data,
                 {"checklist_intake.db", disk.mounted() ? "No space left on device" : "denied"});
  EXPECT_EQ(databases(data), before);
  if (!disk.mounted()) return;
  // With room again it starts as if nothing had been.
  fs::remove(data + "/filler");
  fs::remove_all(store());
  fs::copy(data, store());
  system_->launch_all();
  EXPECT_EQ(needs_of(*system_, "", "KEN").size(), 1U);
  system_->expect_no_complaints();
}

}  // namespace
}  // namespace uncac::testing
