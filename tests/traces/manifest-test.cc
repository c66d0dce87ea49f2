// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/traces/test-support.h"
#include "traces/manifest.h"

namespace ddlsim {
namespace {

using Json = nlohmann::ordered_json;

Manifest Example() {
  Manifest manifest;
  manifest.generator_command = "ddl-workload --model=x";
  manifest.seed = UINT64_MAX;
  manifest.rank_count = 8;
  manifest.axes = {{"dp", {{0, 2}, {1, 3}, {4, 6}, {5, 7}}}, {"pp", {{0, 4}, {1, 5}}}};
  manifest.classes.resize(2);
  for (size_t i = 0; i < 2; ++i) {
    Manifest::Class& each = manifest.classes[i];
    const auto first = static_cast<uint32_t>(i * 4);
    each.ranks = {"class-" + std::to_string(i) + ".et", {first, first + 1, first + 2, first + 3}};
    each.sha256 = std::string(64, i == 0 ? 'a' : '0');
    each.totals.nodes = 5 + i;
    each.totals.communication_bytes = UINT64_MAX;
  }
  manifest.description_json = "{\"model\":\"x\"}";
  return manifest;
}

// The error of the example with one change.
template <typename Change>
std::string ErrorOfChange(Change change) {
  Json json = Json::parse(FormatManifest(Example()));
  change(json);
  return ErrorOf([&json] { ParseManifest("m.json", json.dump()); });
}

const std::string kAgain = "; generate the set again";

TEST(Manifest, RoundTrip) {
  const Manifest manifest = Example();
  const std::string text = FormatManifest(manifest);
  const Manifest parsed = ParseManifest("m.json", text);
  EXPECT_EQ(FormatManifest(parsed), text);
  EXPECT_EQ(parsed.seed, UINT64_MAX);
  EXPECT_EQ(parsed.axes[0].groups, manifest.axes[0].groups);
  EXPECT_EQ(parsed.axes[1].groups, manifest.axes[1].groups);
  EXPECT_EQ(parsed.classes[1].ranks.ranks, manifest.classes[1].ranks.ranks);
  EXPECT_EQ(parsed.classes[1].totals.nodes, 6u);
  EXPECT_EQ(parsed.description_json, manifest.description_json);
}

TEST(Manifest, UnknownKeysAreLeftToLaterVersions) {
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["later"] = {1, 2}; }), "no error");
}

TEST(Manifest, GeneratorCommandMayHoldAnyBytes) {
  Manifest manifest = Example();
  manifest.generator_command = "a\xff\n\"b";
  EXPECT_EQ(ParseManifest("m.json", FormatManifest(manifest)).generator_command,
            "a\xef\xbf\xbd\n\"b");
}

TEST(Manifest, RefusesOtherFormatsAndVersions) {
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["format"] = "other"; }),
            "m.json: format: is not 'ddlsim-trace-set'" + kAgain);
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["format_version"] = 2; }),
            "m.json: format_version: 2 is unknown; use a later ddlsim; this one reads version 1");
}

TEST(Manifest, RefusesMissingKeysAndWrongTypes) {
  for (const char* key : {"format", "format_version", "generator", "seed", "rank_count",
                          "comm_size", "axes", "classes", "description"}) {
    EXPECT_EQ(ErrorOfChange([key](Json& json) { json.erase(key); }),
              std::string("m.json: has no key '") + key + "'" + kAgain);
    EXPECT_NE(ErrorOfChange([key](Json& json) { json[key] = nullptr; }), "no error") << key;
  }
  for (const char* key : {"file", "ranks", "sha256", "totals"}) {
    EXPECT_EQ(ErrorOfChange([key](Json& json) { json["classes"][1].erase(key); }),
              std::string("m.json: classes[1]: has no key '") + key + "'" + kAgain);
    EXPECT_NE(ErrorOfChange([key](Json& json) { json["classes"][1][key] = -1; }), "no error");
  }
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["classes"][0]["totals"].erase("nodes"); }),
            "m.json: classes[0]: totals: has no key 'nodes'" + kAgain);
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["seed"] = 1.5; }),
            "m.json: seed: is not a whole number" + kAgain);
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["axes"][0]["groups"][0] = 5; }),
            "m.json: axes[0]: groups[0]: is not a string" + kAgain);
}

