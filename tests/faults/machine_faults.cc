// What befalls a machine: its disk is full, its clock jumps, its data are put back.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "faults/fault.h"
#include "integration/stores.h"

namespace uncac::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
namespace fs = std::filesystem;

constexpr const char* kIntake = "checklist-intake";
constexpr const char* kMatrix = "needs-matrix";
const Strings kIntakes{"uncac-checklist-intake", "uncac-checklist-intake-2"};
const Strings kMatrices{"uncac-needs-matrix", "uncac-needs-matrix-2"};

// As the database's administrator types it.
void sql(Scene& scene, const std::string& database, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"/usr/bin/psql",
                                 "-q",
                                 "-X",
                                 "-v",
                                 "ON_ERROR_STOP=1",
                                 "-d",
                                 scene.system().postgres().conninfo(database)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Ended ended = run_to_end(words);
  if (ended.code != 0) throw std::runtime_error("psql: " + ended.err);
}

void stop_in_order(Scene& scene, const Strings& services) {
  for (const std::string& name : services) {
    EXPECT_EQ(scene.system().service(name).stop(), 0) << scene.system().service(name).log();
  }
}

// ---- a full disk ----------------------------------------------------------------------------

// A file system of its own for the tables of one database, small enough to be filled.
class SmallDisk {
 public:
  explicit SmallDisk(const fs::path& owner) : path_(folder_.path() + "/disk") {
    struct stat of {};
    stat(owner.c_str(), &of);
    fs::create_directory(path_);
    fs::permissions(folder_.path(), fs::perms::all);
    const std::string options =
        "size=64m,mode=700,uid=" + std::to_string(of.st_uid) + ",gid=" + std::to_string(of.st_gid);
    if (mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) != 0) {
      throw std::runtime_error(
          "cannot mount a small disk: run as root, or as tests/faults/run does");
    }
  }
  ~SmallDisk() { umount2(path_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const fs::path& path() const { return path_; }
  void fill() {
    std::ofstream ballast(path_ / "ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())) &&
           ballast.flush()) {
    }
  }
  void free() { fs::remove(path_ / "ballast"); }

 private:
  TemporaryFolder folder_;
  const fs::path path_;
};

void fill_disk(Scene& scene, const std::string& database, const Strings& services) {
  scene.end_load();
  stop_in_order(scene, services);
  SmallDisk disk(scene.system().postgres().directory());
  sql(scene, "postgres", {"-c", "CREATE TABLESPACE small LOCATION '" + disk.path().string() + "'"});
  sql(scene, "postgres", {"-c", "ALTER DATABASE \"" + database + "\" SET TABLESPACE small"});
  scene.system().launch_all();
  scene.begin_load();
  scene.await_work("on the small disk");
  disk.fill();
  let_pass(seconds(8));
  EXPECT_NE(scene.system().postgres().log_end().find("No space left"), std::string::npos)
      << "the disk was never full";
  disk.free();
  scene.await_work("with room again");
  scene.end_load();
  stop_in_order(scene, services);
  sql(scene, "postgres", {"-c", "ALTER DATABASE \"" + database + "\" SET TABLESPACE pg_default"});
  sql(scene, "postgres", {"-c", "DROP TABLESPACE small"});
  scene.system().launch_all();
  scene.begin_load();
}

// ---- clocks ---------------------------------------------------------------------------------

// A process whose clock the test puts forward and back; its timers run on as they are.
class MovedProcess {
 public:
  MovedProcess(Scene& scene, const std::string& name)
      : service_(scene.system().service(name)), file_(scene.system().file("clock", "")) {
    put(0);
    EXPECT_EQ(service_.stop(), 0) << service_.log();
    const std::vector<std::pair<const char*, std::string>> settings{
        {"LD_PRELOAD", UNCAC_MOVED_CLOCK}, {"UNCAC_MOVED_CLOCK", file_}};
    for (const auto& [setting, value] : settings) setenv(setting, value.c_str(), 1);
    service_.launch();
    for (const auto& [setting, value] : settings) unsetenv(setting);
    service_.wait_ready();
  }
  // Seconds from the real time, at once. In place: the process has the file in its memory.
  void put(std::int64_t offset) {
    std::fstream file(file_, std::ios::binary | std::ios::in | std::ios::out);
    file.write(reinterpret_cast<const char*>(&offset), sizeof offset);
    if (!file.flush()) throw std::runtime_error(file_ + " cannot be written");
  }
  Service& service() { return service_; }

 private:
  Service& service_;
  const std::string file_;
};

void jump(Scene& scene, const std::string& name) {
  MovedProcess moved(scene, name);
  for (const int offset : {3600, 0, 3600, 0}) {
    moved.put(offset);
    let_pass(seconds(6));
  }
  EXPECT_EQ(moved.service().stop(), 0) << moved.service().log();
  moved.service().launch();
  moved.service().wait_ready();
}

// Its last word on when its lease ends was an hour wrong.
void jump_and_die(Scene& scene, const std::string& name) {
  MovedProcess moved(scene, name);
  moved.put(3600);
  let_pass(seconds(12));
  moved.service().kill9();
  let_pass(seconds(2));
  moved.service().launch();
  moved.service().wait_ready();
}

// ---- a store that is put back ---------------------------------------------------------------

void put_back(Scene& scene, const std::string& database, const Strings& services) {
  const std::string dump = scene.system().file("dump.sql", "");
  const Ended dumped = run_to_end(
      {"/usr/bin/pg_dump", "-f", dump, "-d", scene.system().postgres().conninfo(database)});
  if (dumped.code != 0) throw std::runtime_error("pg_dump: " + dumped.err);
  scene.begin_load();
  scene.await_work("after the backup");
  scene.end_load();
  for (const std::string& name : services) scene.system().service(name).kill9();
  sql(scene, "postgres", {"-c", "DROP DATABASE \"" + database + "\" WITH (FORCE)"});
  must(scene.system().postgres().create_database(database));
  sql(scene, database, {"-f", dump});
}

// What was acknowledged after the backup is gone, as everybody knows who puts one back. Who may see
// what is as narrow as can be, since a narrowing may be among what is gone.
void put_back_intake(Scene& scene) {
  scene.end_load();
  const World::Memory memory = scene.world().remember();
  put_back(scene, kIntake, kIntakes);
  scene.world().put_back(memory);
  for (const auto& filer : scene.world().filers) {
    for (auto& [state, record] : filer->records) {
      for (auto& [provision, audience] : record.shared) audience = "RESTRICTED";
    }
  }
  scene.system().launch_all();
  scene.begin_load();
}

void put_back_matrix(Scene& scene) {
  scene.end_load();
  put_back(scene, kMatrix, kMatrices);
  scene.system().launch_all();
  scene.begin_load();
}

}  // namespace

