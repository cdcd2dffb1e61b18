#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "checklist_intake/domain/csv.h"

namespace uncac::checklist_intake {
namespace {

// Writes down what it gets: `line:field|field`, `!` after a stray quote.
class Notes final : public CsvRecords {
 public:
  std::optional<CsvFault> record(std::int64_t line, std::span<const std::string_view> fields,
                                 bool stray_quote) override {
    std::string note = std::to_string(line) + ":";
    for (std::size_t at = 0; at < fields.size(); ++at) {
      if (at > 0) note += "|";
      note += fields[at];
    }
    notes.push_back(note + (stray_quote ? "!" : ""));
    return std::nullopt;
  }
  std::vector<std::string> notes;
};

std::vector<std::string> read(std::string_view bytes, std::size_t piece = 1 << 20,
                              CsvLimits limits = {}) {
  Notes records;
  CsvReader reader(records, limits);
  for (std::string_view rest = bytes; !rest.empty();
       rest.remove_prefix(std::min(piece, rest.size()))) {
    if (!reader.push(rest.substr(0, piece))) break;
  }
  reader.finish();
  if (reader.fault()) {
    records.notes.push_back(std::to_string(reader.fault()->line) + ": " +
                            std::string(row_of(reader.fault()->rule).name));
  }
  return records.notes;
}

using Lines = std::vector<std::string>;

TEST(IntakeCsv, ReadsFieldsLinesAndQuotes) {
  EXPECT_EQ(read(""), Lines{});
  EXPECT_EQ(read("\n\r\n\r"), Lines{});
  EXPECT_EQ(read("a"), Lines{"1:a"});
  EXPECT_EQ(read("a,b\nc,d\n"), (Lines{"1:a|b", "2:c|d"}));
  EXPECT_EQ(read("a,b\r\nc,d\r\n"), (Lines{"1:a|b", "2:c|d"}));
  EXPECT_EQ(read("a,b\rc,d"), (Lines{"1:a|b", "2:c|d"}));
  EXPECT_EQ(read("a,\n,b"), (Lines{"1:a|", "2:|b"}));
  EXPECT_EQ(read("\"a,\"\"b\"\"\",c"), Lines{"1:a,\"b\"|c"});
  EXPECT_EQ(read("\"\",\"\""), Lines{"1:|"});
  EXPECT_EQ(read("\"\"\n"), Lines{"1:"});
}

TEST(IntakeCsv, TheFirstSeparatorOutsideQuotesIsThatOfTheFile) {
  EXPECT_EQ(read("a;b\nc,d;e"), (Lines{"1:a|b", "2:c,d|e"}));
  EXPECT_EQ(read("a,b\nc;d,e"), (Lines{"1:a|b", "2:c;d|e"}));
  EXPECT_EQ(read("\"a,x\";b\nc,d;e"), (Lines{"1:a,x|b", "2:c,d|e"}));
}

TEST(IntakeCsv, ARecordIsOnTheLineWhereItBegins) {
  EXPECT_EQ(read("a,b\n\"one\ntwo\r\nthree\",x\n\nlast,y"),
            (Lines{"1:a|b", "2:one\ntwo\r\nthree|x", "6:last|y"}));
}

TEST(IntakeCsv, SkipsAByteOrderMarkAtTheStartOnly) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a,b"),
            Lines{"1:a|b"});
  EXPECT_EQ(read("\xEF\xBB\xBF\"a\",b"), Lines{"1:a|b"});
  EXPECT_EQ(read("\xEF\xBB\xBF"), Lines{});
  EXPECT_EQ(read("\xEF\xBB"), Lines{"1:\xEF\xBB"});
  EXPECT_EQ(read("a,\xEF\xBB\xBF"), Lines{"1:a|\xEF\xBB\xBF"});
}

TEST(IntakeCsv, AStrayQuoteMarksItsRecordAlone) {
  EXPECT_EQ(read("a,b\nx\"y,z\nc,d"), (Lines{"1:a|b", "2:x\"y|z!", "3:c|d"}));
  EXPECT_EQ(read("a,b\n\"x\" ,z\nc,d"), (Lines{"1:a|b", "2:x |z!", "3:c|d"}));
  EXPECT_EQ(read("a,b\n\"x\";,z\n"), (Lines{"1:a|b", "2:x;|z!"}));
}

