#include "needs_matrix/handlers.h"

#include <map>
#include <set>

#include "needs_matrix/translate.h"
#include "platform/store/sha256.h"

namespace uncac::needs_matrix {
namespace {

using platform::Event;
using platform::Reason;
using platform::Status;
using platform::Transaction;

constexpr auto kFoldLimit = std::chrono::milliseconds(5'000);
constexpr const char* kSource = "/uncac/needs_matrix";

constexpr std::array<const char*, 3> kTopicOfReach = {kRestrictedTopic, kProvidersTopic,
                                                      kPublicTopic};

Reach reach_of(access::Audience audience) {
  switch (audience) {
    case access::Audience::kPublic:
      return Reach::kPublic;
    case access::Audience::kProviders:
      return Reach::kProviders;
    case access::Audience::kNamed:
    case access::Audience::kRestricted:
      return Reach::kRestricted;
  }
  return Reach::kRestricted;
}

}  // namespace

needs::v1::Need published_body(const reference::Reference& reference, const Need& need,
                               bool restricted) {
  needs::v1::Need body;
  body.set_need(format_need_key(reference, need.key));
  body.set_state(reference.states()[need.key.state].iso3);
  body.set_provision(reference.provisions()[need.key.provision].id);
  body.set_type(reference.types()[need.key.type].code);
  body.set_state_priority(std::string(code_of(need.state_priority)));
  body.set_audience(to_proto(need.audience));
  body.set_stated_on(platform::format_day(need.stated_on));
  body.set_checklist(reference.checklists()[need.source.checklist].code);
  body.set_round(need.source.round);
  body.set_exercise(need.exercise);
  if (restricted) {
    body.set_type_text(need.text);
    for (const std::string& provider : need.named) body.add_named(provider);
  }
  return body;
}

std::string digest_of(const needs::v1::Need& restricted_body) {
  return platform::to_hex(platform::sha256({restricted_body.SerializeAsString()}).substr(0, 16));
}

Day publishing_day(const Snapshot& snapshot, StateIndex state, Day today) {
  for (const auto& version : snapshot.responses[state]->versions) {
    today = std::max({today, version->submitted_on,
                      version->status == ResponseStatus::kWithdrawn ? version->withdrawn_on
                                                                    : version->submitted_on});
  }
  return today;
}

namespace {

// Provisions that the batch decided on otherwise than what holds now. A follower may have asked
// between the two and left a need out, although its event said that he sees it.
std::set<ProvisionIndex> decided_otherwise(const Snapshot& snapshot, const Items& items,
                                           const std::vector<SharingFact>& decided) {
  std::set<ProvisionIndex> provisions;
  for (const SharingFact& fact : decided) {
    const ItemIndex item = items.item_of(fact.key.provision);
    if (item == kNoItem) continue;
    const StateSharing::Group* now = snapshot.sharing[fact.key.state]->decision(item);
    if (now == nullptr || now->audience != fact.audience || now->named != fact.named) {
      provisions.insert(fact.key.provision);
    }
  }
  return provisions;
}

}  // namespace

// What every event of one batch and partition shares.
struct NeedsWriter::Head {
  int partition = 0;
  std::int64_t epoch = 0;
  std::int64_t number = 0;       // of the last record written
  std::int64_t folded_next = 0;  // of the fold that is compared
  std::string time;
  std::string traceparent;
  std::shared_ptr<const Snapshot> snapshot;
};

Status NeedsWriter::write_state(Transaction& transaction, StateIndex state,
                                const std::vector<SharingFact>& decided, Head& head,
                                std::vector<Event>& events) {
  const reference::Reference& reference = parts_.reference();
  const std::string& iso3 = reference.states()[state].iso3;
  UNCAC_TRY(transaction.lock("published/" + iso3));
  UNCAC_ASSIGN(std::vector<Published> rows, read_published(transaction, iso3));
  std::map<std::string, Published> published;
  for (Published& row : rows) published.emplace(row.need, std::move(row));

  const std::set<ProvisionIndex> again =
      decided_otherwise(*head.snapshot, parts_.live.items(), decided);
  std::vector<Published> changed;
  const auto emit = [&](Published& row, Reach before, const std::string& audience_before,
                        const Need* need) {
    row.revision = {head.epoch, row.revision.counter + 1};
    // Where the topics may hold more than the rows know, every one of them is told.
    const Reach widest = row.again ? Reach::kPublic : std::max(before, row.reach);
    for (int reach = 0; reach <= static_cast<int>(widest); ++reach) {
      Event event;
      event.topic = kTopicOfReach[static_cast<std::size_t>(reach)];
      event.key = row.need;
      event.partition = head.partition;
      event.revision = row.revision;
      event.type = kNeedType;
      event.source = kSource;
      event.subject = iso3;
      event.time = head.time;
      event.traceparent = head.traceparent;
      if (need != nullptr && reach <= static_cast<int>(row.reach)) {
        event.body = published_body(reference, *need, reach == 0).SerializeAsString();
      }
      if (reach == 0) {
        event.extensions[kAudienceBefore] = audience_before;
        event.extensions[kFeedNumber] = std::to_string(++head.number);
        event.extensions[kFoldedNext] = std::to_string(head.folded_next);
      }
      events.push_back(std::move(event));
    }
    changed.push_back(row);
  };

  for (const Need& need : standing_needs(*head.snapshot, parts_.tables, state,
                                         publishing_day(*head.snapshot, state, parts_.today()))) {
    const needs::v1::Need body = published_body(reference, need, true);
    const std::string digest = digest_of(body);
    auto found = published.extract(body.need());
    Published row = found.empty() ? Published() : std::move(found.mapped());
    const Reach before = row.reach;
    if (before != Reach::kGone && row.digest == digest && !row.again &&
        !again.contains(need.key.provision)) {
      continue;
    }
    const std::string audience_before = before == Reach::kGone ? std::string() : row.audience;
    row.need = body.need();
    row.reach = reach_of(need.audience);
    row.digest = digest;
    row.audience = audience_text(need.audience, need.named);
    emit(row, before, audience_before, &need);
  }
  // What is left over was published and stands no longer.
  for (auto& [key, row] : published) {
    if (row.reach == Reach::kGone && !row.again) continue;
    const Reach before = row.reach;
    const std::string audience_before = row.audience;
    row.reach = Reach::kGone;
    row.digest.clear();
    row.audience.clear();
    emit(row, before, audience_before, nullptr);
  }
  return write_published(transaction, iso3, changed);
}

void NeedsWriter::Touched::add(const Fact& fact, const platform::Record& record) {
  next = record.offset + 1;
  traceparent = record.event.traceparent;
  std::vector<SharingFact>& decided = states[state_of(fact)];
  if (const auto* sharing = std::get_if<SharingFact>(&fact)) decided.push_back(*sharing);
}

Status NeedsWriter::handle(Transaction& transaction, std::span<const platform::Record> batch) {
  std::map<int, Touched> touched;
  FactReader reader(parts_.reference());
  for (const platform::Record& record : batch) {
    // A record that cannot be folded is an error of its own here: it goes to the dead letters.
    UNCAC_ASSIGN(const Fact fact, reader.read(record.event));
    touched[record.event.partition].add(fact, record);
  }
  return write(transaction, touched);
}

Status NeedsWriter::buried(Transaction& transaction, const platform::Record& record) {
  const std::optional<SharingFact> closed = FactReader(parts_.reference()).closed(record.event);
  if (!closed) return {};
  std::map<int, Touched> touched;
  touched[record.event.partition].add(*closed, record);
  return write(transaction, touched);
}

Status NeedsWriter::write(Transaction& transaction, const std::map<int, Touched>& touched) {
  for (const auto& [partition, in] : touched) {
    if (!parts_.live.wait_for(partition, in.next, kFoldLimit)) {
      return platform::make_error(Reason::kUnavailable, "the fold is behind the batch");
    }
  }
  const LiveMatrix::View view = parts_.live.view();
  std::vector<Event> events;
  for (const auto& [partition, in] : touched) {
    Head head;
    head.partition = partition;
    UNCAC_ASSIGN(head.epoch, platform::current_epoch(transaction));
    UNCAC_ASSIGN(head.number, last_feed_number(transaction, partition));
    head.folded_next = view.position.next[static_cast<std::size_t>(partition)];
    head.time = platform::format_moment(parts_.context.clock.now());
    head.traceparent = in.traceparent;
    head.snapshot = view.snapshot;
    const std::int64_t before = head.number;
    for (const auto& [state, decided] : in.states) {
      UNCAC_TRY(write_state(transaction, state, decided, head, events));
    }
    if (head.number != before) UNCAC_TRY(keep_feed_number(transaction, partition, head.number));
  }
  return parts_.context.outbox.append(transaction, events);
}

}  // namespace uncac::needs_matrix
