#include "needs_matrix/feed.h"

#include <algorithm>
#include <charconv>

#include "needs_matrix/translate.h"
#include "platform/runtime/log.h"

namespace uncac::needs_matrix {

using platform::Reason;
using platform::Result;

Result<std::int64_t> number_in(const platform::Event& event, const char* header) {
  const auto found = event.extensions.find(header);
  std::int64_t number = 0;
  if (found != event.extensions.end()) {
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
  }
  return platform::make_error(Reason::kInvalidInput, std::string("no header ") + header);
}

std::string audience_text(access::Audience audience, const std::vector<std::string>& named) {
  std::string text(access::code(audience));
  if (audience != access::Audience::kNamed) return text;
  text += ':';
  for (std::size_t i = 0; i < named.size(); ++i) text += (i > 0 ? "|" : "") + named[i];
  return text;
}

std::optional<AudienceValue> parse_audience_text(const std::string& text) {
  AudienceValue value;
  const std::size_t colon = text.find(':');
  const auto audience = access::parse_audience(text.substr(0, colon));
  if (!audience) return std::nullopt;
  value.audience = *audience;
  std::size_t at = colon == std::string::npos ? text.size() : colon + 1;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    value.named.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return value;
}

Feed::Feed(const reference::Reference& reference, platform::Metrics& metrics, std::size_t recent)
    : reference_(reference),
      unreadable_(metrics.counter("uncac_feed_unreadable_total",
                                  "Records of the restricted needs topic that could not be read")),
      most_recent_(recent) {}

Result<std::shared_ptr<FeedEntry>> Feed::read(const platform::Record& record) const {
  const platform::Event& event = record.event;
  auto entry = std::make_shared<FeedEntry>();
  entry->need = event.key;
  entry->id = event.id();
  entry->time = event.time;
  entry->partition = event.partition;
  entry->offset = record.offset;
  const auto state = reference_.state(event.subject);
  const std::size_t first = event.key.find(':');
  const std::size_t last = event.key.rfind(':');
  if (!state || first == std::string::npos || first == last) {
    return platform::make_error(Reason::kInvalidInput, "the key is no need");
  }
  const auto provision = reference_.provision(event.key.substr(first + 1, last - first - 1));
  if (!provision) {
    return platform::make_error(Reason::kInvalidInput, "the key names no provision");
  }
  entry->state = *state;
  entry->provision = *provision;
  UNCAC_ASSIGN(entry->number, number_in(event, kFeedNumber));
  UNCAC_ASSIGN(entry->folded_next, number_in(event, kFoldedNext));
  if (const auto before = event.extensions.find(kAudienceBefore);
      before != event.extensions.end()) {
    entry->audience_before = before->second;
  }
  if (event.body) {
    auto need = std::make_shared<needs::v1::Need>();
    if (!need->ParseFromString(*event.body) || need->need() != event.key) {
      return platform::make_error(Reason::kInvalidInput, "the body is no such Need");
    }
    entry->need_after = std::move(need);
  }
  return entry;
}

Feed::Contents::Contents()
    : forgotten_next(platform::kPartitions, 0),
      numbers(platform::kPartitions, 0),
      folded_next(platform::kPartitions, 0) {}

void Feed::Contents::take(std::shared_ptr<FeedEntry> entry) {
  const auto partition = static_cast<std::size_t>(entry->partition);
  std::int64_t& number = number_of[entry->need];
  if (entry->number <= number) return;
  number = entry->number;
  numbers[partition] = std::max(numbers[partition], entry->number);
  folded_next[partition] = std::max(folded_next[partition], entry->folded_next);
  const auto before = newest.find(entry->need);
  if (before != newest.end()) entry->need_before = before->second->need_after;
  if (entry->need_after) {
    newest[entry->need] = entry;
  } else {
    newest.erase(entry->need);
  }
  recent.push_back(std::move(entry));
}

std::size_t Feed::Contents::shorten(std::size_t most) {
  std::size_t gone = 0;
  for (; recent.size() > most; ++gone) {
    const FeedEntry& oldest = *recent.front();
    std::int64_t& forgotten = forgotten_next[static_cast<std::size_t>(oldest.partition)];
    forgotten = std::max(forgotten, oldest.offset + 1);
    recent.pop_front();
  }
  return gone;
}

void Feed::start_over(const platform::Position& start) {
  const std::lock_guard guard(mutex_);
  next_.emplace();
  next_->position = start;
}

void Feed::apply(std::span<const platform::Record> batch, const platform::Position& position) {
  std::vector<std::shared_ptr<FeedEntry>> entries;
  entries.reserve(batch.size());
  for (const platform::Record& record : batch) {
    auto entry = read(record);
    if (entry) {
      entries.push_back(*std::move(entry));
      continue;
    }
    unreadable_.add();
    platform::log::error("record not in the feed",
                         {{"event", record.event.id()}, {"error", entry.error().message}});
  }
  {
    const std::lock_guard guard(mutex_);
    Contents& into = next_ ? *next_ : contents_;
    for (auto& entry : entries) into.take(std::move(entry));
    const std::size_t gone = into.shorten(most_recent_);
    if (!next_) first_index_ += gone;
    into.position = position;
  }
  tell();
}

void Feed::caught_up() {
  {
    const std::lock_guard guard(mutex_);
    if (!next_) return;
    // No index that somebody holds is one of these contents.
    first_index_ += contents_.recent.size() + 1;
    first_of_contents_ = first_index_;
    contents_ = *std::move(next_);
    next_.reset();
  }
  tell();
}

Feed::Head Feed::head() {
  const std::lock_guard guard(mutex_);
  return {contents_.position, contents_.folded_next, contents_.numbers};
}

Feed::Whole Feed::whole() {
  const std::lock_guard guard(mutex_);
  Whole whole;
  whole.needs.reserve(contents_.newest.size());
  for (const auto& [need, entry] : contents_.newest) whole.needs.push_back(entry);
  whole.position = contents_.position;
  whole.numbers = contents_.numbers;
  whole.next = first_index_ + contents_.recent.size();
  return whole;
}

Feed::Changes Feed::changes(std::uint64_t& next, std::size_t most) {
  const std::lock_guard guard(mutex_);
  const auto& recent = contents_.recent;
  Changes changes;
  changes.position = contents_.position;
  if (next < first_index_) {
    changes.lost = true;
    changes.started_over = next < first_of_contents_;
    return changes;
  }
  while (changes.entries.size() < most && next < first_index_ + recent.size()) {
    changes.entries.push_back(recent[static_cast<std::size_t>(next - first_index_)]);
    ++next;
  }
  return changes;
}

std::optional<std::uint64_t> Feed::index_of(const platform::Position& position) {
  const std::lock_guard guard(mutex_);
  if (position.log_id != contents_.position.log_id) return std::nullopt;
  for (std::size_t i = 0; i < position.next.size(); ++i) {
    if (position.next[i] < contents_.forgotten_next[i]) return std::nullopt;
  }
  // Records arrive in the order of each partition, so what lies before the first unseen one is seen
  // or belongs to partitions that the caller skips by its own position.
  std::uint64_t index = first_index_;
  for (const auto& entry : contents_.recent) {
    if (entry->offset >= position.next[static_cast<std::size_t>(entry->partition)]) break;
    ++index;
  }
  return index;
}

bool Feed::grew_past(const platform::Position& position, const std::vector<std::int64_t>& passed) {
  const std::lock_guard guard(mutex_);
  const auto missed = [&](const Entry& entry) {
    const auto partition = static_cast<std::size_t>(entry->partition);
    return entry->offset < position.next[partition] && entry->number > passed[partition];
  };
  return std::any_of(contents_.recent.begin(), contents_.recent.end(), missed) ||
         std::any_of(contents_.newest.begin(), contents_.newest.end(),
                     [&](const auto& newest) { return missed(newest.second); });
}

bool Feed::wait_for_numbers(const std::vector<std::int64_t>& numbers,
                            std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] {
    if (next_) return false;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (contents_.numbers[i] < numbers[i]) return false;
    }
    return true;
  });
}

void Feed::tell() {
  changed_.notify_all();
  told_();
}

}  // namespace uncac::needs_matrix
