// The embedded store: one SQLite file, one writer, a few readers, and group commit.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "platform/store/adapter.h"
#include "platform/store/file_lock.h"
#include "platform/store/sqlite_backup.h"
#include "platform/store/sqlite_connection.h"

namespace uncac::platform {
namespace {

// Writers that share one commit. More would make the first of them wait for the last.
constexpr std::size_t kLargestGroup = 64;
// Reading connections; more than this many at once gain nothing on the machines it runs on.
constexpr std::size_t kReaders = 4;

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string file, StoreLimits limits, FileLock lock,
              std::unique_ptr<SqliteConnection> writer)
      : file_(std::move(file)),
        limits_(limits),
        lock_(std::move(lock)),
        writer_(std::move(writer)) {}

  std::string dialect(std::string_view sql) const override {
    // AUTOINCREMENT, because a number must not come again after its row was deleted: the numbers of
    // the outbox are the offsets of the log.
    return replace_dialect_words(sql, "INTEGER PRIMARY KEY AUTOINCREMENT", "BLOB");
  }
  std::string engine() const override { return "sqlite"; }
  Status backup_to(const std::string& file) override { return back_up_sqlite(file_, file); }

 protected:
  Status run(Mode mode, const std::function<Status(Transaction&)>& work) override {
    return mode == Mode::kRead ? read_with(work) : write_with(mode, work);
  }

 private:
  enum class Stage { kWaits, kLeads, kTaken, kDone };
  // One call of write(); lives on its caller's stack. Guarded by mutex_, except what the leader
  // writes while the stage is kTaken or kLeads.
  struct Job {
    Job(Mode m, const std::function<Status(Transaction&)>& w) : mode(m), work(w) {}
    const Mode mode;
    const std::function<Status(Transaction&)>& work;
    Stage stage = Stage::kWaits;
    Status status;
    std::vector<std::function<void()>> actions;
    std::condition_variable wake;
  };

  Status write_with(Mode mode, const std::function<Status(Transaction&)>& work);
  std::vector<Job*> take_group();
  void finish_group(const std::vector<Job*>& group);
  void run_group(std::vector<Job*> group);
  bool run_in_transaction(std::vector<Job*>& group);
  void run_job(Job& job);
  Status read_with(const std::function<Status(Transaction&)>& work);
  Result<std::unique_ptr<SqliteConnection>> acquire_reader();

  const std::string file_;
  const StoreLimits limits_;
  const FileLock lock_;

  std::mutex mutex_;
  std::deque<Job*> queue_;
  bool led_ = false;                          // somebody leads, or has been told to
  std::thread::id leader_;                    // while it runs jobs
  std::unique_ptr<SqliteConnection> writer_;  // the leader's

  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_readers_;
  std::size_t readers_ = 0;
};

// ---- writing ----------------------------------------------------------------------------------
// Writers queue. The first leads: it takes all that wait, runs each one's work within a savepoint
// and commits once, so that one write to the disk serves all of them. Meanwhile others queue, and
// when the leader is done it names the next leader.

Status SqliteStore::write_with(Mode mode, const std::function<Status(Transaction&)>& work) {
  Job job(mode, work);
  {
    std::unique_lock lock(mutex_);
    // It would wait for itself.
    if (leader_ == std::this_thread::get_id()) {
      return make_error(Reason::kInternal, "a write within a write to the same store");
    }
    queue_.push_back(&job);
    if (!led_) {
      led_ = true;
      job.stage = Stage::kLeads;
    }
    const auto moved_on = [&] { return job.stage != Stage::kWaits; };
    if (mode == Mode::kMigrate) {
      job.wake.wait(lock, moved_on);
    } else if (!job.wake.wait_for(lock, limits_.acquire, moved_on)) {
      std::erase(queue_, &job);
      return make_error(Reason::kOverloaded, file_ + ": too many writers wait; try later");
    }
    if (job.stage != Stage::kLeads) {
      // Once taken, the outcome is known soon, and giving up would leave it unknown.
      job.wake.wait(lock, [&] { return job.stage == Stage::kDone; });
    }
  }
  if (job.stage == Stage::kLeads) {
    const std::vector<Job*> group = take_group();
    run_group(group);
    finish_group(group);
  }
  for (const auto& action : job.actions) action();
  return std::move(job.status);
}

std::vector<SqliteStore::Job*> SqliteStore::take_group() {
  const std::lock_guard lock(mutex_);
  leader_ = std::this_thread::get_id();
  std::vector<Job*> group;
  while (!queue_.empty() && group.size() < kLargestGroup) {
    Job* job = queue_.front();
    queue_.pop_front();
    if (job->stage == Stage::kWaits) job->stage = Stage::kTaken;
    group.push_back(job);
  }
  return group;
}

void SqliteStore::finish_group(const std::vector<Job*>& group) {
  const std::lock_guard lock(mutex_);
  leader_ = {};
  for (Job* job : group) {
    job->stage = Stage::kDone;
    // Under the mutex: the job is gone as soon as its thread sees the stage.
    job->wake.notify_one();
  }
  led_ = !queue_.empty();
  if (led_) {
    queue_.front()->stage = Stage::kLeads;
    queue_.front()->wake.notify_one();
  }
}

