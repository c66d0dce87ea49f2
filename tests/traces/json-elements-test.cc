// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/traces/test-support.h"
#include "traces/import/decimal-time.h"
#include "traces/import/json-elements.h"

namespace ddlsim {
namespace {

class JsonElements : public testing::Test {
 protected:
  // Every element as "key=value@line".
  std::string Read(const std::string& text) {
    const std::string path = m_folder / "a.json";
    WriteFile(path, text);
    std::string elements;
    ReadJsonElements(
        path, [&](const std::string& key, nlohmann::json&& value, const std::string& place) {
          elements += key + "=" + value.dump() + "@" + place.substr(path.size() + 1) + " ";
        });
    return elements;
  }
  std::string Error(const std::string& text) {
    const std::string error = ErrorOf([&] { Read(text); });
    return error.rfind(m_folder / "a.json", 0) == 0 ? error.substr((m_folder / "a.json").size())
                                                    : error;
  }
  TemporaryFolder m_folder;
};

TEST_F(JsonElements, ElementsOfObjectsAndArrays) {
  EXPECT_EQ(Read(R"({"a": 1, "b": [{"x": [1, {"y": []}]},
2], "c": {"d": [3]}, "e": []})"),
            "a=1@1 b={\"x\":[1,{\"y\":[]}]}@1 b=2@2 c={\"d\":[3]}@2 ");
  EXPECT_EQ(Read("[{\"a\": null}, true, \"s\"]"), "={\"a\":null}@1 =true@1 =\"s\"@1 ");
  EXPECT_EQ(Read(Gzip("{\"a\": [1, 2]}")), "a=1@1 a=2@1 ");
}

TEST_F(JsonElements, FractionsKeepTheirDigits) {
  EXPECT_EQ(Read("[1717171717123456.789, 5, 18446744073709551615]"),
            "=\"1717171717123456.789\"@1 =5@1 =18446744073709551615@1 ");
}

TEST_F(JsonElements, HostileFiles) {
  EXPECT_EQ(Error(""), ":1: is not valid JSON; record it again; it may be cut off");
  EXPECT_EQ(Error("{\"a\": [1,\n2"), ":2: is not valid JSON; record it again; it may be cut off");
  EXPECT_EQ(Error("[1] x").find(":1: is not valid JSON"), 0u);
  EXPECT_EQ(Error("[\"\xff\"]").find(":1: is not valid JSON"), 0u);
  EXPECT_EQ(Error("[1e999]"), ":1: holds a number that is out of range; correct the number");
  EXPECT_EQ(Error("7").find(":1: is neither a JSON object nor an array"), 0u);
  EXPECT_EQ(Error(std::string(1000000, '[')).find(":1: is nested more than 64 levels"), 0u);
  std::string many = "[[";
  for (int i = 0; i < (1 << 20); ++i) many += "1,";
  EXPECT_EQ(Error(many + "1]]").find(":1: holds an element of more than a million values"), 0u);
  const std::string packed = Gzip("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]");
  EXPECT_NE(Error(packed.substr(0, packed.size() - 9)), "no error");
}

TEST(DecimalTime, WholeNanoseconds) {
  constexpr uint64_t kUs = 1000000;
  EXPECT_EQ(DecimalToNs("12.345", kUs), 12345u);
  EXPECT_EQ(DecimalToNs("0.0004", kUs), 0u);
  EXPECT_EQ(DecimalToNs("0.0005", kUs), 1u);
  EXPECT_EQ(DecimalToNs("1717171717123456.789", kUs), 1717171717123456789u);
  EXPECT_EQ(DecimalToNs("3", 500), 2u);  // 1.5 ns
  for (const char* wrong :
       {"", ".5", "5.", "-1", "1e3", "1.2.3", "x", "1234567890123456789", "999999999999999999"}) {
    EXPECT_EQ(DecimalToNs(wrong, kUs), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace ddlsim
