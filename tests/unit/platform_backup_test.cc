// A backup is there whole or not at all, and what is restored is what was backed up.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "platform/backup/restore.h"
#include "support/engines.h"
#include "support/processes.h"

namespace uncac::platform {
namespace {

using testing::must;
namespace fs = std::filesystem;

class BackupFormat : public ::testing::Test {
 protected:
  BackupFormat() : one_("sqlite"), two_("sqlite") { add("first"); }

  void add(const std::string& name) {
    must(one_->write([&](Transaction& transaction) -> Status {
      UNCAC_TRY(transaction.execute("CREATE TABLE IF NOT EXISTS word (text TEXT NOT NULL)"));
      UNCAC_TRY(transaction.execute("INSERT INTO word (text) VALUES ($1)", {name}));
      return {};
    }));
  }
  Result<Backup> make(
      const std::string& name,
      const std::function<Status(const Backup&)>& record = [](const Backup&) { return Status(); }) {
    const Moment moment = must(parse_day("2026-03-10")) + std::chrono::hours(9);
    return make_backup({folder(),
                        name,
                        moment,
                        "test",
                        {{"two.db", &two_.store()}, {"one.db", &one_.store()}},
                        record});
  }
  std::string folder() const { return space_.file("backups"); }
  std::string data() const { return space_.file("data"); }
  Result<Backup> restore(const std::string& name) {
    return restore_backup(folder() + "/" + name, data(), {});
  }
  static std::vector<std::string> names_in(const std::string& where) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(where)) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  static mode_t mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  }
  using Names = std::vector<std::string>;

  testing::TemporaryFolder space_;
  testing::FreshStore one_, two_;
};

TEST_F(BackupFormat, WhatIsRestoredIsWhatWasThere) {
  const Backup made = must(make("monday"));
  add("second");
  EXPECT_EQ(made.folder, folder() + "/monday");
  EXPECT_EQ(made.taken_at, "2026-03-10T09:00:00.000000Z");
  EXPECT_EQ(names_in(made.folder), (Names{"manifest.json", "one.db", "two.db"}));
  EXPECT_EQ(mode_of(made.folder), 0700U);
  for (const std::string& name : names_in(made.folder)) {
    EXPECT_EQ(mode_of(made.folder + "/" + name), 0600U) << name;
  }
  const Backup checked = must(check_backup(made.folder + "/"));
  EXPECT_EQ(checked.name, "monday");
  EXPECT_EQ(checked.program, "test");
  ASSERT_EQ(checked.files.size(), 2U);
  EXPECT_EQ(checked.files[0].sha256, made.files[0].sha256);

  must(restore("monday"));
  EXPECT_EQ(names_in(data()), (Names{"one.db", "restored.json", "two.db"}));
  EXPECT_EQ(mode_of(data()), 0700U);
  const auto restored = must(restored_from(data()));
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->backup, "monday");
  EXPECT_EQ(restored->taken_at, made.taken_at);
  {
    const auto store = must(open_sqlite(data() + "/one.db"));
    const Rows words = must(store->read(
        [](Transaction& transaction) { return transaction.query("SELECT text FROM word"); }));
    ASSERT_EQ(words.size(), 1U) << "what came after the backup is not in it";
    EXPECT_EQ(words.text(0, 0), "first");
  }
  must(forget_restored(data()));
  must(forget_restored(data()));
  EXPECT_FALSE(must(restored_from(data())));
}

TEST_F(BackupFormat, ANameIsOneWordAndNeverAPath) {
  const std::vector<std::string> wrong{"..",
                                       ".",
                                       ".part",
                                       "../x",
                                       "a/b",
                                       "/etc/x",
                                       "a b",
                                       "-x",
                                       "ä",
                                       std::string("a\0b", 3),
                                       std::string(101, 'a')};
  for (const std::string& name : wrong) {
    const auto made = make(name);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().reason, Reason::kInvalidInput) << name;
    ASSERT_EQ(made.error().problems.size(), 1U);
    EXPECT_EQ(made.error().problems[0].rule, "bad-name");
  }
  EXPECT_FALSE(fs::exists(folder()));
  EXPECT_TRUE(make(std::string(100, 'a')));
  EXPECT_TRUE(make("Monday_1-a.b"));
  EXPECT_EQ(must(make("")).name, "2026-03-10T09-00-00.000000Z");
}

TEST_F(BackupFormat, ANameThatIsTakenIsLeftAlone) {
  must(make("monday"));
  const std::string before = testing::read_text(folder() + "/monday/one.db");
  add("second");
  const auto again = make("monday");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, Reason::kFailedPrecondition);
  EXPECT_NE(again.error().message.find("exists already"), std::string::npos);
  EXPECT_EQ(testing::read_text(folder() + "/monday/one.db"), before);
  EXPECT_EQ(names_in(folder()), (Names{".lock", "monday"}));
}

