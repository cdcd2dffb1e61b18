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
  UNCAC_ASSIGN(token_,
               store_.write([&](Transaction& transaction) { return try_hold(transaction); }));
  return token_ != 0;
}

// The token held then, 0 when another has it. Compare and swap: each statement changes the row only
// if it is still the one that was read, so two that find it free at once cannot both get it.
Result<std::int64_t> Lease::try_hold(Transaction& transaction) {
  const Instant before = clock_.steady_now();
  // For a person who reads the table: when the holder believes that its time is over.
  const std::int64_t expires =
      clock_.now().time_since_epoch().count() + std::chrono::microseconds(lasts_).count();
  UNCAC_ASSIGN(
      const Rows rows,
      transaction.query("SELECT holder, token, expires_at FROM lease WHERE name = $1", {name_}));
  if (rows.empty()) {
    return transaction.execute(
        "INSERT INTO lease (name, holder, token, expires_at) VALUES ($1, $2, 1, $3) "
        "ON CONFLICT (name) DO NOTHING",
        {name_, holder_, expires});
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
    if (before - seen_.since < lasts_) return std::int64_t{0};
  }
  const std::int64_t next = ours ? token : token + 1;
  // Another value than before also on a clock that stands still or was put back: that is what the
  // others see.
  UNCAC_ASSIGN(const std::int64_t taken,
               transaction.execute("UPDATE lease SET holder = $1, token = $2, expires_at = $3 "
                                   "WHERE name = $4 AND token = $5 AND expires_at = $6",
                                   {holder_, next, expires == written ? expires + 1 : expires,
                                    name_, token, written}));
  return taken == 1 ? next : 0;
}

Status Lease::fence(Transaction& transaction) const {
  // An update, not a look: it holds the row until this transaction ends, so that the lease cannot
  // pass to another between the look and the commit.
  UNCAC_ASSIGN(const std::int64_t held,
               transaction.execute("UPDATE lease SET token = token "
                                   "WHERE name = $1 AND holder = $2 AND token = $3",
                                   {name_, holder_, token_}));
  if (held == 1) return {};
  return make_error(Reason::kConflict, "the lease \"" + name_ + "\" has passed to another process");
}

Status Lease::release() {
  if (token_ == 0) return {};
  const std::int64_t token = token_;
  // Forgotten first: whatever becomes of the row, this object holds nothing from here.
  token_ = 0;
  // The row stays, so that the token of the next holder is above this one.
  return store_.write([&](Transaction& transaction) -> Status {
    UNCAC_TRY(transaction.execute(
        "UPDATE lease SET expires_at = 0 WHERE name = $1 AND holder = $2 AND token = $3",
        {name_, holder_, token}));
    return {};
  });
}

}  // namespace uncac::platform
