#include "needs_matrix/live_matrix.h"

#include <algorithm>
#include <charconv>

#include "platform/runtime/log.h"

namespace uncac::needs_matrix {
namespace {

using platform::Reason;
using platform::Result;

// How often a waiting call looks whether its caller has gone away.
constexpr auto kLook = std::chrono::milliseconds(100);

// "17" behind the letter of "s17" or "e2", as the intake writes it: from 1, without leading zeros.
bool number_behind(char letter, std::string_view text, std::int64_t& number) {
  if (text.size() < 2 || text[0] != letter || text[1] < '1' || text[1] > '9') return false;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data() + 1, end, number);
  return error == std::errc() && read == end;
}

// Takes what follows the last '+' off the text.
std::string_view take_suffix(std::string_view& text) {
  const std::size_t plus = text.rfind('+');
  if (plus == std::string_view::npos) return {};
  const std::string_view suffix = text.substr(plus + 1);
  text.remove_suffix(suffix.size() + 1);
  return suffix;
}

}  // namespace

Result<VersionToken> parse_version_token(const reference::Reference& reference,
                                         const std::string& text) {
  const auto wrong = [&] {
    return platform::make_error(Reason::kInvalidInput, "\"" + text.substr(0, 80) +
                                                           "\" is not a version token such as "
                                                           "KEN/uncac-2007/2007@v3 or KEN@s17");
  };
  const std::size_t at = text.find('@');
  if (at == std::string::npos || text.size() > 200 || text.back() == '+') return wrong();
  std::string_view rest = std::string_view(text).substr(at + 1);
  VersionToken token;
  std::string_view before_epoch = rest;
  if (const std::string_view last = take_suffix(before_epoch);
      last.starts_with('e') && last != "end") {
    // The first epoch is not said.
    if (!number_behind('e', last, token.epoch) || token.epoch < 2) return wrong();
    rest = before_epoch;
  }
  if (rest.starts_with('s')) {
    const auto state = reference.state(text.substr(0, at));
    if (!state || !number_behind('s', rest, token.sharing)) return wrong();
    token.key.state = *state;
    return token;
  }
  const std::string_view what = take_suffix(rest);
  if (!rest.starts_with('v')) return wrong();
  auto key = parse_key(reference, text.substr(0, at) + "/" + std::string(rest));
  if (!key || !std::holds_alternative<VersionKey>(*key)) return wrong();
  token.key = std::get<VersionKey>(*key);
  token.ended = what == "end";
  if (!what.empty() && !token.ended && !number_behind('s', what, token.sharing)) return wrong();
  return token;
}

LiveMatrix::Folded::Folded(const std::shared_ptr<const Items>& items)
    : fold(items), sharing_seen(items->reference().states().size(), {0, 0}) {}

Result<std::optional<StateIndex>> LiveMatrix::Folded::apply(Fact fact) {
  if (auto* version = std::get_if<VersionFact>(&fact)) return fold.apply(std::move(*version));
  if (const auto* removal = std::get_if<Removal>(&fact)) {
    return fold.remove(removal->key, removal->revision);
  }
  auto& sharing = std::get<SharingFact>(fact);
  auto& seen = sharing_seen[sharing.key.state];
  seen = std::max(seen, {sharing.revision.epoch, sharing.sequence});
  return fold.apply(std::move(sharing));
}

LiveMatrix::LiveMatrix(std::shared_ptr<const Items> items, platform::Metrics& metrics)
    : items_(std::move(items)),
      unreadable_(metrics.counter("uncac_matrix_unreadable_total",
                                  "Records of the checklist topic that could not be folded")),
      folded_(items_) {}

void LiveMatrix::start_over(const platform::Position& start) {
  // Apart from what is told: the old log's facts must not outlive it, since what a log lost is not
  // taken back by any later record, and a half-read one must not be taken for the whole.
  const std::lock_guard guard(mutex_);
  next_.emplace(items_);
  next_->position = start;
}

