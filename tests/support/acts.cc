#include "support/acts.h"

#include <algorithm>
#include <array>

namespace uncac::testing {
namespace {

using checklist::v1::ChecklistIntake;

const Strings kProvisions{"uncac/5", "uncac/6", "uncac/9", "uncac/15", "uncac/16", "uncac/44"};
const Strings kTypes{"LEGAL_ADVICE", "ACTION_PLAN", "MODEL_TREATY", "ONSITE_EXPERT"};
const Strings kAudiences{"RESTRICTED", "PROVIDERS", "PUBLIC"};  // each reaches further
constexpr const char* kColumns =
    "state,checklist,round,submitted_on,language,provision,compliance,measures,challenges,"
    "challenges_text,type,type_text,state_priority,received_from,received_type,would_extend,"
    "audience,audience_until\n";

common::v1::Audience audience_of(const std::string& code) {
  common::v1::Audience audience = common::v1::AUDIENCE_UNSPECIFIED;
  common::v1::Audience_Parse("AUDIENCE_" + code, &audience);
  return audience;
}

void name_response(const std::string& state, checklist::v1::ResponseKey& key) {
  key.set_state(state);
  key.set_checklist("uncac-2007");
  key.set_round(2009);
}

checklist::v1::SubmitRequest request_for(const std::string& state, const Record& record) {
  checklist::v1::SubmitRequest request;
  name_response(state, *request.mutable_key());
  for (const auto& [provision, types] : record.needed) {
    checklist::v1::Answer& one = *request.add_answers();
    one.set_provision(provision);
    one.set_compliance(checklist::v1::COMPLIANCE_NO);
    one.add_challenges("INTERAGENCY");
    one.set_measures(record.measures);
    for (const std::string& type : types) one.add_needed()->set_type(type);
    checklist::v1::SharingException& exception = *request.add_exceptions();
    exception.set_provision(provision);
    exception.mutable_choice()->set_audience(audience_of(record.shared.at(provision)));
  }
  return request;
}

grpc::Status import(Asked& asked, Act& act, Strings& wrong) {
  grpc::ClientContext context;
  asked.authorize(context, "secretariat");
  const auto stream = asked.intake().ImportResponses(&context);
  checklist::v1::ImportRequest part;
  part.mutable_options()->set_file_name("import.csv");
  part.mutable_options()->set_keep_good(act.keep_good);
  stream->Write(part);
  part.set_chunk(act.csv);
  stream->Write(part);
  part.mutable_end()->set_bytes(static_cast<std::int64_t>(act.csv.size()));
  stream->Write(part);
  stream->WritesDone();
  checklist::v1::ImportReply reply;
  while (stream->Read(&reply)) {
    if (reply.has_response()) act.acknowledged.insert(reply.response().key().state());
    if (reply.has_problem()) wrong.push_back(reply.problem().ShortDebugString());
  }
  return stream->Finish();
}

}  // namespace

std::string text_of(const Record& record) {
  std::string text = "v" + std::to_string(record.versions) + " \"" + record.measures + "\"" +
                     (record.in_force ? "" : " ended") + ";";
  for (const std::string& entry : record.history) text += " " + entry;
  for (const auto& [provision, types] : record.needed) {
    text += "; " + provision;
    for (const std::string& type : types) text += " " + type;
  }
  for (const auto& [provision, audience] : record.shared) text += "; " + provision + " " + audience;
  return text;
}

void add_needs(const std::string& state, const Record& record, const std::string& audience,
               std::map<std::string, common::v1::Audience>& needs) {
  if (!record.in_force) return;
  for (const auto& [provision, types] : record.needed) {
    const common::v1::Audience shared = audience_of(record.shared.at(provision));
    if (shared < audience_of(audience)) continue;
    for (const std::string& type : types) needs[state + ":" + provision + ":" + type] = shared;
  }
}

std::set<std::string> keys_of(const std::map<std::string, common::v1::Audience>& needs) {
  std::set<std::string> keys;
  for (const auto& [key, audience] : needs) keys.insert(key);
  return keys;
}

// ---- acts -----------------------------------------------------------------------------------

// New answers to some provisions, each with an audience.
Record Acts::amended(const Record& before) {
  Record after = before;
  after.versions = before.versions + 1;
  after.history.push_back((after.versions == 1 ? "submitted " : "amended ") +
                          std::to_string(after.versions));
  after.measures = "act " + std::to_string(++acts_);
  after.in_force = true;
  after.needed.clear();
  const std::size_t left_out = below(kProvisions.size());
  for (std::size_t i = 0; i < kProvisions.size(); ++i) {
    if (i == left_out || below(3) == 0) continue;
    Strings& types = after.needed[kProvisions[i]];
    for (const std::string& type : kTypes) {
      if (below(2) == 0) types.push_back(type);
    }
    after.shared[kProvisions[i]] = one_of(kAudiences);
  }
  if (after.needed.empty()) {
    after.needed[kProvisions[0]] = {kTypes[0]};
    after.shared[kProvisions[0]] = one_of(kAudiences);
  }
  return after;
}

Act Acts::next(const std::map<std::string, Record>& records) {
  while (true) {
    Act act;
    const auto& [state, before] =
        *std::next(records.begin(), static_cast<std::ptrdiff_t>(below(records.size())));
    Record& after = act.after[state] = before;
    const std::size_t kind = below(10);
    if (kind == 0 && before.in_force) {
      act.kind = Act::Kind::kWithdraw;
      after.in_force = false;
      after.history.push_back("withdrawn " + std::to_string(before.versions));
      return act;
    }
    if (kind > 3) {
      after = amended(before);
      act.submit = request_for(state, after);
      act.submit.set_idempotency_key(state + " " + after.measures);
      return act;
    }
    act.kind = Act::Kind::kShare;
    act.share.set_state(state);
    const std::string audience = one_of(kAudiences);
    act.share.mutable_choice()->set_audience(audience_of(audience));
    for (const std::string& provision : kProvisions) {
      if (below(2) == 0 || !before.shared.contains(provision)) continue;
      // Alone: "uncac/5" would be its paragraphs too, of which a Record knows nothing.
      act.share.add_provisions(provision);
      after.shared[provision] = audience;
    }
    if (!act.share.provisions().empty()) return act;
  }
}

Act Acts::next_import(const std::map<std::string, Record>& records) {
  Act act;
  act.kind = Act::Kind::kImport;
  act.keep_good = below(2) == 0;
  act.csv = kColumns;
  for (const auto& [state, before] : records) {
    Record& after = act.after[state] = amended(before);
    for (auto& [provision, types] : after.needed) {
      for (const std::string& type : types.empty() ? Strings{""} : types) {
        act.csv += state + ",uncac-2007,2009,,," + provision + ",NO," + after.measures +
                   ",INTERAGENCY,," + type + ",,,,,," + after.shared.at(provision) + ",\n";
      }
    }
  }
  return act;
}

grpc::Status perform(Asked& asked, Act& act, Strings& wrong) {
  const std::string& state = act.after.begin()->first;
  const std::string reader = "focal-point-" + state;
  switch (act.kind) {
    case Act::Kind::kSubmit: {
      checklist::v1::SubmitReply reply;
      const grpc::Status status = asked(reader, &ChecklistIntake::Stub::Submit, act.submit, reply);
      act.version_token = reply.version_token();
      if (status.ok() && reply.version() != act.after.at(state).versions) {
        wrong.push_back(state + ": version " + std::to_string(reply.version()) + ", not " +
                        std::to_string(act.after.at(state).versions));
      }
      return status;
    }
    case Act::Kind::kWithdraw: {
      checklist::v1::WithdrawRequest request;
      name_response(state, *request.mutable_key());
      request.set_reason("exercise");
      checklist::v1::EndReply reply;
      const grpc::Status status =
          asked(reader, &ChecklistIntake::Stub::WithdrawResponse, request, reply);
      act.version_token = reply.version_token();
      return status;
    }
    case Act::Kind::kShare: {
      checklist::v1::SetSharingReply reply;
      const grpc::Status status =
          asked(reader, &ChecklistIntake::Stub::SetSharing, act.share, reply);
      act.version_token = reply.version_token();
      return status;
    }
    case Act::Kind::kImport:
      break;
  }
  return import(asked, act, wrong);
}

// ---- what the system tells ------------------------------------------------------------------

Record on_record(Asked& asked, const std::string& state) {
  Record record;
  checklist::v1::GetHistoryRequest history;
  name_response(state, *history.mutable_key());
  checklist::v1::GetHistoryReply entries;
  grpc::Status status = asked("secretariat", &ChecklistIntake::Stub::GetHistory, history, entries);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return record;
  EXPECT_TRUE(status.ok()) << status.error_message();
  for (const auto& entry : entries.entries()) {
    record.history.push_back(entry.action() + " " + std::to_string(entry.version()));
  }
  checklist::v1::GetResponseRequest get;
  *get.mutable_key() = history.key();
  checklist::v1::GetResponseReply newest;
  status = asked("secretariat", &ChecklistIntake::Stub::GetResponse, get, newest);
  EXPECT_TRUE(status.ok()) << status.error_message();
  record.versions = newest.response().version();
  record.in_force = newest.response().status() == checklist::v1::RESPONSE_STATUS_SUBMITTED;
  for (const auto& one : newest.response().answers()) {
    Strings& types = record.needed[one.provision()];
    for (const auto& need : one.needed()) types.push_back(need.type());
    std::sort(types.begin(), types.end(), [](const std::string& a, const std::string& b) {
      return std::find(kTypes.begin(), kTypes.end(), a) <
             std::find(kTypes.begin(), kTypes.end(), b);
    });
    record.measures = one.measures();
  }
  checklist::v1::ListSharingRequest list;
  list.set_state(state);
  checklist::v1::ListSharingReply sharing;
  status = asked("secretariat", &ChecklistIntake::Stub::ListSharing, list, sharing);
  EXPECT_TRUE(status.ok()) << status.error_message();
  for (const auto& decision : sharing.decisions()) {
    // Those that a share on an article made for its paragraphs are as that of the article.
    if (std::find(kProvisions.begin(), kProvisions.end(), decision.provision()) ==
        kProvisions.end()) {
      continue;
    }
    constexpr std::size_t kPrefix = sizeof("AUDIENCE_") - 1;
    record.shared[decision.provision()] =
        common::v1::Audience_Name(decision.audience()).substr(kPrefix);
  }
  return record;
}

std::map<std::string, common::v1::Audience> listed(Asked& asked, const std::string& reader) {
  std::map<std::string, common::v1::Audience> needs;
  needs::v1::ListNeedsRequest request;
  request.set_page_size(10'000);
  needs::v1::ListNeedsReply reply;
  const grpc::Status status =
      asked(reader, &needs::v1::NeedsMatrix::Stub::ListNeeds, request, reply);
  EXPECT_TRUE(status.ok()) << status.error_message();
  for (const auto& need : reply.needs()) {
    EXPECT_TRUE(needs.emplace(need.need(), need.audience()).second) << need.need() << " twice";
  }
  return needs;
}

}  // namespace uncac::testing
