// The fast matrix against the slow one, and against changes that a reader must not notice.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "unit/matrix_naive.h"

namespace uncac::needs_matrix::testing {
namespace {

// The slow one goes through every cell for every figure: most questions name States and articles.
RawQuestion affordable_question(Random& random) {
  RawQuestion raw = random_question(random);
  raw.language = raw.order_by = "";  // the slow one knows no order but the plain one
  if (!random.one_in(40)) raw.where.push_back({"state", some_states()});
  if (!random.one_in(4)) raw.where.push_back({"article", values_of(Dimension::kArticle)});
  const bool large = raw.rows == "state" || raw.rows == "provision" || raw.columns == "state" ||
                     raw.columns == "provision";
  if (large) {
    raw.where.push_back({"state", {"KEN", "FRA", "TUR"}});
    raw.where.push_back({"article", {"uncac/44", "uncac/15", "uncac/7"}});
  }
  return raw;
}

std::string show(const RawQuestion& raw, const Scope& scope) {
  std::string text = scope.text() + ": " + raw.rows + " x " + raw.columns + " " + raw.measure +
                     " as of " + raw.as_of;
  for (const auto& filter : raw.where) {
    text += " where " + filter.dimension + "=";
    for (const auto& value : filter.values) text += value + ",";
  }
  return text;
}

// Figures by the codes of their row and column, totals included.
std::map<std::pair<std::string, std::string>, Figure> by_code(const MatrixAnswer& answer) {
  std::map<std::pair<std::string, std::string>, Figure> out;
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    for (std::size_t column = 0; column < answer.figures[row].size(); ++column) {
      out[{answer.rows[row].code, answer.columns.empty() ? "" : answer.columns[column].code}] =
          answer.figures[row][column];
    }
    if (!answer.row_totals.empty()) out[{answer.rows[row].code, "total"}] = answer.row_totals[row];
  }
  for (std::size_t column = 0; column < answer.columns.size(); ++column) {
    out[{"total", answer.columns[column].code}] = answer.column_totals[column];
  }
  return out;
}

TEST(MatrixProperty, TheFastAnswersAreTheSlowOnes) {
  std::int64_t questions = 0, figures = 0, with_value = 0, withheld = 0;
  EXPECT_TRUE(rc::check("fast and slow agree", [&](std::uint64_t seed) {
    Random random(seed);
    World world;
    const auto facts = random_facts(random);
    for (const auto& fact : facts) RC_ASSERT(tell(world.fold, fact));
    const Naive naive(facts);
    for (int i = 0; i < 30; ++i) {
      const auto raw = affordable_question(random);
      const auto scope = random_scope(random);
      RC_LOG() << show(raw, scope) << "\n";
      const auto fast = world.ask(raw, scope);
      const auto slow = naive.ask(raw, scope, world.today);
      RC_ASSERT(codes(fast.rows) == codes(slow.rows));
      RC_ASSERT(codes(fast.columns) == codes(slow.columns));
      RC_ASSERT(fast.figures == slow.figures);
      RC_ASSERT(fast.row_totals == slow.row_totals);
      RC_ASSERT(fast.column_totals == slow.column_totals);
      RC_ASSERT(fast.total == slow.total);
      ++questions;
      for (const auto& row : fast.figures) {
        for (const auto& figure : row) {
          ++figures;
          with_value += figure.value > 0;
          withheld += figure.withheld;
        }
      }
    }
  }));
  // Agreement on nothing would prove nothing.
  EXPECT_GE(questions, 3000);
  EXPECT_GE(with_value, figures / 50);
  EXPECT_GE(withheld, figures / 100);
}

TEST(MatrixProperty, TheFastListsAreTheSlowOnes) {
  std::int64_t listed = 0;
  EXPECT_TRUE(rc::check("lists agree", [&](std::uint64_t seed) {
    Random random(seed);
    World world;
    const auto facts = random_facts(random);
    for (const auto& fact : facts) RC_ASSERT(tell(world.fold, fact));
    const Naive naive(facts);
    for (int i = 0; i < 5; ++i) {
      const auto where = random_filters(random, 2);
      const auto scope = random_scope(random);
      const auto as_of = random_day(random);
      const auto keys = world.list_keys(where, scope, as_of);
      RC_ASSERT(keys == naive.list(where, scope, as_of.empty() ? world.today : day(as_of)));
      listed += static_cast<std::int64_t>(keys.size());
    }
  }));
  EXPECT_GE(listed, 1000);
}

// Another language or order moves rows and columns and changes no figure.
TEST(MatrixProperty, LanguageAndOrderMoveLinesAndNothingElse) {
  std::int64_t moved = 0;
  EXPECT_TRUE(rc::check("lines only move", [&](std::uint64_t seed) {
    Random random(seed);
    World world;
    for (const auto& fact : random_facts(random)) RC_ASSERT(tell(world.fold, fact));
    for (int i = 0; i < 10; ++i) {
      const auto asked = random_question(random);
      RawQuestion plain = asked;
      plain.language = plain.order_by = "";
      const auto scope = random_scope(random);
      const auto one = world.ask(asked, scope), two = world.ask(plain, scope);
      moved += codes(one.rows) != codes(two.rows);
      RC_ASSERT(by_code(one) == by_code(two));
      RC_ASSERT(one.total == two.total);
      if (asked.order_by == "figure") {
        const auto weight = [&](std::size_t row) {
          const auto& total = one.row_totals.empty() ? one.figures[row][0] : one.row_totals[row];
          return total.withheld || total.empty ? -1.0 : total.value;
        };
        for (std::size_t row = 1; row < one.rows.size(); ++row) {
          RC_ASSERT(weight(row - 1) >= weight(row));
        }
      }
    }
  }));
  EXPECT_GE(moved, 100);
}

// Pages of a list in any language give every need of it once, States in that language's order.
TEST(MatrixProperty, PagesInAnyLanguageGiveEveryNeedOnce) {
  EXPECT_TRUE(rc::check("pages", [](std::uint64_t seed) {
    Random random(seed);
    World world;
    for (const auto& fact : random_facts(random)) RC_ASSERT(tell(world.fold, fact));
    auto question = *parse_needs_question(*the_items(), {}, "", "", world.today);
    question.language = static_cast<reference::Language>(random.below(reference::kLanguageCount));
    std::vector<NeedKey> keys;
    std::optional<NeedKey> after;
    do {
      const auto page = list_needs(question, secretariat(), *world.fold.snapshot(), world.tables,
                                   after, static_cast<std::size_t>(1 + random.below(50)));
      for (const auto& need : page.needs) keys.push_back(need.key);
      after = page.next;
    } while (after);
    const auto order = the_reference().states_in_order(question.language);
    const auto place = [&](StateIndex one) {
      return std::find(order.begin(), order.end(), one) - order.begin();
    };
    for (std::size_t i = 1; i < keys.size(); ++i) {
      RC_ASSERT(place(keys[i - 1].state) <= place(keys[i].state));
      if (keys[i - 1].state == keys[i].state) RC_ASSERT(keys[i - 1] < keys[i]);
    }
    question.language = reference::Language::kEnglish;
    RC_ASSERT(keys.size() ==
              list_needs(question, secretariat(), *world.fold.snapshot(), world.tables, {}, 100'000)
                  .needs.size());
  }));
}

// "Totals count only cells the reader may see", and for a reader `withheld` covers every cell not
// shared, whatever it holds: rewriting what he may not see changes no answer of his. What stays is
// whether a paragraph is answered, since by the definition of the standing answer that decides
// whether its article's answer, which he may see, still stands; and which responses there are,
// since NOT_ASKED depends on it.
TEST(MatrixProperty, WhatAReaderMayNotSeeChangesNoAnswerOfHis) {
  std::int64_t rewritten = 0;
  EXPECT_TRUE(rc::check("hidden cells", [&](std::uint64_t seed) {
    Random random(seed);
    const auto scope = random_scope(random);
    World world, other;
    const auto facts = random_facts(random);
    for (const auto& fact : facts) RC_ASSERT(tell(world.fold, fact));
    const auto snapshot = world.fold.snapshot();
    const auto hidden = [&](StateIndex s, ProvisionIndex p) {
      return !visible_items(*snapshot, s, scope).test(the_items()->item_of(p));
    };
    for (auto fact : facts) {
      if (auto* filed = std::get_if<VersionFact>(&fact)) {
        for (auto& answer : filed->version.answers) {
          if (!hidden(filed->version.key.state, answer.provision)) continue;
          const bool answered = answer.answered();
          const bool decides =
              the_items()->article_item(the_items()->item_of(answer.provision)) != kNoItem;
          const Answer before = answer;
          do {
            answer = random_answer(random, answer.provision);
          } while (decides && answer.answered() != answered);
          rewritten += answer != before;
        }
        for (auto& text : filed->version.texts) {
          if (hidden(filed->version.key.state, text.provision)) text.text = "other words";
        }
      } else if (auto* shared = std::get_if<SharingFact>(&fact)) {
        if (hidden(shared->key.state, shared->key.provision)) {
          shared->audience = Audience::kRestricted;
          shared->named = {"EX9"};
        }
      }
      RC_ASSERT(tell(other.fold, fact));
    }
    for (int i = 0; i < 20; ++i) {
      const auto raw = random_question(random);
      RC_LOG() << show(raw, scope) << "\n";
      const auto one = world.ask(raw, scope), two = other.ask(raw, scope);
      RC_ASSERT(one.rows == two.rows);
      RC_ASSERT(one.columns == two.columns);
      RC_ASSERT(one.figures == two.figures);
      RC_ASSERT(one.row_totals == two.row_totals);
      RC_ASSERT(one.column_totals == two.column_totals);
      RC_ASSERT(one.total == two.total);
      RC_ASSERT(one.exercise == two.exercise);
      const auto where = random_filters(random, 2);
      const auto as_of = random_day(random);
      RC_ASSERT(world.list(where, scope, as_of).needs == other.list(where, scope, as_of).needs);
    }
  }));
  EXPECT_GE(rewritten, 1000);
}

}  // namespace
}  // namespace uncac::needs_matrix::testing
