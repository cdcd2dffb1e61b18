#include "faults/load.h"

#include <algorithm>
#include <tuple>

namespace uncac::testing {
namespace {

using needs::v1::NeedsMatrix;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

const std::vector<Strings> kStates{{"KEN", "UGA", "TZA"},
                                   {"BRA", "PER", "CHL"},
                                   {"FRA", "POL", "JPN"},
                                   {"GHA", "NGA", "BEN"},
                                   {"ZMB"}};
// Of whom nothing is filed one by one.
const Strings kImported{"AGO", "ARG", "AUS", "AUT", "BEL", "BGR", "BOL", "CAN", "CIV", "CMR",
                        "COL", "CRI", "CZE", "DEU", "DNK", "DZA", "ECU", "EGY", "ESP", "EST",
                        "ETH", "FIN", "FJI", "GAB", "GTM", "HND", "HRV", "HUN", "IDN", "IND",
                        "IRL", "IRQ", "ITA", "JAM", "JOR", "KAZ", "KHM", "KWT", "LAO", "LBN"};
// How long one attempt may take before the same is tried again.
constexpr seconds kAttempt{3};
// An answer that knows the act just acknowledged is not waited for longer: the next act is due, and
// what is late now is checked at the end.
constexpr seconds kReadBack{1};
// Between the works of one worker: the load is there to be broken, not to measure.
constexpr milliseconds kBetween{60};
constexpr milliseconds kBetweenAttempts{50};
// The rule on narrowed audiences: no answer begun later than this shows what was shared before.
constexpr seconds kNarrowed{5};

std::shared_ptr<grpc::Channel> patient_channel(System& system) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  // As our own clients do it: else they would wait for minutes after the front was away.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return grpc::CreateCustomChannel(system.address(), grpc::InsecureChannelCredentials(), arguments);
}

// The same request may succeed later.
bool is_passing(const grpc::Status& status) {
  return !status.ok() && platform::row_of(platform::from_grpc_status(status).reason).retryable;
}

std::string words_of(const grpc::Status& status) {
  return refusal_of(status) + " \"" + status.error_message() + "\"";
}

std::string text_of(const std::map<std::string, common::v1::Audience>& needs) {
  std::string text;
  for (const auto& [need, audience] : needs) {
    text += " " + need + "=" + common::v1::Audience_Name(audience).substr(9);
  }
  return text;
}

bool has_needs(const std::string& state, const Record& record) {
  std::map<std::string, common::v1::Audience> needs;
  add_needs(state, record, "RESTRICTED", needs);
  return !needs.empty();
}

}  // namespace

// ---- what must be ---------------------------------------------------------------------------

World::World(System& system)
    : secretariat(std::make_unique<Follower>(system, "secretariat")),
      everybody(std::make_unique<Follower>(system, "")) {
  std::uint64_t seed = 2009;
  importer = std::make_unique<Filer>(kImported, seed++);
  for (const Strings& states : kStates) {
    filers.push_back(std::make_unique<Filer>(states, seed++));
  }
}

World::Memory World::remember() const {
  Memory memory;
  for (const auto& filer : filers) memory.filers.emplace_back(filer->records, filer->tokens);
  return memory;
}

void World::put_back(const Memory& memory) {
  for (std::size_t i = 0; i < filers.size(); ++i) {
    std::tie(filers[i]->records, filers[i]->tokens) = memory.filers[i];
  }
}

std::map<std::string, common::v1::Audience> World::needs(const std::string& audience) const {
  std::map<std::string, common::v1::Audience> needs;
  for (const auto& [state, record] : records()) add_needs(state, *record, audience, needs);
  return needs;
}

std::vector<std::string> World::tokens() const {
  std::vector<std::string> all;
  for (const auto& filer : filers) {
    for (const auto& [state, token] : filer->tokens) all.push_back(token);
  }
  return all;
}

std::map<std::string, const Record*> World::records() const {
  std::map<std::string, const Record*> all;
  for (const auto& filer : filers) {
    for (const auto& [state, record] : filer->records) all[state] = &record;
  }
  for (const auto& [state, record] : importer->records) {
    if (record.versions > 0) all[state] = &record;
  }
  return all;
}

// ---- times ----------------------------------------------------------------------------------

void Timeline::add() {
  const std::lock_guard guard(mutex_);
  times_.push_back(Clock::now());
}

long Timeline::count() const {
  const std::lock_guard guard(mutex_);
  return static_cast<long>(times_.size());
}

milliseconds Timeline::longest_pause(Clock::time_point end) const {
  const std::lock_guard guard(mutex_);
  Clock::time_point before = begin_;
  Clock::duration longest{0};
  for (const Clock::time_point time : times_) {
    longest = std::max(longest, time - before);
    before = time;
  }
  return std::chrono::duration_cast<milliseconds>(std::max(longest, end - before));
}

// ---- the workers ----------------------------------------------------------------------------

