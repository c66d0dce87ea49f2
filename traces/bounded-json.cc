// SPDX-License-Identifier: MIT
#include "traces/bounded-json.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/input-error.h"

namespace ddlsim {
namespace {
constexpr int kDepthMax = 32;
constexpr size_t kValuesMax = 1 << 20;
}  // namespace

std::string ReadSmallFile(const std::string& path, size_t size_max_bytes) {
  std::error_code error;
  std::ifstream file;
  if (std::filesystem::is_regular_file(path, error)) file.open(path, std::ios::binary);
  if (!file.is_open()) {
    throw InputError(path, "cannot be read", "name a readable file");
  }
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) throw InputError(path, "cannot be read", "name a readable file");
  if (text.size() > size_max_bytes) {
    throw InputError(path, "is larger than " + std::to_string(size_max_bytes >> 20) + " MiB",
                     "name a file that was written for this purpose");
  }
  return text;
}

std::string JsonPlace(const std::string& place, const std::string& text, size_t byte) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
  return place + ":" + std::to_string(1 + std::count(text.begin(), end, '\n'));
}

nlohmann::json ParseBoundedJson(const std::string& place, const std::string& text) {
  size_t values = 0;
  const auto bound = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (depth > kDepthMax) {
      throw InputError(place, "is nested more than 32 levels deep", "write flatter JSON");
    }
    if (++values > kValuesMax) {
      throw InputError(place, "holds more than a million values", "write fewer classes or groups");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text, bound);
  } catch (const nlohmann::json::parse_error& error) {
    throw InputError(JsonPlace(place, text, error.byte), "is not valid JSON", "correct the syntax");
  } catch (const nlohmann::json::exception&) {  // a number beyond any double
    throw InputError(place, "holds a number that is out of range", "correct the number");
  }
}

}  // namespace ddlsim
