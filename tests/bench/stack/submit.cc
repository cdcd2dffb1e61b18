// Durable submissions beside pgbench that writes the same rows, beside a bare echo of the same
// bytes, and on ten times the history.

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "bench/echo.h"
#include "bench/stack/load.h"
#include "bench/stack/pgbench.h"
#include "bench/stack/plain_stack.h"
#include "bench/stack/rows.h"
#include "bench/stack/submissions.h"

namespace uncac::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kMeasured = seconds(3);
constexpr auto kTried = seconds(2);
constexpr int kVersions = 4, kMoreVersions = 40;

// One intake on a database of its own, and the clients that submit to it.
class Intake {
 public:
  Intake(PlainStack& stack, const std::string& name, Submissions::Sharing sharing)
      : conninfo_(stack.database(name)),
        running_(stack.start("checklist-intake", conninfo_)),
        sql_(conninfo_),
        submissions_(testing::must(reference::Reference::load()), sharing),
        caller_(running_.address) {
    for (std::size_t i = 0; i < submissions_.states(); ++i) {
      tokens_.push_back(stack.token("focal-point-" + submissions_.state(i)));
    }
    let_relay(false);
  }

  // A client has States of its own, since what a State files is filed one after another.
  LoadResult load(int clients, milliseconds duration) {
    std::vector<std::size_t> turns(static_cast<std::size_t>(clients), 0);
    LoadResult result = closed_loop(running_.address, kSubmit, clients, duration, [&](int client) {
      const auto of = static_cast<std::size_t>(client);
      const std::size_t own = submissions_.states() / static_cast<std::size_t>(clients);
      const std::size_t state = of + static_cast<std::size_t>(clients) * (turns[of]++ % own);
      return call(state);
    });
    if (result.refused > 0) throw std::runtime_error("submit refused: " + result.first_refusal);
    acknowledged_ += static_cast<std::int64_t>(result.answered);
    return result;
  }
  OneCall call(std::size_t state) {
    last_ = {submissions_.next(state), tokens_[state]};
    return last_;
  }
  const OneCall& last() const { return last_; }
  // The answer's bytes.
  std::string submit(std::size_t state) {
    ++acknowledged_;
    return caller_.call(kSubmit, call(state));
  }
  // So often that every State has filed `versions`.
  void fill(int versions) {
    for (int version = 0; version < versions; ++version) {
      for (std::size_t state = 0; state < submissions_.states(); ++state) submit(state);
    }
  }

  // The relay is a part of the same process. Another holder of its lease keeps it idle, once it has
  // emptied the outbox: a row that it sent and could not strike out any more would be missing here
  // and on the log, and everything would be published again.
  void let_relay(bool work) {
    if (!work) {
      wait_until("the outbox's end",
                 [&] { return sql_.one("SELECT count(*) FROM outbox") == "0"; });
    }
    sql_.run(
        "INSERT INTO lease (name, holder, token, expires_at) VALUES ('relay', 'bench', 1, 0) "
        "ON CONFLICT (name) DO UPDATE SET holder = 'bench', token = lease.token + 1, "
        "expires_at = " +
        std::string(work ? "0" : "9000000000000000"));
    sql_.run("TRUNCATE outbox");
    if (!work) return;
    wait_until("the relay's work", [&] {
      return sql_.one("SELECT count(*) FROM lease WHERE name = 'relay' AND holder <> 'bench'") ==
             "1";
    });
  }
  void empty_outbox() { sql_.run("TRUNCATE outbox"); }

  // Every submission that was acknowledged is there, once.
  std::string lost() {
    const std::string there = sql_.one("SELECT count(*) FROM response_version");
    const std::string wanted = std::to_string(acknowledged_);
    return there == wanted ? "" : wanted + " acknowledged, " + there + " in the store";
  }

  int best_clients() {
    int best = 0;
    double most = 0;
    for (const int clients : {4, 16, 48, 96}) {
      const double here = load(clients, kTried).per_second;
      if (here > most) {
        most = here;
        best = clients;
      }
    }
    return best;
  }
  std::vector<std::string> states() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < 64; ++i) all.push_back(submissions_.state(i));
    return all;
  }
  const std::string& address() const { return running_.address; }
  Sql& sql() { return sql_; }

 private:
  const std::string conninfo_;
  PlainStack::Running running_;
  Sql sql_;
  Submissions submissions_;
  Caller caller_;
  std::vector<std::string> tokens_;
  OneCall last_;
  std::int64_t acknowledged_ = 0;
};

