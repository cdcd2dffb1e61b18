#include "needs_matrix/live_matrix.h"

#include <algorithm>
#include <charconv>

#include "needs_matrix/translate.h"
#include "platform/runtime/log.h"

namespace uncac::needs_matrix {
namespace {

using platform::Reason;
using platform::Result;

// How often a waiting call looks whether its caller has gone away.
constexpr auto kLook = std::chrono::milliseconds(100);

// "s17", as the intake writes it: from 1, without leading zeros.
bool sharing_number(std::string_view text, std::int64_t& number) {
  if (text.size() < 2 || text[0] != 's' || text[1] < '1' || text[1] > '9') return false;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data() + 1, end, number);
  return error == std::errc() && read == end;
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
  if (at == std::string::npos || text.size() > 200) return wrong();
  std::string_view rest = std::string_view(text).substr(at + 1);
  VersionToken token;
  if (rest.starts_with('s')) {
    const auto state = reference.state(text.substr(0, at));
    if (!state || !sharing_number(rest, token.sharing)) return wrong();
    token.key.state = *state;
    return token;
  }
  if (!rest.starts_with('v')) return wrong();
  const std::size_t plus = rest.find('+');
  auto key = parse_key(reference, text.substr(0, at) + "/" + std::string(rest.substr(0, plus)));
  if (!key || !std::holds_alternative<VersionKey>(*key)) return wrong();
  token.key = std::get<VersionKey>(*key);
  if (plus == std::string_view::npos) return token;
  const std::string_view suffix = rest.substr(plus + 1);
  if (suffix == "end") {
    token.ended = true;
  } else if (!sharing_number(suffix, token.sharing)) {
    return wrong();
  }
  return token;
}

LiveMatrix::LiveMatrix(std::shared_ptr<const Items> items, platform::Metrics& metrics)
    : items_(items),
      unreadable_(metrics.counter("uncac_matrix_unreadable_total",
                                  "Records of the checklist topic that could not be folded")),
      fold_(items),
      sharing_seen_(items->reference().states().size(), 0) {}

void LiveMatrix::apply(std::span<const platform::Record> batch,
                       const platform::Position& position) {
  // Translated before the lock is taken: questions wait for the fold, not for the parsing.
  std::vector<Result<Fact>> facts;
  facts.reserve(batch.size());
  FactReader reader(items_->reference());
  for (const platform::Record& record : batch) facts.push_back(reader.read(record.event));
  {
    const std::lock_guard guard(mutex_);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Result<std::optional<StateIndex>> applied = std::optional<StateIndex>();
      if (!facts[i]) {
        applied = facts[i].error();
      } else if (auto* version = std::get_if<VersionFact>(&*facts[i])) {
        applied = fold_.apply(std::move(*version));
      } else if (const auto* removal = std::get_if<Removal>(&*facts[i])) {
        applied = fold_.remove(removal->key, removal->revision);
      } else {
        auto& sharing = std::get<SharingFact>(*facts[i]);
        std::int64_t& seen = sharing_seen_[sharing.key.state];
        seen = std::max(seen, sharing.sequence);
        applied = fold_.apply(std::move(sharing));
      }
      if (applied) continue;
      // Its owner has it still, and what cannot even be read goes to the writer's dead letters.
      unreadable_.add();
      platform::log::error("record not folded",
                           {{"event", batch[i].event.id()}, {"error", applied.error().message}});
    }
    position_ = position;
  }
  changed_.notify_all();
}

LiveMatrix::View LiveMatrix::locked_view() { return {fold_.snapshot(), position_}; }

LiveMatrix::View LiveMatrix::view() {
  const std::lock_guard guard(mutex_);
  return locked_view();
}

bool LiveMatrix::knows(const VersionToken& token) {
  if (sharing_seen_[token.key.state] < token.sharing) return false;
  if (token.key.version == 0) return true;
  const auto& versions = fold_.snapshot()->responses[token.key.state]->versions;
  return std::any_of(versions.begin(), versions.end(), [&](const auto& version) {
    return version->key == token.key &&
           (!token.ended || version->status != ResponseStatus::kSubmitted);
  });
}

bool LiveMatrix::knows(const Freshness& freshness) {
  if (freshness.at_least && !position_.covers(*freshness.at_least)) return false;
  return std::all_of(freshness.tokens.begin(), freshness.tokens.end(),
                     [this](const VersionToken& token) { return knows(token); });
}

Result<LiveMatrix::View> LiveMatrix::view(const Freshness& freshness, const platform::Call& call) {
  std::unique_lock lock(mutex_);
  if (freshness.at_least && !position_.log_id.empty() &&
      freshness.at_least->log_id != position_.log_id) {
    return platform::make_error(Reason::kPositionExpired, "the position is of another log");
  }
  while (!knows(freshness)) {
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
    return static_cast<std::size_t>(partition) < position_.next.size() &&
           position_.next[static_cast<std::size_t>(partition)] >= next;
  });
}

LiveMatrix::Digests LiveMatrix::digests() {
  const std::lock_guard guard(mutex_);
  return {fold_.digest().text(), position_, fold_.versions()};
}

}  // namespace uncac::needs_matrix
