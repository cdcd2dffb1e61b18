#include "platform/rpc/call.h"

#include <algorithm>
#include <atomic>

#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

// The value of a header that may stand there once. Two of them are refused: which one another
// program would have looked at is anybody's guess.
Result<std::string> single_header(const grpc::ServerContext& context, const char* name) {
  const auto& headers = context.client_metadata();
  const auto [first, last] = headers.equal_range(name);
  if (first == last) return std::string();
  if (std::next(first) != last) {
    return make_error(Reason::kUnauthenticated,
                      std::string("the header ") + name + " stands there more than once");
  }
  return std::string(first->second.data(), first->second.size());
}

// What the caller gave, at most `longest` away; `longest` none: as the caller said.
Instant deadline_of(const grpc::ServerContext& context, Instant now,
                    std::optional<std::chrono::milliseconds> longest) {
  Instant deadline = longest ? now + *longest : Instant::max();
  const auto asked = context.deadline();
  if (asked == std::chrono::system_clock::time_point::max()) return deadline;
  // As a duration first: the difference to "now" may not fit into nanoseconds.
  const double left =
      std::chrono::duration<double>(asked.time_since_epoch()).count() -
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  constexpr double kYear = 365.0 * 24 * 3600;
  if (left > kYear) return deadline;
  const auto distance = std::chrono::duration_cast<Instant::duration>(
      std::chrono::duration<double>(std::max(left, -kYear)));
  return std::min(deadline, now + distance);
}

}  // namespace

struct Calls::State {
  State(const Gatekeeper& gate, Ids& all_ids, Metrics& all_metrics, Limits all_limits)
      : gatekeeper(gate),
        ids(all_ids),
        metrics(all_metrics),
        limits(all_limits),
        open_streams(metrics.gauge("uncac_rpc_streams", "streams open now")) {}

  // Counts an open stream for as long as it lives.
  class Place {
   public:
    Place(State& state, bool is_stream) : state_(state), holds_(is_stream) {
      if (holds_) state_.open_streams.set(static_cast<double>(++state_.streams));
    }
    ~Place() {
      if (holds_) state_.open_streams.set(static_cast<double>(--state_.streams));
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    bool allowed() const { return !holds_ || state_.streams <= state_.limits.streams; }

   private:
    State& state_;
    bool holds_;
  };

  Status perform(grpc::ServerContext& context, bool is_stream, Call& call,
                 const std::function<Status(const Call&)>& work) {
    const Instant now = std::chrono::steady_clock::now();
    call.deadline =
        deadline_of(context, now, is_stream ? std::nullopt : std::optional(limits.longest_unary));
    if (call.deadline <= now) {
      return make_error(Reason::kDeadlineExceeded, "the time given for this call is over");
    }
    UNCAC_ASSIGN(const std::string authorization, single_header(context, "authorization"));
    UNCAC_ASSIGN(call.principal, gatekeeper.admit(call.method, authorization));
    const Place place(*this, is_stream);
    if (!place.allowed()) {
      return make_error(Reason::kOverloaded, "too many streams are open; try again later");
    }
    const Instant deadline = call.deadline;
    call.cancelled = [&context, deadline] {
      return context.IsCancelled() || std::chrono::steady_clock::now() >= deadline;
    };
    return work(call);
  }

  const Gatekeeper& gatekeeper;
  Ids& ids;
  Metrics& metrics;
  const Limits limits;
  Metrics::Gauge& open_streams;
  std::atomic<std::size_t> streams = 0;
};

Calls::Calls(const Gatekeeper& gatekeeper, Ids& ids, Metrics& metrics, Limits limits)
    : state_(std::make_unique<State>(gatekeeper, ids, metrics, limits)) {}

Calls::~Calls() = default;

grpc::Status Calls::around(grpc::ServerContext& context, std::string_view method, bool is_stream,
                           const std::function<Status(const Call&)>& work) {
  const Instant start = std::chrono::steady_clock::now();
  Call call;
  call.method = std::string(method);
  call.peer = context.peer();
  const auto parent = context.client_metadata().find("traceparent");
  call.trace = continue_trace(parent == context.client_metadata().end()
                                  ? std::string_view()
                                  : std::string_view(parent->second.data(), parent->second.size()),
                              state_->ids);
  const log::TraceScope scope(call.trace.trace_id);

  Status outcome =
      make_error(Reason::kInternal, "the service failed on this call; its log says why (trace " +
                                        call.trace.trace_id + ")");
  std::string thrown;
  try {
    outcome = state_->perform(context, is_stream, call, work);
  } catch (const std::exception& wrong) {
    thrown = std::string("exception: ") + wrong.what();
  } catch (...) {
    thrown = "exception: something that is no std::exception";
  }

  const std::string code(outcome ? "OK" : row_of(outcome.error().reason).name);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Labels labels{{"code", code}, {"method", call.method}};
  state_->metrics.histogram("uncac_rpc_seconds", "time spent on calls", labels).observe(seconds);
  state_->metrics.counter("uncac_rpc_total", "calls answered", labels).add();

  const bool failed = !outcome && outcome.error().reason == Reason::kInternal;
  log::write(failed ? log::Level::kWarning : log::Level::kDebug, "call",
             {{"method", call.method},
              {"code", code},
              {"seconds", std::to_string(seconds)},
              {"role", call.principal ? call.principal->role() : ""},
              {"peer", call.peer},
              {"why", !thrown.empty() ? thrown
                      : failed        ? outcome.error().message
                                      : ""}});
  return outcome ? grpc::Status::OK : to_grpc_status(outcome.error());
}

}  // namespace uncac::platform