int best_echo(const std::string& address, const OneCall& call) {
  int best = 0;
  double most = 0;
  for (const int clients : {4, 16, 48}) {
    const double here =
        closed_loop(address, kSubmit, clients, kTried, [&](int) { return call; }).per_second;
    if (here > most) {
      most = here;
      best = clients;
    }
  }
  return best;
}

void beside_pgbench(Table& table, PlainStack&& stack, Echo& echo, const std::string& name,
                    Submissions::Sharing sharing, const std::string& what) {
  Intake intake(stack, name, sharing);
  const std::string baseline = stack.database(name + "_pgbench");
  stack.start("checklist-intake", baseline).service->stop();  // makes the tables

  intake.submit(0);
  const std::string reply = intake.submit(0);  // amends, as all that follow
  Pgbench pgbench(intake.sql(), intake.states(), stack.file(""));
  pgbench.once(baseline);
  Sql theirs(baseline);
  if (const std::string here = rows_written(intake.sql()), there = rows_written(theirs);
      here != there) {
    return table.differs(what, "other rows: " + here + "pgbench: " + there);
  }
  const std::string echo_address = echo.serve(reply);
  const OneCall echoed = intake.last();

  intake.fill(1);
  intake.let_relay(true);
  const int clients = intake.best_clients();
  const Pgbench::Way way = pgbench.best(baseline);
  const int echo_clients = best_echo(echo_address, echoed);

  const std::string ours = what + ", " + std::to_string(clients) + " clients";
  Pairs with_relay{.what = ours + "; pgbench, " + way.text(), .at_least = 1.2};
  Pairs without{.what = ours + ", relay idle; pgbench, " + way.text()};
  Pairs bare{.what = ours + "; bare echo, " + std::to_string(echo_clients) + " clients",
             .at_least = 0.2};
  for (int pair = 0; pair < kPairs; ++pair) {
    intake.let_relay(true);
    with_relay.ours.push_back(intake.load(clients, kMeasured).per_second);
    bare.ours.push_back(with_relay.ours.back());
    intake.let_relay(false);
    with_relay.baseline.push_back(pgbench.run(baseline, way, kMeasured.count()));
    without.baseline.push_back(with_relay.baseline.back());
    without.ours.push_back(intake.load(clients, kMeasured).per_second);
    intake.empty_outbox();
    bare.baseline.push_back(closed_loop(echo_address, kSubmit, echo_clients, kTried, [&](int) {
                              return echoed;
                            }).per_second);
  }
  if (const std::string lost = intake.lost(); !lost.empty()) return table.differs(what, lost);
  table.add(with_relay);
  table.add(bare);
  table.add(without);
}

void growth(Table& table, PlainStack&& stack) {
  const std::string what = "one submission after another, 10 x history beside 1 x";
  Intake once(stack, "once", Submissions::Sharing::kOnce);
  Intake more(stack, "more", Submissions::Sharing::kOnce);
  once.fill(kVersions);
  more.fill(kMoreVersions);
  Pairs pairs{.what = what, .unit = Pairs::Unit::kMicroseconds, .at_most = 1.5};
  for (int pair = 0; pair < kPairs; ++pair) {
    pairs.ours.push_back(1e6 / more.load(1, kTried).per_second);
    pairs.baseline.push_back(1e6 / once.load(1, kTried).per_second);
  }
  for (Intake* intake : {&once, &more}) {
    if (const std::string lost = intake->lost(); !lost.empty()) return table.differs(what, lost);
  }
  table.add(pairs);
}

}  // namespace

void measure_submit(Table& table) {
  // Before anything of gRPC is used here.
  Echo first, second;
  // Each with a broker of its own: a database is refused where another one has published.
  beside_pgbench(table, PlainStack(), first, "shared_each_time", Submissions::Sharing::kEachTime,
                 "40 answers and who may read them");
  beside_pgbench(table, PlainStack(), second, "shared_once", Submissions::Sharing::kOnce,
                 "40 answers, decisions stand");
  growth(table, PlainStack());
}

}  // namespace uncac::bench
