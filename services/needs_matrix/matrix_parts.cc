#include "needs_matrix/matrix_parts.h"

#include <condition_variable>
#include <mutex>

#include "needs_matrix/store.h"
#include "needs_matrix/translate.h"
#include "platform/events/consumer.h"

namespace uncac::needs_matrix {
namespace {

using platform::Reason;
using platform::Result;
using platform::Status;
using std::chrono::milliseconds;

constexpr int kMostTokens = 1000;
constexpr int kMostFilters = 50;
constexpr int kMostValues = 1000;
constexpr auto kLongestUnknown = milliseconds(5'000);
constexpr auto kFoldLimit = milliseconds(5'000);

}  // namespace

Status must_be_caught_up(const MatrixParts& parts) {
  if (parts.caught_up()) return {};
  return platform::make_error(Reason::kUnavailable, "still reading the log; ask again");
}

Status must_know_audiences(const MatrixParts& parts, const access::Scope& scope,
                           const Selection& selection) {
  UNCAC_TRY(must_be_caught_up(parts));
  if (parts.context.clock.steady_now() - parts.known_until() < kLongestUnknown) return {};
  const auto states = parts.reference().states();
  for (std::size_t state = 0; state < states.size(); ++state) {
    if (selection.states[state] && !scope.reads_all_of(states[state].iso3)) {
      return platform::make_error(Reason::kUnavailable,
                                  "what States last decided may not have arrived here, so who may "
                                  "see what is not certain");
    }
  }
  return {};
}

Result<Freshness> read_freshness(const MatrixParts& parts, const access::Scope& scope,
                                 const needs::v1::Freshness& message) {
  Freshness freshness;
  if (message.version_tokens_size() > kMostTokens) {
    return platform::make_error(Reason::kTooLarge, "at most 1,000 version tokens");
  }
  for (const std::string& text : message.version_tokens()) {
    UNCAC_ASSIGN(VersionToken token, parse_version_token(parts.reference(), text));
    if (!scope.reads_all_of(parts.reference().states()[token.key.state].iso3)) {
      return platform::make_error(Reason::kForbidden,
                                  "a version token is for its State and the secretariat");
    }
    freshness.tokens.push_back(token);
  }
  if (!message.at_least().empty()) {
    UNCAC_ASSIGN(PositionToken token, decode_position_token(parts.sealer, message.at_least()));
    freshness.at_least = std::move(token.folded);
  }
  return freshness;
}

Result<access::Scope> reading_as(const MatrixParts& parts, const access::Scope& scope,
                                 const Selection& selection, const std::string& reader) {
  if (reader.empty()) return scope;
  const auto refused = [&](const std::string& rule, const std::string& message) {
    platform::Error error = platform::make_error(Reason::kInvalidInput, "there is no such reader");
    error.problems.push_back({"", 0, "reader", platform::Severity::kError, rule, message});
    return error;
  };
  const auto other = access::Scope::parse_reader(reader);
  if (!other) return refused("unknown-reader", "public, provider:<code> or state:<code>");
  if (reader.starts_with("state:") && !parts.reference().state(reader.substr(6))) {
    return refused("unknown-state", '"' + reader.substr(6, 20) + "\" is no State");
  }
  const auto states = parts.reference().states();
  for (std::size_t state = 0; state < states.size(); ++state) {
    if (selection.states[state] && !scope.reads_all_of(states[state].iso3)) {
      return platform::make_error(Reason::kForbidden,
                                  "what another reader sees is shown of your own State only: "
                                  "filter by it");
    }
  }
  return *other;
}

platform::Error refused(const std::string& what, const std::string& field, const std::string& rule,
                        const std::string& message) {
  platform::Error error = platform::make_error(Reason::kInvalidInput, what);
  error.problems.push_back({"", 0, field, platform::Severity::kError, rule, message});
  return error;
}

Result<std::vector<Filter>> read_filters(
    const google::protobuf::RepeatedPtrField<needs::v1::Filter>& messages) {
  if (messages.size() > kMostFilters) {
    return platform::make_error(Reason::kTooLarge, "at most 50 filters");
  }
  std::vector<Filter> filters;
  for (const needs::v1::Filter& message : messages) {
    if (message.values_size() > kMostValues) {
      return platform::make_error(Reason::kTooLarge, "at most 1,000 values in a filter");
    }
    filters.push_back({message.dimension(), {message.values().begin(), message.values().end()}});
  }
  return filters;
}

Result<FreshView> fresh_view(const MatrixParts& parts, const access::Scope& scope,
                             const Selection& selection, const needs::v1::Freshness& freshness,
                             const platform::Call& call) {
  UNCAC_TRY(must_know_audiences(parts, scope, selection));
  UNCAC_ASSIGN(const Freshness wanted, read_freshness(parts, scope, freshness));
  // What the feed says was computed by a writer that may be ahead of this replica's fold.
  Feed::Head head = parts.feed.head();
  for (int partition = 0; partition < platform::kPartitions; ++partition) {
    const std::int64_t folded = head.folded_next[static_cast<std::size_t>(partition)];
    if (folded > 0) UNCAC_TRY(wait_until_folded(parts, partition, folded));
  }
  FreshView fresh;
  UNCAC_ASSIGN(fresh.view, parts.live.view(wanted, call));
  fresh.token = {fresh.view.position, std::move(head.position), std::move(head.numbers),
                 parts.today(), fresh.view.position.next};
  return fresh;
}

Status wait_until_folded(const MatrixParts& parts, int partition, std::int64_t next) {
  if (parts.live.wait_for(partition, next, milliseconds(0))) return {};
  UNCAC_ASSIGN(const platform::Position end, parts.context.log.end(kChecklistTopic));
  const std::int64_t there = std::min(next, end.next[static_cast<std::size_t>(partition)]);
  if (parts.live.wait_for(partition, there, kFoldLimit)) return {};
  return platform::make_error(Reason::kUnavailable, "this replica is behind; ask again");
}

Result<PublishedSoFar> PublishedSoFar::begin(const MatrixParts& parts) {
  UNCAC_ASSIGN(platform::Position end, parts.context.log.end(kChecklistTopic));
  return PublishedSoFar(std::move(end));
}

Result<bool> PublishedSoFar::reached(const MatrixParts& parts) {
  platform::Store& store = parts.context.store;
  if (!numbers_) {
    UNCAC_ASSIGN(const platform::Position written,
                 store.read([&](platform::Transaction& transaction) {
                   return platform::stored_position(transaction, kWriterName, kChecklistTopic);
                 }));
    for (std::size_t i = 0; i < end_.next.size(); ++i) {
      // A partition without a record has no row of its own to move.
      if (written.next[i] < end_.next[i] && end_.next[i] > 0) return false;
    }
    if (written.log_id != end_.log_id && !written.log_id.empty()) return false;
    UNCAC_ASSIGN(numbers_, store.read([](platform::Transaction& transaction) {
      return feed_numbers(transaction);
    }));
  }
  return parts.feed.wait_for_numbers(*numbers_, milliseconds(0));
}

platform::Error feed_is_behind() {
  return platform::make_error(Reason::kUnavailable, "the feed is behind; ask again");
}

Status wait_until_published(const MatrixParts& parts, const platform::Call& call,
                            milliseconds limit) {
  const platform::Clock& clock = parts.context.clock;
  const auto give_up = std::min(call.deadline, clock.steady_now() + limit);
  UNCAC_ASSIGN(PublishedSoFar published, PublishedSoFar::begin(parts));
  std::mutex mutex;
  std::condition_variable never;
  while (true) {
    UNCAC_ASSIGN(const bool reached, published.reached(parts));
    if (reached) return {};
    if (clock.steady_now() >= give_up || call.cancelled()) return feed_is_behind();
    std::unique_lock lock(mutex);
    never.wait_for(lock, kAskAgain);
  }
}

}  // namespace uncac::needs_matrix
