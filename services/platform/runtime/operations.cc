#include "platform/runtime/operations.h"

#include <charconv>

#include "platform/audit.h"
#include "platform/backup/backup.h"
#include "platform/events/dead_letters.h"
#include "platform/runtime/log.h"
#include "platform/runtime/options.h"
#include "platform/runtime/service_state.h"
#include "platform/store/sha256.h"
#include "platform/text.h"

namespace uncac::platform {
namespace {

using operations::v1::BackupReply;
using operations::v1::BackupRequest;
using operations::v1::GetServiceStateRequest;
using operations::v1::ListDeadLettersReply;
using operations::v1::ListDeadLettersRequest;
using operations::v1::RepublishReply;
using operations::v1::RepublishRequest;
using operations::v1::ResendDeadLetterRequest;
using operations::v1::ServiceState;
using operations::v1::ShowDeadLetterRequest;

constexpr int kUsualPage = 100;
constexpr int kLargestPage = 1'000;
constexpr std::size_t kLongestReason = 1'000;
constexpr std::size_t kLongestHeader = 1'000;

Status audit(Transaction& transaction, const Operations::Parts& parts, const Call& call,
             const std::string& action, const std::string& object, const std::string& reason,
             const std::string& payload) {
  return record_audit(
      transaction, parts.clock, parts.ids,
      {call.principal->name(), call.principal->role(), action, object, reason, call.peer, payload});
}

// Written before the backup gets its name, for without a record there is none; so it says what is
// true then, and stays true if the name cannot be given.
Status record(const Operations::Parts& parts, const Call& call, const Backup& backup) {
  std::string files;
  for (const BackupFile& file : backup.files) files += file.sha256 + "  " + file.name + "\n";
  return parts.stores.front().store.write([&](Transaction& transaction) {
    return audit(transaction, parts, call, "store.backup", backup.name,
                 "stores copied and checked; the copy is given its name next", files);
  });
}

Result<BackupReply> copy_stores(const Operations::Parts& parts, const Call& call,
                                const BackupRequest& request) {
  if (parts.backup_folder.empty()) {
    return make_error(Reason::kFailedPrecondition,
                      "no backups are made here: the stores lie in PostgreSQL, whose own tools "
                      "(pg_dump, pg_basebackup) back them up. A service that is started on a "
                      "restored copy notices that its log is ahead, and publishes everything again "
                      "with every audience RESTRICTED until its State says otherwise");
  }
  std::vector<NamedStore> stores;  // see BackupOrder::stores
  for (auto one = parts.stores.rbegin(); one != parts.stores.rend(); ++one) {
    stores.push_back({store_file(one->service.name), &one->store});
  }
  UNCAC_ASSIGN(const Backup backup,
               make_backup({parts.backup_folder, request.name(), parts.clock.now(), parts.program,
                            std::move(stores),
                            [&](const Backup& made) { return record(parts, call, made); }}));
  BackupReply reply;
  reply.set_folder(backup.folder);
  reply.set_taken_at(backup.taken_at);
  for (const BackupFile& file : backup.files) {
    BackupReply::File& to = *reply.add_files();
    to.set_name(file.name);
    to.set_bytes(file.bytes);
    to.set_sha256(file.sha256);
  }
  return reply;
}

Result<BackupReply> back_up(const Operations::Parts& parts, const Call& call,
                            const BackupRequest& request) {
  auto backup = copy_stores(parts, call, request);
  if (backup) {
    log::info("backup made", {{"folder", backup->folder()}});
  } else {
    log::warning("backup not made", {{"error", backup.error().message}});
  }
  return backup;
}

Result<const SettledStore*> find_store(const Operations::Parts& parts, const std::string& service) {
  std::string known;
  for (const SettledStore& one : parts.stores) {
    if (one.service.name == service) return &one;
    known += (known.empty() ? "" : ", ") + one.service.name;
  }
  return make_error(Reason::kNotFound, "service: \"" + service.substr(0, 60) +
                                           "\" does not run here; there is: " + known);
}

Result<ServiceState> get_state(const Operations::Parts& parts, const Call&,
                               const GetServiceStateRequest& request) {
  UNCAC_ASSIGN(const SettledStore* in, find_store(parts, request.service()));
  UNCAC_ASSIGN(ServiceState state,
               read_service_state(*in, parts.log, parts.relayed, parts.clock.now()));
  state.set_version(std::string(program_version()));
  state.set_started_at(format_moment(parts.started_at));
  return state;
}

Result<std::int64_t> parse_id(const char* field, const std::string& text) {
  std::int64_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (error == std::errc() && stop == end && id >= 0 && !text.empty()) return id;
  return make_error(Reason::kInvalidInput,
                    std::string(field) + ": \"" + text.substr(0, 60) + "\" is not one of ours");
}

operations::v1::DeadLetter to_proto(const std::string& service, const DeadLetter& letter) {
  const Event& event = letter.record.event;
  operations::v1::DeadLetter message;
  message.set_id(std::to_string(letter.id));
  message.set_service(service);
  message.set_consumer(letter.consumer);
  message.set_topic(event.topic);
  message.set_partition(event.partition);
  message.set_offset(letter.record.offset);
  message.set_key(event.key);
  message.set_event_id(event.id());
  message.set_type(event.type);
  message.set_subject(event.subject);
  message.set_time(event.time);
  message.set_reason(letter.reason);
  message.set_buried_at(letter.buried_at);
  message.set_body_bytes(event.body ? static_cast<std::int64_t>(event.body->size()) : 0);
  message.set_state(static_cast<operations::v1::DeadLetter::State>(letter.state));
  message.set_tries(letter.tries);
  return message;
}

Result<ListDeadLettersReply> list_letters(const Operations::Parts& parts, const Call&,
                                          const ListDeadLettersRequest& request) {
  UNCAC_ASSIGN(const SettledStore* in, find_store(parts, request.service()));
  if (request.page_size() < 0 || request.page_size() > kLargestPage) {
    return make_error(Reason::kInvalidInput, "page_size: from 0 to 1,000");
  }
  const int page = request.page_size() == 0 ? kUsualPage : request.page_size();
  std::int64_t after = 0;
  if (!request.page_token().empty()) {
    UNCAC_ASSIGN(after, parse_id("page_token", request.page_token()));
  }
  UNCAC_ASSIGN(std::vector<DeadLetter> letters, in->store.read([&](Transaction& transaction) {
    return list_dead_letters(transaction, after, request.handled(), page + 1);
  }));
  ListDeadLettersReply reply;
  if (letters.size() > static_cast<std::size_t>(page)) {
    letters.pop_back();
    reply.set_next_page_token(std::to_string(letters.back().id));
  }
  for (const DeadLetter& letter : letters) {
    *reply.add_letters() = to_proto(in->service.name, letter);
  }
  return reply;
}

Result<operations::v1::DeadLetter> show_letter(const Operations::Parts& parts, const Call&,
                                               const ShowDeadLetterRequest& request) {
  UNCAC_ASSIGN(const SettledStore* in, find_store(parts, request.service()));
  UNCAC_ASSIGN(const std::int64_t id, parse_id("id", request.id()));
  UNCAC_ASSIGN(const DeadLetter letter, in->store.read([&](Transaction& transaction) {
    return read_dead_letter(transaction, id);
  }));
  operations::v1::DeadLetter message = to_proto(in->service.name, letter);
  for (const auto& [name, value] : letter.record.event.extensions) {
    // A stranger's header may hold anything.
    const bool readable = scan_text(value).fault == TextFault::kNone;
    const std::string shown = readable ? value : "hex:" + to_hex(value);
    (*message.mutable_headers())[name] = shown.size() <= kLongestHeader ? shown : "(too long)";
  }
  return message;
}

Result<operations::v1::DeadLetter> resend_letter(const Operations::Parts& parts, const Call& call,
                                                 const ResendDeadLetterRequest& request) {
  UNCAC_ASSIGN(const SettledStore* in, find_store(parts, request.service()));
  UNCAC_ASSIGN(const std::int64_t id, parse_id("id", request.id()));
  if (blank(request.reason()) || request.reason().size() > kLongestReason ||
      scan_text(request.reason()).fault != TextFault::kNone) {
    return make_error(Reason::kInvalidInput,
                      "reason: say why, in at most 1,000 bytes without control characters");
  }
  UNCAC_ASSIGN(const DeadLetter letter,
               in->store.write([&](Transaction& transaction) -> Result<DeadLetter> {
                 UNCAC_TRY(send_again(transaction, id));
                 UNCAC_ASSIGN(DeadLetter sent, read_dead_letter(transaction, id));
                 UNCAC_TRY(audit(transaction, parts, call, "letter.resend",
                                 in->service.name + "/" + request.id(), request.reason(),
                                 sent.record.event.topic + " " + sent.record.event.id()));
                 return sent;
               }));
  return to_proto(in->service.name, letter);
}

Result<RepublishReply> republish(const Operations::Parts& parts, const Call& call,
                                 const RepublishRequest& request) {
  UNCAC_ASSIGN(const SettledStore* in, find_store(parts, request.service()));
  UNCAC_ASSIGN(const std::int64_t events,
               publish_again(*in, call.trace.traceparent(), parts.clock, parts.ids,
                             [&](Transaction& transaction, std::int64_t count) {
                               return audit(transaction, parts, call, "log.republish",
                                            in->service.name, "", std::to_string(count));
                             }));
  RepublishReply reply;
  reply.set_events(events);
  return reply;
}

}  // namespace

template <class Request, class Reply, class Action>
grpc::Status Operations::unary(grpc::ServerContext& context, const char* method,
                               const Request& request, Reply& reply, Action action) {
  return parts_.calls.unary(
      context, std::string("/uncac.operations.v1.Operations/") + method, request, reply,
      [&](const Call& call, const Request& asked) { return action(parts_, call, asked); });
}

grpc::Status Operations::Backup(grpc::ServerContext* context, const BackupRequest* request,
                                BackupReply* reply) {
  return unary(*context, "Backup", *request, *reply, back_up);
}

grpc::Status Operations::GetServiceState(grpc::ServerContext* context,
                                         const GetServiceStateRequest* request,
                                         ServiceState* reply) {
  return unary(*context, "GetServiceState", *request, *reply, get_state);
}

grpc::Status Operations::ListDeadLetters(grpc::ServerContext* context,
                                         const ListDeadLettersRequest* request,
                                         ListDeadLettersReply* reply) {
  return unary(*context, "ListDeadLetters", *request, *reply, list_letters);
}

grpc::Status Operations::ShowDeadLetter(grpc::ServerContext* context,
                                        const ShowDeadLetterRequest* request,
                                        operations::v1::DeadLetter* reply) {
  return unary(*context, "ShowDeadLetter", *request, *reply, show_letter);
}

grpc::Status Operations::ResendDeadLetter(grpc::ServerContext* context,
                                          const ResendDeadLetterRequest* request,
                                          operations::v1::DeadLetter* reply) {
  return unary(*context, "ResendDeadLetter", *request, *reply, resend_letter);
}

grpc::Status Operations::Republish(grpc::ServerContext* context, const RepublishRequest* request,
                                   RepublishReply* reply) {
  return unary(*context, "Republish", *request, *reply, republish);
}

}  // namespace uncac::platform
