#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "uncac/operations/v1/operations.grpc.pb.h"

namespace uncac::cli {
namespace {

using operations::v1::DeadLetter;
using operations::v1::Operations;
using platform::Reason;
using platform::Result;

constexpr int kPage = 1'000;

std::string state_of(const DeadLetter& letter) {
  switch (letter.state()) {
    case DeadLetter::STATE_WAITING:
      return "waiting";
    case DeadLetter::STATE_SENT:
      return "sent";
    case DeadLetter::STATE_HANDLED:
      return "handled";
    default:
      return "";
  }
}

// "needs_matrix/17": its service and its number there.
std::string name_of(const DeadLetter& letter) { return letter.service() + "/" + letter.id(); }

template <class Request>
Result<Request> named(const std::string& name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == name.size()) {
    return platform::make_error(Reason::kInvalidInput,
                                "\"" + name +
                                    "\" is no dead letter; write needs_matrix/17, as "
                                    "`uncac dlq list` does");
  }
  Request request;
  request.set_service(name.substr(0, slash));
  request.set_id(name.substr(slash + 1));
  return request;
}

Result<std::vector<DeadLetter>> list_of(const Session& session, const std::string& service,
                                        bool handled) {
  std::vector<DeadLetter> letters;
  operations::v1::ListDeadLettersRequest request;
  request.set_service(service);
  request.set_handled(handled);
  request.set_page_size(kPage);
  while (true) {
    UNCAC_ASSIGN(const auto page,
                 ask(session, request, &Operations::Stub::ListDeadLetters, kCallSeconds, service));
    letters.insert(letters.end(), page.letters().begin(), page.letters().end());
    if (page.next_page_token().empty()) return letters;
    request.set_page_token(page.next_page_token());
  }
}

}  // namespace

int list_dead_letters(const Session& session, bool handled) {
  std::vector<DeadLetter> letters;
  for (const std::string service : kServices) {
    const auto some = list_of(session, service, handled);
    if (!some) return report(session, some.error());
    letters.insert(letters.end(), some->begin(), some->end());
  }
  if (session.format == Format::kJson) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const DeadLetter& letter : letters)
      all.push_back(nlohmann::ordered_json::parse(json_of(letter), nullptr, false));
    std::printf("%s\n", all.dump(2).c_str());
    return kDone;
  }
  Table table(
      {"letter", "state", "topic", "partition", "offset", "event", "buried_at", "tries", "reason"});
  for (const DeadLetter& letter : letters) {
    table.add({name_of(letter), state_of(letter), letter.topic(),
               std::to_string(letter.partition()), std::to_string(letter.offset()),
               letter.event_id(), letter.buried_at(), std::to_string(letter.tries()),
               letter.reason()});
  }
  if (session.format == Format::kCsv) {
    table.print_csv();
  } else {
    table.print(9);
    std::printf("\n%zu dead letters\n", letters.size());
  }
  return kDone;
}

int show_dead_letter(const Session& session, const std::string& name) {
  const auto request = named<operations::v1::ShowDeadLetterRequest>(name);
  if (!request) return report(session, request.error());
  const auto letter =
      ask(session, *request, &Operations::Stub::ShowDeadLetter, kCallSeconds, request->service());
  if (!letter) return report(session, letter.error());
  if (session.format == Format::kJson) return print_json(*letter);
  std::vector<std::pair<std::string, std::string>> lines{
      {"letter", name_of(*letter)},
      {"state", state_of(*letter)},
      {"consumer", letter->consumer()},
      {"topic", letter->topic()},
      {"partition", std::to_string(letter->partition())},
      {"offset", std::to_string(letter->offset())},
      {"key", letter->key()},
      {"event", letter->event_id()},
      {"type", letter->type()},
      {"subject", letter->subject()},
      {"time", letter->time()},
      {"body_bytes", std::to_string(letter->body_bytes())},
      {"buried_at", letter->buried_at()},
      {"tries", std::to_string(letter->tries())},
      {"reason", letter->reason()}};
  for (const auto& [header, value] :
       std::map<std::string, std::string>(letter->headers().begin(), letter->headers().end())) {
    lines.emplace_back("header " + header, value);
  }
  Table table({"field", "value"});
  for (const auto& [field, value] : lines) table.add({field, value});
  if (session.format == Format::kCsv) {
    table.print_csv();
  } else {
    table.print(2);
  }
  return kDone;
}

int resend_dead_letters(const Session& session, const std::vector<std::string>& names,
                        const std::string& reason) {
  for (const std::string& name : names) {
    auto request = named<operations::v1::ResendDeadLetterRequest>(name);
    if (!request) return report(session, request.error());
    request->set_reason(reason);
    const auto letter = ask(session, *request, &Operations::Stub::ResendDeadLetter, kCallSeconds,
                            request->service());
    if (!letter) return report(session, letter.error());
    if (session.format == Format::kJson) {
      print_json(*letter);
    } else {
      std::printf("%s: sent again to %s; `uncac dlq show %s` says what became of it\n",
                  name.c_str(), letter->consumer().c_str(), name.c_str());
    }
  }
  return kDone;
}

}  // namespace uncac::cli
