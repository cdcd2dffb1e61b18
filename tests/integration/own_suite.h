// A suite that a test has for itself, whose folders it may take away, damage and bring back.
#pragma once

#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "integration/stores.h"

namespace uncac::testing {

// Every file below a folder with its bytes.
inline std::map<std::string, std::string> bytes_below(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path()] = read_text(entry.path());
  }
  return files;
}

// A folder on a small file system of its own, where root may mount one (`size` as "128k");
// elsewhere one that lets nobody write when it should be full.
class SmallDisk {
 public:
  SmallDisk(std::string folder, const std::string& size) : folder_(std::move(folder)) {
    std::filesystem::create_directory(folder_);
    mounted_ = ::mount("none", folder_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) {
      ::umount2(folder_.c_str(), MNT_DETACH);
    } else {
      std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    }
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  // Not one byte more goes on it.
  void fill() const {
    if (!mounted_) {
      using std::filesystem::perms;
      std::filesystem::permissions(folder_, perms::owner_read | perms::owner_exec);
      return;
    }
    std::ofstream filler(folder_ + "/filler", std::ios::binary);
    const std::string piece(4096, 'x');
    while (filler.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) continue;
  }

 private:
  const std::string folder_;
  bool mounted_ = false;
};

class OwnSuite : public ::testing::Test {
 protected:
  // A path in the folder of the system; the stores lie in "store".
  std::string path(const std::string& name) {
    const std::filesystem::path any = system_->file("own-suite.txt", "");
    return (any.parent_path() / name).string();
  }
  std::string store() { return path("store"); }
  std::string backup_folder(const std::string& name) { return path("store-backups/" + name); }
  Service& suite() { return system_->service("uncac-suite"); }

  void submit(const std::string& reader, const std::string& csv) {
    answer(*system_, reader,
           {"response", "submit", system_->file("submit.csv", csv), "--exercise"});
  }
  json back_up(const std::string& name) {
    return json::parse(
        answer(*system_, "operator", {"admin", "backup", "--name", name, "--format", "json"}));
  }
  Ended restore(const std::string& from) {
    return run_to_end({program("uncac"), "admin", "restore", "--from", from, "--data", store()});
  }
  // The suite ends and its data folder is gone.
  void lose_the_store() {
    if (suite().running()) {
      EXPECT_EQ(suite().stop(), 0) << suite().log();
    }
    std::filesystem::remove_all(store());
  }
  void lose_and_restore(const std::string& name) {
    lose_the_store();
    const Ended restored = restore(backup_folder(name));
    ASSERT_EQ(restored.code, 0) << restored.err;
    system_->launch_all();
  }
  // The same program beside the one that serves, until it ends by itself.
  Ended start_another(const std::string& data) {
    return run_to_end({program("uncac-suite"), "--data", data, "--token-verify-key",
                       path("keys/token-verify.pem"), "--listen", "127.0.0.1:0", "--health-listen",
                       "127.0.0.1:0", "--http-listen", "127.0.0.1:0"});
  }

  std::unique_ptr<System> system_ = System::embedded();
};

}  // namespace uncac::testing
