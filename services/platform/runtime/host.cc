#include "platform/runtime/host.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <thread>

#include "platform/audit.h"
#include "platform/backup/restore.h"
#include "platform/events/pause.h"
#include "platform/events/relay.h"
#include "platform/rpc/server.h"
#include "platform/runtime/kafka_flags.h"
#include "platform/runtime/log.h"
#include "platform/runtime/operations.h"
#include "platform/runtime/process.h"
#include "platform/runtime/published.h"
#include "platform/runtime/settle.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kHousekeepingEvery = seconds(5);
constexpr auto kLookWhetherReady = milliseconds(10);
// As long as one transaction may take that finds a silent store: a statement's limit, its grace and
// a connection's. A step of the shutdown that waits for such a one is given it.
constexpr auto kSilentStore = seconds(18);
// An idempotency key is answered again this long; a caller that retries later than that submits
// anew.
constexpr auto kIdempotencyKept = std::chrono::days(7);
// See the plan, section 5: what the needs topics keep on Kafka, the embedded log keeps too.
constexpr auto kSupersededKept = std::chrono::days(1);
constexpr auto kSupersededKeptLate = std::chrono::days(26);
constexpr auto kTombstonesKept = std::chrono::days(30);

// One store with what belongs to it.
struct Backend {
  std::string name;
  std::unique_ptr<Store> store;
  StoreIdentity identity;
  std::shared_ptr<Wakeup> wakeup = std::make_shared<Wakeup>();
  std::unique_ptr<Outbox> outbox;
  std::vector<Topic> topics;
  std::optional<Sealer> sealer;  // distributed only, like the relay that uses it
  std::unique_ptr<Relay> relay;
};

Status prepare(Backend& backend, const ServiceDescription& service, Ids& ids) {
  backend.name = service.name;
  backend.topics = service.topics;
  backend.outbox = std::make_unique<Outbox>(backend.wakeup);
  UNCAC_TRY(migrate_platform(*backend.store));
  UNCAC_TRY(backend.store->migrate(service.name, service.migrations));
  UNCAC_ASSIGN(backend.identity, read_identity(*backend.store, ids));
  return {};
}

// What must be done now and then, by one process per store: chain the audit rows, forget old
// idempotency keys, compact embedded topics.
class Housekeeping {
 public:
  Housekeeping(Backend& backend, const Clock& clock, const std::string& instance, bool compact)
      : backend_(backend),
        clock_(clock),
        lease_(*backend.store, clock, "housekeeping", instance, seconds(30)),
        compact_(compact) {}

  void run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any woken;
    while (!stop.stop_requested()) {
      const Status done = once();
      if (!done) {
        log::warning("housekeeping failed",
                     {{"store", backend_.name}, {"error", done.error().message}});
      }
      std::unique_lock lock(mutex);
      woken.wait_for(lock, stop, kHousekeepingEvery, [] { return false; });
    }
    if (const Status released = lease_.release(); !released) {
      log::warning("lease kept", {{"store", backend_.name}, {"error", released.error().message}});
    }
  }

 private:
  Status once() {
    UNCAC_ASSIGN(const bool held, lease_.hold());
    if (!held) return {};
    UNCAC_ASSIGN([[maybe_unused]] const std::int64_t chained, chain_audit(*backend_.store));
    const std::int64_t oldest =
        std::chrono::floor<seconds>(clock_.now() - kIdempotencyKept).time_since_epoch().count();
    UNCAC_TRY(backend_.store->write([&](Transaction& transaction) -> Status {
      UNCAC_ASSIGN([[maybe_unused]] const std::int64_t gone,
                   transaction.execute("DELETE FROM idempotency WHERE recorded_at < $1", {oldest}));
      return {};
    }));
    if (!compact_) return {};
    for (const Topic& topic : backend_.topics) {
      if (topic.retention == Retention::kForever) continue;
      const auto kept =
          topic.retention == Retention::kCompacted ? kSupersededKept : kSupersededKeptLate;
      UNCAC_ASSIGN([[maybe_unused]] const std::int64_t gone,
                   compact_embedded(*backend_.store, topic.name, clock_.now() - kept,
                                    clock_.now() - kTombstonesKept));
    }
    return {};
  }

  Backend& backend_;
  const Clock& clock_;
  Lease lease_;
  bool compact_;
};

// Options that every server has.
struct CommonOptions {
  Address listen, health;
  std::string log_level = "info";
  int notice_ms = 0;
  TlsFiles tls;