TEST(IntakeCsv, FaultsEndTheReading) {
  const std::string nul("a,b\nc\0d,e\n", 10);
  EXPECT_EQ(read(nul), (Lines{"1:a|b", "2: nul-byte"}));
  const std::string quoted_nul("a,b\n\"c\n\0\"", 9);
  EXPECT_EQ(read(quoted_nul), (Lines{"1:a|b", "3: nul-byte"}));
  EXPECT_EQ(read(std::string("\xFF\xFE"
                             "a\0",
                             4)),
            Lines{"1: not-utf8"});
  EXPECT_EQ(read(std::string("\xFE\xFF\0a", 4)), Lines{"1: not-utf8"});
  EXPECT_EQ(read("\xFF\xFE"), Lines{"1: not-utf8"});
  EXPECT_EQ(read("a,b\n\"c\nd\n"), (Lines{"1:a|b", "2: unclosed-quote"}));
}

TEST(IntakeCsv, LimitsAreExact) {
  const CsvLimits limits{.field_bytes = 4, .record_bytes = 10, .file_bytes = 30};
  EXPECT_EQ(read("abcd,e\n", 64, limits), Lines{"1:abcd|e"});
  EXPECT_EQ(read("x\nabcde,e\n", 64, limits), (Lines{"1:x", "2: field-too-long"}));
  EXPECT_EQ(read("\"abc\n,\",e\n", 64, limits), Lines{"1: field-too-long"});
  EXPECT_EQ(read("abcd,efg,\n", 64, limits), Lines{"1:abcd|efg|"});
  EXPECT_EQ(read("abcd,efgh,i\n", 64, limits), Lines{"1: line-too-long"});
  EXPECT_EQ(read(",,,,,,,,,,,,,,", 64, limits), Lines{"1: line-too-long"});
  EXPECT_EQ(read("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\n", 64, limits).size(), 15u);
  EXPECT_EQ(read("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np", 64, limits).back(),
            "0: file-too-large");
}

// A field of 10 MB is refused while it comes, without being held.
TEST(IntakeCsv, AnEndlessFieldIsRefusedEarly) {
  Notes records;
  CsvReader reader(records);
  const std::string piece(65'536, 'x');
  EXPECT_TRUE(reader.push(piece));
  EXPECT_FALSE(reader.push(piece));
  ASSERT_TRUE(reader.fault());
  EXPECT_EQ(reader.fault()->rule, Rule::kFieldTooLong);
}

TEST(IntakeCsv, AnyPiecesGiveTheSameRecords) {
  const bool held = rc::check([] {
    const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "a", "bc", "\"", "\"\"", ",", ";", "\n", "\r", "\r\n", "é", "\xEF\xBB\xBF", "\xFF", "\xFE",
        std::string(1, '\0'), "long text", "\","));
    std::string bytes;
    for (const auto& part : parts) bytes += part;
    const CsvLimits limits{.field_bytes = 9, .record_bytes = 20, .file_bytes = 80};
    const auto whole = read(bytes, bytes.size() + 1, limits);
    for (const std::size_t piece : {1u, 2u, 3u, 7u}) {
      RC_ASSERT(read(bytes, piece, limits) == whole);
    }
  });
  EXPECT_TRUE(held);
}

TEST(IntakeCsv, QuotedFieldsComeBackWhateverTheyHold) {
  const bool held = rc::check([](const std::vector<std::vector<std::string>>& records) {
    std::string bytes;
    Lines expected;
    std::int64_t line = 1;
    for (const auto& record : records) {
      if (record.empty()) continue;
      std::string note = std::to_string(line) + ":";
      for (std::size_t at = 0; at < record.size(); ++at) {
        std::string field = record[at];
        std::erase(field, '\0');
        line += std::count(field.begin(), field.end(), '\n');
        note += (at > 0 ? "|" : "") + field;
        bytes += at > 0 ? ",\"" : "\"";
        for (const char c : field) bytes += c == '"' ? "\"\"" : std::string(1, c);
        bytes += '"';
      }
      bytes += '\n';
      ++line;
      expected.push_back(note);
    }
    RC_ASSERT(read(bytes) == expected);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace uncac::checklist_intake