TEST_F(BackupFormat, WithoutARecordThereIsNoBackup) {
  bool there = true;
  const auto made = make("monday", [&](const Backup& backup) -> Status {
    there = fs::exists(backup.folder);
    return make_error(Reason::kUnavailable, "the audit log cannot be written");
  });
  EXPECT_FALSE(there) << "recorded before it has its name";
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("the audit log cannot be written"), std::string::npos);
  EXPECT_EQ(names_in(folder()), Names{".lock"});
}

TEST_F(BackupFormat, OneAtATimeInAFolder) {
  const auto outer = make("outer", [&](const Backup&) -> Status {
    const auto inner = make("inner");
    EXPECT_FALSE(inner);
    if (!inner) {
      EXPECT_EQ(inner.error().reason, Reason::kFailedPrecondition);
      EXPECT_NE(inner.error().message.find("one backup is made at a time"), std::string::npos)
          << inner.error().message;
    }
    return {};
  });
  EXPECT_TRUE(outer);
  EXPECT_EQ(names_in(folder()), (Names{".lock", "outer"}));
}

TEST_F(BackupFormat, WhatACrashLeftIsGoneAfterTheNext) {
  fs::create_directories(folder() + "/.part");
  testing::write_text(folder() + "/.part/one.db", "half");
  testing::write_text(folder() + "/.part/one.db.part-journal", "x");
  must(make("monday"));
  EXPECT_EQ(names_in(folder()), (Names{".lock", "monday"}));
  EXPECT_TRUE(check_backup(folder() + "/monday"));
}

TEST_F(BackupFormat, AFolderThatCannotBeMadeIsNamed) {
  testing::write_text(folder(), "a file");
  const auto made = make("monday");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Reason::kFailedPrecondition);
  EXPECT_NE(made.error().message.find(folder()), std::string::npos) << made.error().message;
  EXPECT_EQ(testing::read_text(folder()), "a file");
}

TEST_F(BackupFormat, ADamagedStoreIsNotBackedUp) {
  const fs::path file = space_.file("broken.db");
  {
    must(migrate_platform(*must(open_sqlite(file))));  // closed again: all of it is in the file
    const auto store = must(open_sqlite(file));
    {
      // Behind the store's back, as a failing disk does it; not the first page, which it holds.
      std::fstream raw(file, std::ios::in | std::ios::out | std::ios::binary);
      raw.seekp(4096);
      raw << std::string(8192, '\xAB');
    }
    const auto made = make_backup(
        {folder(), "monday", {}, "test", {{"broken.db", store.get()}}, [](const Backup&) {
           return Status();
         }});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().reason, Reason::kFailedPrecondition);
  }
  EXPECT_EQ(names_in(folder()), Names{".lock"});
}

