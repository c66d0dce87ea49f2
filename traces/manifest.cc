// SPDX-License-Identifier: MIT
#include "traces/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/input-error.h"
#include "traces/bounded-json.h"
#include "traces/file-metadata.h"
#include "traces/rank-list.h"

namespace ddlsim {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormatName = "ddlsim-trace-set";
constexpr const char* kRemedy = "generate the set again";

[[noreturn]] void Refuse(const std::string& place, const std::string& problem) {
  throw InputError(place, problem, kRemedy);
}

// One object of the manifest, asked for its keys. Unknown keys are left for later versions.
class ObjectView {
 public:
  ObjectView(std::string place, const Json& object) : m_place(std::move(place)), m_object(object) {
    if (!object.is_object()) Refuse(m_place, "is not a JSON object");
  }

  const Json& Get(const char* key) const {
    const auto found = m_object.find(key);
    if (found == m_object.end()) Refuse(m_place, std::string("has no key '") + key + "'");
    return *found;
  }
  uint64_t Unsigned(const char* key) const {
    const Json& value = Get(key);
    if (!value.is_number_unsigned()) Refuse(Place(key), "is not a whole number");
    return value.get<uint64_t>();
  }
  std::string Text(const char* key) const {
    const Json& value = Get(key);
    if (!value.is_string()) Refuse(Place(key), "is not a string");
    return value.get<std::string>();
  }
  const Json& Array(const char* key) const {
    const Json& value = Get(key);
    if (!value.is_array()) Refuse(Place(key), "is not a list");
    return value;
  }
  std::string Place(const char* key) const { return m_place + ": " + key; }
  std::string Place(const char* key, size_t index) const {
    return Place(key) + "[" + std::to_string(index) + "]";
  }

 private:
  std::string m_place;
  const Json& m_object;
};

// One list for both directions, so that no total is written and not read.
constexpr std::pair<const char*, uint64_t ClassTotals::*> kTotals[] = {
    {"nodes", &ClassTotals::nodes},
    {"compute_nodes", &ClassTotals::compute_nodes},
    {"memory_nodes", &ClassTotals::memory_nodes},
    {"send_nodes", &ClassTotals::send_nodes},
    {"receive_nodes", &ClassTotals::receive_nodes},
    {"collective_nodes", &ClassTotals::collective_nodes},
    {"communication_bytes", &ClassTotals::communication_bytes},
    {"compute_ns", &ClassTotals::compute_ns},
};

bool IsPlainFileName(const std::string& name) {
  return !name.empty() && name.size() <= 255 && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_' || c == '.';
         });
}

GroupAxis ParseAxis(const std::string& place, const Json& json, uint32_t rank_count) {
  const ObjectView view(place, json);
  GroupAxis axis;
  axis.name = view.Text("name");
  if (axis.name.empty()) Refuse(view.Place("name"), "is empty, which means all ranks");
  RankListParser parser(rank_count);
  size_t index = 0;
  for (const Json& groups : view.Array("groups")) {
    const std::string groups_place = view.Place("groups", index++);
    if (!groups.is_string()) Refuse(groups_place, "is not a string");
    parser.ParseGroups(groups_place, groups.get<std::string>(), axis.groups);
  }
  return axis;
}

Manifest::Class ParseClass(const std::string& place, const Json& json, RankListParser& parser) {
  const ObjectView view(place, json);
  Manifest::Class result;
  result.ranks.file = view.Text("file");
  if (!IsPlainFileName(result.ranks.file)) {
    Refuse(view.Place("file"), "'" + Printable(result.ranks.file) +
                                   "' is no plain file name of letters, digits, '-', '_' and '.'");
  }
  result.ranks.ranks = parser.ParseList(view.Place("ranks"), view.Text("ranks"));
  if (!std::is_sorted(result.ranks.ranks.begin(), result.ranks.ranks.end())) {
    Refuse(view.Place("ranks"), "is not in ascending order");
  }
  result.sha256 = view.Text("sha256");
  if (result.sha256.size() != 64 ||
      result.sha256.find_first_not_of("0123456789abcdef") != std::string::npos) {
    Refuse(view.Place("sha256"), "is not 64 lower-case hexadecimal digits");
  }
  const ObjectView totals(view.Place("totals"), view.Get("totals"));
  for (const auto& [key, member] : kTotals) result.totals.*member = totals.Unsigned(key);
  return result;
}