std::vector<Fault> machine_faults() {
  std::vector<Fault> faults{
      {"disk_full", "no room in the tables of checklist intake for 8 s",
       "a disk that nobody looked at",
       "filing is refused as UNAVAILABLE and goes on when there is room; answers go on",
       House::kOwn, false, [](Scene& scene) { fill_disk(scene, kIntake, kIntakes); }, seconds(20),
       seconds(5)},
      {"disk_full_matrix", "no room in the tables of the needs matrix for 8 s",
       "a disk that nobody looked at",
       "filing and answers go on; the topics follow when there is room", House::kOwn, false,
       [](Scene& scene) { fill_disk(scene, kMatrix, kMatrices); }, seconds(5), seconds(5)},
      {"intake_put_back", "checklist intake's database from a dump, behind the broker",
       "a restore after a loss",
       "what was filed after the dump is withdrawn from every topic and answer, and no audience is "
       "wider than the State says again",
       House::kOwn, true, put_back_intake, seconds(10), seconds(10)},
      {"matrix_put_back", "the matrix's database from a dump, behind the broker",
       "a restore after a loss", "the topics become as the answers are", House::kOwn, false,
       put_back_matrix, seconds(10), seconds(10)},
  };
  for (const std::string name : {"uncac-checklist-intake", "uncac-needs-matrix-2"}) {
    std::string word = name.substr(sizeof("uncac-") - 1);
    std::replace(word.begin(), word.end(), '-', '_');
    faults.push_back({"clock_jumps_" + word, "its clock an hour ahead and back, twice",
                      "a clock set by hand, a virtual machine that was moved",
                      "leases and answers stay right", House::kPlain, false,
                      [name](Scene& scene) { jump(scene, name); }, seconds(5), seconds(5)});
    faults.push_back({"clock_ahead_killed_" + word, "killed while its clock is an hour ahead",
                      "a node with a wrong clock is lost",
                      "its leases do not outlive it by an hour", House::kPlain, false,
                      [name](Scene& scene) { jump_and_die(scene, name); }, seconds(5), seconds(5)});
  }
  return faults;
}

}  // namespace uncac::testing
