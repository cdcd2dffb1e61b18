#include "platform/runtime/published.h"

#include <algorithm>

#include "platform/events/pause.h"
#include "platform/events/relay_marks.h"
#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

using operations::v1::GetPublishedReply;
using operations::v1::GetPublishedRequest;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLookEvery{250};
constexpr milliseconds kAskEvery{500};
constexpr milliseconds kAnswer{500};
constexpr milliseconds kFirstAnswer{1'000};
// An outbox that does not empty for long; later looks then stand for the ones before.
constexpr std::size_t kMostLooks = 100;

struct Look {
  std::map<std::pair<std::string, int>, std::int64_t> confirmed;
  std::optional<Drained::Waiting> waiting;
};

Result<Look> look(Store& store) {
  return store.read([](Transaction& transaction) -> Result<Look> {
    Look seen;
    // Before the outbox: who finds that the log has lost something forgets the places and fills the
    // outbox in one transaction, and no look may fall between the two.
    UNCAC_ASSIGN(const RelayMarks marks, read_relay_marks(transaction));
    for (const auto& [partition, mark] : marks) {
      if (mark.place_offset >= 0) seen.confirmed[partition] = mark.place_offset;
    }
    UNCAC_ASSIGN(const Rows rows, transaction.query("SELECT min(id), max(id) FROM outbox"));
    if (!rows.is_null(0, 0)) seen.waiting = {rows.integer(0, 0), rows.integer(0, 1)};
    return seen;
  });
}

}  // namespace

void Drained::looked(Instant at, const std::optional<Waiting>& waiting) {
  while (!looks_.empty() && (!waiting || looks_.front().highest < waiting->lowest)) {
    until_ = looks_.front().at;
    looks_.pop_front();
  }
  if (!waiting) {
    until_ = at;
    return;
  }
  // What a newer look saw last covers an older one that saw the same.
  const bool same = !looks_.empty() && looks_.back().highest >= waiting->highest;
  if (same || looks_.size() >= kMostLooks) {
    looks_.back() = {at, std::max(looks_.back().highest, waiting->highest)};
  } else {
    looks_.push_back({at, waiting->highest});
  }
}

void Publishing::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Instant before = steady_clock::now();
    // A store that does not answer needs no word here: what is known grows old, and who asks is
    // told how old.
    if (Result<Look> seen = look(store_)) {
      const std::lock_guard guard(mutex_);
      // Places are taken back when the log has lost something: what was said by them is void.
      const bool taken_back =
          std::any_of(confirmed_.begin(), confirmed_.end(), [&](const auto& place) {
            const auto now = seen->confirmed.find(place.first);
            return now == seen->confirmed.end() || now->second < place.second;
          });
      if (taken_back) {
        drained_ = {};
        void_ = true;
      }
      drained_.looked(before, seen->waiting);
      confirmed_ = std::move(seen->confirmed);
      if (drained_.until() != Instant{}) void_ = false;
    }
    pause(stop, kLookEvery);
  }
}

grpc::Status Publishing::GetPublished(grpc::ServerContext* context,
                                      const GetPublishedRequest* request,
                                      GetPublishedReply* reply) {
  return calls_.unary(
      *context, "/uncac.operations.v1.Publishing/GetPublished", *request, *reply,
      [&](const Call&, const GetPublishedRequest&) -> Result<GetPublishedReply> {
        const std::lock_guard guard(mutex_);
        GetPublishedReply answer;
        if (void_) {
          answer.set_milliseconds_ago(-1);
          return answer;
        }
        if (drained_.until() == Instant{}) {
          return make_error(Reason::kUnavailable, "the outbox was not seen empty yet");
        }
        answer.set_milliseconds_ago(
            std::chrono::ceil<milliseconds>(steady_clock::now() - drained_.until()).count());
        for (const auto& [partition, offset] : confirmed_) {
          GetPublishedReply::Place& place = *answer.add_confirmed();
          place.set_topic(partition.first);
          place.set_partition(partition.second);
          place.set_offset(offset);
        }
        return answer;
      });
}

WriterWatch::WriterWatch(std::string service, std::shared_ptr<grpc::Channel> channel)
    : service_(std::move(service)),
      stub_(operations::v1::Publishing::NewStub(std::move(channel))),
      asking_([this](const std::stop_token& stop) {
        bool silent = false;
        while (!stop.stop_requested()) {
          ask(silent);
          pause(stop, kAskEvery);
        }
      }) {}

WriterWatch::~WriterWatch() = default;

void WriterWatch::ask(bool& silent) {
  const Instant before = steady_clock::now();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kAnswer);
  GetPublishedReply reply;
  const grpc::Status status = stub_->GetPublished(&context, {}, &reply);
  if (status.ok() == silent) {
    silent = !status.ok();
    log::write(silent ? log::Level::kWarning : log::Level::kInfo,
               silent ? "a service does not say what it has published" : "it says so again",
               {{"service", service_}, {"error", status.error_message()}});
  }
  {
    const std::lock_guard guard(mutex_);
    asked_ = true;
    const Instant until = before - milliseconds(reply.milliseconds_ago());
    if (status.ok() && reply.milliseconds_ago() < 0) {
      until_ = Instant{};
    } else if (status.ok() && until >= until_) {
      until_ = until;
      confirmed_.clear();
      for (const GetPublishedReply::Place& place : reply.confirmed()) {
        if (place.partition() < 0 || place.partition() >= kPartitions) continue;
        auto& next = confirmed_[place.topic()];
        next.resize(kPartitions, 0);
        next[static_cast<std::size_t>(place.partition())] = place.offset() + 1;
      }
    }
  }
  changed_.notify_all();
}

Completion WriterWatch::completion(const std::string& topic) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kFirstAnswer, [this] { return asked_; });
  const auto confirmed = confirmed_.find(topic);
  return {until_, confirmed == confirmed_.end() ? std::vector<std::int64_t>() : confirmed->second};
}

}  // namespace uncac::platform