// Each kind of damage is refused by the name of the file, and nothing is made.
TEST_F(BackupFormat, DamageIsRefusedByName) {
  struct Damage {
    std::string what;
    std::function<void(const std::string& backup)> make;
    std::string file, rule;  // of the problem; no rule: the manifest itself
  };
  const auto edit = [](const std::string& file, const std::string& from, const std::string& to) {
    std::string text = testing::read_text(file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    testing::write_text(file, text.replace(at, from.size(), to));
  };
  const std::vector<Damage> all{
      {"a byte",
       [](const std::string& backup) {
         std::string bytes = testing::read_text(backup + "/one.db");
         bytes[bytes.size() / 2] ^= 1;
         testing::write_text(backup + "/one.db", bytes);
       },
       "one.db", "changed-file"},
      {"cut off",
       [](const std::string& backup) {
         fs::resize_file(backup + "/two.db", fs::file_size(backup + "/two.db") - 1);
       },
       "two.db", "changed-file"},
      {"missing", [](const std::string& backup) { fs::remove(backup + "/one.db"); }, "one.db",
       "missing-file"},
      {"unknown",
       [](const std::string& backup) { testing::write_text(backup + "/one.db-wal", "x"); },
       "one.db-wal", "unknown-file"},
      {"a folder", [](const std::string& backup) { fs::create_directory(backup + "/more"); },
       "more", "unknown-file"},
      {"a link",
       [](const std::string& backup) {
         fs::rename(backup + "/one.db", backup + "/../elsewhere.db");
         fs::create_symlink("../elsewhere.db", backup + "/one.db");
       },
       "one.db", "unreadable-file"},
      {"no manifest", [](const std::string& backup) { fs::remove(backup + "/manifest.json"); },
       "manifest.json", ""},
      {"no JSON",
       [](const std::string& backup) { testing::write_text(backup + "/manifest.json", "{"); },
       "manifest.json", ""},
      {"a later format",
       [&](const std::string& backup) {
         edit(backup + "/manifest.json", "\"format\": 1", "\"format\": 2");
       },
       "manifest.json", ""},
      {"a path",
       [&](const std::string& backup) {
         edit(backup + "/manifest.json", "\"one.db\"", "\"../one.db\"");
       },
       "manifest.json", ""},
      {"a name twice",
       [&](const std::string& backup) {
         edit(backup + "/manifest.json", "\"two.db\"", "\"one.db\"");
       },
       "manifest.json", ""},
      {"a size",
       [&](const std::string& backup) {
         edit(backup + "/manifest.json", "\"bytes\": ", "\"bytes\": 1");
       },
       "one.db", "changed-file"},
      {"no size",
       [&](const std::string& backup) {
         edit(backup + "/manifest.json", "\"bytes\"", "\"octets\"");
       },
       "manifest.json", ""},
      {"no time",
       [&](const std::string& backup) {
         edit(backup + "/manifest.json", "\"taken_at\"", "\"at\"");
       },
       "manifest.json", ""},
      {"a checksum",
       [&](const std::string& backup) {
         edit(backup + "/manifest.json", "\"sha256\": \"", "\"sha256\": \"z");
       },
       "manifest.json", ""},
  };
  int number = 0;
  for (const Damage& damage : all) {
    SCOPED_TRACE(damage.what);
    const std::string name = "b" + std::to_string(++number);
    must(make(name));
    damage.make(folder() + "/" + name);
    const auto restored = restore(name);
    ASSERT_FALSE(restored);
    if (damage.rule.empty()) {
      EXPECT_NE(restored.error().message.find(damage.file), std::string::npos)
          << restored.error().message;
    } else {
      ASSERT_EQ(restored.error().problems.size(), 1U);
      EXPECT_EQ(restored.error().problems[0].file, damage.file);
      EXPECT_EQ(restored.error().problems[0].rule, damage.rule);
    }
    EXPECT_FALSE(fs::exists(data()));
  }
}

TEST_F(BackupFormat, OnlyANewOrAnEmptyFolderIsRestoredInto) {
  must(make("monday"));
  fs::create_directory(data());
  testing::write_text(data() + "/letter", "mine");
  auto restored = restore("monday");
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().reason, Reason::kFailedPrecondition);
  EXPECT_NE(restored.error().message.find("letter"), std::string::npos);
  EXPECT_EQ(names_in(data()), Names{"letter"});

  fs::remove_all(data());
  testing::write_text(data(), "a file");
  EXPECT_FALSE(restore("monday"));
  EXPECT_EQ(testing::read_text(data()), "a file");

  fs::remove_all(data());
  fs::create_directory(data());
  EXPECT_TRUE(restore("monday")) << "as an empty volume is";
}

TEST_F(BackupFormat, WhatIsNoDataFolderIsNotStartedOn) {
  must(make("monday"));
  const auto backup = restored_from(folder() + "/monday");
  ASSERT_FALSE(backup);
  EXPECT_NE(backup.error().message.find("is a backup"), std::string::npos);

  must(restore("monday"));
  fs::rename(data() + "/restored.json", data() + "/restored.json.part");
  const auto unfinished = restored_from(data());
  ASSERT_FALSE(unfinished);
  EXPECT_NE(unfinished.error().message.find("was not finished"), std::string::npos);

  fs::remove(data() + "/restored.json.part");
  testing::write_text(data() + "/restored.json", "{\"backup\": 7}");
  EXPECT_FALSE(restored_from(data())) << "else audiences would be as wide as they were";
  EXPECT_FALSE(must(restored_from(space_.file("nowhere"))));
}

// "Cannot be told" is not "was not restored".
TEST_F(BackupFormat, AMarkThatCannotBeLookedAtIsAnError) {
  const auto refused = [](const std::string& where, const std::string& named) {
    const auto restored = restored_from(where);
    ASSERT_FALSE(restored) << where;
    EXPECT_EQ(restored.error().reason, Reason::kFailedPrecondition);
    EXPECT_NE(restored.error().message.find(named), std::string::npos) << restored.error().message;
  };
  fs::create_symlink("circle", space_.file("circle"));
  refused(space_.file("circle"), space_.file("circle") + "/restored.json");
  refused(space_.file(std::string(300, 'x')), "/restored.json");

  fs::create_directory(data());
  const std::string mark = data() + "/restored.json";
  fs::create_symlink("restored.json", mark);  // to itself
  refused(data(), mark);
  fs::remove(mark);
  fs::create_symlink("nowhere", mark);
  refused(data(), mark);
  fs::remove(mark);
  fs::create_directory(mark);
  refused(data(), mark);
}

}  // namespace
}  // namespace uncac::platform
