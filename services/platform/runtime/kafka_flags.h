// The options by which a program learns where Kafka is and how to prove itself to it.
#pragma once

#include <string>

#include "platform/events/event_log.h"
#include "platform/runtime/options.h"

namespace uncac::platform {

struct KafkaFlags {
  std::string brokers, ca, certificate, key, user, password_file;
  std::string mechanism = "PLAIN";

  void declare(Options& options) {
    options.required_text("kafka", brokers, "HOST:PORT,… of the brokers");
    options.text("kafka-ca", ca, "PEM: who signs the brokers' certificates; with it TLS is used");
    options.text("kafka-certificate", certificate, "PEM: this program's own, for Kafka");
    options.text("kafka-key", key, "PEM: its key");
    options.text("kafka-user", user, "whom brokers shall take this program for; needs --kafka-ca");
    options.text("kafka-password-file", password_file, "file that holds the user's password");
    options.text("kafka-mechanism", mechanism,
                 "how the user proves itself: PLAIN or SCRAM-SHA-512, which needs librdkafka 2.6.1",
                 [](const std::string& value) {
                   const bool known = value == "PLAIN" || value == "SCRAM-SHA-512";
                   return known ? std::string() : "PLAIN or SCRAM-SHA-512";
                 });
  }
  // Reads the password. An error names the option that is wrong or missing.
  Result<KafkaOptions> options(std::string client_id) const;
};

}  // namespace uncac::platform
