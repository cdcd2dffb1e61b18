#include "checklist_intake/actions/read_responses.h"

#include <algorithm>

#include "checklist_intake/domain/changes.h"
#include "checklist_intake/domain/checklist_csv_writer.h"
#include "checklist_intake/domain/history.h"
#include "checklist_intake/wire.h"

namespace uncac::checklist_intake {
namespace {

using platform::Reason;
using platform::Result;
using platform::Status;
using platform::Transaction;

constexpr std::size_t kPage = 200;
constexpr std::size_t kMostPage = 1000;
constexpr std::size_t kPiece = 64 << 10;

platform::Error no_such_response() {
  return platform::make_error(Reason::kNotFound, "there is no such response");
}

// 0 is the newest.
Result<std::optional<StoredVersion>> find_version(Transaction& transaction, const Key& key,
                                                  std::int64_t version) {
  return version == 0 ? read_newest(transaction, key) : read_version(transaction, key, version);
}

// In treaty order, as the choices hold today.
Result<std::vector<StoredDecision>> decisions_in_force(Transaction& transaction,
                                                       const IntakeParts& parts,
                                                       const std::string& state) {
  UNCAC_ASSIGN(std::vector<StoredDecision> decisions, read_decisions(transaction, state));
  for (StoredDecision& decision : decisions) {
    decision.choice = choice_on(decision.choice, parts.today());
  }
  const Reference& reference = *parts.reference;
  std::sort(decisions.begin(), decisions.end(),
            [&](const StoredDecision& a, const StoredDecision& b) {
              return reference.provision(a.provision) < reference.provision(b.provision);
            });
  return decisions;
}

// State by name, checklist, round: the order of a list.
std::tuple<std::size_t, std::size_t, std::int64_t> place_of(const Reference& reference,
                                                            const Key& key) {
  return {reference.state(key.state).value_or(0), reference.checklist(key.checklist).value_or(0),
          key.round};
}

}  // namespace

Result<checklist::v1::GetResponseReply> get_response(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::GetResponseRequest& request) {
  UNCAC_TRY(may_read(access::caller_of(call), request.key().state()));
  UNCAC_ASSIGN(const Key named, read_key(*parts.reference, request.key()));
  return parts.context.store.read(
      [&](Transaction& transaction) -> Result<checklist::v1::GetResponseReply> {
        Key key = named;
        UNCAC_TRY(resolve_round(transaction, key));
        UNCAC_ASSIGN(const std::optional<StoredVersion> version,
                     find_version(transaction, key, request.version()));
        if (!version) return no_such_response();
        checklist::v1::GetResponseReply reply;
        *reply.mutable_response() = version->body;
        UNCAC_ASSIGN(const std::vector<StoredDecision> decisions,
                     decisions_in_force(transaction, parts, key.state));
        for (const StoredDecision& decision : decisions) {
          const auto& answers = version->body.answers();
          const bool answered = std::any_of(
              answers.begin(), answers.end(),
              [&](const checklist::v1::Answer& a) { return a.provision() == decision.provision; });
          if (answered) *reply.add_sharing() = listed(key.state, decision);
        }
        return reply;
      });
}

Result<checklist::v1::ListResponsesReply> list_responses(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::ListResponsesRequest& request) {
  const access::Caller& caller = access::caller_of(call);
  const Reference& reference = *parts.reference;
  // A State lists its own; who names none gets what he may read.
  const std::string state = request.state().empty() ? caller.state : request.state();
  if (!state.empty()) {
    UNCAC_TRY(may_read(caller, state));
    if (!reference.state(state)) {
      return platform::make_error(Reason::kInvalidInput,
                                  "state: \"" + state.substr(0, 60) + "\" is no State");
    }
  }
  if (!request.checklist().empty() && !reference.checklist(request.checklist())) {
    return platform::make_error(
        Reason::kInvalidInput,
        "checklist: \"" + request.checklist().substr(0, 60) + "\" is no checklist");
  }
  if (request.page_size() < 0 || static_cast<std::size_t>(request.page_size()) > kMostPage) {
    return platform::make_error(Reason::kInvalidInput, "page_size: 0 to 1,000");
  }
  UNCAC_ASSIGN(std::vector<Summary> all, parts.context.store.read([&](Transaction& transaction) {
    return read_summaries(transaction, state, request.checklist());
  }));
  std::sort(all.begin(), all.end(), [&](const Summary& a, const Summary& b) {
    return place_of(reference, a.key) < place_of(reference, b.key);
  });
  // The token is the key of the last one sent, so that a new response moves no page.
  const auto text = [](const Key& key) {
    return key.state + "/" + key.checklist + "/" + std::to_string(key.round);
  };
  auto from = all.begin();
  if (!request.page_token().empty()) {
    from = std::find_if(all.begin(), all.end(), [&](const Summary& summary) {
      return text(summary.key) == request.page_token();
    });
    if (from == all.end()) {
      return platform::make_error(Reason::kInvalidInput, "page_token: not one of this list");
    }
    ++from;
  }
  const std::size_t most =
      request.page_size() == 0 ? kPage : static_cast<std::size_t>(request.page_size());
  checklist::v1::ListResponsesReply reply;
  for (; from != all.end() && static_cast<std::size_t>(reply.responses_size()) < most; ++from) {
    checklist::v1::ResponseSummary& to = *reply.add_responses();
    to.mutable_key()->set_state(from->key.state);
    to.mutable_key()->set_checklist(from->key.checklist);
    to.mutable_key()->set_round(static_cast<int>(from->key.round));
    to.set_version(static_cast<int>(from->version));
    to.set_submitted_on(from->submitted_on);
    to.set_status(static_cast<checklist::v1::ResponseStatus>(from->status));
    to.set_withdrawn_on(from->withdrawn_on);
    to.set_answers(static_cast<int>(from->answers));
    to.set_exercise(from->exercise);
  }
  if (from != all.end() && reply.responses_size() > 0) {
    reply.set_next_page_token(text(std::prev(from)->key));
  }
  return reply;
}

Result<checklist::v1::GetHistoryReply> get_history(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::GetHistoryRequest& request) {
  UNCAC_TRY(may_read(access::caller_of(call), request.key().state()));
  UNCAC_ASSIGN(const Key named, read_key(*parts.reference, request.key()));
  std::vector<StoredVersion> versions;
  std::vector<Ending> endings;
  const Status read = parts.context.store.read([&](Transaction& transaction) -> Status {
    Key key = named;
    UNCAC_TRY(resolve_round(transaction, key));
    UNCAC_ASSIGN(versions, read_versions(transaction, key));
    UNCAC_ASSIGN(endings, read_endings(transaction, key));
    return {};
  });
  if (!read) return read.error();
  if (versions.empty()) return no_such_response();
  std::vector<EndedVersion> ended;
  ended.reserve(endings.size());
  for (const Ending& ending : endings) {
    ended.push_back({static_cast<int>(ending.version), ending.recorded_at});
  }
  checklist::v1::GetHistoryReply reply;
  for (const HistoryLine& line : order_history(static_cast<int>(versions.size()), ended)) {
    const checklist::v1::ResponseVersion& body =
        versions[static_cast<std::size_t>(line.version - 1)].body;
    checklist::v1::HistoryEntry& entry = *reply.add_entries();
    entry.set_version(line.version);
    entry.set_answers(body.answers_size());
    if (!line.ending) {
      entry.set_action(line.version == 1 ? "submitted" : "amended");
      entry.set_day(body.submitted_on());
      entry.set_recorded_at(body.recorded_at());
      entry.set_recorded_by(body.recorded_by());
      continue;
    }
    const Ending& ending = endings[*line.ending];
    entry.set_action(ending.action);
    entry.set_day(ending.day);
    entry.set_recorded_at(ending.recorded_at);
    entry.set_recorded_by(ending.recorded_by);
    entry.set_reason(ending.reason);
  }
  return reply;
}

Result<checklist::v1::ListSharingReply> list_sharing(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::ListSharingRequest& request) {
  UNCAC_TRY(may_read(access::caller_of(call), request.state()));
  if (!parts.reference->state(request.state())) {
    return platform::make_error(Reason::kInvalidInput,
                                "state: \"" + request.state().substr(0, 60) + "\" is no State");
  }
  UNCAC_ASSIGN(const std::vector<StoredDecision> decisions,
               parts.context.store.read([&](Transaction& transaction) {
                 return decisions_in_force(transaction, parts, request.state());
               }));
  checklist::v1::ListSharingReply reply;
  for (const StoredDecision& decision : decisions) {
    *reply.add_decisions() = listed(request.state(), decision);
  }
  return reply;
}

Status export_response(const IntakeParts& parts, const platform::Call& call,
                       const checklist::v1::ExportRequest& request,
                       const std::function<bool(const checklist::v1::ExportReply&)>& send) {
  UNCAC_TRY(may_read(access::caller_of(call), request.key().state()));
  UNCAC_ASSIGN(const Key named, read_key(*parts.reference, request.key()));
  const Reference& reference = *parts.reference;
  UNCAC_ASSIGN(
      const std::string file,
      parts.context.store.read([&](Transaction& transaction) -> Result<std::string> {
        Key key = named;
        UNCAC_TRY(resolve_round(transaction, key));
        UNCAC_ASSIGN(const std::optional<StoredVersion> version,
                     find_version(transaction, key, request.version()));
        if (!version) return no_such_response();
        if (request.version() == 0 &&
            version->body.status() != checklist::v1::RESPONSE_STATUS_SUBMITTED) {
          return platform::make_error(Reason::kFailedPrecondition,
                                      "the response is no longer in force; see its history");
        }
        UNCAC_ASSIGN(const std::vector<Answer> answers, answers_from(reference, version->body));
        UNCAC_ASSIGN(const std::vector<StoredDecision> decisions,
                     decisions_in_force(transaction, parts, key.state));
        SharingChoices in_force;
        for (const StoredDecision& decision : decisions) {
          if (const auto provision = reference.provision(decision.provision)) {
            in_force.emplace(*provision, decision.choice);
          }
        }
        UNCAC_ASSIGN(const Day day, platform::parse_day(version->body.submitted_on()));
        const ResponseKey response{*reference.state(key.state), *reference.checklist(key.checklist),
                                   static_cast<int>(key.round)};
        return write_checklist_csv(reference,
                                   {response, day, answers, in_force, version->body.exercise()});
      }));
  for (std::size_t at = 0; at < file.size(); at += kPiece) {
    checklist::v1::ExportReply reply;
    reply.set_chunk(file.substr(at, kPiece));
    if (!send(reply)) break;
  }
  return {};
}

}  // namespace uncac::checklist_intake
