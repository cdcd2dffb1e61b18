// A partner's copy of the needs, kept by the feed alone.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "support/asked.h"

namespace uncac::testing {

// Used by one thread at a time.
class Follower {
 public:
  Follower(System& system, std::string reader) : system_(system), reader_(std::move(reader)) {}

  // Goes on from where it was; without `to_the_end` until the stream breaks or end() is called.
  grpc::Status go_on(bool to_the_end) {
    Asked asked(system_, own_channel(system_));
    grpc::ClientContext context;
    system_.authorize(context, reader_);
    set_current(&context);
    needs::v1::FollowRequest request;
    request.set_from(position_);
    request.set_until_caught_up(to_the_end);
    const auto stream = asked.matrix().Follow(&context, request);
    needs::v1::FollowReply change;
    while (stream->Read(&change)) {
      position_ = change.position();
      if (change.kind() == needs::v1::CHANGE_KIND_RESTARTED) {
        copy_.clear();
        ++restarts_;
      }
      if (change.kind() == needs::v1::CHANGE_KIND_REMOVED) copy_.erase(change.need());
      if (change.kind() == needs::v1::CHANGE_KIND_STATED) {
        copy_[change.need()] = change.state_after().audience();
      }
      ++changes_;
    }
    const grpc::Status status = stream->Finish();
    set_current(nullptr);
    return status;
  }
  // By any thread: breaks the stream that another one reads, if there is one.
  void end() {
    const std::lock_guard guard(mutex_);
    if (current_ != nullptr) current_->TryCancel();
  }
  const std::string& reader() const { return reader_; }
  const std::map<std::string, common::v1::Audience>& copy() const { return copy_; }
  long changes() const { return changes_; }
  long restarts() const { return restarts_; }  // told to drop its copy
  const std::string& position() const { return position_; }
  // Where it goes on next.
  void place(std::string position) { position_ = std::move(position); }

 private:
  void set_current(grpc::ClientContext* context) {
    const std::lock_guard guard(mutex_);
    current_ = context;
  }

  System& system_;
  const std::string reader_;
  std::string position_ = "start";
  std::map<std::string, common::v1::Audience> copy_;
  long changes_ = 0, restarts_ = 0;
  std::mutex mutex_;
  grpc::ClientContext* current_ = nullptr;
};

}  // namespace uncac::testing
