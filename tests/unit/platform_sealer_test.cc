#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "platform/sealer.h"
#include "support/engines.h"

namespace uncac::platform {
namespace {

using testing::must;

Sealer sealer(SystemIds& ids, char fill = 'k') {
  return must(Sealer::create(std::string(Sealer::kKeyBytes, fill), ids));
}

RC_GTEST_PROP(Sealer, OpensWhatItSealedAndNothingElse, (const std::string& text)) {
  SystemIds ids;
  const Sealer ours = sealer(ids);
  std::string sealed = ours.seal(text);
  RC_ASSERT(ours.open(sealed) == text);
  RC_ASSERT(ours.seal(text) != sealed);
  RC_ASSERT(!sealer(ids, 'x').open(sealed));
  const auto at = *rc::gen::inRange<std::size_t>(0, sealed.size());
  sealed[at] = sealed[at] == 'A' ? 'B' : 'A';
  RC_ASSERT(!ours.open(sealed));
}

TEST(Sealer, RefusesWhatIsNoToken) {
  SystemIds ids;
  const Sealer ours = sealer(ids);
  for (const char* text : {"", "A", "not base64!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_FALSE(ours.open(text)) << text;
  }
  EXPECT_FALSE(ours.open(std::string(100'000, 'A')));
  EXPECT_FALSE(Sealer::create("short", ids));
}

TEST(StoreSecret, IsMadeOnceAndKept) {
  testing::FreshStore store("sqlite");
  SystemIds ids;
  const std::string first = must(store_secret(*store, ids, "a", 32));
  EXPECT_EQ(first.size(), 32U);
  EXPECT_EQ(must(store_secret(*store, ids, "a", 32)), first);
  EXPECT_NE(must(store_secret(*store, ids, "b", 32)), first);
  store.reopen();
  EXPECT_EQ(must(store_secret(*store, ids, "a", 32)), first);
}

}  // namespace
}  // namespace uncac::platform
