// SPDX-License-Identifier: MIT
//
// How many tokens the experts of each rank get. The ranks among which the experts of a layer are
// spread are the members of an expert group; all groups of a layer have the same loads, since the
// router is the same and the tokens of all ranks are of one kind.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace ddlsim {

class ExpertLoads {
 public:
  using Weights = std::vector<uint64_t>;  // by member, up to 2^60 each, not all zero

  // By block of the model; empty for blocks without experts.
  explicit ExpertLoads(std::vector<Weights> by_block) : m_by_block(std::move(by_block)) {}

  // Of `total_rows` that the members of a group send together, those that each member gets: shares
  // by weight, rounded to whole rows, and the member with the largest weight (the first of several)
  // what the others leave. So others of equal weight get the same. Empty: all get equal shares.
  std::vector<uint64_t> ReceivedRows(int block, uint64_t total_rows) const;

  // Whether all members get the same in every block.
  bool AreEqual() const;
  // The largest load of any member in any block, over the mean.
  double LargestRatio() const;

 private:
  std::vector<Weights> m_by_block;
};

// One member of `members`, drawn for each block from the seed, gets `hot_ppm` millionths of the
// mean (from 1,000,000 to members x 1,000,000), the others share the rest equally.
ExpertLoads HotMemberLoads(uint64_t hot_ppm, uint32_t members, uint64_t first_block,
                           uint64_t block_count, uint64_t seed);

}  // namespace ddlsim
