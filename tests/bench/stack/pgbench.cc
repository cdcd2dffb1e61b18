#include "bench/stack/pgbench.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "support/processes.h"

namespace uncac::bench {
namespace {

// The newest version that is installed, as the server is.
std::string program() {
  int newest = 0;
  std::string found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const int version = std::atoi(entry.path().filename().c_str());
    const auto file = entry.path() / "bin/pgbench";
    if (version > newest && std::filesystem::exists(file)) {
      newest = version;
      found = file.string();
    }
  }
  if (found.empty()) throw std::runtime_error("pgbench is missing: install postgresql");
  return found;
}

// pgbench takes ":word" for a variable of its own, also between quotes. A blank is as long.
std::string literal(Sql& database, std::string text) {
  std::replace(text.begin(), text.end(), ':', '.');
  return database.quoted(text);
}

// "($state, 'a', …), (…)" of rows whose first column, if so, is the client's own State.
std::string values(Sql& database, const std::vector<Sql::Row>& rows, const std::string& first) {
  std::string text;
  for (const Sql::Row& row : rows) {
    text += text.empty() ? "(" : ", (";
    text += first;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += i > 0 || !first.empty() ? ", " : "";
      text += literal(database, row[i]);
    }
    text += ')';
  }
  return text;
}

// The newest transaction wrote the rows that carry its number, and one row of `response`. A row of
// `audit` gets another number when it is chained.
std::string newest(const std::string& table) {
  const std::string number = " WHERE xmin = (SELECT xmin FROM response LIMIT 1)";
  return table == "audit" ? " WHERE id = (SELECT audit_id FROM audit_payload" + number + ")"
                          : number;
}

std::string updated(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) {
    text += (text.empty() ? "" : ", ") + column + " = excluded." + column;
  }
  return text;
}

}  // namespace

std::string rows_written(Sql& database) {
  std::string text;
  for (const auto& [table, body] :
       std::vector<std::pair<std::string, std::string>>{{"response", "''"},
                                                        {"response_version", "body"},
                                                        {"sharing_decision", "provision"},
                                                        {"filed_choice", "provision"},
                                                        {"audit", "payload_digest"},
                                                        {"audit_payload", "payload"},
                                                        {"idempotency", "request_digest"},
                                                        {"outbox", "body"}}) {
    const auto row = database.rows("SELECT count(*), coalesce(sum(length(" + body + ")), 0) FROM " +
                                   table + newest(table))[0];
    text += table + " " + row[0] + " rows, " + row[1] + " bytes; ";
  }
  return text;
}

std::string Pgbench::Way::text() const {
  return std::to_string(clients) + " clients" + (pipeline ? ", pipelined" : "");
}

