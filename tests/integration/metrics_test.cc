// What deploy/grafana asks of the metrics, the running programs of both profiles have.
#include <set>

#include "integration/checklist_file.h"
#include "integration/questions.h"

namespace uncac::testing {
namespace {

// Of a service's own /metrics; where it listens is an option of its command.
std::string metrics_of(Service& service) {
  const std::string command = read_text("/proc/" + std::to_string(service.pid()) + "/cmdline");
  const std::string option = std::string("--health-listen") + '\0';
  const std::size_t at = command.find(option);
  if (at == std::string::npos) throw std::runtime_error(service.name() + " has no metrics");
  const Ended ended = run_to_end(
      {"/usr/bin/env", "python3", "-c",
       "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=20).read().decode())",
       "http://" + std::string(command.c_str() + at + option.size()) + "/metrics"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  return ended.out;
}

// "name" and "name{label" of every series.
std::set<std::string> series_of(System& system) {
  // A submission and a question, so that each path has been walked.
  answer(
      system, "secretariat",
      {"response", "submit",
       system.file("metrics.csv", checklist_csv({{"ISL", "uncac/9", "LEGAL_ADVICE", "PUBLIC"}}))});
  answer(system, "secretariat", {"matrix", "--rows", "regional_group"});
  std::set<std::string> found;
  for (auto& service : system.services()) {
    for (const std::string& line : lines_of(metrics_of(*service))) {
      if (line.empty() || line[0] == '#') continue;
      const std::string name = line.substr(0, line.find_first_of("{ "));
      found.insert(name);
      // Labels stand before ="; no value of ours holds that.
      for (std::size_t at = line.find("=\""); at != std::string::npos;
           at = line.find("=\"", at + 2)) {
        const std::size_t before = line.find_last_of("{,", at);
        found.insert(name + "{" + line.substr(before + 1, at - before - 1));
      }
    }
  }
  return found;
}

bool of_a_name(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

// What the files ask for: "name", and "name{label" of every choice by label behind one. (Not
// std::regex: with the sanitizers the compiler warns of its inside.)
std::set<std::string> metrics_asked_for() {
  std::set<std::string> names;
  for (const char* file : {"alerts.yaml", "dashboard.json"}) {
    const std::string text = read_text(std::string(UNCAC_SOURCE_DIR "/deploy/grafana/") + file);
    const auto word_at = [&](std::size_t at) {
      std::size_t end = at;
      while (end < text.size() && of_a_name(text[end])) ++end;
      return text.substr(at, end - at);
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (!of_a_name(text[at])) continue;
      const std::string name = word_at(at);
      at += name.size();
      if (!name.starts_with("uncac_") && name != "process_start_time_seconds") continue;
      names.insert(name);
      if (at >= text.size() || text[at] != '{') continue;
      const std::size_t end = text.find('}', at);
      for (; at < end; ++at) {
        const std::string label = word_at(at);
        if (label.empty()) continue;
        at += label.size();
        const bool compared = text[at] == '=' || text[at] == '!';
        // Prometheus adds where it scraped.
        if (compared && label != "job") names.insert(name + "{" + label);
      }
    }
  }
  return names;
}

TEST(Metrics, HaveWhatAlertsAndDashboardAskFor) {
  const std::set<std::string> asked = metrics_asked_for();
  EXPECT_TRUE(asked.contains("uncac_rpc_total{code"));
  EXPECT_GE(asked.size(), 20U);
  std::set<std::string> found;
  // A consumer has told its lag a second after it began.
  EXPECT_TRUE(eventually([&] {
    found = series_of(shared_system("distributed"));
    return found.contains("uncac_relay_published_total") && found.contains("uncac_consumer_lag");
  }));
  for (const std::string& name : asked) EXPECT_TRUE(found.contains(name)) << name;
  // On one machine there is no relay and no Redis.
  const std::set<std::string> alone = series_of(shared_system("embedded"));
  for (const std::string& name : asked) {
    const bool distributed_only = name.find("_kafka_") != std::string::npos ||
                                  name.find("_relay_") != std::string::npos ||
                                  name.find("_outbox_") != std::string::npos ||
                                  name.find("_cache_bypassed") != std::string::npos ||
                                  name.find("_cache_errors") != std::string::npos;
    EXPECT_EQ(alone.contains(name), !distributed_only) << name;
  }
}

}  // namespace
}  // namespace uncac::testing