void LiveMatrix::apply(std::span<const platform::Record> batch,
                       const platform::Position& position) {
  // Translated before the lock is taken: questions wait for the fold, not for the parsing.
  std::vector<Result<Fact>> facts;
  facts.reserve(batch.size());
  FactReader reader(items_->reference());
  for (const platform::Record& record : batch) facts.push_back(reader.read(record.event));
  {
    const std::lock_guard guard(mutex_);
    Folded& into = next_ ? *next_ : folded_;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Result<std::optional<StateIndex>> applied =
          facts[i] ? into.apply(*std::move(facts[i]))
                   : Result<std::optional<StateIndex>>(facts[i].error());
      if (applied) continue;
      // Its owner has it still, and what cannot even be read goes to the writer's dead letters.
      if (auto closed = reader.closed(batch[i].event)) {
        // Older than what is held, or a State that is held already: then there is nothing to close.
        static_cast<void>(into.apply(*std::move(closed)));
      }
      unreadable_.add();
      platform::log::error("record not folded",
                           {{"event", batch[i].event.id()}, {"error", applied.error().message}});
    }
    into.position = position;
  }
  changed_.notify_all();
}

void LiveMatrix::caught_up() {
  {
    const std::lock_guard guard(mutex_);
    if (!next_) return;
    folded_ = *std::move(next_);
    next_.reset();
  }
  changed_.notify_all();
}

LiveMatrix::View LiveMatrix::locked_view() { return {folded_.fold.snapshot(), folded_.position}; }

LiveMatrix::View LiveMatrix::view() {
  const std::lock_guard guard(mutex_);
  return locked_view();
}

Result<bool> LiveMatrix::knows(const VersionToken& token) {
  const std::optional<Fold::Holding> held = folded_.fold.holding(token.key);
  if (token.sharing > 0) {
    const auto& seen = folded_.sharing_seen[token.key.state];
    // The epoch is the decision's; the version beside it may be older.
    return seen >= std::pair(token.epoch, token.sharing) &&
           (token.key.version == 0 || (held && held->status));
  }
  if (!held || held->revision.epoch < token.epoch) return false;
  if (!held->status && held->revision.epoch > token.epoch) {
    return platform::make_error(Reason::kPositionExpired,
                                "that version is no longer known: the records were restored to a "
                                "time before it was filed");
  }
  return held->status && (!token.ended || *held->status != ResponseStatus::kSubmitted);
}

Result<bool> LiveMatrix::knows(const Freshness& freshness) {
  if (next_) return freshness.tokens.empty() && !freshness.at_least;
  if (freshness.at_least && !folded_.position.covers(*freshness.at_least)) return false;
  for (const VersionToken& token : freshness.tokens) {
    UNCAC_ASSIGN(const bool known, knows(token));
    if (!known) return false;
  }
  return true;
}

Result<LiveMatrix::View> LiveMatrix::view(const Freshness& freshness, const platform::Call& call) {
  std::unique_lock lock(mutex_);
  const std::string& log_id = next_ ? next_->position.log_id : folded_.position.log_id;
  if (freshness.at_least && !log_id.empty() && freshness.at_least->log_id != log_id) {
    return platform::make_error(Reason::kPositionExpired, "the position is of another log");
  }
  while (true) {
    UNCAC_ASSIGN(const bool known, knows(freshness));
    if (known) break;
    const auto now = std::chrono::steady_clock::now();
    if (now >= call.deadline || call.cancelled()) {
      return platform::make_error(Reason::kUnavailable,
                                  "not yet as fresh as asked; nothing is lost, ask again");
    }
    changed_.wait_until(lock, std::min(call.deadline, now + kLook));
  }
  return locked_view();
}

bool LiveMatrix::wait_for(int partition, std::int64_t next, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] {
    const std::vector<std::int64_t>& reached = folded_.position.next;
    return !next_ && static_cast<std::size_t>(partition) < reached.size() &&
           reached[static_cast<std::size_t>(partition)] >= next;
  });
}

LiveMatrix::Digests LiveMatrix::digests() {
  const std::lock_guard guard(mutex_);
  return {folded_.fold.digest().text(), folded_.position, folded_.fold.versions()};
}

}  // namespace uncac::needs_matrix