void SqliteStore::run_group(std::vector<Job*> group) {
  // Some errors (a statement cut short by its limit, a full disk) undo the whole transaction. The
  // job that met one keeps its error; the others were not told anything yet and simply run again.
  while (!group.empty() && !run_in_transaction(group)) {
  }
}

// False when the engine undid everything: then `group` holds what must run again, fewer than
// before.
bool SqliteStore::run_in_transaction(std::vector<Job*>& group) {
  const auto fail_all = [&](const Error& error) {
    for (Job* job : group) {
      job->status = error;
      job->actions.clear();
    }
    if (!writer_->outside_transaction()) (void)writer_->run("ROLLBACK");
    return true;
  };
  if (Status begun = writer_->run("BEGIN IMMEDIATE"); !begun) return fail_all(begun.error());
  bool any_good = false;
  for (std::size_t i = 0; i < group.size(); ++i) {
    Job& job = *group[i];
    if (Status placed = writer_->run("SAVEPOINT job"); !placed) return fail_all(placed.error());
    run_job(job);
    if (writer_->outside_transaction()) {
      // Of a full or failing disk the others would only hear the same, one by one.
      if (job.status.ok() || job.status.error().reason == Reason::kUnavailable) {
        return fail_all(job.status.ok() ? after_error() : job.status.error());
      }
      group.erase(group.begin() + static_cast<std::ptrdiff_t>(i));
      return false;
    }
    if (!job.status) {
      if (Status undone = writer_->run("ROLLBACK TO job"); !undone) return fail_all(undone.error());
    }
    any_good = any_good || job.status.ok();
    if (Status released = writer_->run("RELEASE job"); !released) {
      return fail_all(released.error());
    }
  }
  if (Status ended = writer_->run(any_good ? "COMMIT" : "ROLLBACK"); !ended) {
    return fail_all(ended.error());
  }
  return true;
}

void SqliteStore::run_job(Job& job) {
  const auto limit = job.mode == Mode::kMigrate ? std::chrono::milliseconds(0) : limits_.statement;
  SqliteTransaction transaction(*writer_, true, limit);
  job.status = job.work(transaction);
  if (job.status && !transaction.status()) job.status = transaction.status();
  job.actions.clear();
  if (job.status) job.actions = transaction.take_actions();
}

// ---- reading ----------------------------------------------------------------------------------

Status SqliteStore::read_with(const std::function<Status(Transaction&)>& work) {
  UNCAC_ASSIGN(std::unique_ptr<SqliteConnection> reader, acquire_reader());
  Status status = reader->run("BEGIN");
  std::vector<std::function<void()>> actions;
  if (status) {
    SqliteTransaction transaction(*reader, false, limits_.statement);
    status = work(transaction);
    if (status && !transaction.status()) status = transaction.status();
    actions = transaction.take_actions();
  }
  const bool clean = reader->outside_transaction() || reader->run("ROLLBACK").ok();
  {
    const std::lock_guard lock(readers_mutex_);
    if (clean) {
      idle_readers_.push_back(std::move(reader));
    } else {
      reader.reset();
      --readers_;
    }
  }
  reader_free_.notify_one();
  if (!status) return status;
  for (const auto& action : actions) action();
  return {};
}

Result<std::unique_ptr<SqliteConnection>> SqliteStore::acquire_reader() {
  {
    std::unique_lock lock(readers_mutex_);
    const auto free = [&] { return !idle_readers_.empty() || readers_ < kReaders; };
    if (!reader_free_.wait_for(lock, limits_.acquire, free)) {
      return make_error(Reason::kOverloaded, file_ + ": too many readers wait; try later");
    }
    if (!idle_readers_.empty()) {
      auto reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return reader;
    }
    ++readers_;
  }
  auto opened = SqliteConnection::open(file_, false, limits_.acquire);
  Status ready = opened ? (*opened)->run("PRAGMA query_only = ON") : Status(opened.error());
  if (ready) return opened;
  {
    const std::lock_guard lock(readers_mutex_);
    --readers_;
  }
  reader_free_.notify_one();
  return ready.error();
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const std::string& file, StoreLimits limits) {
  UNCAC_ASSIGN(FileLock lock, FileLock::take(file + ".lock", file));
  UNCAC_ASSIGN(std::unique_ptr<SqliteConnection> writer,
               SqliteConnection::open(file, true, limits.acquire));
  // Before anything is written: a file that is not ours or is damaged stays as it is.
  UNCAC_TRY(check_sqlite(*writer, file));
  // journal_size_limit gives disk space back after a reader has kept the log from being emptied.
  for (const char* pragma : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                             "PRAGMA foreign_keys = ON", "PRAGMA journal_size_limit = 67108864"}) {
    UNCAC_TRY(writer->run(pragma));
  }
  return std::unique_ptr<Store>(
      std::make_unique<SqliteStore>(file, limits, std::move(lock), std::move(writer)));
}

}  // namespace uncac::platform
