// The two files that say what Kafka shall be: its topics, and who may do what with them. Both are
// data tables (platform/data_table.h); their columns and rules stand in files.cc.
#pragma once

#include <string_view>
#include <vector>

#include "platform/events/kafka_access.h"

namespace uncac::kafka_setup {

// Both return every broken rule at once, each at its line. `file` is the name for the problems.
platform::Result<std::vector<platform::KafkaTopic>> read_topics(std::string_view file,
                                                                std::string_view text);
// `topics` is what read_topics() gave: a rule for another topic is a slip.
platform::Result<std::vector<platform::KafkaRule>> read_access(
    std::string_view file, std::string_view text, const std::vector<platform::KafkaTopic>& topics);

}  // namespace uncac::kafka_setup