  void declare(Options& options, const Program& program) {
    listen = {"127.0.0.1", program.rpc_port};
    health = {"127.0.0.1", program.health_port};
    options.address("listen", listen, "where gRPC is served");
    options.address("health-listen", health, "where /healthz, /readyz and /metrics are served");
    options.text("log-level", log_level, "least level written to standard error",
                 [](const std::string& value) -> std::string {
                   for (const char* allowed : {"debug", "info", "warning", "error"}) {
                     if (value == allowed) return "";
                   }
                   return "debug, info, warning or error";
                 });
    options.number("shutdown-notice-ms", notice_ms,
                   "how long to be not ready before calls are refused, so that it is noticed", 0,
                   60'000);
  }
  log::Level level() const {
    if (log_level == "debug") return log::Level::kDebug;
    if (log_level == "warning") return log::Level::kWarning;
    if (log_level == "error") return log::Level::kError;
    return log::Level::kInfo;
  }
};

int fail(const Program& program, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", program.name.c_str(), to_text(error).c_str());
  return 1;
}

// The part that both profiles share: from opened stores to the ordered end. Only the embedded one
// has a folder for backups.
Result<int> serve(const Program& program, const CommonOptions& common, const Clock& clock, Ids& ids,
                  Metrics& metrics, EventLog& log, Cache& cache,
                  const std::vector<ServiceDescription>& services, std::list<Backend>& backends,
                  const std::string& backup_folder, StopSignal& stop_signal) {
  const bool embedded = !backup_folder.empty();
  UNCAC_ASSIGN(const std::unique_ptr<Gatekeeper> gatekeeper, program.gatekeeper(clock));
  Calls calls(*gatekeeper, ids, metrics, {});
  const std::string instance = program.name + "-" + ids.next();

  std::vector<std::unique_ptr<ServiceModule>> modules;
  std::vector<grpc::Service*> rpc;
  auto backend = backends.begin();
  for (const ServiceDescription& service : services) {
    UNCAC_ASSIGN(auto module,
                 service.create(ServiceContext{clock, ids, metrics, calls, *backend->store,
                                               *backend->outbox, log, cache, instance}));
    rpc.push_back(&module->rpc());
    modules.push_back(std::move(module));
    ++backend;
  }

  std::vector<SettledStore> operated;
  auto owner = services.begin();
  for (Backend& one : backends) operated.push_back({*one.store, *one.outbox, *owner++});
  // Only beside a relay: on embedded stores what is committed is on the log.
  std::list<Publishing> publishing;
  for (Backend& one : backends) {
    if (one.relay) rpc.push_back(&publishing.emplace_back(calls, *one.store));
  }
  Operations operations({calls, clock, ids, program.name, backup_folder, clock.now(), log,
                         !embedded, std::move(operated)});
  rpc.push_back(&operations);

  HealthServer health(metrics);
  for (std::size_t i = 0; i < modules.size(); ++i) {
    health.add_condition(services[i].name, [&module = *modules[i]] { return module.ready(); });
  }
  // Last: whoever reads that it is ready and then calls must find a server that says so too.
  std::atomic<bool> announced = false;
  health.add_condition("serving", [&announced] { return announced.load(); });
  UNCAC_ASSIGN(const int health_port, health.start(common.health));
  RpcServer server;
  UNCAC_TRY(server.start(common.listen, common.tls, {}, rpc));
  std::unique_ptr<Front> front;
  std::string front_address;
  if (program.front) {
    UNCAC_ASSIGN(front, program.front({server.in_process_channel(), metrics, ids, clock,
                                       [&health] { return health.ready(); }}));
    UNCAC_ASSIGN(front_address, front->start());
  }

  std::vector<std::jthread> workers;
  for (Backend& one : backends) {
    if (one.relay) workers.emplace_back([&one](std::stop_token stop) { one.relay->run(stop); });
    workers.emplace_back([&one, &clock, &instance, embedded](std::stop_token stop) {
      Housekeeping(one, clock, instance, embedded).run(stop);
    });
  }
  for (Publishing& one : publishing) {
    workers.emplace_back([&one](const std::stop_token& stop) { one.run(stop); });
  }
  for (const auto& module : modules) module->start();
  // Who has another replica to ask goes to that one until this one can answer.
  std::jthread announcing([&](std::stop_token stop) {
    const auto all_ready = [&] {
      return std::all_of(modules.begin(), modules.end(),
                         [](const auto& module) { return module->ready(); });
    };
    while (!stop.stop_requested() && !all_ready()) pause(stop, kLookWhetherReady);
    if (stop.stop_requested()) return;
    server.set_serving(true);
    announced = true;
  });
  log::info("serving", {{"grpc", common.listen.host + ":" + std::to_string(server.port())},
                        {"health", common.health.host + ":" + std::to_string(health_port)},
                        {"http", front_address}});

  stop_signal.wait();
  log::info("stopping");
  Shutdown shutdown;
  shutdown.add("say not ready", seconds(2), [&] {
    health.set_draining();
    announcing.request_stop();
    announcing.join();
    server.set_serving(false);
    if (front) front->drain();
  });
  shutdown.add("be noticed", milliseconds(common.notice_ms) + seconds(1),
               [&] { std::this_thread::sleep_for(milliseconds(common.notice_ms)); });
  shutdown.add("end streams", seconds(2), [&] {
    for (const auto& module : modules) module->end_streams();
  });
  shutdown.add("finish requests", seconds(12), [&] {
    if (front) front->stop(seconds(10));
  });
  shutdown.add("finish calls", seconds(10) + kSilentStore, [&] { server.stop(seconds(10)); });
  shutdown.add("finish batches", seconds(2) + kSilentStore, [&] {
    for (const auto& module : modules) module->stop();
  });
  shutdown.add("leave the outbox", seconds(10) + kSilentStore, [&] {
    for (std::jthread& worker : workers) worker.request_stop();
    for (Backend& one : backends) one.wakeup->notify();
    workers.clear();
  });
  shutdown.add("close", seconds(5), [&] { health.stop(); });
  const int code = shutdown.run();
  // A step that hung still uses what this function is about to destroy.
  if (code != 0) std::_Exit(code);
  return code;
}

}  // namespace

