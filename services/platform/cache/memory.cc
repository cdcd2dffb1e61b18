#include <list>
#include <mutex>
#include <unordered_map>

#include "platform/cache/cache.h"

namespace uncac::platform {
namespace {

class MemoryCache final : public Cache {
 public:
  MemoryCache(std::size_t max_bytes, const Clock& clock) : max_bytes_(max_bytes), clock_(clock) {}

  std::optional<std::string> get(const std::string& key) override {
    std::shared_ptr<const std::string> value;
    {
      const std::lock_guard guard(mutex_);
      const auto found = by_key_.find(key);
      if (found == by_key_.end()) return std::nullopt;
      if (found->second->ends <= clock_.steady_now()) {
        remove(found->second);
        return std::nullopt;
      }
      entries_.splice(entries_.begin(), entries_, found->second);
      value = found->second->value;
    }
    return *value;  // a large answer is copied outside the lock
  }

  void put(const std::string& key, const std::string& value,
           std::chrono::milliseconds lasts) override {
    auto kept = std::make_shared<const std::string>(value);
    const std::lock_guard guard(mutex_);
    // Whatever happens to the new value, the old one is not the answer any more.
    if (const auto found = by_key_.find(key); found != by_key_.end()) remove(found->second);
    const std::size_t size = key.size() + value.size();
    if (size > max_bytes_ || lasts.count() <= 0) return;
    while (bytes_ + size > max_bytes_) remove(std::prev(entries_.end()));
    entries_.push_front({key, std::move(kept), clock_.steady_now() + lasts});
    by_key_.emplace(entries_.front().key, entries_.begin());
    bytes_ += size;
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const std::string> value;
    Instant ends;
  };
  using Position = std::list<Entry>::iterator;

  void remove(Position entry) {
    bytes_ -= entry->key.size() + entry->value->size();
    by_key_.erase(entry->key);
    entries_.erase(entry);
  }

  const std::size_t max_bytes_;
  const Clock& clock_;
  std::mutex mutex_;
  std::list<Entry> entries_;                               // the most recently used first
  std::unordered_map<std::string_view, Position> by_key_;  // views of the entries' keys
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<Cache> make_memory_cache(std::size_t max_bytes, const Clock& clock) {
  return std::make_unique<MemoryCache>(max_bytes, clock);
}

}  // namespace uncac::platform
