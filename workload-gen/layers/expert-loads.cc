// SPDX-License-Identifier: MIT
#include "workload-gen/layers/expert-loads.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace ddlsim {
namespace {

constexpr uint64_t kPpm = 1000000;

// The output function of SplitMix64 (Steele, Lea and Flood 2014): every bit of the input reaches
// every bit of the output.
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

bool AreAlike(const ExpertLoads::Weights& weights) {
  return std::all_of(weights.begin(), weights.end(),
                     [&weights](uint64_t weight) { return weight == weights.front(); });
}

// `total_rows` by weight, each rounded to the nearest whole number, or down.
std::vector<uint64_t> Shares(const ExpertLoads::Weights& weights, uint64_t total_rows,
                             bool to_nearest) {
  unsigned __int128 sum = 0;
  for (const uint64_t weight : weights) sum += weight;
  std::vector<uint64_t> rows;
  for (const uint64_t weight : weights) {
    const unsigned __int128 product = static_cast<unsigned __int128>(total_rows) * weight;
    rows.push_back(static_cast<uint64_t>((product + (to_nearest ? sum / 2 : 0)) / sum));
  }
  return rows;
}

uint64_t LargestOf(const std::vector<uint64_t>& values) {
  return *std::max_element(values.begin(), values.end());
}

}  // namespace

std::vector<uint64_t> ExpertLoads::ReceivedRows(int block, uint64_t total_rows) const {
  if (block < 0 || static_cast<size_t>(block) >= m_by_block.size()) return {};
  const Weights& weights = m_by_block[static_cast<size_t>(block)];
  if (AreAlike(weights)) return {};
  std::vector<uint64_t> rows = Shares(weights, total_rows, true);
  // Of very few rows, halves rounded up may be more than there are.
  if (std::accumulate(rows.begin(), rows.end(), uint64_t{0}) > total_rows + LargestOf(rows)) {
    rows = Shares(weights, total_rows, false);
  }
  const size_t largest =
      static_cast<size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
  rows[largest] = 0;
  rows[largest] = total_rows - std::accumulate(rows.begin(), rows.end(), uint64_t{0});
  return AreAlike(rows) ? std::vector<uint64_t>() : rows;
}

bool ExpertLoads::AreEqual() const {
  return std::all_of(m_by_block.begin(), m_by_block.end(), AreAlike);
}

double ExpertLoads::LargestRatio() const {
  double ratio = 1;
  for (const Weights& weights : m_by_block) {
    if (weights.empty()) continue;
    double sum = 0;
    for (const uint64_t weight : weights) sum += static_cast<double>(weight);
    const auto largest = static_cast<double>(*std::max_element(weights.begin(), weights.end()));
    ratio = std::max(ratio, largest * static_cast<double>(weights.size()) / sum);
  }
  return ratio;
}

ExpertLoads HotMemberLoads(uint64_t hot_ppm, uint32_t members, uint64_t first_block,
                           uint64_t block_count, uint64_t seed) {
  // hot / members to the one, (1 - hot / members) / (members - 1) to each other one.
  const uint64_t hot = hot_ppm * (members - 1);
  const uint64_t other = members * kPpm - hot_ppm;
  std::vector<ExpertLoads::Weights> by_block(block_count);
  for (uint64_t block = first_block; block < block_count; ++block) {
    by_block[block].assign(members, other);
    by_block[block][Mix(Mix(seed) ^ block) % members] = hot;
  }
  return ExpertLoads(std::move(by_block));
}

}  // namespace ddlsim
