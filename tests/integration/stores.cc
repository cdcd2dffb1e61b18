#include "integration/stores.h"

#include <sqlite3.h>

#include <filesystem>
#include <sstream>

namespace uncac::testing {
namespace {

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

Database open_sqlite(const std::string& file, int flags) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  Database database(opened, sqlite3_close);
  if (code != SQLITE_OK) throw std::runtime_error(file + " cannot be opened");
  sqlite3_busy_timeout(opened, 5000);
  return database;
}

// Reading alone: the suite that owns the file goes on writing it.
std::vector<std::string> sqlite_rows(const std::string& file, const std::string& sql) {
  const Database database = open_sqlite(file, SQLITE_OPEN_READONLY);
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.get(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(database.get()));
  }
  std::vector<std::string> rows;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    const unsigned char* text = sqlite3_column_text(statement, 0);
    rows.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
  }
  sqlite3_finalize(statement);
  return rows;
}

std::string suite_file(System& system, const std::string& service) {
  const std::filesystem::path folder =
      std::filesystem::path(system.file("stores.txt", "")).parent_path();
  return (folder / "store" / (service + ".db")).string();
}

std::unique_ptr<platform::Store> postgres_store(System& system, std::string service) {
  service.replace(service.find('_'), 1, "-");
  return must(platform::open_postgres({system.postgres().conninfo(service), ""}));
}

}  // namespace

void alter(System& system, const std::string& service, const std::string& sql) {
  if (system.profile() == "embedded") {
    const Database database = open_sqlite(suite_file(system, service), SQLITE_OPEN_READWRITE);
    if (sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(database.get()));
    }
    return;
  }
  must(postgres_store(system, service)->write([&](platform::Transaction& transaction) {
    return transaction.execute(sql);
  }));
}

std::vector<std::string> stored(System& system, const std::string& service,
                                const std::string& sql) {
  if (system.profile() == "embedded") return sqlite_rows(suite_file(system, service), sql);
  const auto store = postgres_store(system, service);
  return must(store->read(
      [&](platform::Transaction& transaction) -> platform::Result<std::vector<std::string>> {
        UNCAC_ASSIGN(const platform::Rows rows, transaction.query(sql));
        std::vector<std::string> texts;
        for (std::size_t row = 0; row < rows.size(); ++row) texts.push_back(rows.text(row, 0));
        return texts;
      }));
}

// kcat, from the topic's start on, a line for each record: key, size of the value (-1: none).
struct NeedsTopics::Subscriber {
  Subscriber(System& system, const std::string& audience)
      : out_file(system.file("topic-" + audience + ".out", "")),
        process({"/usr/bin/kcat", "-C", "-q", "-u", "-F", system.kafka_config("secretariat"), "-t",
                 "uncac.needs." + audience + ".v1", "-o", "beginning", "-f", "%k %S\\n"},
                out_file, system.file("topic-" + audience + ".err", "")) {}

  const std::string out_file;
  Process process;
};

NeedsTopics::NeedsTopics(System& system) : system_(system) {
  if (system.profile() == "embedded") return;
  for (const std::string audience : {"restricted", "providers", "public"}) {
    subscribers_[audience] = std::make_unique<Subscriber>(system, audience);
  }
}

NeedsTopics::~NeedsTopics() = default;

NeedsTopics::Newest NeedsTopics::newest(const std::string& audience, const std::string& need) {
  Newest newest = Newest::kNone;
  if (system_.profile() == "embedded") {
    for (const std::string& gone :
         stored(system_, "needs_matrix",
                "SELECT body IS NULL FROM outbox WHERE topic = 'uncac.needs." + audience +
                    ".v1' AND event_key = '" + need + "' ORDER BY id DESC LIMIT 1")) {
      newest = gone == "1" ? Newest::kTombstone : Newest::kStated;
    }
    return newest;
  }
  std::istringstream lines(read_text(subscribers_.at(audience)->out_file));
  for (std::string line; std::getline(lines, line);) {
    if (lines.eof()) break;  // half a line
    if (line.rfind(need + " ", 0) != 0) continue;
    newest = line.substr(need.size() + 1) == "-1" ? Newest::kTombstone : Newest::kStated;
  }
  return newest;
}

}  // namespace uncac::testing
