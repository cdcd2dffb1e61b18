#include "platform/events/kafka_client.h"

#include "platform/runtime/log.h"

namespace uncac::platform::kafka {
namespace {

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
  if (!options.ca_file.empty()) {
    settings.emplace_back("security.protocol", "ssl");
    settings.emplace_back("ssl.ca.location", options.ca_file);
    settings.emplace_back("ssl.certificate.location", options.certificate_file);
    settings.emplace_back("ssl.key.location", options.key_file);
  }
  return settings;
}

}  // namespace

Result<Owned<rd_kafka_t>> make_client(rd_kafka_type_t type, const KafkaOptions& options,
                                      const Settings& settings,
                                      const std::function<void(rd_kafka_conf_t*)>& prepare) {
  const bool encrypted = !options.ca_file.empty();
  if (encrypted == options.certificate_file.empty() || encrypted == options.key_file.empty()) {
    return make_error(Reason::kInvalidInput,
                      "Kafka needs the CA, the certificate and the key, or none of them");
  }
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
  rd_kafka_conf_set_log_cb(conf.get(), write_log);
  // Without one, every error is logged twice.
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int, const char*, void*) {});
  if (prepare) prepare(conf.get());
  Owned<rd_kafka_t> client(rd_kafka_new(type, conf.get(), text, sizeof text));
  if (client == nullptr) {
    return make_error(Reason::kInvalidInput, std::string("Kafka client: ") + text);
  }
  static_cast<void>(conf.release());  // rd_kafka_new() took it
  return client;
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
