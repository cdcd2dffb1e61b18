// The fast matrix against the slow one, and against changes that a reader must not notice.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "unit/matrix_naive.h"

namespace uncac::needs_matrix::testing {
namespace {

// The slow one goes through every cell for every figure: most questions name States and articles.
RawQuestion affordable_question(Random& random) {
  RawQuestion raw = random_question(random);
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
