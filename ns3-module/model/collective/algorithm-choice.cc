// SPDX-License-Identifier: GPL-2.0-only
#include "collective/algorithm-choice.h"

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
                                        Algorithm::kInNetwork};

// The first one is what kAuto means, all_reduce apart. Empty: no schedule yet.
std::vector<Algorithm> AlgorithmsFor(CollectiveType type) {
  switch (type) {
    case CollectiveType::kAllReduce:
      return {Algorithm::kRing, Algorithm::kHalvingDoubling};
    case CollectiveType::kAllGather:
    case CollectiveType::kReduceScatter:
      return {Algorithm::kRing};
    case CollectiveType::kBroadcast:
      return {Algorithm::kTree, Algorithm::kRing};
    case CollectiveType::kAllToAll:
      return {Algorithm::kDirect};
    case CollectiveType::kBarrier:
      return {Algorithm::kDissemination};
    case CollectiveType::kReduce:
    case CollectiveType::kGather:
    case CollectiveType::kScatter:
      break;
  }
  return {};
}

bool IsHalvingDoublingFaster(uint32_t rank_count, uint64_t size_bytes) {
  const CriticalPath ring =
      RingSchedule(rank_count, size_bytes, RingPhases::kReduceThenGather).Path();
  const CriticalPath halving = HalvingDoubling(rank_count, size_bytes).Path();
  return halving.hops * kLatencyWorthBytes + kHalvingDoublingContention * halving.size_bytes <
         ring.hops * kLatencyWorthBytes + ring.size_bytes;
}

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
  const std::vector<Algorithm> algorithms = AlgorithmsFor(spec.type);
  if (algorithms.empty()) return Algorithm::kAuto;
  if (spec.type == CollectiveType::kAllReduce && !HasNoSteps(spec) &&
      IsHalvingDoublingFaster(spec.rank_count, spec.size_bytes)) {
    return Algorithm::kHalvingDoubling;
  }
  return algorithms.front();
}

CollectiveSpec CheckedSpec(const CollectiveSpec& spec) {
  const std::vector<Algorithm> algorithms = AlgorithmsFor(spec.type);
  const std::string type_name = CollectiveName(spec.type);
  if (algorithms.empty()) {
    throw InputError(
        "--collective", type_name + " has no schedule yet",
        "use all_reduce, all_gather, reduce_scatter, all_to_all, broadcast or barrier");
  }
  CheckRanges(spec);
  CollectiveSpec checked = spec;
  checked.algorithm = ResolveAlgorithm(spec);
  std::string names = AlgorithmName(Algorithm::kAuto);
  for (const Algorithm algorithm : algorithms) {
    if (algorithm == checked.algorithm) return checked;
    names += std::string(", ") + AlgorithmName(algorithm);
  }
  throw InputError("--algo",
                   type_name + " has no algorithm '" + AlgorithmName(spec.algorithm) + "'",
                   "use one of " + names);
}

bool HasNoSteps(const CollectiveSpec& spec) {
  return spec.rank_count <= 1 || (spec.size_bytes == 0 && spec.type != CollectiveType::kBarrier);
}

}  // namespace ddlsim
