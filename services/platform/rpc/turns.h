// Streams of answers that hold no thread. Each is worked at in short turns by a few threads, and
// lies still between them; what a turn gives is sent before the next one begins, so a reader who is
// slow keeps back nothing but his own stream.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/result.h"
#include "platform/rpc/call.h"
#include "platform/runtime/log.h"

namespace uncac::platform {

// What comes after a turn.
struct Turn {
  bool end = false;
  // The next turn comes after that, or with the next Turns::wake(); 0: at once.
  std::chrono::milliseconds pause{0};
};

// The threads. Safe for concurrent use. Goes away after its last stream.
class Turns {
 public:
  explicit Turns(int threads = 4);
  ~Turns();
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // One that is worked at: by one thread at a time.
  class Job {
   public:
    virtual ~Job() = default;
    virtual void work() = 0;

   private:
    friend class Turns;
    bool waits_ = false;
    Instant due_{};            // when it waits
    bool woken_ = false;       // by itself, since it was last taken to work
    std::uint64_t wakes_ = 0;  // of all, when it was
  };
  // A job is in the hands of one of these two, or at work, or its owner's.
  void soon(Job& job);
  void later(Job& job, std::chrono::milliseconds pause);
  // Whatever waits works now. One that works just now, and will ask for a pause, gets none.
  void wake();
  void wake(Job& job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What a stream gives, turn by turn. By one thread at a time.
template <class Reply>
class TurnSource {
 public:
  virtual ~TurnSource() = default;
  // Appends to `out`, a few hundred at most. Looks at nothing that the call says of its end: that
  // is done between turns.
  virtual Result<Turn> turn(std::vector<Reply>& out) = 0;
};

// The stream of one call. Deletes itself when gRPC has let go of it.
template <class Reply>
class TurnStream final : public grpc::ServerWriteReactor<Reply>, private Turns::Job {
 public:
  // make: (const Call&) → Result<std::unique_ptr<TurnSource<Reply>>>; the call outlives the source.
  template <class Make>
  static TurnStream* start(Turns& turns, std::unique_ptr<Calls::Open> open, Make&& make) {
    auto* stream = new TurnStream(turns, std::move(open));
    const Status& admitted = stream->open_->admitted();
    if (!admitted) {
      stream->Finish(stream->open_->close(admitted));
      return stream;
    }
    Result<std::unique_ptr<TurnSource<Reply>>> source = make(stream->open_->call());
    if (!source) {
      stream->Finish(stream->open_->close(source.error()));
      return stream;
    }
    stream->source_ = *std::move(source);
    turns.soon(*stream);
    return stream;
  }

 private:
  TurnStream(Turns& turns, std::unique_ptr<Calls::Open> open)
      : turns_(turns), open_(std::move(open)) {}

  void work() override {
    next_ = 0;
    batch_.clear();
    const log::TraceScope scope(open_->call().trace.trace_id);
    Status outcome;
    std::string thrown;
    if (open_->call().cancelled()) {
      turn_.end = true;
    } else {
      try {
        Result<Turn> turn = source_->turn(batch_);
        if (turn) {
          turn_ = *turn;
        } else {
          outcome = std::move(turn).error();
        }
      } catch (const std::exception& wrong) {
        thrown = wrong.what();
        outcome = broken_call(open_->call());
      }
    }
    if (!outcome) turn_.end = true;
    if (turn_.end) end_ = open_->close(outcome, thrown);
    // After the last of these calls another thread may have ended it all.
    if (!batch_.empty()) {
      this->StartWrite(&batch_[0]);
    } else {
      go_on();
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      if (!turn_.end) end_ = open_->close({});
      turn_.end = true;
      go_on();
    } else if (++next_ < batch_.size()) {
      this->StartWrite(&batch_[next_]);
    } else {
      go_on();
    }
  }
  void go_on() {
    if (turn_.end) {
      this->Finish(end_);
    } else if (turn_.pause.count() > 0 && batch_.empty()) {
      turns_.later(*this, turn_.pause);
    } else {
      turns_.soon(*this);
    }
  }

  void OnCancel() override { turns_.wake(*this); }
  void OnDone() override { delete this; }

  Turns& turns_;
  const std::unique_ptr<Calls::Open> open_;
  std::unique_ptr<TurnSource<Reply>> source_;  // goes before the call that it looks at
  std::vector<Reply> batch_;
  std::size_t next_ = 0;  // in `batch_`: under way
  Turn turn_;
  grpc::Status end_;
};

}  // namespace uncac::platform
