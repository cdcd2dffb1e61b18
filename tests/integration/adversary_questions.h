// Everything that an outsider may ask of the needs matrix, and much that he may not, as questions
// that can be asked again: each gives one text that is equal when its answer is.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "integration/bad_input.h"

namespace uncac::testing {

// A provider or the public, and what he says he was told. Used by one thread.
class Outsider {
 public:
  Outsider(System& system, std::string reader)
      : reader_(std::move(reader)), system_(system), asked_(system) {}

  const std::string& reader() const { return reader_; }
  std::string position() {
    needs::v1::ListNeedsReply reply;
    const grpc::Status status = asked_(reader_, &needs::v1::NeedsMatrix::Stub::ListNeeds,
                                       needs::v1::ListNeedsRequest(), reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return reply.position();
  }

  // The reply as text. A position is sealed, never the same twice, so only its length is told.
  template <class Stub, class Request, class Reply>
  std::string ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                  const Request& request) {
    Reply reply;
    const grpc::Status status = asked_(reader_, method, request, reply);
    return told(status) + text_of(reply);
  }
  std::string follow(const needs::v1::FollowRequest& request) {
    grpc::ClientContext context;
    system_.authorize(context, reader_);
    const auto stream = asked_.matrix().Follow(&context, request);
    needs::v1::FollowReply reply;
    std::string all;
    while (stream->Read(&reply)) all += text_of(reply);
    return all + told(stream->Finish());
  }
  // To the last page.
  std::string pages(needs::v1::ListNeedsRequest request) {
    std::string all;
    for (int page = 0; page < 200; ++page) {
      needs::v1::ListNeedsReply reply;
      const grpc::Status status =
          asked_(reader_, &needs::v1::NeedsMatrix::Stub::ListNeeds, request, reply);
      all += told(status) + text_of(reply);
      request.set_page_token(reply.next_page_token());
      if (request.page_token().empty()) return all;
    }
    ADD_FAILURE() << "a list without an end";
    return all;
  }
  std::string exported(const checklist::v1::ExportRequest& request) {
    grpc::ClientContext context;
    system_.authorize(context, reader_);
    const auto stream = asked_.intake().ExportResponse(&context, request);
    checklist::v1::ExportReply reply;
    std::string all;
    while (stream->Read(&reply)) all += reply.chunk();
    return all + told(stream->Finish());
  }

 private:
  static std::string told(const grpc::Status& status) {
    return std::to_string(status.error_code()) + " " + status.error_message() +
           status.error_details() + "\n";
  }
  template <class Reply>
  static std::string text_of(Reply reply) {
    std::string length;
    if constexpr (requires { reply.position(); }) {
      length = "position of " + std::to_string(reply.position().size()) + " characters\n";
      reply.clear_position();
    }
    return length + reply.DebugString();
  }

  const std::string reader_;
  System& system_;
  Asked asked_;
};

struct Question {
  std::string text;
  std::function<std::string(Outsider&)> ask;
};

// What the questions are made of.
struct Subjects {
  std::vector<std::string> states;  // of whom something happens, and others
  std::vector<std::string> provisions;
  std::vector<std::string> hidden_needs;  // keys that he must not learn of
  std::vector<std::string> versions;      // version tokens, of what is and of what will be
  std::vector<std::string> positions;     // of his own and of others
};

class Questioner {
 public:
  Questioner(Subjects subjects, std::uint64_t seed)
      : subjects_(std::move(subjects)), random_(seed) {}

  // As many as asked for, and one of each that is forbidden.
  std::vector<Question> questions(std::size_t count) {
    std::vector<Question> all;
    while (all.size() < count) {
      const std::size_t kind = below(20);
      all.push_back(kind < 12 ? matrix() : kind < 15 ? list() : kind < 17 ? history() : feed());
    }
    forbidden(all);
    return all;
  }

 private:
  using Intake = checklist::v1::ChecklistIntake::Stub;
  using Matrix = needs::v1::NeedsMatrix::Stub;

  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  const std::string& one_of(const std::vector<std::string>& texts) {
    return texts[below(texts.size())];
  }

