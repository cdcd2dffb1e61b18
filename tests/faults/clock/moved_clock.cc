// A wall clock that a test puts forward and back, preloaded into a service. The file that
// UNCAC_MOVED_CLOCK names holds the seconds from the real time, as one int64 in the machine's
// order. Timers run on as they are. (libfaketime hangs in programs whose memory is jemalloc's: that
// asks for the time before libfaketime is set up.)
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

using Offset = std::atomic<std::int64_t>;

// Without memory of its own: this runs before anything else does.
std::int64_t offset() {
  static std::atomic<const Offset*> mapped{nullptr};
  const Offset* found = mapped.load(std::memory_order_acquire);
  if (found == nullptr) {
    const char* path = std::getenv("UNCAC_MOVED_CLOCK");
    if (path == nullptr) return 0;
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    void* memory = ::mmap(nullptr, sizeof(Offset), PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    if (memory == MAP_FAILED) return 0;
    found = static_cast<const Offset*>(memory);
    mapped.store(found, std::memory_order_release);
  }
  return found->load(std::memory_order_relaxed);
}

bool is_wall_clock(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const long failed = ::syscall(SYS_clock_gettime, clock, now);
  if (failed == 0 && is_wall_clock(clock)) now->tv_sec += offset();
  return static_cast<int>(failed);
}

int timespec_get(timespec* now, int base) noexcept {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

int gettimeofday(timeval* now, void* /*zone*/) noexcept {
  timespec exact{};
  if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

// The kernel waits by the real clock. A time since the machine's start is far below one since 1970.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*);
  static const Wait wait = [] {
    // The first version of this function takes other conditions.
    void* found = ::dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (found == nullptr) found = ::dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    return reinterpret_cast<Wait>(found);
  }();
  constexpr std::int64_t kLongAgo = 1'000'000'000;  // in 2001
  timespec real = *until;
  if (real.tv_sec > kLongAgo) real.tv_sec -= offset();
  return wait(condition, mutex, &real);
}

}  // extern "C"
