// Whole files of SQLite: is this one sound, and a copy of one in use; not for services.
#pragma once

#include <string>

#include "platform/result.h"
#include "platform/store/sqlite_connection.h"

namespace uncac::platform {

// Reads the whole file once (about a second for each gigabyte that the system has in memory):
// the header, the schema and the structure of every page, but not whether each index entry has its
// row, which would take many times longer. kUnavailable when the file is damaged or no database.
Status check_sqlite(SqliteConnection& connection, const std::string& file);

// Copies the newest committed state of the database `from`, which may be in use, into the new file
// `to`. The name appears only when the copy is complete, checked and on disk.
Status back_up_sqlite(const std::string& from, const std::string& to);

}  // namespace uncac::platform