void ParseAxes(const ObjectView& view, Manifest& manifest) {
  std::set<std::string> names;
  for (const Json& json : view.Array("axes")) {
    const std::string place = view.Place("axes", manifest.axes.size());
    // Each axis costs memory in proportion to the ranks, before it names any.
    if (manifest.axes.size() == 256) Refuse(place, "is one axis too many: 256 is the limit");
    manifest.axes.push_back(ParseAxis(place, json, manifest.rank_count));
    const std::string& name = manifest.axes.back().name;
    if (!names.insert(name).second) Refuse(place, "'" + Printable(name) + "' stands twice");
  }
}

void ParseClasses(const ObjectView& view, Manifest& manifest) {
  RankListParser parser(manifest.rank_count);
  std::set<std::string> files;
  for (const Json& json : view.Array("classes")) {
    const std::string place = view.Place("classes", manifest.classes.size());
    manifest.classes.push_back(ParseClass(place, json, parser));
    const std::string& file = manifest.classes.back().ranks.file;
    if (!files.insert(file).second) Refuse(place, "file '" + file + "' stands twice");
  }
  if (parser.FirstMissing() < manifest.rank_count) {
    Refuse(view.Place("classes"),
           "rank " + std::to_string(parser.FirstMissing()) + " is in no class");
  }
}

nlohmann::ordered_json TotalsToJson(const ClassTotals& totals) {
  nlohmann::ordered_json json;
  for (const auto& [key, member] : kTotals) json[key] = totals.*member;
  return json;
}

}  // namespace

std::string FormatManifest(const Manifest& manifest) {
  nlohmann::ordered_json json;
  json["format"] = kFormatName;
  json["format_version"] = kManifestVersion;
  json["generator"] = manifest.generator_command;
  json["seed"] = manifest.seed;
  json["rank_count"] = manifest.rank_count;
  json["comm_size"] = CommSizeName(manifest.comm_size_meaning);
  json["axes"] = nlohmann::ordered_json::array();
  for (const GroupAxis& axis : manifest.axes) {
    json["axes"].push_back({{"name", axis.name}, {"groups", FormatGroups(axis.groups)}});
  }
  json["classes"] = nlohmann::ordered_json::array();
  ClassTotals sum;
  for (const Manifest::Class& each : manifest.classes) {
    json["classes"].push_back({{"file", each.ranks.file},
                               {"ranks", FormatRankList(each.ranks.ranks)},
                               {"sha256", each.sha256},
                               {"totals", TotalsToJson(each.totals)}});
    sum.Add(each.totals);
  }
  json["totals"] = TotalsToJson(sum);
  json["description"] = nlohmann::ordered_json::parse(manifest.description_json);
  // A command line may hold any bytes; JSON may not.
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Manifest ParseManifest(const std::string& place, const std::string& text) {
  if (text.size() > kManifestSizeMaxBytes) Refuse(place, "is larger than 16 MiB");
  const Json json = ParseBoundedJson(place, text);
  const ObjectView view(place, json);
  if (view.Text("format") != kFormatName) {
    Refuse(view.Place("format"), std::string("is not '") + kFormatName + "'");
  }
  const uint64_t version = view.Unsigned("format_version");
  if (version != kManifestVersion) {
    throw InputError(view.Place("format_version"), std::to_string(version) + " is unknown",
                     "use a later ddlsim; this one reads version 1");
  }
  Manifest manifest;
  manifest.generator_command = view.Text("generator");
  manifest.seed = view.Unsigned("seed");
  const uint64_t rank_count = view.Unsigned("rank_count");
  if (rank_count == 0 || rank_count > kRankCountMax) {
    Refuse(view.Place("rank_count"), std::to_string(rank_count) + " is not within 1 to 1048576");
  }
  manifest.rank_count = static_cast<uint32_t>(rank_count);
  const auto meaning = CommSizeFromName(view.Text("comm_size"));
  if (!meaning) Refuse(view.Place("comm_size"), "is neither 'total' nor 'per-rank'");
  manifest.comm_size_meaning = *meaning;
  ParseAxes(view, manifest);
  ParseClasses(view, manifest);
  const Json& description = view.Get("description");
  if (!description.is_object()) Refuse(view.Place("description"), "is not a JSON object");
  manifest.description_json = description.dump();
  return manifest;
}

}  // namespace ddlsim
