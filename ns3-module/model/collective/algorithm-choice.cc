// SPDX-License-Identifier: GPL-2.0-only
#include "collective/algorithm-choice.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "base/input-error.h"
#include "collective/halving-doubling.h"
#include "collective/ring-schedule.h"

namespace ddlsim {
namespace {

constexpr Algorithm kAllAlgorithms[] = {Algorithm::kAuto,
                                        Algorithm::kRing,
                                        Algorithm::kHalvingDoubling,
                                        Algorithm::kTree,
                                        Algorithm::kDirect,
                                        Algorithm::kDissemination,
                                        Algorithm::kDoubleBinaryTree,
                                        Algorithm::kBruck,
                                        Algorithm::kHierarchical,
                                        Algorithm::kPat,
                                        Algorithm::kNvls,
                                        Algorithm::kNvlsTree,
                                        Algorithm::kInNetwork,
                                        Algorithm::kTwoShot,
                                        Algorithm::kFile};

// The first one is what kAuto means, all_reduce apart.
std::vector<Algorithm> AlgorithmsFor(CollectiveType type) {
  switch (type) {
    case CollectiveType::kAllReduce:
      return {Algorithm::kRing,   Algorithm::kHalvingDoubling,  Algorithm::kTree,
              Algorithm::kDirect, Algorithm::kDoubleBinaryTree, Algorithm::kHierarchical,
              Algorithm::kNvls,   Algorithm::kNvlsTree,         Algorithm::kInNetwork,
              Algorithm::kTwoShot};
    case CollectiveType::kAllGather:
      return {Algorithm::kRing,  Algorithm::kHalvingDoubling, Algorithm::kDirect,
              Algorithm::kBruck, Algorithm::kHierarchical,    Algorithm::kPat};
    case CollectiveType::kReduceScatter:
      return {Algorithm::kRing, Algorithm::kHalvingDoubling, Algorithm::kDirect,
              Algorithm::kHierarchical, Algorithm::kPat};
    case CollectiveType::kBroadcast:
    case CollectiveType::kReduce:
      return {Algorithm::kTree, Algorithm::kRing, Algorithm::kHalvingDoubling};
    case CollectiveType::kAllToAll:
      return {Algorithm::kDirect, Algorithm::kBruck, Algorithm::kHierarchical};
    case CollectiveType::kGather:
    case CollectiveType::kScatter:
      return {Algorithm::kDirect, Algorithm::kTree};
    case CollectiveType::kBarrier:
      return {Algorithm::kDissemination, Algorithm::kTree};
  }
  return {};
}

void CheckNodes(const CollectiveSpec& spec) {
  if (spec.local_size <= 1 || !LooksAtNodes(spec.algorithm)) return;
  const std::string name = AlgorithmName(spec.algorithm);
  const std::string group = "the group of " + std::to_string(spec.rank_count) + " ranks";
  if (spec.rank_count % spec.local_size != 0) {
    throw InputError("--algo",
                     name + " needs nodes of the same size, but " +
                         std::to_string(spec.local_size) + " per node do not divide " + group,
                     "use whole nodes, or an algorithm that does not look at nodes");
  }
  if (spec.algorithm == Algorithm::kNvls && spec.local_size != spec.rank_count) {
    throw InputError("--algo",
                     "nvls stays within one node, but " + group + " has " +
                         std::to_string(spec.local_size) + " per node",
                     "use nvls_tree");
  }
}

void CheckPairs(const CollectiveSpec& spec) {
  if (spec.is_send_receive) {
    if (spec.type != CollectiveType::kAllToAll || spec.pair_bytes != nullptr) {
      throw std::invalid_argument("sendrecv is an all_to_all without sizes by pair");
    }
    if (spec.algorithm == Algorithm::kDirect) return;
    throw InputError(
        "--algo", std::string("sendrecv has no algorithm '") + AlgorithmName(spec.algorithm) + "'",
        "use one of auto, direct");
  }
  if (spec.pair_bytes == nullptr) return;
  const size_t n = spec.rank_count;
  const std::vector<uint64_t>& pair_bytes = *spec.pair_bytes;
  if (spec.type != CollectiveType::kAllToAll || pair_bytes.size() != n * n) {
    throw std::invalid_argument("sizes by pair belong to all_to_all, one for each pair");
  }
  uint64_t total_bytes = 0;
  for (const uint64_t size_bytes : pair_bytes) {
    total_bytes = size_bytes > kSizeMaxBytes ? UINT64_MAX : total_bytes + size_bytes;
    if (total_bytes > kSizeMaxBytes) {
      throw InputError("--size", "the sizes of an all_to_all add up to too much",
                       "use at most " + std::to_string(kSizeMaxBytes) + " bytes in all");
    }
  }
  if (spec.algorithm == Algorithm::kBruck) {
    throw InputError("--algo", "bruck needs equal sizes of all pairs",
                     "use direct or hierarchical");
  }
}

}  // namespace

bool IsHalvingDoublingFaster(uint32_t rank_count, uint64_t size_bytes) {
  const CriticalPath ring =
      RingSchedule(rank_count, size_bytes, RingPhases::kReduceThenGather).Path();
  const CriticalPath halving = HalvingDoubling(rank_count, size_bytes).Path();
  return halving.hops * kLatencyWorthBytes + kHalvingDoublingContention * halving.size_bytes <
         ring.hops * kLatencyWorthBytes + ring.size_bytes;
}

namespace {

void CheckRanges(const CollectiveSpec& spec) {
  if (spec.rank_count == 0 || spec.rank_count > kRankCountMax) {
    throw std::invalid_argument("a collective of " + std::to_string(spec.rank_count) + " ranks");
  }
  if (spec.size_bytes > kSizeMaxBytes) {
    throw InputError("--size", std::to_string(spec.size_bytes) + " bytes is too large",
                     "use at most " + std::to_string(kSizeMaxBytes) + " bytes");
  }
  if (IsRooted(spec.type) && spec.root >= spec.rank_count) {
    throw InputError("root",
                     std::to_string(spec.root) + " is outside the group of " +
                         std::to_string(spec.rank_count) + " ranks",
                     "roots count from 0 within the group");
  }
}

}  // namespace

bool LooksAtNodes(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kDoubleBinaryTree:
    case Algorithm::kHierarchical:
    case Algorithm::kNvls:
    case Algorithm::kNvlsTree:
    case Algorithm::kInNetwork:
    case Algorithm::kTwoShot:
      return true;
    default:
      return false;
  }
}

