// `bench_queries cells COPIES FILE`: writes the cells of such a world to FILE, describes them in a
// line of JSON on standard output, then answers one such line to each line `figures|ask|cold
// QUESTION` of standard input, so that another contender can be asked in turn.

#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "bench/commands.h"
#include "bench/questions.h"
#include "bench/stopwatch.h"

namespace uncac::bench {
namespace {

using namespace needs_matrix;

const std::map<std::string, AskedAs>& questions() {
  static const std::map<std::string, AskedAs> all = {
      {"any_type", {{"regional_group", "article", "", {}, ""}, provider_ex1()}},
      {"one_type",
       {{"regional_group", "article", "", {{"type", {"CAPACITY_BUILDING"}}}, ""}, provider_ex1()}},
  };
  return all;
}

// One line for each State × item, with all that the two questions need worked out already.
std::size_t write_cells(const ExerciseWorld& world, StandingTables& tables,
                        const std::string& file) {
  const auto& reference = world.items->reference();
  const auto table = tables.at(*world.snapshot, world.today, std::nullopt);
  std::ofstream out(file);
  out << "state,grp,item,article,answered,types,visible\n";
  std::size_t cells = 0;
  for (StateIndex state = 0; state < reference.states().size(); ++state) {
    const StateStanding& standing = *table->states[state];
    const ItemSet visible = visible_items(*world.snapshot, state, provider_ex1());
    for (ItemIndex item = 0; item < world.items->size(); ++item, ++cells) {
      const bool answered = standing.answered.test(item);
      out << state << ',' << static_cast<int>(reference.states()[state].primary_group) << ','
          << item << ',' << world.items->article_of(item) << ',' << answered << ','
          << (answered ? standing.needs[item] : 0) << ',' << visible.test(item) << '\n';
    }
  }
  return cells;
}

// [[group, article, States stating, respondents], …]: every figure of which the reader sees any.
nlohmann::json figures(const MatrixAnswer& answer) {
  auto out = nlohmann::json::array();
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    for (std::size_t column = 0; column < answer.columns.size(); ++column) {
      const Figure& figure = answer.figures[row][column];
      if (figure.withheld) continue;
      out.push_back({answer.rows[row].code, answer.columns[column].code,
                     static_cast<std::int64_t>(figure.value), figure.base});
    }
  }
  return out;
}

// What the numbers in the file stand for.
nlohmann::json codes(const Items& items) {
  nlohmann::json groups, articles;
  for (std::size_t group = 0; group < reference::kGroupCount; ++group) {
    groups.push_back(reference::code(static_cast<reference::Group>(group)));
  }
  for (ItemIndex item = 0; item < items.size(); ++item) {
    const auto article = items.article_of(item);
    articles[std::to_string(article)] = items.reference().provisions()[article].id;
  }
  return {{"groups", groups}, {"articles", articles}};
}

}  // namespace

int cells(int copies, const std::string& file) {
  const ExerciseWorld world = make_world({.copies = copies});
  StandingTables tables;
  const std::size_t written = write_cells(world, tables, file);
  std::cout << nlohmann::json{{"cells", written},
                              {"states", world.items->reference().states().size()},
                              {"items", world.items->size()},
                              {"codes", codes(*world.items)},
                              {"type", *world.items->reference().type("CAPACITY_BUILDING")}}
            << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command, name;
    words >> command >> name;
    const auto asked = questions().find(name);
    if (asked == questions().end()) return kWrongUsage;
    nlohmann::json reply;
    if (command == "figures") {
      reply = figures(compute(world, asked->second, tables));
    } else if (command == "ask") {
      reply = microseconds([&] { keep(compute(world, asked->second, tables)); });
    } else if (command == "cold") {
      StandingTables none;
      reply = microseconds([&] { keep(compute(world, asked->second, none)); });
    } else {
      return kWrongUsage;
    }
    std::cout << reply << std::endl;
  }
  return 0;
}

}  // namespace uncac::bench
