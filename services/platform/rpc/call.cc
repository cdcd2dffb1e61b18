#include "platform/rpc/call.h"

#include <algorithm>
#include <atomic>

#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

enum class Kind { kUnary, kStream, kStreamInTurns };

// The value of a header that may stand there once. Two of them are refused: which one another
// program would have looked at is anybody's guess.
Result<std::string> single_header(const grpc::ServerContextBase& context, const char* name) {
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
Instant deadline_of(const grpc::ServerContextBase& context, Instant now,
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

Error broken_call(const Call& call) {
  return make_error(Reason::kInternal, "the service failed on this call; its log says why (trace " +
                                           call.trace.trace_id + ")");
}

struct Calls::State {
  State(const Gatekeeper& gate, Ids& all_ids, Metrics& all_metrics, Limits all_limits)
      : gatekeeper(gate),
        ids(all_ids),
        metrics(all_metrics),
        limits(all_limits),
        open_streams(metrics.gauge("uncac_rpc_streams", "streams open now")) {}

  void count_streams(std::atomic<std::size_t>& some, int more) {
    some += static_cast<std::size_t>(more);
    open_streams.set(static_cast<double>(streams + streams_in_turns));
  }

  const Gatekeeper& gatekeeper;
  Ids& ids;
  Metrics& metrics;
  const Limits limits;
  Metrics::Gauge& open_streams;
  std::atomic<std::size_t> streams = 0;
  std::atomic<std::size_t> streams_in_turns = 0;
};

// One call, from its first byte to what the log and the metrics say of it.
class Calls::Passage final : public Calls::Open {
 public:
  Passage(State& state, grpc::ServerContextBase& context, std::string_view method)
      : state_(state), context_(context) {
    call_.method = std::string(method);
    call_.peer = context.peer();
    const auto& metadata = context.client_metadata();
    const auto parent = metadata.find("traceparent");
    call_.trace = continue_trace(
        parent == metadata.end() ? std::string_view()
                                 : std::string_view(parent->second.data(), parent->second.size()),
        state.ids);
  }
  ~Passage() override {
    if (streams_ != nullptr) state_.count_streams(*streams_, -1);
  }
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  const Call& call() const override { return call_; }
  const Status& admitted() const override { return admitted_; }

  const Status& admit(Kind kind) {
    admitted_ = look_at(kind);
    return admitted_;
  }

  grpc::Status close(const Status& outcome, const std::string& thrown) override {
    const log::TraceScope scope(call_.trace.trace_id);
    const std::string code(outcome ? "OK" : row_of(outcome.error().reason).name);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const Labels labels{{"code", code}, {"method", call_.method}};
    state_.metrics.histogram("uncac_rpc_seconds", "time spent on calls", labels).observe(seconds);
    state_.metrics.counter("uncac_rpc_total", "calls answered", labels).add();

    const bool failed = !outcome && outcome.error().reason == Reason::kInternal;
    log::write(failed ? log::Level::kWarning : log::Level::kDebug, "call",
               {{"method", call_.method},
                {"code", code},
                {"seconds", std::to_string(seconds)},
                {"role", call_.principal ? call_.principal->role() : ""},
                {"peer", call_.peer},
                {"why", !thrown.empty() ? "exception: " + thrown
                        : failed        ? outcome.error().message
                                        : ""}});
    return outcome ? grpc::Status::OK : to_grpc_status(outcome.error());
  }

 private:
  Status look_at(Kind kind) {
    const Instant now = std::chrono::steady_clock::now();
    call_.deadline = deadline_of(
        context_, now,
        kind == Kind::kUnary ? std::optional(state_.limits.longest_unary) : std::nullopt);
    if (call_.deadline <= now) {
      return make_error(Reason::kDeadlineExceeded, "the time given for this call is over");
    }
    UNCAC_ASSIGN(const std::string authorization, single_header(context_, "authorization"));
    UNCAC_ASSIGN(call_.principal, state_.gatekeeper.admit(call_.method, authorization));
    if (kind != Kind::kUnary) {
      const bool in_turns = kind == Kind::kStreamInTurns;
      streams_ = in_turns ? &state_.streams_in_turns : &state_.streams;
      state_.count_streams(*streams_, 1);
      if (*streams_ > (in_turns ? state_.limits.streams_in_turns : state_.limits.streams)) {
        return make_error(Reason::kOverloaded, "too many streams are open; try again later");
      }
    }
    call_.cancelled = [&context = context_, deadline = call_.deadline] {
      return context.IsCancelled() || std::chrono::steady_clock::now() >= deadline;
    };
    return {};
  }

  State& state_;
  grpc::ServerContextBase& context_;
  const Instant start_ = std::chrono::steady_clock::now();
  Call call_;
  Status admitted_;
  std::atomic<std::size_t>* streams_ = nullptr;  // where it is counted
};

Calls::Calls(const Gatekeeper& gatekeeper, Ids& ids, Metrics& metrics, Limits limits)
    : state_(std::make_unique<State>(gatekeeper, ids, metrics, limits)) {}

Calls::~Calls() = default;

std::unique_ptr<Calls::Open> Calls::open(grpc::CallbackServerContext& context,
                                         std::string_view method) {
  auto passage = std::make_unique<Passage>(*state_, context, method);
  const log::TraceScope scope(passage->call().trace.trace_id);
  passage->admit(Kind::kStreamInTurns);
  return passage;
}

grpc::Status Calls::around(grpc::ServerContext& context, std::string_view method, bool is_stream,
                           const std::function<Status(const Call&)>& work) {
  Passage passage(*state_, context, method);
  const log::TraceScope scope(passage.call().trace.trace_id);
  Status outcome = broken_call(passage.call());
  std::string thrown;
  try {
    outcome = passage.admit(is_stream ? Kind::kStream : Kind::kUnary);
    if (outcome) outcome = work(passage.call());
  } catch (const std::exception& wrong) {
    outcome = broken_call(passage.call());
    thrown = wrong.what();
  } catch (...) {
    outcome = broken_call(passage.call());
    thrown = "something that is no std::exception";
  }
  return passage.close(outcome, thrown);
}

}  // namespace uncac::platform
