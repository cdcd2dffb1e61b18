#include "platform/runtime/process.h"

#include <pthread.h>

#include <csignal>
#include <fstream>
#include <future>

#include "platform/runtime/log.h"
#include "platform/store/sha256.h"

namespace uncac::platform {
namespace {

constexpr int kHung = 70;  // EX_SOFTWARE of sysexits.h

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void Shutdown::add(std::string step, std::chrono::milliseconds limit,
                   std::function<void()> action) {
  steps_.push_back({std::move(step), limit, std::move(action)});
}

int Shutdown::run() {
  for (const Step& step : steps_) {
    const auto start = std::chrono::steady_clock::now();
    // A packaged task of its own thread, not std::async, whose future would wait for the hung step.
    std::packaged_task<void()> task(step.action);
    std::future<void> done = task.get_future();
    std::thread runner(std::move(task));
    if (done.wait_for(step.limit) != std::future_status::ready) {
      runner.detach();
      log::error("shutdown step hung",
                 {{"step", step.name}, {"limit_ms", std::to_string(step.limit.count())}});
      return kHung;
    }
    runner.join();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    try {
      done.get();
      log::info("shutdown step done", {{"step", step.name}, {"ms", std::to_string(took.count())}});
    } catch (const std::exception& wrong) {
      // The steps after it still have things to save.
      log::error("shutdown step threw", {{"step", step.name}, {"why", wrong.what()}});
    }
  }
  return 0;
}

StopSignal::StopSignal() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void StopSignal::leave_at_once() {
  leaving_ = std::jthread([](const std::stop_token& stop) {
    const sigset_t signals = stop_signals();
    while (!stop.stop_requested()) {
      constexpr timespec kLook{0, 100'000'000};
      if (sigtimedwait(&signals, nullptr, &kLook) < 0) continue;
      log::info("asked to stop before it was ready", {});
      std::_Exit(0);
    }
  });
}

void StopSignal::wait() {
  leaving_ = {};
  const sigset_t signals = stop_signals();
  int received = 0;
  while (sigwait(&signals, &received) != 0) {
  }
  log::info("asked to stop", {{"signal", received == SIGTERM ? "SIGTERM" : "SIGINT"}});
}

const std::string& program_digest() {
  static const std::string digest = [] {
    std::ifstream file("/proc/self/exe", std::ios::binary);
    Sha256 sum;
    std::string piece(1 << 20, '\0');
    bool read = false;
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) ||
           file.gcount() > 0) {
      sum.add(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount())));
      read = true;
    }
    return read ? sum.finish() : std::string();
  }();
  return digest;
}

}  // namespace uncac::platform
