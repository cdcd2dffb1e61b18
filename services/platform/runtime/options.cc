#include "platform/runtime/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <sstream>
#include <utility>

#ifndef UNCAC_VERSION
#define UNCAC_VERSION "(no version given to the build)"
#endif

namespace uncac::platform {
namespace {

constexpr int kWrongUsage = 2;

std::optional<int> whole_number(std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value < least || value > most) return std::nullopt;
  return value;
}

std::string environment_name(const std::string& option) {
  std::string name = "UNCAC_" + option;
  for (char& c : name) {
    c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::optional<bool> truth(const std::string& text) {
  for (const char* word : {"true", "1", "yes", "on"}) {
    if (text == word) return true;
  }
  for (const char* word : {"false", "0", "no", "off"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

struct Wrong {
  std::string message;
};

// The file's values by option name. CLI11 reads the file but does not apply it: it would put the
// file before the environment.
std::map<std::string, std::string> read_config(const std::string& path) {
  Result<std::string> text = read_file(path);
  if (!text) throw Wrong{"--config: " + text.error().message};
  std::istringstream stream(*text);
  std::map<std::string, std::string> values;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(stream)) {
    if (!item.parents.empty()) {
      throw Wrong{"--config: " + path + ": sections are not used; write `name = value` lines"};
    }
    // The reader cuts a line at # even inside quotes and splits at , and blanks outside them: what
    // comes out in pieces is refused rather than taken by halves.
    if (item.inputs.size() != 1 || item.inputs[0].starts_with('"') ||
        item.inputs[0].starts_with('\'')) {
      throw Wrong{"--config: " + path + ": " + item.name +
                  ": a single value is allowed, in quotes if it holds a blank, a comma or a "
                  "bracket, and without #; and each name once"};
    }
    if (!values.emplace(item.name, item.inputs[0]).second) {
      throw Wrong{"--config: " + path + ": " + item.name + " stands there twice"};
    }
  }
  return values;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto wrong = [&] {
    return make_error(Reason::kInvalidInput, "\"" + std::string(text.substr(0, 100)) +
                                                 "\" is not HOST:PORT with a port from 0 to 65535 "
                                                 "(an IPv6 host in brackets: [::1]:7400)");
  };
  if (colon == std::string_view::npos || colon == 0) return wrong();
  const std::string_view host = text.substr(0, colon);
  const std::optional<int> port = whole_number(text.substr(colon + 1), 0, 65535);
  if (!port) return wrong();
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find_first_of("[]:/ ") != std::string_view::npos) return wrong();
  return Address{std::string(host), *port};
}

struct Options::State {
  struct Declared {
    std::string name;
    std::string help;
    std::string standard;  // the default, shown in the help
    bool is_flag = false;
    bool required = false;
    // Takes the value, or returns what is allowed.
    std::function<std::string(const std::string&)> take;
  };

  // Throws Wrong or a CLI::Error; parse() maps both.
  void read(int argc, const char* const* argv) {
    CLI::App app(purpose, program);
    app.set_help_flag("-h,--help", "print this and leave");
    app.set_version_flag("--version", program + " " + std::string(program_version()));
    std::string config;
    CLI::Option* config_option =
        app.add_option("--config", config, "file of `name = value` lines (UNCAC_CONFIG)")
            ->type_name("FILE");
    std::deque<std::string> texts;  // stable addresses for CLI11
    std::vector<CLI::Option*> options;
    for (const Declared& one : declared) {
      std::string explained = one.help + " (" + environment_name(one.name) + ")";
      if (one.required) explained += "; required";
      if (!one.standard.empty()) explained += "; default " + one.standard;
      // Both with a target: of the two-argument add_flag a text that is not const is the target
      // itself, not the description.
      std::string& target = texts.emplace_back();
      options.push_back(one.is_flag
                            ? app.add_flag("--" + one.name, target, explained)
                            : app.add_option("--" + one.name, target, explained)->type_name(""));
    }
    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      help = app.help();
      throw;
    }

    if (config_option->count() == 0) {
      if (const char* path = std::getenv("UNCAC_CONFIG")) config = path;
    }
    std::map<std::string, std::string> file;
    if (!config.empty()) file = read_config(config);
    for (const auto& entry : file) {
      const std::string& name = entry.first;
      if (std::none_of(declared.begin(), declared.end(),
                       [&](const Declared& one) { return one.name == name; })) {
        throw Wrong{"--config: " + config + ": \"" + name +
                    "\" is not an option; --help lists those there are"};
      }
    }
    for (std::size_t i = 0; i < declared.size(); ++i) take(declared[i], *options[i], file);
  }

  static void take(const Declared& one, const CLI::Option& option,
                   const std::map<std::string, std::string>& file) {
    std::string where = "--" + one.name;
    std::string value;
    const char* environment = std::getenv(environment_name(one.name).c_str());
    const auto in_file = file.find(one.name);
    if (option.count() > 0) {
      value = option.as<std::string>();
    } else if (environment != nullptr && *environment != '\0') {
      value = environment;
      where += " (from " + environment_name(one.name) + ")";
    } else if (in_file != file.end()) {
      value = in_file->second;
      where += " (from the file of --config)";
    } else {
      if (one.required) throw Wrong{where + " is required: " + one.help};
      return;
    }
    const std::string allowed = one.take(value);
    if (!allowed.empty()) throw Wrong{where + ": " + allowed};
  }

  std::string program;
  std::string purpose;
  std::vector<Declared> declared;
  std::string help;  // filled when it was asked for
};

std::string_view program_version() { return UNCAC_VERSION; }

Options::Options(std::string program, std::string purpose) : state_(std::make_unique<State>()) {
  state_->program = std::move(program);
  state_->purpose = std::move(purpose);
}

Options::~Options() = default;

void Options::text(const std::string& name, std::string& target, const std::string& help,
                   Check check) {
  // The value is not repeated in a refusal: it may be a secret.
  state_->declared.push_back({name, help, target, false, false,
                              [&target, check = std::move(check)](const std::string& value) {
                                std::string allowed = check ? check(value) : std::string();
                                if (allowed.empty()) target = value;
                                return allowed;
                              }});
}

void Options::required_text(const std::string& name, std::string& target, const std::string& help,
                            Check check) {
  text(name, target, help, [check = std::move(check)](const std::string& value) {
    if (value.empty()) return std::string("an empty value is not allowed");
    return check ? check(value) : std::string();
  });
  state_->declared.back().required = true;
}

void Options::number(const std::string& name, int& target, const std::string& help, int least,
                     int most) {
  state_->declared.push_back({name, help, std::to_string(target), false, false,
                              [&target, least, most](const std::string& value) -> std::string {
                                const std::optional<int> number = whole_number(value, least, most);
                                if (!number) {
                                  return "\"" + value.substr(0, 40) +
                                         "\" is not allowed; a whole number from " +
                                         std::to_string(least) + " to " + std::to_string(most) +
                                         " is";
                                }
                                target = *number;
                                return {};
                              }});
}

void Options::flag(const std::string& name, bool& target, const std::string& help) {
  state_->declared.push_back({name, help, target ? "true" : "", true, false,
                              [&target](const std::string& value) -> std::string {
                                const std::optional<bool> said = truth(value);
                                if (!said) {
                                  return "\"" + value.substr(0, 40) +
                                         "\" is not allowed; true or false is";
                                }
                                target = *said;
                                return {};
                              }});
}

void Options::address(const std::string& name, Address& target, const std::string& help) {
  state_->declared.push_back({name, help, target.host.empty() ? "" : target.text(), false, false,
                              [&target](const std::string& value) -> std::string {
                                Result<Address> address = parse_address(value);
                                if (!address) return address.error().message;
                                target = *std::move(address);
                                return {};
                              }});
}

std::optional<int> Options::parse(int argc, const char* const* argv) {
  const auto wrong = [&](const std::string& message) {
    std::cerr << state_->program << ": " << message << "\n";
    return kWrongUsage;
  };
  try {
    state_->read(argc, argv);
    return std::nullopt;
  } catch (const Wrong& refused) {
    return wrong(refused.message);
  } catch (const CLI::CallForHelp&) {
    std::cout << state_->help;
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << "\n";
    return 0;
  } catch (const CLI::ParseError& error) {
    return wrong(std::string(error.what()) + "; --help lists the options");
  } catch (const std::exception& error) {
    return wrong(std::string("options: ") + error.what());
  }
}

}  // namespace uncac::platform