Load::Load(System& system, World& world)
    : system_(system), world_(world), done_(world.filers.size() + 2), seen_(done_.size(), 0) {
  std::size_t worker = 0;
  for (const auto& filer : world.filers) {
    const bool is_witness = filer == world.filers.back();
    threads_.emplace_back([this, &filer, worker, is_witness] {
      is_witness ? watch(*filer, worker) : file(*filer, worker);
    });
    ++worker;
  }
  for (const std::string reader : {"secretariat", ""}) {
    threads_.emplace_back([this, reader, worker] { ask(reader, worker); });
    ++worker;
  }
  for (Follower* follower : {world.secretariat.get(), world.everybody.get()}) {
    threads_.emplace_back([this, follower] { follow(*follower); });
  }
}

Load::~Load() {
  if (!threads_.empty()) finish(milliseconds(0));
}

bool Load::all_went_on() {
  for (std::size_t i = 0; i < done_.size(); ++i) {
    if (done_[i] <= seen_[i]) return false;
  }
  for (std::size_t i = 0; i < done_.size(); ++i) seen_[i] = done_[i];
  return true;
}

void Load::finish(milliseconds limit) {
  end_ = Clock::now();
  ending_ = true;
  std::jthread watchdog([&](const std::stop_token& stop) {
    const auto ended = [&] {
      // Again and again: one may be about to begin.
      for (Follower* follower : {world_.secretariat.get(), world_.everybody.get()}) {
        follower->end();
      }
      return stop.stop_requested();
    };
    eventually(ended, limit);
    given_up_ = true;
    eventually(ended, 2 * kAttempt);
  });
  threads_.clear();
}

Figures Load::figures() const {
  return {filed_.count(),
          answered_.count(),
          refused_,
          late_,
          filed_.longest_pause(end_),
          answered_.longest_pause(end_),
          answered_strangers_.longest_pause(end_)};
}

void Load::pace(milliseconds by) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, by);
}

void Load::say_wrong(std::string what) {
  const std::lock_guard guard(mutex_);
  wrong_.push_back(std::move(what));
}

void Load::refused(const grpc::Status& status) {
  ++refused_;
  const std::lock_guard guard(mutex_);
  ++refusals_[words_of(status).substr(0, 200)];
}

// The same call until it is answered one way or the other.
template <class Call>
grpc::Status Load::until_answered(const Call& call) {
  while (true) {
    grpc::Status status = call();
    if (status.ok() || !is_passing(status) || given_up_) return status;
    refused(status);
    pace(kBetweenAttempts);
  }
}

// Nothing when it was refused for good, which is wrong.
std::optional<Act> Load::done(Asked& asked, Filer& filer, Act act, std::size_t worker) {
  Strings wrong;
  bool again = false;
  const grpc::Status status = until_answered([&] {
    grpc::Status tried = perform(asked, act, wrong);
    // A withdrawal has no key of its own: after an attempt that nobody heard of, that there is
    // nothing left to withdraw says that it happened.
    const bool happened = again && act.kind == Act::Kind::kWithdraw &&
                          tried.error_code() == grpc::StatusCode::FAILED_PRECONDITION;
    again = true;
    return happened ? grpc::Status::OK : tried;
  });
  for (std::string& what : wrong) say_wrong(std::move(what));
  const std::string& state = act.after.begin()->first;
  if (!status.ok()) {
    say_wrong(state + ": " + words_of(status));
    return std::nullopt;
  }
  filed_.add();
  ++done_[worker];
  filer.records[state] = act.after.at(state);
  if (!act.version_token.empty()) filer.tokens[state] = act.version_token;
  return act;
}

void Load::file(Filer& filer, std::size_t worker) {
  Asked asked(system_, patient_channel(system_), kAttempt);
  Asked reading(system_, patient_channel(system_), kReadBack);
  while (!ending()) {
    const std::optional<Act> act = done(asked, filer, filer.acts.next(filer.records), worker);
    if (!act) return;
    if (filer.acts.below(3) == 0) {
      read_back(reading, filer, act->after.begin()->first);
    }
    pace(kBetween);
  }
}

