#include "platform/runtime/published.h"

#include <algorithm>

#include "platform/events/pause.h"
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

Result<std::optional<Drained::Waiting>> look(Store& store) {
  return store.read([](Transaction& transaction) -> Result<std::optional<Drained::Waiting>> {
    UNCAC_ASSIGN(const Rows rows, transaction.query("SELECT min(id), max(id) FROM outbox"));
    if (rows.is_null(0, 0)) return std::optional<Drained::Waiting>();
    return std::optional(Drained::Waiting{rows.integer(0, 0), rows.integer(0, 1)});
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
    if (const auto waiting = look(store_)) {
      const std::lock_guard guard(mutex_);
      drained_.looked(before, *waiting);
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
        if (drained_.until() == Instant{}) {
          return make_error(Reason::kUnavailable, "the outbox was not looked at yet");
        }
        GetPublishedReply answer;
        answer.set_milliseconds_ago(
            std::chrono::ceil<milliseconds>(steady_clock::now() - drained_.until()).count());
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
    if (status.ok() && reply.milliseconds_ago() >= 0) {
      until_ = std::max(until_, before - milliseconds(reply.milliseconds_ago()));
    }
  }
  changed_.notify_all();
}

Instant WriterWatch::complete_until() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kFirstAnswer, [this] { return asked_; });
  return until_;
}

}  // namespace uncac::platform