  const std::vector<std::string> dimensions_{
      "state",     "regional_group", "subregion",  "state_set", "chapter",
      "article",   "provision",      "obligation", "type",      "compliance",
      "challenge", "round",          "need_state"};
  const std::vector<std::string> measures_{"", "states_stating", "needs_stated",
                                           "share_of_respondents", "response_rate"};
  const std::map<std::string, std::vector<std::string>> values_{
      {"regional_group", {"AFR", "APG", "EEG", "GRULAC", "WEOG", "NONE"}},
      {"subregion", {"Western Africa", "Eastern Africa", "South America"}},
      {"chapter", {"II", "III", "IV", "V"}},
      {"article", {"uncac/5", "uncac/6", "uncac/9", "uncac/16", "uncac/44", "uncac/46"}},
      {"type", {"LEGAL_ADVICE", "ACTION_PLAN", "MODEL_TREATY", "OTHER", "ONSITE_EXPERT"}},
      {"compliance", {"YES", "IN_PART", "NO", "NOT_ANSWERED"}},
      {"challenge", {"INTERAGENCY", "COMPETING_PRIORITIES", "LIMITED_AWARENESS"}},
      {"round", {"2007", "2009", "2011", "2012"}},
      {"need_state", {"STATED", "NONE_STATED", "NOT_ANSWERED", "NOT_ASKED", "WITHHELD"}}};

  template <class Filters>
  void add_filters(Filters& filters, bool of_key_alone) {
    for (std::size_t left = below(4); left > 0; --left) {
      std::string dimension = one_of(dimensions_);
      const bool in_key = dimension != "compliance" && dimension != "challenge" &&
                          dimension != "round" && dimension != "need_state";
      if (of_key_alone && !in_key) dimension = "state";
      const auto known = values_.find(dimension);
      const auto& values = dimension == "provision" ? subjects_.provisions
                           : known != values_.end() ? known->second
                                                    : subjects_.states;
      if (known == values_.end() && dimension != "provision") dimension = "state";
      auto& filter = *filters.Add();
      filter.set_dimension(dimension);
      for (std::size_t more = 1 + below(3); more > 0; --more) filter.add_values(one_of(values));
    }
  }
  std::string day() {
    return one_of({"", "", "", "2005-01-01", "2007-11-30", "2009-12-31", "2010-03-01", "2010-12-31",
                   "2025-01-01"});
  }
  template <class Request>
  void freshness(Request& request) {
    const std::size_t kind = below(12);
    if (kind == 0) request.mutable_freshness()->add_version_tokens(one_of(subjects_.versions));
    if (kind <= 2) request.mutable_freshness()->set_at_least(one_of(subjects_.positions));
    if (kind == 3)
      request.set_reader(one_of({"public", "provider:EX1", "state:KEN", "everything"}));
  }