const char* AlgorithmName(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kAuto:
      return "auto";
    case Algorithm::kRing:
      return "ring";
    case Algorithm::kHalvingDoubling:
      return "halving_doubling";
    case Algorithm::kTree:
      return "tree";
    case Algorithm::kDirect:
      return "direct";
    case Algorithm::kDissemination:
      return "dissemination";
    case Algorithm::kDoubleBinaryTree:
      return "double_binary_tree";
    case Algorithm::kBruck:
      return "bruck";
    case Algorithm::kHierarchical:
      return "hierarchical";
    case Algorithm::kPat:
      return "pat";
    case Algorithm::kNvls:
      return "nvls";
    case Algorithm::kNvlsTree:
      return "nvls_tree";
    case Algorithm::kInNetwork:
      return "in_network";
    case Algorithm::kTwoShot:
      return "two_shot";
    case Algorithm::kFile:
      return "file";
  }
  return "unknown";
}

Algorithm ParseAlgorithm(const std::string& place, const std::string& name) {
  std::vector<std::string> names;
  for (const Algorithm algorithm : kAllAlgorithms) {
    names.emplace_back(AlgorithmName(algorithm));
    if (names.back() == name) return algorithm;
  }
  throw InputError(place, "'" + Printable(name) + "' is no algorithm", Suggest(name, names));
}

Algorithm ResolveAlgorithm(const CollectiveSpec& spec) {
  if (spec.algorithm != Algorithm::kAuto) return spec.algorithm;
  if (spec.type == CollectiveType::kAllReduce && !HasNoSteps(spec) &&
      IsHalvingDoublingFaster(spec.rank_count, spec.size_bytes)) {
    return Algorithm::kHalvingDoubling;
  }
  return AlgorithmsFor(spec.type).front();
}

CollectiveSpec CheckedSpec(const CollectiveSpec& spec) {
  CheckRanges(spec);
  CollectiveSpec checked = spec;
  checked.algorithm = ResolveAlgorithm(spec);
  std::string names = AlgorithmName(Algorithm::kAuto);
  bool is_known = false;
  for (const Algorithm algorithm : AlgorithmsFor(spec.type)) {
    is_known = is_known || algorithm == checked.algorithm;
    names += std::string(", ") + AlgorithmName(algorithm);
  }
  if (!is_known) {
    throw InputError("--algo",
                     std::string(CollectiveName(spec.type)) + " has no algorithm '" +
                         AlgorithmName(spec.algorithm) + "'",
                     "use one of " + names);
  }
  CheckNodes(checked);
  CheckPairs(checked);
  return checked;
}

bool HasNoSteps(const CollectiveSpec& spec) {
  if (spec.rank_count <= 1) return true;
  if (spec.pair_bytes == nullptr) {
    return spec.size_bytes == 0 && spec.type != CollectiveType::kBarrier;
  }
  const std::vector<uint64_t>& bytes = *spec.pair_bytes;
  return std::all_of(bytes.begin(), bytes.end(), [](uint64_t size) { return size == 0; });
}

}  // namespace ddlsim
