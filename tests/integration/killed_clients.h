// Clients of a suite that is killed under them: each knows what it was told, what it does not know
// yet, and what its States must therefore have on record.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "integration/bad_input.h"

namespace uncac::testing {

using Strings = std::vector<std::string>;

inline const Strings kProvisions{"uncac/5",  "uncac/6",  "uncac/9",
                                 "uncac/15", "uncac/16", "uncac/44"};
inline const Strings kTypes{"LEGAL_ADVICE", "ACTION_PLAN", "MODEL_TREATY", "ONSITE_EXPERT"};
inline const Strings kAudiences{"RESTRICTED", "PROVIDERS", "PUBLIC"};

// What is on record of one State: its only response and its sharing.
struct Record {
  int versions = 0;
  Strings history;                            // "amended 2"
  std::map<std::string, Strings> needed;      // of the newest version, by provision: types
  std::string measures;                       // of every answer of the newest version
  bool in_force = false;                      // the newest version is
  std::map<std::string, std::string> shared;  // by provision
  bool operator==(const Record&) const = default;
};

inline std::string text_of(const Record& record) {
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

// Keys of the needs that stand; all, or those that everybody sees.
inline void add_needs(const std::string& state, const Record& record, bool to_public,
                      std::set<std::string>& keys) {
  if (!record.in_force) return;
  for (const auto& [provision, types] : record.needed) {
    if (to_public && record.shared.at(provision) != "PUBLIC") continue;
    for (const std::string& type : types) keys.insert(state + ":" + provision + ":" + type);
  }
}

// One act: what it asks for, and the record after it.
struct Act {
  enum class Kind { kSubmit, kWithdraw, kShare, kImport } kind = Kind::kSubmit;
  checklist::v1::SubmitRequest submit;  // with its idempotency key
  checklist::v1::SetSharingRequest share;
  std::string csv;
  bool keep_good = false;
  std::map<std::string, Record> after;  // by State
  std::set<std::string> acknowledged;   // of an import: States
};

struct Counts {
  std::atomic<int> acknowledged = 0, retried = 0, happened = 0, lost = 0;
};

// One client with States of its own. Acts one after the other until a call fails; what failed is
// kept, since nobody knows yet whether it happened.
class Client {
 public:
  Client(System& system, Strings states, std::uint64_t seed, bool imports, Counts& counts)
      : system_(system),
        states_(std::move(states)),
        random_(seed),
        imports_(imports),
        counts_(counts) {
    for (const std::string& state : states_) records_[state];
  }

  const std::map<std::string, Record>& records() const { return records_; }
  const std::optional<Act>& pending() const { return pending_; }

  // In a thread of its own. `killed` is set before the suite is.
  void run(const std::atomic<bool>& killed) {
    Asked asked(system_, own_channel(system_));
    while (!killed) {
      pending_ = next();
      const grpc::Status status = perform(asked, *pending_);
      if (!status.ok()) {
        if (!killed) wrong_.push_back(refusal_of(status) + " " + status.error_message());
        return;
      }
      accept();
    }
  }

  // After the restart: the record of each State is the one before or the one after, which of them
  // is found out, and the act is done again where its key makes that safe.
  void resolve(Asked& asked, const std::map<std::string, Record>& found) {
    std::size_t there = 0;
    for (const auto& [state, record] : found) {
      const Record& before = records_.at(state);
      const bool touched = pending_ && pending_->after.contains(state);
      const bool is_after = touched && record == pending_->after.at(state);
      EXPECT_TRUE(is_after || record == before)
          << state << "\nfound  " << text_of(record) << "\nbefore " << text_of(before)
          << (touched ? "\nafter  " + text_of(pending_->after.at(state)) : "");
      there += is_after ? 1 : 0;
      if (touched && pending_->acknowledged.contains(state)) {
        EXPECT_TRUE(is_after) << state << " was acknowledged and is lost";
      }
    }
    if (!pending_) return;
    const bool whole = pending_->kind != Act::Kind::kImport || !pending_->keep_good;
    EXPECT_TRUE(!whole || there == 0 || there == pending_->after.size()) << "half an act";
    (there > 0 ? counts_.happened : counts_.lost) += 1;
    if (pending_->kind == Act::Kind::kSubmit || pending_->kind == Act::Kind::kImport) {
      ++counts_.retried;
      const grpc::Status status = perform(asked, *pending_);
      EXPECT_TRUE(status.ok()) << status.error_message();
      accept();
    } else if (there > 0) {
      accept();
    } else {
      pending_.reset();
    }
  }
  Strings take_wrong() { return std::exchange(wrong_, {}); }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  const std::string& one_of(const Strings& texts) { return texts[below(texts.size())]; }
  static common::v1::Audience audience_of(const std::string& code) {
    common::v1::Audience audience = common::v1::AUDIENCE_UNSPECIFIED;
    common::v1::Audience_Parse("AUDIENCE_" + code, &audience);
    return audience;
  }

  // New answers to some provisions, each with an audience.
  Record amended(const Record& before) {
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
  static checklist::v1::SubmitRequest request_for(const std::string& state, const Record& record) {
    checklist::v1::SubmitRequest request;
    request.mutable_key()->set_state(state);
    request.mutable_key()->set_checklist("uncac-2007");
    request.mutable_key()->set_round(2009);
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

  Act next() {
    Act act;
    if (imports_) {
      act.kind = Act::Kind::kImport;
      act.keep_good = below(2) == 0;
      act.csv = kChecklistHeader;
      for (const std::string& state : states_) {
        Record& after = act.after[state] = amended(records_.at(state));
        for (auto& [provision, types] : after.needed) {
          for (const std::string& type : types.empty() ? Strings{""} : types) {
            act.csv += state + ",uncac-2007,2009,,," + provision + ",NO," + after.measures +
                       ",INTERAGENCY,," + type + ",,,,,," + after.shared.at(provision) + ",\n";
          }
        }
      }
      return act;
    }
    const std::string& state = one_of(states_);
    const Record& before = records_.at(state);
    Record& after = act.after[state] = before;
    const std::size_t kind = below(10);
    if (kind == 0 && before.in_force) {
      act.kind = Act::Kind::kWithdraw;
      after.in_force = false;
      after.history.push_back("withdrawn " + std::to_string(before.versions));
    } else if (kind <= 3) {
      act.kind = Act::Kind::kShare;
      act.share.set_state(state);
      const std::string audience = one_of(kAudiences);
      act.share.mutable_choice()->set_audience(audience_of(audience));
      for (const std::string& provision : kProvisions) {
        if (below(2) == 0 || !before.shared.contains(provision)) continue;
        // Alone: "uncac/5" would be its paragraphs too, of which this test keeps no record.
        act.share.add_provisions(provision);
        after.shared[provision] = audience;
      }
      if (act.share.provisions().empty()) return next();
    } else {
      after = amended(before);
      act.submit = request_for(state, after);
      act.submit.set_idempotency_key(state + " " + after.measures);
    }
    return act;
  }

  grpc::Status perform(Asked& asked, Act& act) {
    const std::string& state = act.after.begin()->first;
    const std::string reader = "focal-point-" + state;
    switch (act.kind) {
      case Act::Kind::kSubmit: {
        checklist::v1::SubmitReply reply;
        const grpc::Status status =
            asked(reader, &checklist::v1::ChecklistIntake::Stub::Submit, act.submit, reply);
        if (status.ok() && reply.version() != act.after.at(state).versions) {
          wrong_.push_back(state + ": version " + std::to_string(reply.version()) + ", not " +
                           std::to_string(act.after.at(state).versions));
        }
        return status;
      }
      case Act::Kind::kWithdraw: {
        checklist::v1::WithdrawRequest request;
        request.mutable_key()->set_state(state);
        request.mutable_key()->set_checklist("uncac-2007");
        request.mutable_key()->set_round(2009);
        request.set_reason("exercise");
        checklist::v1::EndReply reply;
        return asked(reader, &checklist::v1::ChecklistIntake::Stub::WithdrawResponse, request,
                     reply);
      }
      case Act::Kind::kShare: {
        checklist::v1::SetSharingReply reply;
        return asked(reader, &checklist::v1::ChecklistIntake::Stub::SetSharing, act.share, reply);
      }
      case Act::Kind::kImport:
        break;
    }
    grpc::ClientContext context;
    system_.authorize(context, "secretariat");
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
      if (reply.has_problem()) wrong_.push_back(reply.problem().ShortDebugString());
    }
    return stream->Finish();
  }
  void accept() {
    for (const auto& [state, record] : pending_->after) records_[state] = record;
    pending_.reset();
    ++counts_.acknowledged;
  }

  System& system_;
  const Strings states_;
  std::mt19937_64 random_;
  const bool imports_;
  Counts& counts_;
  int acts_ = 0;
  std::map<std::string, Record> records_;  // as acknowledged
  std::optional<Act> pending_;
  Strings wrong_;
};

// A partner's copy of the needs, kept by the feed alone.
class Follower {
 public:
  Follower(System& system, std::string reader) : system_(system), reader_(std::move(reader)) {}

  // Goes on from where it was; without `to_the_end` until the stream breaks.
  grpc::Status go_on(bool to_the_end) {
    Asked asked(system_, own_channel(system_));
    grpc::ClientContext context;
    system_.authorize(context, reader_);
    needs::v1::FollowRequest request;
    request.set_from(position_);
    request.set_until_caught_up(to_the_end);
    const auto stream = asked.matrix().Follow(&context, request);
    needs::v1::FollowReply change;
    while (stream->Read(&change)) {
      position_ = change.position();
      if (change.kind() == needs::v1::CHANGE_KIND_RESTARTED) copy_.clear();
      if (change.kind() == needs::v1::CHANGE_KIND_REMOVED) copy_.erase(change.need());
      if (change.kind() == needs::v1::CHANGE_KIND_STATED) {
        copy_[change.need()] = change.state_after().audience();
      }
      ++changes_;
    }
    return stream->Finish();
  }
  const std::string& reader() const { return reader_; }
  const std::map<std::string, common::v1::Audience>& copy() const { return copy_; }
  long changes() const { return changes_; }

 private:
  System& system_;
  const std::string reader_;
  std::string position_ = "start";
  std::map<std::string, common::v1::Audience> copy_;
  long changes_ = 0;
};

}  // namespace uncac::testing
