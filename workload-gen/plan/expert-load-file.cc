// SPDX-License-Identifier: MIT
#include "workload-gen/plan/expert-load-file.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traces/bounded-json.h"

namespace ddlsim {
namespace {

constexpr size_t kFileMaxBytes = size_t{64} << 20;
const char* const kHeader = "expert,share";
const char* const kLayerHeader = "layer,expert,share";
// Shares become whole numbers in steps of 2^-40 of the layer's largest one.
constexpr double kSteps = 1099511627776.0;

double ReadShare(const std::string& place, const std::string& text) {
  char* end = nullptr;
  const double share = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(share) || share < 0) {
    throw InputError(place, "'" + Printable(text) + "' is no share",
                     "write a number from 0, such as 0.125 or a count of tokens");
  }
  return share;
}

class LoadReader {
 public:
  LoadReader(std::string path, const TransformerShape& shape)
      : m_path(std::move(path)), m_shape(shape) {}

  // By layer (one for all where the file has no layers), then by expert.
  std::vector<std::vector<std::optional<double>>> Read() {
    const std::vector<std::string> lines =
        absl::StrSplit(ReadSmallFile(m_path, kFileMaxBytes), '\n');
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::string place = absl::StrCat(m_path, ":", i + 1);
      const std::string line(absl::StripSuffix(lines[i], "\r"));
      if (i == 0) {
        ReadHeader(place, line);
      } else if (!line.empty()) {
        ReadRow(place, absl::StrSplit(line, ','));
      }
    }
    CheckComplete();
    return std::move(m_shares);
  }

 private:
  void ReadHeader(const std::string& place, const std::string& line) {
    m_has_layers = line == kLayerHeader;
    if (!m_has_layers && line != kHeader) {
      throw InputError(place, "is no table of experts' shares",
                       absl::StrCat("begin with the line ", kHeader, " or ", kLayerHeader));
    }
    m_shares.assign(m_has_layers ? m_shape.layers : 1,
                    std::vector<std::optional<double>>(m_shape.experts.experts));
  }

  void ReadRow(const std::string& place, const std::vector<std::string>& fields) {
    const size_t columns = m_has_layers ? 3 : 2;
    if (fields.size() != columns) {
      throw InputError(place, absl::StrCat("has not ", columns, " fields"),
                       absl::StrCat("write ", m_has_layers ? kLayerHeader : kHeader));
    }
    size_t layer = 0;
    if (m_has_layers) {
      layer = ParseCount(place + ": layer", fields[0], m_shape.experts.dense_layers,
                         m_shape.layers - 1);
    }
    const size_t expert =
        ParseCount(place + ": expert", fields[columns - 2], 0, m_shape.experts.experts - 1);
    std::optional<double>& share = m_shares[layer][expert];
    if (share) {
      throw InputError(place, "has an expert that is there already", "state each expert once");
    }
    share = ReadShare(place + ": share", fields[columns - 1]);
  }

  void CheckComplete() const {
    const size_t first = m_has_layers ? m_shape.experts.dense_layers : 0;
    for (size_t layer = first; layer < m_shares.size(); ++layer) {
      const std::string where = m_has_layers ? absl::StrCat(" in layer ", layer) : "";
      double sum = 0;
      for (size_t expert = 0; expert < m_shares[layer].size(); ++expert) {
        if (!m_shares[layer][expert]) {
          throw InputError(m_path, absl::StrCat("has no row for expert ", expert, where),
                           absl::StrCat("state all ", m_shape.experts.experts, " experts"));
        }
        sum += *m_shares[layer][expert];
      }
      if (sum > 0 && std::isfinite(sum)) continue;
      throw InputError(
          m_path,
          absl::StrCat(sum > 0 ? "has shares too large to add up" : "gives no expert any tokens",
                       where),
          "write shares of the layer's tokens");
    }
  }

  const std::string m_path;
  const TransformerShape& m_shape;
  bool m_has_layers = false;
  std::vector<std::vector<std::optional<double>>> m_shares;
};

// Sums over the experts of each rank.
ExpertLoads::Weights ByMember(const std::vector<std::optional<double>>& shares, uint32_t members) {
  double largest = 0;
  for (const std::optional<double>& share : shares) largest = std::max(largest, *share);
  const size_t experts_each = shares.size() / members;
  ExpertLoads::Weights weights(members, 0);
  for (size_t expert = 0; expert < shares.size(); ++expert) {
    weights[expert / experts_each] +=
        static_cast<uint64_t>(std::llround(*shares[expert] / largest * kSteps));
  }
  return weights;
}

}  // namespace

ExpertLoads LoadExpertLoads(const std::string& path, const TransformerShape& shape,
                            uint32_t members) {
  const auto shares = LoadReader(path, shape).Read();
  std::vector<ExpertLoads::Weights> by_block(shape.layers);
  for (size_t block = shape.experts.dense_layers; block < shape.layers; ++block) {
    by_block[block] = ByMember(shares.size() == 1 ? shares.front() : shares[block], members);
  }
  return ExpertLoads(std::move(by_block));
}

}  // namespace ddlsim
