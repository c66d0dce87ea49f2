// SPDX-License-Identifier: MIT
#include "traces/import/layer-table.h"

#include <algorithm>
#include <map>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traces/bounded-json.h"
#include "traces/import/decimal-time.h"
#include "traces/import/layer-cells.h"

namespace ddlsim {
namespace {

constexpr size_t kFileMaxBytes = 64 << 20;

std::optional<CollectiveType> CollectiveOf(const std::string& place, const std::string& text) {
  std::string bare;
  for (char c : text) {
    if (c != '_' && c != '-') bare += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  if (bare == "NONE" || bare.empty()) return std::nullopt;
  static const std::map<std::string, CollectiveType> kTypes{
      {"ALLREDUCE", CollectiveType::kAllReduce},
      {"ALLGATHER", CollectiveType::kAllGather},
      {"REDUCESCATTER", CollectiveType::kReduceScatter},
      {"ALLTOALL", CollectiveType::kAllToAll}};
  const auto found = kTypes.find(bare);
  if (found == kTypes.end()) {
    throw InputError(place, "the communication '" + Printable(text) + "' is unknown",
                     "choose one of NONE, ALLREDUCE, ALLGATHER, REDUCESCATTER, ALLTOALL");
  }
  return found->second;
}

}  // namespace

uint64_t LayerTimeNs(const std::string& place, const std::string& text, uint64_t unit_ps) {
  const std::optional<uint64_t> time = DecimalToNs(text, unit_ps);
  if (!time || *time > kDurationMaxNs) {
    throw InputError(place, "'" + Printable(text) + "' is no time",
                     "write a number from 0 to a million seconds");
  }
  return *time;
}

LayerCommunication ParseLayerCommunication(const std::string& place, const std::string& type,
                                           const std::string& size) {
  const LayerCommunication result{CollectiveOf(place, type),
                                  ParseCount(place, size, 0, kSizeMaxBytes)};
  if (!result.type && result.size_bytes != 0) {
    throw InputError(place, "has a size of " + size + " bytes without a communication",
                     "write its type, or a size of 0");
  }
  if (result.type && result.size_bytes == 0) {
    throw InputError(place, "has a communication of no bytes", "write NONE, or its size");
  }
  return result;
}

LayerTable ReadLayerTable(const std::string& path, uint64_t time_unit_ps) {
  const std::string text = ReadSmallFile(path, kFileMaxBytes);
  size_t start = 0;  // comments and empty lines may stand above a CSV's header
  while (start < text.size() && (text[start] == '#' || text[start] == '\n')) {
    start = std::min(text.find('\n', start), text.size() - 1) + 1;
  }
  if (text.compare(start, 5, "name,") == 0) return ReadLayerCsv(path, text);
  if (time_unit_ps == 0) {
    throw InputError("--time-unit", "is missing: the table does not say what its times count",
                     "say what 1 is in the table, such as --time-unit=1ns");
  }
  return ReadLayerText(path, text, time_unit_ps);
}

}  // namespace ddlsim
