#include "platform/runtime/kafka_flags.h"

#include <utility>

namespace uncac::platform {
namespace {

Error wrong(const std::string& option, const std::string& what) {
  return make_error(Reason::kInvalidInput, option + ": " + what);
}

// The client library's own words for a file that it cannot use do not name our option.
Status check_pem(const std::string& option, const std::string& file, std::string_view kind) {
  if (file.empty()) return {};
  const Result<std::string> text = read_file(file);
  if (!text) return wrong(option, text.error().message);
  if (text->find("-----BEGIN ") == std::string::npos || text->find(kind) == std::string::npos) {
    return wrong(option, file + " holds no " + std::string(kind) + " in PEM");
  }
  return {};
}

}  // namespace

Result<KafkaOptions> KafkaFlags::options(std::string client_id) const {
  if (certificate.empty() != key.empty()) {
    return certificate.empty() ? wrong("--kafka-certificate", "needed beside --kafka-key")
                               : wrong("--kafka-key", "needed beside --kafka-certificate");
  }
  if (user.empty() != password_file.empty()) {
    return user.empty() ? wrong("--kafka-user", "needed beside --kafka-password-file")
                        : wrong("--kafka-password-file", "needed beside --kafka-user");
  }
  if (ca.empty() && !user.empty()) {
    return wrong("--kafka-ca", "needed beside --kafka-user: without TLS anybody could listen");
  }
  if (ca.empty() && !certificate.empty()) {
    return wrong("--kafka-ca", "needed beside --kafka-certificate");
  }
  UNCAC_TRY(check_pem("--kafka-ca", ca, "CERTIFICATE"));
  UNCAC_TRY(check_pem("--kafka-certificate", certificate, "CERTIFICATE"));
  UNCAC_TRY(check_pem("--kafka-key", key, "PRIVATE KEY"));
  KafkaOptions result;
  result.bootstrap = brokers;
  result.client_id = std::move(client_id);
  result.ca_file = ca;
  result.certificate_file = certificate;
  result.key_file = key;
  result.user = user;
  result.mechanism = mechanism;
  if (!password_file.empty()) {
    Result<std::string> password = read_secret_file(password_file);
    if (!password) return wrong("--kafka-password-file", password.error().message);
    if (password->empty()) return wrong("--kafka-password-file", password_file + " is empty");
    result.password = *std::move(password);
  }
  return result;
}

}  // namespace uncac::platform