  Question matrix() {
    needs::v1::QueryMatrixRequest request;
    request.set_rows(one_of(dimensions_));
    if (below(2) == 0) request.set_columns(one_of(dimensions_));
    request.set_measure(one_of(measures_));
    request.set_as_of(day());
    if (below(8) == 0) request.set_order_by("figure");
    if (below(8) == 0) request.set_language(one_of({"fr", "es", "ar"}));
    add_filters(*request.mutable_where(), false);
    freshness(request);
    return {"QueryMatrix " + request.ShortDebugString(),
            [request](Outsider& outsider) { return outsider.ask(&Matrix::QueryMatrix, request); }};
  }
  Question list() {
    needs::v1::ListNeedsRequest request;
    request.set_as_of(day());
    add_filters(*request.mutable_where(), false);
    freshness(request);
    const std::size_t kind = below(3);
    if (kind == 0) {
      request.set_page_size(static_cast<int>(1 + below(7)));
      return {"pages of ListNeeds " + request.ShortDebugString(),
              [request](Outsider& outsider) { return outsider.pages(request); }};
    }
    // A page after a need that he does not see, one more or less of which must not move it.
    if (kind == 1) request.set_page_token(one_of(subjects_.hidden_needs));
    return {"ListNeeds " + request.ShortDebugString(),
            [request](Outsider& outsider) { return outsider.ask(&Matrix::ListNeeds, request); }};
  }
  Question history() {
    needs::v1::GetNeedHistoryRequest request;
    request.set_need(below(3) == 0 ? one_of(subjects_.hidden_needs)
                                   : one_of(subjects_.states) + ":" + one_of(subjects_.provisions) +
                                         ":" + one_of(values_.at("type")));
    freshness(request);
    return {"GetNeedHistory " + request.ShortDebugString(), [request](Outsider& outsider) {
              return outsider.ask(&Matrix::GetNeedHistory, request);
            }};
  }
  Question feed() {
    needs::v1::FollowRequest request;
    request.set_from(below(3) == 0 ? "start" : one_of(subjects_.positions));
    request.set_until_caught_up(true);
    add_filters(*request.mutable_where(), true);
    return {"Follow " + request.ShortDebugString(),
            [request](Outsider& outsider) { return outsider.follow(request); }};
  }

  template <class Method, class Request>
  static void add(std::vector<Question>& all, Method method, const Request& request) {
    all.push_back({request.GetTypeName() + " " + request.ShortDebugString(),
                   [=](Outsider& outsider) { return outsider.ask(method, request); }});
  }
  // Whether there is such a response, version, State or decision is not told with the refusal.
  void forbidden(std::vector<Question>& all) {
    for (const std::string& state : subjects_.states) {
      checklist::v1::ResponseKey key;
      key.set_state(state);
      key.set_checklist("uncac-2007");
      key.set_round(2009);
      checklist::v1::GetResponseRequest get;
      *get.mutable_key() = key;
      add(all, &Intake::GetResponse, get);
      checklist::v1::GetHistoryRequest history;
      *history.mutable_key() = key;
      add(all, &Intake::GetHistory, history);
      checklist::v1::ListResponsesRequest responses;
      responses.set_state(state);
      add(all, &Intake::ListResponses, responses);
      checklist::v1::ListSharingRequest sharing;
      sharing.set_state(state);
      add(all, &Intake::ListSharing, sharing);
      checklist::v1::SubmitRequest submit;
      *submit.mutable_key() = key;
      submit.set_dry_run(true);
      submit.set_expected_version(1);
      add(all, &Intake::Submit, submit);
      checklist::v1::WithdrawRequest withdraw;
      *withdraw.mutable_key() = key;
      withdraw.set_reason("to see what happens");
      add(all, &Intake::WithdrawResponse, withdraw);
      checklist::v1::SetSharingRequest share;
      share.set_state(state);
      share.add_provisions("uncac");
      share.set_dry_run(true);
      add(all, &Intake::SetSharing, share);
      checklist::v1::ExportRequest exported;
      *exported.mutable_key() = key;
      all.push_back({"Export " + key.ShortDebugString(),
                     [exported](Outsider& outsider) { return outsider.exported(exported); }});
      needs::v1::QueryMatrixRequest preview;
      preview.set_rows("provision");
      preview.set_reader("state:" + state);
      auto& where = *preview.add_where();
      where.set_dimension("state");
      where.add_values(state);
      add(all, &Matrix::QueryMatrix, preview);
    }
    add(all, &Intake::ListResponses, checklist::v1::ListResponsesRequest());
    add(all, &Matrix::CheckRebuild, needs::v1::CheckRebuildRequest());
    needs::v1::MakeReleaseRequest release;
    release.set_title("mine");
    release.set_dry_run(true);
    add(all, &Matrix::MakeRelease, release);
    add(all, &Matrix::ListReleases, needs::v1::ListReleasesRequest());
    add(all, &Matrix::GetRelease, needs::v1::GetReleaseRequest());
  }

  const Subjects subjects_;
  std::mt19937_64 random_;
};

}  // namespace uncac::testing