int run_embedded(int argc, const char* const* argv, const Program& program) {
  CommonOptions common;
  std::string data, backup_folder;
  Options options(program.name, program.purpose);
  common.declare(options, program);
  options.required_text("data", data, "folder of the stores; made if missing");
  options.text("backup-folder", backup_folder,
               "where `uncac admin backup` makes backups; the folder of --data with \"-backups\" "
               "after its name without it");
  program.declare(options);
  if (const auto leave = options.parse(argc, argv)) return *leave;
  StopSignal stop_signal;
  log::configure(common.level(), program.name);
  stop_signal.leave_at_once();

  const SystemClock clock;
  SystemIds ids;
  Metrics metrics;
  const auto start = [&]() -> Result<int> {
    UNCAC_ASSIGN(const std::vector<ServiceDescription> services, program.services());
    std::filesystem::path folder = std::filesystem::absolute(data).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();
    if (backup_folder.empty()) backup_folder = folder.string() + "-backups";
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) {
      return make_error(Reason::kFailedPrecondition, "--data " + data + ": " + failed.message());
    }
    UNCAC_ASSIGN(const std::optional<Restored> restored, restored_from(data));
    std::list<Backend> backends;
    // All are opened before one is changed: when the last is damaged, the others are not brought to
    // newer tables first.
    for (const ServiceDescription& service : services) {
      UNCAC_ASSIGN(backends.emplace_back().store,
                   open_sqlite(data + "/" + store_file(service.name)));
    }
    auto backend = backends.begin();
    for (const ServiceDescription& service : services) {
      UNCAC_TRY(prepare(*backend++, service, ids));
    }
    if (restored) {
      backend = backends.begin();
      for (const ServiceDescription& service : services) {
        UNCAC_TRY(settle_restored({*backend->store, *backend->outbox, service}, restored->backup,
                                  restored->taken_at, clock, ids));
        UNCAC_ASSIGN(backend->identity, read_identity(*backend->store, ids));
        ++backend;
      }
      UNCAC_TRY(forget_restored(data));
      log::info("restored", {{"backup", restored->backup}, {"taken_at", restored->taken_at}});
    }
    std::vector<EmbeddedTopic> topics;
    for (const Backend& one : backends) {
      for (const Topic& topic : one.topics) {
        topics.push_back({topic, one.store.get(), one.wakeup, one.identity.store_id});
      }
    }
    // Dead letters commit with the consumer's position, so they lie in the consumer's store.
    backend = backends.begin();
    for (const ServiceDescription& service : services) {
      for (const ConsumedTopic& topic : service.consumes) {
        topics.push_back({Topic{dead_letter_topic(topic.name), Retention::kForever},
                          backend->store.get(), backend->wakeup, backend->identity.store_id});
      }
      ++backend;
    }
    const std::unique_ptr<EventLog> log = make_embedded_log(std::move(topics));
    const std::unique_ptr<Cache> cache = make_memory_cache(64 << 20, clock);
    return serve(program, common, clock, ids, metrics, *log, *cache, services, backends,
                 backup_folder, stop_signal);
  };
  const Result<int> code = start();
  return code ? *code : fail(program, code.error());
}

