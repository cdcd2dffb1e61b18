#include <utility>

#include "platform/events/relay.h"

namespace uncac::platform {

Lease::Lease(Store& store, const Clock& clock, std::string name, std::string holder,
             std::chrono::milliseconds lasts)
    : store_(store),
      clock_(clock),
      name_(std::move(name)),
      holder_(std::move(holder)),
      lasts_(lasts) {}

Result<bool> Lease::hold() {
  const std::int64_t left = std::exchange(written_, 0);
  UNCAC_ASSIGN(const Taken taken, store_.write([&](Transaction& transaction) -> Result<Taken> {
    if (left != 0) UNCAC_TRY(check_left(transaction, left));
    return try_hold(transaction);
  }));
  token_ = taken.token;
  written_ = taken.expires_at;
  return token_ != 0;
}

// Whether nobody but this holder has changed its row. That another took it is another matter.
Status Lease::check_left(Transaction& transaction, std::int64_t left) const {
  UNCAC_ASSIGN(const Rows rows,
               transaction.query("SELECT 1 FROM lease WHERE name = $1 AND holder = $2 AND "
                                 "token = $3 AND expires_at <> $4",
                                 {name_, holder_, token_, left}));
  if (rows.empty()) return {};
  return make_error(Reason::kConflict, "the lease \"" + name_ +
                                           "\" is not as its holder left it: the store may have "
                                           "been put back");
}

// A token of 0 when another has it. Compare and swap: each statement changes the row only
// if it is still the one that was read, so two that find it free at once cannot both get it.
Result<Lease::Taken> Lease::try_hold(Transaction& transaction) {
  const Instant before = clock_.steady_now();
  // For a person who reads the table: when the holder believes that its time is over.
  const std::int64_t expires =
      clock_.now().time_since_epoch().count() + std::chrono::microseconds(lasts_).count();
  UNCAC_ASSIGN(
      const Rows rows,
      transaction.query("SELECT holder, token, expires_at FROM lease WHERE name = $1", {name_}));
  if (rows.empty()) {
    UNCAC_ASSIGN(const std::int64_t inserted,
                 transaction.execute(
                     "INSERT INTO lease (name, holder, token, expires_at) VALUES ($1, $2, 1, $3) "
                     "ON CONFLICT (name) DO NOTHING",
                     {name_, holder_, expires}));
    return inserted == 1 ? Taken{1, expires} : Taken();
  }
  const std::int64_t token = rows.integer(0, 1);
  const std::int64_t written = rows.integer(0, 2);
  const bool ours = token_ != 0 && token == token_ && rows.text(0, 0) == holder_;
  // The same holder's name with another token is an earlier life of this process: it may still have
  // something under way, so its time is waited for as well.
  if (!ours && written != 0) {
    if (seen_.token != token || seen_.expires_at != written) {
      seen_ = {token, written, clock_.steady_now()};
    }
    if (before - seen_.since < lasts_) return Taken();
  }
  const std::int64_t next = ours ? token : token + 1;
  // Another value than before also on a clock that stands still or was put back: that is what the
  // others see.
  const std::int64_t other = expires == written ? expires + 1 : expires;
  UNCAC_ASSIGN(const std::int64_t taken,
               transaction.execute("UPDATE lease SET holder = $1, token = $2, expires_at = $3 "
                                   "WHERE name = $4 AND token = $5 AND expires_at = $6",
                                   {holder_, next, other, name_, token, written}));
  return taken == 1 ? Taken{next, other} : Taken();
}

Status Lease::fence(Transaction& transaction) {
  // An update, not a look: it holds the row until this transaction ends, so that the lease cannot
  // pass to another between the look and the commit. And a change, so that a store which has lost
  // this transaction is known by it.
  UNCAC_ASSIGN(const std::int64_t held,
               transaction.execute("UPDATE lease SET expires_at = expires_at + 1 WHERE name = $1 "
                                   "AND holder = $2 AND token = $3 AND expires_at = $4",
                                   {name_, holder_, token_, written_}));
  if (held == 1) {
    transaction.after_commit([this, next = written_ + 1] { written_ = next; });
    return {};
  }
  return make_error(Reason::kConflict, "the lease \"" + name_ + "\" has passed to another process");
}

Status Lease::release() {
  if (token_ == 0) return {};
  const std::int64_t token = token_;
  // Forgotten first: whatever becomes of the row, this object holds nothing from here.
  token_ = 0;
  written_ = 0;
  // The row stays, so that the token of the next holder is above this one.
  return store_.write([&](Transaction& transaction) -> Status {
    UNCAC_TRY(transaction.execute(
        "UPDATE lease SET expires_at = 0 WHERE name = $1 AND holder = $2 AND token = $3",
        {name_, holder_, token}));
    return {};
  });
}

}  // namespace uncac::platform
