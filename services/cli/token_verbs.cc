#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "access/token.h"
#include "cli/exercise.h"
#include "cli/verbs.h"
#include "platform/runtime/options.h"
#include "reference/reference.h"

namespace uncac::cli {
namespace {

using platform::Reason;
using platform::Result;
using platform::Status;

constexpr auto kExerciseTokenLasts = std::chrono::days(30);
constexpr auto kExerciseTokenRenewed = std::chrono::days(7);

int fail(const platform::Error& error) {
  std::fprintf(stderr, "uncac: %s\n", platform::to_text(error).c_str());
  return kRefused;
}

// Whole or not at all, and readable by its owner alone from the first byte on.
Status write_private(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path part = file.string() + ".part";
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  const mode_t before = umask(077);
  std::ofstream out(part, std::ios::binary);
  out << text;
  out.close();
  umask(before);
  std::error_code failed;
  if (out) std::filesystem::rename(part, file, failed);
  if (!out || failed) {
    return platform::make_error(Reason::kFailedPrecondition, file.string() + ": cannot be written");
  }
  return {};
}

Status make_folder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return platform::make_error(Reason::kFailedPrecondition, folder + ": " + failed.message());
  }
  return {};
}

// "90s", "15m", "12h", "30d".
Result<std::chrono::seconds> parse_duration(const std::string& text) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  const long long factor = text.substr(digits) == "s"   ? 1
                           : text.substr(digits) == "m" ? 60
                           : text.substr(digits) == "h" ? 3600
                           : text.substr(digits) == "d" ? 86400
                                                        : 0;
  if (digits == 0 || digits > 7 || factor == 0) {
    return platform::make_error(Reason::kInvalidInput,
                                "--ttl \"" + text + "\": a number with s, m, h or d");
  }
  return std::chrono::seconds(std::stoll(text.substr(0, digits)) * factor);
}

Status keep_token(const std::string& key, const std::filesystem::path& file,
                  const access::Caller& caller, const platform::Clock& clock, platform::Ids& ids) {
  UNCAC_ASSIGN(const std::string token,
               access::mint_token(key, caller, kExerciseTokenLasts, clock.now(), ids));
  return write_private(file, token + "\n");
}

}  // namespace

int print_token(const TokenOptions& options) {
  const auto key = platform::read_secret_file(options.key_file);
  if (!key) return fail(key.error());
  const auto lasts = parse_duration(options.ttl);
  if (!lasts) return fail(lasts.error());
  access::Caller caller;
  const auto role = access::parse_role(options.role);
  if (!role || *role == access::Role::kAnonymous) {
    return fail(platform::make_error(
        Reason::kInvalidInput,
        "--role \"" + options.role +
            "\": focal_point, contributor, provider, secretariat, auditor or operator"));
  }
  caller.role = *role;
  caller.state = options.state;
  caller.organization = options.organization;
  caller.subject = options.subject.empty() ? options.role : options.subject;
  const platform::SystemClock clock;
  platform::SystemIds ids;
  const auto token = access::mint_token(*key, caller, *lasts, clock.now(), ids);
  if (!token) return fail(token.error());
  std::printf("%s\n", token->c_str());
  return kDone;
}

int make_exercise_keys(const std::string& folder) {
  if (const Status made = make_folder(folder); !made) return fail(made.error());
  const std::filesystem::path signing = folder + "/token-signing.pem";
  const std::filesystem::path verify = folder + "/token-verify.pem";
  if (std::filesystem::exists(signing) && std::filesystem::exists(verify)) return kDone;
  const auto pair = access::make_key_pair();
  if (!pair) return fail(pair.error());
  // The private key last: it is the sign that both are there.
  if (const Status kept = write_private(verify, pair->public_pem); !kept) return fail(kept.error());
  if (const Status kept = write_private(signing, pair->private_pem); !kept) {
    return fail(kept.error());
  }
  return kDone;
}

int make_exercise_tokens(const std::string& key_file, const std::string& folder) {
  const auto key = platform::read_secret_file(key_file);
  if (!key) return fail(key.error());
  const auto reference = reference::Reference::load();
  if (!reference) return fail(reference.error());
  if (const Status made = make_folder(folder); !made) return fail(made.error());
  const std::filesystem::path root = folder;
  // Fresh enough: younger than its renewal age, and than the key that signed it.
  const std::filesystem::path last = root / "provider-EX2.jwt";
  std::error_code missing;
  const auto written = std::filesystem::last_write_time(last, missing);
  if (!missing && written > std::filesystem::last_write_time(key_file) &&
      std::filesystem::file_time_type::clock::now() - written < kExerciseTokenRenewed) {
    return kDone;
  }
  const platform::SystemClock clock;
  platform::SystemIds ids;
  const auto keep = [&](const std::string& name, access::Caller caller) {
    caller.subject = "exercise-" + name;
    return keep_token(*key, root / (name + ".jwt"), caller, clock, ids);
  };
  using access::Role;
  for (const Role role : {Role::kSecretariat, Role::kAuditor, Role::kOperator}) {
    access::Caller caller;
    caller.role = role;
    if (const Status kept = keep(std::string(access::code(role)), caller); !kept) {
      return fail(kept.error());
    }
  }
  for (const reference::State& state : (*reference)->states()) {
    access::Caller caller;
    caller.role = Role::kFocalPoint;
    caller.state = state.iso3;
    if (const Status kept = keep("focal-point-" + state.iso3, caller); !kept) {
      return fail(kept.error());
    }
  }
  for (const char* organization : {"EX1", "EX2"}) {
    access::Caller caller;
    caller.role = Role::kProvider;
    caller.organization = organization;
    if (const Status kept = keep(std::string("provider-") + organization, caller); !kept) {
      return fail(kept.error());
    }
  }
  return kDone;
}

int write_exercise_responses(unsigned long long seed, const std::string& file) {
  const auto reference = reference::Reference::load();
  if (!reference) return fail(reference.error());
  const std::string text = exercise_responses_csv(**reference, seed);
  if (file == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return kDone;
  }
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) {
    return fail(platform::make_error(Reason::kFailedPrecondition, file + ": cannot be written"));
  }
  return kDone;
}

}  // namespace uncac::cli