TEST(Manifest, RefusesFilesOutsideTheFolder) {
  for (const char* file : {"", ".", "..", "../x.et", "/etc/passwd", "a/b.et", "a\\b.et", ".hidden",
                           "a b.et", "a\n.et"}) {
    const std::string error =
        ErrorOfChange([file](Json& json) { json["classes"][0]["file"] = file; });
    EXPECT_NE(error.find("is no plain file name"), std::string::npos) << file << ": " << error;
  }
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["classes"][1]["file"] = "class-0.et"; }),
            "m.json: classes[1]: file 'class-0.et' stands twice" + kAgain);
}

TEST(Manifest, RefusesWrongRanks) {
  const auto error = [](const char* ranks) {
    return ErrorOfChange([ranks](Json& json) { json["classes"][1]["ranks"] = ranks; });
  };
  EXPECT_EQ(error("4-8"),
            "m.json: classes[1]: ranks: rank 8 is outside the set; the set has ranks 0 to 7");
  EXPECT_EQ(error("3-7"),
            "m.json: classes[1]: ranks: rank 3 stands twice; name each rank in one list only");
  EXPECT_EQ(error("5-7"), "m.json: classes: rank 4 is in no class" + kAgain);
  EXPECT_EQ(error("7,6,5,4"), "m.json: classes[1]: ranks: is not in ascending order" + kAgain);
  for (const uint64_t count : {uint64_t{0}, uint64_t{1048577}, UINT64_MAX}) {
    EXPECT_EQ(
        ErrorOfChange([count](Json& json) { json["rank_count"] = count; }),
        "m.json: rank_count: " + std::to_string(count) + " is not within 1 to 1048576" + kAgain);
  }
}

TEST(Manifest, RefusesWrongAxes) {
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["axes"][1]["name"] = "dp"; }),
            "m.json: axes[1]: 'dp' stands twice" + kAgain);
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["axes"][1]["name"] = ""; }),
            "m.json: axes[1]: name: is empty, which means all ranks" + kAgain);
  EXPECT_EQ(ErrorOfChange([](Json& json) {
              for (int i = 0; i < 255; ++i) {
                json["axes"].push_back({{"name", std::to_string(i)}, {"groups", Json::array()}});
              }
            }),
            "m.json: axes[256]: is one axis too many: 256 is the limit" + kAgain);
}

TEST(Manifest, RefusesWrongChecksumsAndSizes) {
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["classes"][0]["sha256"] = std::string(64, 'A'); }),
            "m.json: classes[0]: sha256: is not 64 lower-case hexadecimal digits" + kAgain);
  EXPECT_EQ(ErrorOfChange([](Json& json) { json["comm_size"] = "half"; }),
            "m.json: comm_size: is neither 'total' nor 'per-rank'" + kAgain);
}

TEST(Manifest, BoundsHostileJson) {
  const auto error = [](const std::string& text) {
    return ErrorOf([&text] { ParseManifest("m.json", text); });
  };
  EXPECT_EQ(error("{\n\n\"format\": ,}"), "m.json:3: is not valid JSON; correct the syntax");
  EXPECT_EQ(error(""), "m.json:1: is not valid JSON; correct the syntax");
  EXPECT_EQ(error("[]"), "m.json: is not a JSON object" + kAgain);
  EXPECT_EQ(error("{\"a\":\"\xff\"}"), "m.json:1: is not valid JSON; correct the syntax");
  EXPECT_EQ(error("[1e999]"), "m.json: holds a number that is out of range; correct the number");
  EXPECT_EQ(error(std::string(5000000, '[')),
            "m.json: is nested more than 32 levels deep; write flatter JSON");
  std::string many = "[0";
  for (int i = 0; i < 1100000; ++i) many += ",0";
  EXPECT_EQ(error(many + "]"),
            "m.json: holds more than a million values; write fewer classes or groups");
  EXPECT_EQ(error(std::string((16 << 20) + 1, ' ')), "m.json: is larger than 16 MiB" + kAgain);
}

}  // namespace
}  // namespace ddlsim