// What was just acknowledged is in the answers, to whom it may concern and nobody else.
void Load::read_back(Asked& asked, Filer& filer, const std::string& state) {
  if (!filer.tokens.contains(state)) return;
  struct Sight {
    const char* reader;
    const char* audience;
  };
  const std::vector<Sight> sights{
      {"", "RESTRICTED"}, {"provider:EX1", "PROVIDERS"}, {"public", "PUBLIC"}};
  const Sight& sight = sights[filer.acts.below(sights.size())];
  std::map<std::string, common::v1::Audience> right;
  add_needs(state, filer.records.at(state), sight.audience, right);
  std::string wrong;
  grpc::Status status;
  if (filer.acts.below(2) == 0) {
    needs::v1::ListNeedsRequest request;
    needs::v1::ListNeedsReply reply;
    needs::v1::Filter& where = *request.add_where();
    where.set_dimension("state");
    where.add_values(state);
    request.set_reader(sight.reader);
    request.mutable_freshness()->add_version_tokens(filer.tokens.at(state));
    status = asked("secretariat", &NeedsMatrix::Stub::ListNeeds, request, reply);
    std::map<std::string, common::v1::Audience> seen;
    for (const auto& need : reply.needs()) seen[need.need()] = need.audience();
    if (seen != right) wrong = "list:" + text_of(seen);
  } else {
    needs::v1::QueryMatrixRequest request;
    needs::v1::QueryMatrixReply reply;
    request.set_rows("type");
    needs::v1::Filter& where = *request.add_where();
    where.set_dimension("state");
    where.add_values(state);
    request.set_reader(sight.reader);
    request.mutable_freshness()->add_version_tokens(filer.tokens.at(state));
    status = asked("secretariat", &NeedsMatrix::Stub::QueryMatrix, request, reply);
    std::set<std::string> seen, types;
    for (const auto& row : reply.matrix()) {
      const auto& figure = row.figures(0);
      if (!figure.withheld() && figure.value() > 0) seen.insert(row.header().code());
    }
    for (const auto& [need, audience] : right) types.insert(need.substr(need.rfind(':') + 1));
    if (seen != types) {
      wrong = "matrix:";
      for (const std::string& type : seen) wrong += " " + type;
    }
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    ++late_;
    return;
  }
  if (is_passing(status)) return refused(status);
  if (!status.ok()) return say_wrong("question: " + words_of(status));
  answered_.add();
  if (!wrong.empty()) {
    say_wrong(std::string("reader \"") + sight.reader + "\" of " + filer.tokens.at(state) +
              " got " + wrong + "; right is" + text_of(right));
  }
}

// The witness: one State that tells everybody and then nobody, and looks whether that holds.
void Load::watch(Filer& filer, std::size_t worker) {
  Asked asked(system_, patient_channel(system_), kAttempt);
  const std::string state = filer.records.begin()->first;
  Record& record = filer.records.begin()->second;
  while (!ending() && !has_needs(state, record)) {
    Act act = filer.acts.next(filer.records);
    if (act.kind != Act::Kind::kSubmit) continue;
    if (!done(asked, filer, std::move(act), worker)) return;
  }
  const auto share = [&](const std::string& audience) {
    Act act;
    act.kind = Act::Kind::kShare;
    Record& after = act.after[state] = record;
    act.share.set_state(state);
    act.share.mutable_choice()->set_audience(
        audience == "PUBLIC" ? common::v1::AUDIENCE_PUBLIC : common::v1::AUDIENCE_RESTRICTED);
    for (auto& [provision, types] : after.needed) {
      act.share.add_provisions(provision);
      after.shared[provision] = audience;
    }
    return done(asked, filer, std::move(act), worker).has_value();
  };
  needs::v1::ListNeedsRequest request;
  needs::v1::Filter& where = *request.add_where();
  where.set_dimension("state");
  where.add_values(state);
  while (!ending()) {
    if (!share("PUBLIC") || ending() || !share("RESTRICTED")) return;
    const Clock::time_point narrowed = Clock::now();
    while (!ending() && Clock::now() < narrowed + 2 * kNarrowed) {
      const Clock::time_point begun = Clock::now();
      needs::v1::ListNeedsReply reply;
      const grpc::Status status = asked("", &NeedsMatrix::Stub::ListNeeds, request, reply);
      if (status.ok()) {
        answered_.add();
        answered_strangers_.add();
        ++done_[worker];
        if (begun >= narrowed + kNarrowed && reply.needs_size() > 0) {
          say_wrong(state + " was narrowed " +
                    std::to_string(std::chrono::duration<double>(begun - narrowed).count()) +
                    " s before a question that still showed it to everybody");
        }
      } else if (is_passing(status)) {
        refused(status);
      } else {
        say_wrong("question: " + words_of(status));
        return;
      }
      pace(kBetween);
    }
  }
}

// A dashboard: the same few questions again and again, so that the cache has its part.
void Load::ask(const std::string& reader, std::size_t worker) {
  Asked asked(system_, patient_channel(system_), kAttempt);
  const Strings rows{"regional_group", "type", "state"};
  for (std::size_t turn = 0; !ending(); ++turn) {
    needs::v1::QueryMatrixRequest request;
    request.set_rows(rows[turn % rows.size()]);
    needs::v1::QueryMatrixReply reply;
    const grpc::Status status = asked(reader, &NeedsMatrix::Stub::QueryMatrix, request, reply);
    if (status.ok()) {
      answered_.add();
      if (reader.empty()) answered_strangers_.add();
      ++done_[worker];
    } else if (is_passing(status)) {
      refused(status);
    } else {
      say_wrong("question: " + words_of(status));
      return;
    }
    pace(kBetween);
  }
}

void Load::follow(Follower& follower) {
  while (!ending()) {
    const grpc::Status status = follower.go_on(false);
    const bool ended = status.ok() || status.error_code() == grpc::StatusCode::CANCELLED;
    if (!ended && !is_passing(status)) say_wrong("feed: " + words_of(status));
    pace(kBetweenAttempts);
  }
}

}  // namespace uncac::testing
