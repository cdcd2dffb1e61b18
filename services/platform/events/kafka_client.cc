#include "platform/events/kafka_client.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "platform/runtime/log.h"

namespace uncac::platform::kafka {
namespace {

using std::chrono::milliseconds;

constexpr int kScramWorks = 0x020601ff;  // 2.6.1
constexpr milliseconds kLook{100};
constexpr milliseconds kLongestEnd{5'000};
// One broker of several may have the wrong certificate.
constexpr milliseconds kAfterRefusal{2'000};

void write_log(const rd_kafka_t* /*client*/, int level, const char* facility, const char* text) {
  // Levels are those of syslog. The library recovers by itself from nearly all it complains about,
  // so nothing of it is more than a warning here; what it cannot recover from reaches us as an
  // error.
  constexpr int kSyslogWarning = 4;
  // What it says about its settings is the same each time, and we know what we set.
  const bool warning = level <= kSyslogWarning && std::string_view(facility) != "CONFWARN";
  log::write(warning ? log::Level::kWarning : log::Level::kDebug, "kafka client",
             {{"facility", facility}, {"text", text}});
}

Settings common_settings(const KafkaOptions& options) {
  Settings settings{
      {"bootstrap.servers", options.bootstrap},
      {"client.id", options.client_id},
      // A broker that is back is found within a second; the default waits up to ten.
      {"reconnect.backoff.max.ms", "1000"},
      // Without this Nagle's algorithm holds back small requests of an open loop by 40 ms.
      {"socket.nagle.disable", "true"},
      {"topic.metadata.refresh.interval.ms", "60000"},
  };
  if (options.ca_file.empty()) return settings;
  settings.emplace_back("security.protocol", options.user.empty() ? "ssl" : "sasl_ssl");
  settings.emplace_back("ssl.ca.location", options.ca_file);
  if (!options.certificate_file.empty()) {
    settings.emplace_back("ssl.certificate.location", options.certificate_file);
    settings.emplace_back("ssl.key.location", options.key_file);
  }
  if (!options.user.empty()) {
    settings.emplace_back("sasl.mechanisms", options.mechanism);
    settings.emplace_back("sasl.username", options.user);
    settings.emplace_back("sasl.password", options.password);
  }
  return settings;
}

Status check_security(const KafkaOptions& options) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return make_error(Reason::kInvalidInput,
                      "Kafka needs a certificate and its key, or neither of them");
  }
  if (options.ca_file.empty() && !options.certificate_file.empty()) {
    return make_error(Reason::kInvalidInput, "Kafka with a certificate needs the CA too");
  }
  if (options.ca_file.empty() && !options.user.empty()) {
    return make_error(Reason::kInvalidInput,
                      "Kafka with a user needs the CA too: without TLS anybody could listen");
  }
  if (options.user.empty() != options.password.empty()) {
    return make_error(Reason::kInvalidInput,
                      "Kafka needs a user and a password, or neither of them");
  }
  if (options.user.empty() || options.mechanism == "PLAIN") return {};
  if (options.mechanism != "SCRAM-SHA-512") {
    return make_error(Reason::kInvalidInput,
                      "Kafka mechanism " + options.mechanism + " is not PLAIN or SCRAM-SHA-512");
  }
  // It sends the client's nonce twice, which brokers that heed RFC 5802 take for a wrong password
  // (librdkafka pull request 4895).
  if (rd_kafka_version() < kScramWorks) {
    return make_error(Reason::kFailedPrecondition,
                      std::string("the mechanism SCRAM-SHA-512 needs librdkafka 2.6.1 or later, "
                                  "and this is ") +
                          rd_kafka_version_str() + ": use PLAIN, which TLS protects");
  }
  return {};
}

}  // namespace

void Free::operator()(rd_kafka_t* client) const {
  std::unique_ptr<Attached> attached(static_cast<Attached*>(rd_kafka_opaque(client)));
  if (rd_kafka_type(client) == RD_KAFKA_PRODUCER) {
    rd_kafka_destroy(client);  // its last call-backs still find it
    return;
  }
  // A member leaves its group by this, so that the others go on at once. The library waits for
  // every request under way, a minute when the broker is silent, and after a broker's absence
  // sometimes for ever (librdkafka issues 4131, 4674). Who closes a reader must not: what takes
  // longer goes on by itself, and the group notices by the session's time-out.
  std::promise<void> promise;
  std::future<void> ended = promise.get_future();
  std::thread ending(
      [client, attached = std::move(attached), promise = std::move(promise)]() mutable {
        rd_kafka_destroy(client);
        attached.reset();
        promise.set_value();
      });
  if (ended.wait_for(kLongestEnd) == std::future_status::ready) {
    ending.join();
    return;
  }
  log::warning("kafka client", {{"text", "a reader does not end; it is left to itself"}});
  ending.detach();
}

Result<Owned<rd_kafka_t>> make_client(rd_kafka_type_t type, const KafkaOptions& options,
                                      const Settings& settings, void* user,
                                      const std::function<void(rd_kafka_conf_t*)>& prepare) {
  UNCAC_TRY(check_security(options));
  Owned<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  Settings all = common_settings(options);
  all.insert(all.end(), settings.begin(), settings.end());
  char text[512] = {};
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text, sizeof text) !=
        RD_KAFKA_CONF_OK) {
      return make_error(Reason::kInvalidInput, "Kafka setting " + name + ": " + text);
    }
  }
  auto attached = std::make_unique<Attached>();
  attached->user = user;
  if (options.metrics != nullptr) {
    attached->refusals = &options.metrics->counter(
        "uncac_kafka_refusals_total",
        "Times that a broker refused our user, password or certificate, or we refused its own.");
  }
  rd_kafka_conf_set_opaque(conf.get(), attached.get());
  rd_kafka_conf_set_log_cb(conf.get(), write_log);
  // Without one, every error is logged twice.
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int code, const char* reason, void* self) {
    note_error(self, code, reason);
  });
  if (prepare) prepare(conf.get());
  Owned<rd_kafka_t> client(rd_kafka_new(type, conf.get(), text, sizeof text));
  if (client == nullptr) {
    return make_error(Reason::kInvalidInput, std::string("Kafka client: ") + text);
  }
  static_cast<void>(conf.release());      // rd_kafka_new() took it
  static_cast<void>(attached.release());  // the client's now
  return client;
}

