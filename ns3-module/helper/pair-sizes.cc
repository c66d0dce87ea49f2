// SPDX-License-Identifier: GPL-2.0-only
#include "pair-sizes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "base/quantity.h"
#include "base/rounding.h"
#include "fabric/random.h"
#include "traces/bounded-json.h"

namespace ddlsim {
namespace {

using PairBytes = std::shared_ptr<const std::vector<uint64_t>>;

constexpr size_t kFileMaxBytes = size_t{64} << 20;
constexpr uint64_t kRankMax = 4095;  // a table has a size for each pair
constexpr uint64_t kPairMaxBytes = uint64_t{1} << 50;
const char* const kHeader = "src,dst,bytes";

// What a table of rows adds up to at most: as nccl-tests' size, the input of a rank.
uint64_t LargestInput(const std::vector<uint64_t>& bytes, size_t ranks) {
  uint64_t largest_bytes = 0;
  for (size_t from = 0; from < ranks; ++from) {
    uint64_t row_bytes = 0;
    for (size_t to = 0; to < ranks; ++to) row_bytes += bytes[from * ranks + to];
    largest_bytes = std::max(largest_bytes, row_bytes);
  }
  return largest_bytes;
}

class NextRank : public PairSizes {
 public:
  void Apply(CollectiveSpec& spec) const override { spec.is_send_receive = true; }
};

// The sizes of --alltoallv, whatever the size of the collective.
class TableOfPairs : public PairSizes {
 public:
  explicit TableOfPairs(const OptionSet& options) : m_path(options.Get("alltoallv")) {
    std::istringstream lines(ReadSmallFile(m_path, kFileMaxBytes));
    uint64_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      const std::string place = m_path + ":" + std::to_string(number);
      if (number == 1) {
        if (line == kHeader) continue;
        throw InputError(place, "is no table of sizes by pair",
                         std::string("begin with the line ") + kHeader);
      }
      if (!line.empty()) ReadLine(place, line);
    }
    if (m_sizes.empty()) throw InputError(m_path, "has no pairs", "add a line for each");
  }

  void Apply(CollectiveSpec& spec) const override {
    if (m_last_rank >= spec.rank_count) {
      throw InputError(m_path,
                       "names rank " + std::to_string(m_last_rank) + ", the group has " +
                           std::to_string(spec.rank_count) + " ranks",
                       "use ranks from 0 to " + std::to_string(spec.rank_count - 1));
    }
    Table& table = m_tables[spec.rank_count];
    if (table.bytes == nullptr) {
      const size_t n = spec.rank_count;
      std::vector<uint64_t> bytes(n * n, 0);
      for (const auto& [pair, size_bytes] : m_sizes) {
        bytes[pair.first * n + pair.second] = size_bytes;
      }
      table.input_bytes = LargestInput(bytes, n);
      table.bytes = std::make_shared<const std::vector<uint64_t>>(std::move(bytes));
    }
    spec.pair_bytes = table.bytes;
    spec.size_bytes = table.input_bytes;
  }

 private:
  struct Table {
    PairBytes bytes;
    uint64_t input_bytes = 0;
  };

  void ReadLine(const std::string& place, const std::string& line) {
    const size_t first = line.find(',');
    const size_t second = first == std::string::npos ? first : line.find(',', first + 1);
    if (second == std::string::npos || line.find(',', second + 1) != std::string::npos) {
      throw InputError(place, "has no three fields", std::string("write ") + kHeader);
    }
    const uint64_t from = ParseCount(place + ": src", line.substr(0, first), 0, kRankMax);
    const uint64_t to =
        ParseCount(place + ": dst", line.substr(first + 1, second - first - 1), 0, kRankMax);
    const uint64_t size_bytes =
        ParseCount(place + ": bytes", line.substr(second + 1), 0, kPairMaxBytes);
    if (!m_sizes.emplace(std::make_pair(from, to), size_bytes).second) {
      throw InputError(place, "has a pair that is there already", "state each pair once");
    }
    m_last_rank = std::max({m_last_rank, from, to});
  }

  std::string m_path;
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> m_sizes;
  uint64_t m_last_rank = 0;
  mutable std::map<uint32_t, Table> m_tables;  // by ranks of a group
};

// One rank of each group, drawn from the seed, is sent so many times the mean (the experts that it
// holds are hot); the others share the rest.
class HotRank : public PairSizes {
 public:
  HotRank(const OptionSet& options, double skew)
      : m_place(options.Place("alltoall-skew")),
        m_seed(ParseCount(options.Place("seed"), options.Get("seed"), 0, INT64_MAX)),
        m_skew(skew) {}

  void Apply(CollectiveSpec& spec) const override {
    const uint32_t n = spec.rank_count;
    if (m_skew > n) {
      throw InputError(m_place, "is more than the " + std::to_string(n) + " ranks of a group",
                       "use at most the number of ranks: then one gets all");
    }
    PairBytes& bytes = m_tables[{n, spec.size_bytes}];
    if (bytes == nullptr) bytes = Make(n, spec.size_bytes);
    spec.pair_bytes = bytes;
  }

 private:
  PairBytes Make(size_t n, uint64_t size_bytes) const {
    const size_t hot = Draw(m_seed, NameKey("alltoall-skew"), n) % n;
    const auto mean_bytes = static_cast<double>(size_bytes) / static_cast<double>(n);
    const uint64_t hot_bytes =
        n == 1 ? size_bytes : std::min(size_bytes, Rounded(mean_bytes * m_skew));
    std::vector<uint64_t> row(n, 0);
    row[hot] = hot_bytes;
    for (size_t i = 1; i < n; ++i) {
      const uint64_t rest_bytes = size_bytes - hot_bytes, others = n - 1;
      row[(hot + i) % n] = rest_bytes / others + (i <= rest_bytes % others ? 1 : 0);
    }
    std::vector<uint64_t> bytes;
    bytes.reserve(n * n);
    for (size_t from = 0; from < n; ++from) bytes.insert(bytes.end(), row.begin(), row.end());
    return std::make_shared<const std::vector<uint64_t>>(std::move(bytes));
  }

  std::string m_place;
  uint64_t m_seed;
  double m_skew;
  mutable std::map<std::pair<uint32_t, uint64_t>, PairBytes> m_tables;
};

double ParseSkew(const OptionSet& options) {
  const std::string& text = options.Get("alltoall-skew");
  char* end = nullptr;
  const double skew = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !std::isfinite(skew) || skew < 1 || skew > 1e6) {
    throw InputError(options.Place("alltoall-skew"), "'" + Printable(text) + "' is no skew",
                     "use 1 (equal shares) or more: how many times the mean one rank gets");
  }
  return skew;
}

}  // namespace

std::unique_ptr<PairSizes> RequestedPairSizes(const OptionSet& options) {
  const bool has_table = !options.Get("alltoallv").empty();
  const bool has_skew = !options.Get("alltoall-skew").empty();
  const std::string& bench = options.Get("collective-bench");
  if (has_table && has_skew) {
    throw InputError(options.Place("alltoall-skew"), "contradicts --alltoallv", "give one of them");
  }
  if (has_table && !bench.empty()) {
    throw InputError(options.Place("alltoallv"),
                     "states sizes, --collective-bench has sizes of its own",
                     "use --collective=all_to_all, or --alltoall-skew");
  }
  if (bench == "sendrecv") return std::make_unique<NextRank>();
  if (has_table) return std::make_unique<TableOfPairs>(options);
  if (!has_skew) return nullptr;
  const double skew = ParseSkew(options);
  return skew == 1 ? nullptr : std::make_unique<HotRank>(options, skew);
}

}  // namespace ddlsim
