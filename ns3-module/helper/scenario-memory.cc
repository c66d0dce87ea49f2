// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-memory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ddlsim {
namespace {

uint64_t Bytes(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

}  // namespace

StatedMemory ReadStatedMemory(const std::string& description_json) {
  const nlohmann::json root = nlohmann::json::parse(description_json, nullptr, false);
  StatedMemory memory;
  if (!root.is_object()) return memory;
  const auto stated = root.find("memory");
  if (stated == root.end() || !stated->is_object()) return memory;
  const auto stages = stated->find("stages");
  if (stages == stated->end() || !stages->is_array()) return memory;
  for (const nlohmann::json& stage : *stages) {
    if (stage.is_object())
      memory.peak_bytes = std::max(memory.peak_bytes, Bytes(stage, "peak_bytes"));
  }
  memory.capacity_bytes = Bytes(*stated, "capacity_bytes");
  if (memory.peak_bytes == 0 || memory.capacity_bytes == 0) return {};
  return memory;
}

}  // namespace ddlsim
