#include "needs_matrix/actions/check_rebuild.h"

#include "needs_matrix/domain/fold.h"
#include "needs_matrix/handlers.h"
#include "needs_matrix/store.h"
#include "needs_matrix/translate.h"
#include "platform/store/sha256.h"

namespace uncac::needs_matrix {
namespace {

using platform::Position;
using platform::Reason;
using platform::Result;

constexpr auto kPublishLimit = std::chrono::milliseconds(10'000);
constexpr auto kPoll = std::chrono::milliseconds(250);
constexpr std::size_t kBatch = 5000;
constexpr int kTries = 20;
constexpr int kComparisons = 20;

// Exactly up to `until`, which the live fold had reached.
Result<Digest> fold_again(const MatrixParts& parts, const platform::Call& call,
                          const Position& until) {
  UNCAC_ASSIGN(Position at, parts.context.log.start(kChecklistTopic));
  const Position end = until;
  UNCAC_ASSIGN(const auto reader, parts.context.log.read(kChecklistTopic, at));
  UNCAC_ASSIGN(auto items, Items::create(std::shared_ptr<const reference::Reference>(
                               std::shared_ptr<void>(), &parts.reference())));
  Fold fold(items);
  const auto reached = [&] {
    for (std::size_t i = 0; i < end.next.size(); ++i) {
      if (at.next[i] < end.next[i]) return false;
    }
    return true;
  };
  int empty = 0;
  while (!reached()) {
    if (call.cancelled() || parts.context.clock.steady_now() >= call.deadline) {
      return platform::make_error(Reason::kDeadlineExceeded, "not folded again in time");
    }
    UNCAC_ASSIGN(const std::vector<platform::Record> records, reader->poll(kBatch, kPoll, {}));
    // Positions may lie after offsets that hold no record; nothing more to read is then the end.
    if (records.empty() && ++empty >= kTries) break;
    for (const platform::Record& record : records) {
      const auto partition = static_cast<std::size_t>(record.event.partition);
      if (record.offset >= end.next[partition]) continue;
      at.next[partition] = record.offset + 1;
      auto fact = to_fact(parts.reference(), record.event);
      if (!fact) continue;  // the live fold left it out too, and the writer laid it aside
      const auto applied = std::visit(
          [&](auto& known) {
            if constexpr (std::is_same_v<std::decay_t<decltype(known)>, Removal>) {
              return fold.remove(known.key, known.revision);
            } else {
              return fold.apply(std::move(known));
            }
          },
          *fact);
      if (!applied) continue;  // likewise
    }
  }
  return fold.digest();
}

// Of (key, digest) of every need: as computed, and as the published rows say.
struct NeedDigests {
  std::string computed, published;
  std::int64_t needs = 0;
};

Result<NeedDigests> compare_needs(const MatrixParts& parts) {
  const auto snapshot = parts.live.view().snapshot;
  const reference::Reference& reference = parts.reference();
  NeedDigests digests;
  std::string computed;
  std::string published;
  for (std::size_t state = 0; state < reference.states().size(); ++state) {
    std::map<std::string, std::string> rows;
    const auto index = static_cast<StateIndex>(state);
    for (const Need& need : standing_needs(*snapshot, parts.tables, index,
                                           publishing_day(*snapshot, index, parts.today()))) {
      const needs::v1::Need body = published_body(reference, need, true);
      rows.emplace(body.need(), digest_of(body));
    }
    for (const auto& [key, digest] : rows) computed += key + " " + digest + "\n";
    digests.needs += static_cast<std::int64_t>(rows.size());
    UNCAC_ASSIGN(const std::vector<Published> stored,
                 parts.context.store.read([&](platform::Transaction& transaction) {
                   return read_published(transaction, reference.states()[state].iso3);
                 }));
    for (const Published& row : stored) {
      if (row.reach != Reach::kGone) published += row.need + " " + row.digest + "\n";
    }
  }
  digests.computed = platform::to_hex(platform::sha256({computed}).substr(0, 16));
  digests.published = platform::to_hex(platform::sha256({published}).substr(0, 16));
  return digests;
}

}  // namespace

Result<needs::v1::CheckRebuildReply> check_rebuild(const MatrixParts& parts,
                                                   const platform::Call& call) {
  UNCAC_TRY(must_be_caught_up(parts));
  UNCAC_TRY(wait_until_published(parts, call, kPublishLimit));
  const LiveMatrix::Digests live = parts.live.digests();
  UNCAC_ASSIGN(const Digest rebuilt, fold_again(parts, call, live.position));
  // While somebody submits, the two are read at different moments; only what stays different is.
  NeedDigests needs;
  for (int i = 0; i < kComparisons; ++i) {
    UNCAC_ASSIGN(needs, compare_needs(parts));
    if (needs.computed == needs.published) break;
    UNCAC_TRY(wait_until_published(parts, call, kPublishLimit));
  }
  needs::v1::CheckRebuildReply reply;
  reply.set_live_digest(live.digest);
  reply.set_rebuilt_digest(rebuilt.text());
  reply.set_needs_digest(needs.computed);
  reply.set_published_digest(needs.published);
  reply.set_equal(live.digest == rebuilt.text() && needs.computed == needs.published);
  Feed::Head head = parts.feed.head();
  reply.set_position(encode(parts.sealer, PositionToken{live.position, std::move(head.position),
                                                        std::move(head.numbers), parts.today()}));
  reply.set_versions(static_cast<std::int64_t>(live.versions));
  reply.set_needs(needs.needs);
  return reply;
}

}  // namespace uncac::needs_matrix
