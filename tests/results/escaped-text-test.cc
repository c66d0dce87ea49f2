// SPDX-License-Identifier: MIT
#include "results/escaped-text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace ddlsim {
namespace {

constexpr const char* kReplaced = "\xef\xbf\xbd";

// An independent reader of one CSV field (RFC 4180); false where the field is not one field.
bool ReadField(const std::string& field, std::string& value) {
  value.clear();
  if (field.empty() || field.front() != '"') {
    value = field;
    return field.find_first_of(",\"\r\n") == std::string::npos;
  }
  size_t i = 1;
  for (; i < field.size(); ++i) {
    if (field[i] == '"') {
      if (i + 1 == field.size() || field[i + 1] != '"') break;
      ++i;
    }
    value += field[i];
  }
  return i + 1 == field.size();
}

TEST(EscapedText, PlainNamesStayAsTheyAre) {
  EXPECT_EQ(CsvField("layer-3/attention.qkv"), "layer-3/attention.qkv");
  EXPECT_EQ(CsvField(""), "");
  EXPECT_EQ(CsvField("two words"), "two words");
  EXPECT_EQ(JsonString("layer-3"), "\"layer-3\"");
}

TEST(EscapedText, CsvQuotesWhatSeparates) {
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(CsvField("a\r\nb"), "\"a\r\nb\"");
  EXPECT_EQ(CsvField(" a"), "\" a\"");
  EXPECT_EQ(CsvField("\""), "\"\"\"\"");
}

TEST(EscapedText, InvalidUtf8IsReplacedByteByByte) {
  const std::string r = kReplaced;
  EXPECT_EQ(CleanText("a\xff"
                      "b"),
            "a" + r + "b");
  EXPECT_EQ(CleanText("\xc3"), r);                          // cut short
  EXPECT_EQ(CleanText("\xc0\x80"), r + r);                  // overlong
  EXPECT_EQ(CleanText("\xe0\x80\x80"), r + r + r);          // overlong
  EXPECT_EQ(CleanText("\xed\xa0\x80"), r + r + r);          // surrogate
  EXPECT_EQ(CleanText("\xf4\x90\x80\x80"), r + r + r + r);  // above U+10FFFF
  EXPECT_EQ(CleanText("\xe2\x82\xac \xf0\x9f\x98\x80"), "\xe2\x82\xac \xf0\x9f\x98\x80");
}

TEST(EscapedText, ControlCharactersAreReplaced) {
  EXPECT_EQ(CleanText(std::string("a\0b", 3)), std::string("a") + kReplaced + "b");
  EXPECT_EQ(CleanText("\x1b[31m"), std::string(kReplaced) + "[31m");
  EXPECT_EQ(CleanText("\x7f"), kReplaced);
  EXPECT_EQ(CleanText("a\tb\r\n"), "a\tb\r\n");
}

TEST(EscapedText, AnyBytesComeBackCleaned) {
  const uint32_t seed = 20240607;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string interesting = std::string(1, '\0') + ",\"\\\r\n\t \x1b{}:";
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (size_t length = random() % 12; length > 0; --length) {
      const bool is_special = random() % 2 == 0;
      text += is_special ? interesting[random() % interesting.size()]
                         : static_cast<char>(random() % 256);
    }
    const std::string clean = CleanText(text);
    std::string value;
    ASSERT_TRUE(ReadField(CsvField(text), value)) << CsvField(text);
    ASSERT_EQ(value, clean);
    // The parser checks that the string is valid UTF-8, too.
    ASSERT_EQ(nlohmann::json::parse(JsonString(text)).get<std::string>(), clean);
  }
}

}  // namespace
}  // namespace ddlsim