Pgbench::Pgbench(Sql& written, std::vector<std::string> states, const std::string& folder)
    : folder_(folder) {
  std::string array;
  for (const std::string& state : states) {
    array += (array.empty() ? "" : ",") + written.quoted(state);
  }
  const std::string state = "(ARRAY[" + array + "])[1 + :client_id]";
  const auto rows = [&](const std::string& columns, const std::string& table,
                        const std::string& order) {
    return written.rows("SELECT " + columns + " FROM " + table + newest(table) + " ORDER BY " +
                        order);
  };
  const auto bytes = [](const std::string& column) {
    return "'\\x' || encode(" + column + ", 'hex')";
  };

  std::string script;
  script += "INSERT INTO response VALUES (" + state +
            ", 'uncac-comprehensive', 2015, :version) ON CONFLICT (state, checklist, round) DO "
            "UPDATE SET newest_version = excluded.newest_version;\n";
  const Sql::Row version =
      rows(
          "submitted_on, status, withdrawn_on, recorded_at, recorded_by, reason, exercise, "
          "answers, epoch, counter, " +
              bytes("body"),
          "response_version", "version")
          .at(0);
  script +=
      "INSERT INTO response_version VALUES (" + state + ", 'uncac-comprehensive', 2015, :version";
  for (const std::string& cell : version) script += ", " + literal(written, cell);
  script += ");\n";
  if (const auto decisions = rows("provision, audience, named, until_day, recorded_at, sequence, "
                                  "epoch, counter, suspended",
                                  "sharing_decision", "sequence");
      !decisions.empty()) {
    script += "INSERT INTO sharing_decision VALUES " + values(written, decisions, state) +
              " ON CONFLICT (state, provision) DO UPDATE SET " +
              updated({"audience", "named", "until_day", "recorded_at", "sequence", "epoch",
                       "counter", "suspended"}) +
              ";\n";
  }
  if (const auto filed = rows("checklist, round, provision, audience, named, until_day",
                              "filed_choice", "provision");
      !filed.empty()) {
    script += "INSERT INTO filed_choice VALUES " + values(written, filed, state) +
              " ON CONFLICT (state, checklist, round, provision) DO UPDATE SET " +
              updated({"audience", "named", "until_day"}) + ";\n";
  }
  const auto audit = rows(
      "recorded_at, actor, role, action, object, reason, origin, payload_digest", "audit", "id");
  const auto payload =
      rows(bytes("salt") + ", " + bytes("payload"), "audit_payload", "audit_id").at(0);
  script +=
      "WITH one AS (INSERT INTO audit (recorded_at, actor, role, action, object, reason, "
      "origin, payload_digest) VALUES " +
      values(written, audit, "") + " RETURNING id) INSERT INTO audit_payload SELECT id, " +
      literal(written, payload[0]) + "::bytea, " + literal(written, payload[1]) +
      "::bytea FROM one;\n";
  const Sql::Row reply = rows("actor, method, request_digest, " + bytes("reply") + ", recorded_at",
                              "idempotency", "recorded_at")
                             .at(0);
  script +=
      "INSERT INTO idempotency (actor, method, request_digest, reply, recorded_at, "
      "idempotency_key) VALUES (";
  for (const std::string& cell : reply) script += literal(written, cell) + ", ";
  script += "'pgbench-' || :client_id || '-' || :version);\n";
  script +=
      "INSERT INTO outbox (topic, partition_number, event_key, epoch, counter, event_type, "
      "source, subject, event_time, traceparent, extensions, body) VALUES " +
      values(written,
             rows("topic, partition_number, event_key, epoch, counter, event_type, source, "
                  "subject, event_time, traceparent, " +
                      bytes("extensions") + ", " + bytes("body"),
                  "outbox", "id"),
             "") +
      ";\n";

  plain_ = folder + "/pgbench.sql";
  pipeline_ = folder + "/pgbench-pipeline.sql";
  const std::string count = "\\set version :version + 1\n";
  testing::write_text(plain_, count + "BEGIN;\n" + script + "COMMIT;\n");
  testing::write_text(pipeline_,
                      count + "\\startpipeline\nBEGIN;\n" + script + "COMMIT;\n\\endpipeline\n");
}

double Pgbench::start(const std::string& conninfo, const std::string& script,
                      const std::vector<std::string>& arguments) {
  std::vector<std::string> command{
      program(), "-n",   "-M", "prepared",
      "-f",      script, "-D", "version=" + std::to_string(first_version_)};
  first_version_ += 100'000;
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.push_back(conninfo);
  const testing::Ended ended = testing::run_to_end(command);
  const std::size_t at = ended.out.find("tps = ");
  // A transaction that failed ends its client, and only standard error tells.
  if (ended.code != 0 || at == std::string::npos || ended.err.find("abort") != std::string::npos) {
    throw std::runtime_error("pgbench: " + ended.err + ended.out);
  }
  return std::stod(ended.out.substr(at + 6));
}

void Pgbench::once(const std::string& conninfo) { start(conninfo, plain_, {"-c", "1", "-t", "1"}); }

double Pgbench::run(const std::string& conninfo, const Way& way, int seconds) {
  return start(conninfo, way.pipeline ? pipeline_ : plain_,
               {"-c", std::to_string(way.clients), "-j", "2", "-T", std::to_string(seconds)});
}

Pgbench::Way Pgbench::best(const std::string& conninfo) {
  Way best;
  double most = 0;
  for (const bool pipeline : {false, true}) {
    for (const int clients : {2, 4, 8, 16, 32}) {
      const Way way{clients, pipeline};
      const double here = run(conninfo, way, 2);
      if (here > most) {
        most = here;
        best = way;
      }
    }
  }
  return best;
}

}  // namespace uncac::bench