void note_error(void* opaque, int code, const char* reason) {
  Attached& client = attached(opaque);
  const std::lock_guard guard(client.mutex);
  // Why the last of them is down was said before.
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || client.last_complaint.empty()) {
    client.last_complaint = reason;
  }
  const bool password = code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
                        code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
  if (!password && code != RD_KAFKA_RESP_ERR__SSL) return;
  if (client.refusals != nullptr) client.refusals->add();
  client.refused =
      make_error(password ? Reason::kUnauthenticated : Reason::kFailedPrecondition, reason);
}

Status wait_for_brokers(rd_kafka_t* client, const KafkaOptions& options, milliseconds limit) {
  Attached& state = attached(rd_kafka_opaque(client));
  Instant end = std::chrono::steady_clock::now() + limit;
  bool refused = false;
  while (cluster_id(client, kLook).empty()) {
    rd_kafka_poll(client, 0);
    const Instant now = std::chrono::steady_clock::now();
    const std::lock_guard guard(state.mutex);
    if (state.refused && !std::exchange(refused, true)) end = std::min(end, now + kAfterRefusal);
    if (now < end) continue;
    if (!state.refused) {
      return make_error(Reason::kUnavailable,
                        "no Kafka broker answers at " + options.bootstrap +
                            (state.last_complaint.empty() ? "" : ": " + state.last_complaint));
    }
    const bool password = state.refused->reason == Reason::kUnauthenticated;
    return make_error(state.refused->reason,
                      (password ? "Kafka refuses the user " + options.user + " or its password: "
                                : "no trusted connection to Kafka at " + options.bootstrap + ": ") +
                          state.refused->message);
  }
  return {};
}

Error to_error(rd_kafka_resp_err_t code, std::string_view doing) {
  Reason reason = Reason::kUnavailable;  // nearly all of them pass by themselves
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      reason = Reason::kNotFound;
      break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      reason = Reason::kForbidden;
      break;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      reason = Reason::kUnauthenticated;
      break;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      reason = Reason::kTooLarge;
      break;
    default:
      break;
  }
  return make_error(reason, std::string(doing) + ": " + rd_kafka_err2str(code));
}

std::string cluster_id(rd_kafka_t* client, std::chrono::milliseconds limit) {
  char* text = rd_kafka_clusterid(client, static_cast<int>(limit.count()));
  if (text == nullptr) return {};
  std::string id = text;
  rd_kafka_mem_free(client, text);
  return id;
}

std::string log_id_of(std::string_view cluster, std::string_view topic) {
  return std::string(cluster) + "." + std::string(topic);
}

Owned<rd_kafka_topic_partition_list_t> partition_list(const std::string& topic,
                                                      const std::vector<std::int64_t>& offsets) {
  Owned<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (std::size_t p = 0; p < offsets.size(); ++p) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(p))
        ->offset = offsets[p];
  }
  return list;
}

}  // namespace uncac::platform::kafka
