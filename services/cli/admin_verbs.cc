#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "platform/backup/restore.h"
#include "uncac/needs/v1/needs.grpc.pb.h"
#include "uncac/operations/v1/operations.grpc.pb.h"

namespace uncac::cli {
namespace {

using needs::v1::NeedsMatrix;
using operations::v1::BackupReply;
using operations::v1::Operations;
using operations::v1::ServiceState;

// A large store takes longer to copy than other calls may take.
constexpr int kBackupSeconds = 600;
constexpr int kRepublishSeconds = 120;

// The folder and what lies in it. A restored data folder is told the same way.
int print_folder(const Session& session, const BackupReply& reply, const std::string& sentence) {
  if (session.format == Format::kJson) return print_json(reply);
  Table table({"file", "bytes", "sha256"});
  for (const BackupReply::File& file : reply.files()) {
    table.add({file.name(), std::to_string(file.bytes()), file.sha256()});
  }
  if (session.format == Format::kCsv) {
    table.print_csv();
  } else {
    table.print(3);
    std::printf("\n%s\n", sentence.c_str());
  }
  return kDone;
}

}  // namespace

int check_rebuild(const Session& session) {
  const auto reply =
      ask(session, needs::v1::CheckRebuildRequest(), &NeedsMatrix::Stub::CheckRebuild);
  if (!reply) return report(session, reply.error());
  if (session.format == Format::kJson) {
    print_json(*reply);
  } else {
    std::printf("live       %s\nrebuilt    %s\nneeds      %s\npublished  %s\n",
                reply->live_digest().c_str(), reply->rebuilt_digest().c_str(),
                reply->needs_digest().c_str(), reply->published_digest().c_str());
    std::printf("%s: %lld versions, %lld needs\n", reply->equal() ? "equal" : "DIFFERENT",
                static_cast<long long>(reply->versions()), static_cast<long long>(reply->needs()));
  }
  return reply->equal() ? kDone : kRefused;
}

int show_state(const Session& session) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  Table table({"service", "topic", "consumer", "position", "behind"});
  std::string sentences;
  for (const std::string service : kServices) {
    operations::v1::GetServiceStateRequest request;
    request.set_service(service);
    const auto state =
        ask(session, request, &Operations::Stub::GetServiceState, kCallSeconds, service);
    if (!state) return report(session, state.error());
    all.push_back(nlohmann::ordered_json::parse(json_of(*state), nullptr, false));
    for (const ServiceState::TopicState& topic : state->topics()) {
      std::string position;
      for (const std::int64_t next : topic.position()) {
        position += (position.empty() ? "" : " ") + std::to_string(next);
      }
      table.add({service, topic.topic(), topic.consumer(), position,
                 topic.has_behind() ? std::to_string(topic.behind()) : "not known"});
    }
    char age[32];
    std::snprintf(age, sizeof age, "%.1f", state->oldest_unpublished_seconds());
    sentences += service + " " + state->version() + ", started at " + state->started_at() +
                 ", epoch " + std::to_string(state->epoch()) + ": " +
                 std::to_string(state->unpublished()) + " events not on the log yet" +
                 (state->unpublished() > 0 ? ", the oldest for " + std::string(age) + " s" : "") +
                 "\n";
  }
  if (session.format == Format::kJson) {
    std::printf("%s\n", all.dump(2).c_str());
  } else if (session.format == Format::kCsv) {
    table.print_csv();
  } else {
    table.print(4);
    std::printf("\n%s", sentences.c_str());
  }
  return kDone;
}

int republish(const Session& session) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const std::string service : kServices) {
    operations::v1::RepublishRequest request;
    request.set_service(service);
    const auto reply =
        ask(session, request, &Operations::Stub::Republish, kRepublishSeconds, service);
    if (!reply) return report(session, reply.error());
    all.push_back({{"service", service}, {"events", reply->events()}});
    if (session.format == Format::kJson) continue;
    std::printf("%s: %lld events published again\n", service.c_str(),
                static_cast<long long>(reply->events()));
  }
  if (session.format == Format::kJson) std::printf("%s\n", all.dump(2).c_str());
  return kDone;
}

int make_backup(const Session& session, const std::string& name) {
  operations::v1::BackupRequest request;
  request.set_name(name);
  const auto reply = ask(session, request, &Operations::Stub::Backup, kBackupSeconds);
  if (!reply) return report(session, reply.error());
  return print_folder(session, *reply, "backup of " + reply->taken_at() + " in " + reply->folder());
}

int restore_backup(const Session& session, const std::string& from, const std::string& data) {
  const platform::SystemClock clock;
  const auto backup = platform::restore_backup(from, data, clock.now());
  if (!backup) return report(session, backup.error());
  BackupReply reply;
  reply.set_folder(data);
  reply.set_taken_at(backup->taken_at);
  for (const platform::BackupFile& file : backup->files) {
    BackupReply::File& to = *reply.add_files();
    to.set_name(file.name);
    to.set_bytes(file.bytes);
    to.set_sha256(file.sha256);
  }
  return print_folder(session, reply,
                      "restored into " + data + " as of " + backup->taken_at +
                          ". At the first start on it every audience is RESTRICTED until its State "
                          "says otherwise.");
}

}  // namespace uncac::cli