int run_distributed(int argc, const char* const* argv, const Program& program) {
  CommonOptions common;
  std::string postgres, postgres_password_file, redis, redis_password_file;
  KafkaFlags kafka;
  Options options(program.name, program.purpose);
  common.declare(options, program);
  options.required_text("postgres", postgres, "libpq connection words, without the password");
  options.text("postgres-password-file", postgres_password_file, "file that holds the password");
  kafka.declare(options);
  options.required_text("redis", redis, "HOST:PORT");
  options.text("redis-password-file", redis_password_file, "file that holds the password");
  std::map<std::string, std::string> writers;  // by name; where each is reached
  for (const std::string& writer : program.writers) {
    std::string flag = writer;
    std::replace(flag.begin(), flag.end(), '_', '-');
    options.required_text(
        flag, writers[writer],
        "HOST:PORT of " + flag + ", asked whether all it committed is on the log");
  }
  options.text("tls-ca", common.tls.ca, "PEM: who may sign the others' certificates");
  options.text("tls-certificate", common.tls.certificate, "PEM: this service's own");
  options.text("tls-key", common.tls.key, "PEM: its key");
  program.declare(options);
  if (const auto leave = options.parse(argc, argv)) return *leave;
  StopSignal stop_signal;
  log::configure(common.level(), program.name);
  stop_signal.leave_at_once();

  const SystemClock clock;
  SystemIds ids;
  Metrics metrics;
  const auto start = [&]() -> Result<int> {
    UNCAC_TRY(may_listen(common.listen, common.tls));
    UNCAC_ASSIGN(const std::vector<ServiceDescription> services, program.services());
    PostgresOptions postgres_options{postgres, ""};
    if (!postgres_password_file.empty()) {
      UNCAC_ASSIGN(postgres_options.password, read_secret_file(postgres_password_file));
    }
    UNCAC_ASSIGN(const Address redis_address, parse_address(redis));
    RedisOptions redis_options;
    redis_options.host = redis_address.host;
    redis_options.port = redis_address.port;
    if (!redis_password_file.empty()) {
      UNCAC_ASSIGN(redis_options.password, read_secret_file(redis_password_file));
    }
    UNCAC_ASSIGN(KafkaOptions kafka_options, kafka.options(program.name));
    kafka_options.metrics = &metrics;
    std::list<Backend> backends;
    for (const ServiceDescription& service : services) {
      std::vector<Topic> topics = service.topics;
      for (const ConsumedTopic& topic : service.consumes) {
        topics.push_back({dead_letter_topic(topic.name), Retention::kForever});
      }
      UNCAC_TRY(check_kafka_topics(kafka_options, topics));
    }
    Completeness completeness;
    for (const auto& [writer, address] : writers) {
      UNCAC_ASSIGN(auto channel, open_channel(address, common.tls,
                                              {operations::v1::Publishing::service_full_name()}));
      const auto watch = std::make_shared<WriterWatch>(writer, std::move(channel));
      for (const ServiceDescription& service : services) {
        for (const ConsumedTopic& topic : service.consumes) {
          if (topic.writer == writer) {
            completeness[topic.name] = [watch, name = topic.name] {
              return watch->completion(name);
            };
          }
        }
      }
    }
    UNCAC_ASSIGN(const std::unique_ptr<EventLog> log,
                 make_kafka_log(kafka_options, std::move(completeness)));
    for (const ServiceDescription& service : services) {
      Backend& backend = backends.emplace_back();
      UNCAC_ASSIGN(backend.store, open_postgres(postgres_options));
      UNCAC_TRY(prepare(backend, service, ids));
      UNCAC_ASSIGN(std::string key, store_secret(*backend.store, ids, "origin", Sealer::kKeyBytes));
      UNCAC_ASSIGN(backend.sealer, Sealer::create(std::move(key), ids));
      const auto settle = [&backend, &service, &log = *log, &clock, &ids] {
        return settle_with_log({*backend.store, *backend.outbox, service}, log, *backend.sealer,
                               clock, ids);
      };
      // Before anything is served: a decision with an old revision would be dropped by all readers.
      UNCAC_TRY(settle());
      RelayOptions relay;
      relay.kafka = kafka_options;
      relay.holder = program.name + "-" + ids.next();
      relay.before_sending = settle;
      relay.after_late_send = [&backend, &service, &clock, &ids] {
        return publish_after_late_send({*backend.store, *backend.outbox, service}, clock, ids);
      };
      backend.relay = std::make_unique<Relay>(*backend.store, backend.wakeup, clock, metrics,
                                              *backend.sealer, relay);
    }
    const std::unique_ptr<Cache> cache = make_redis_cache(redis_options, clock, metrics);
    return serve(program, common, clock, ids, metrics, *log, *cache, services, backends, {},
                 stop_signal);
  };
  const Result<int> code = start();
  return code ? *code : fail(program, code.error());
}

}  // namespace uncac::platform
