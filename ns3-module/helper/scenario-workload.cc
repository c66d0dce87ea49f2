// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-workload.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "base/quantity.h"
#include "collective-bench.h"
#include "generator-process.h"
#include "hardware/gpu.h"
#include "hardware/roofline.h"
#include "replay/synthetic-workload.h"
#include "scenario-cluster.h"
#include "scenario-collectives.h"
#include "scenario-network.h"
#include "scenario-traffic.h"
#include "traces/trace-set.h"

namespace ddlsim {
namespace {

const std::vector<std::pair<std::string, CollectiveType>> kCollectives{
    {"all_reduce", CollectiveType::kAllReduce},
    {"all_gather", CollectiveType::kAllGather},
    {"reduce_scatter", CollectiveType::kReduceScatter},
    {"all_to_all", CollectiveType::kAllToAll},
    {"broadcast", CollectiveType::kBroadcast},
    {"reduce", CollectiveType::kReduce},
    {"gather", CollectiveType::kGather},
    {"scatter", CollectiveType::kScatter},
    {"barrier", CollectiveType::kBarrier}};

// What --collective-bench measures beside collectives: rank r sends to r+1.
const char* const kSendReceive = "sendrecv";

// Durations of nodes that state their work only, on the GPU of --hardware.
DurationModel Durations(const OptionSet& options) {
  DurationModel model;
  if (options.Get("hardware").empty()) return model;
  const Gpu gpu = LoadGpu(GpuOfHardware(options), options.Place("hardware"));
  model.compute_ps = [gpu](const GraphNode& node) {
    const Work work{node.operations, node.memory_bytes, 1};
    return 1000 * DurationNs(gpu, Precision::kBf16, UnitOfClass(node.operation_class), work);
  };
  model.memory_rate_bps = gpu.memory_bandwidth_bytes_per_s * 8;
  return model;
}

void LoadTraces(const OptionSet& options, const std::string& path, ScenarioWorkload& result) {
  OpenOptions open;
  const std::string& meaning = options.Get("comm-size");
  if (meaning != "total" && meaning != "per-rank") {
    throw InputError(options.Place("comm-size"), "'" + Printable(meaning) + "' is no meaning",
                     "choose total or per-rank");
  }
  open.comm_size_meaning = meaning == "total" ? CommSizeMeaning::kTotal : CommSizeMeaning::kPerRank;
  open.groups_file = options.Get("groups");
  const TraceSet set = OpenTraceSet(path, open);
  ValidateTraceSet(set);
  result.workload = std::make_unique<Workload>(LoadWorkload(set, Durations(options)));
  result.memory = ReadStatedMemory(set.description_json);
}

uint32_t RanksWithoutTrace(const OptionSet& options) {
  OptionSet trial = options;
  const auto cluster = RequestedCluster(trial, 0);
  const std::string& ranks = options.Get("ranks");
  if (!ranks.empty() && !cluster) {
    throw InputError(options.Place("ranks"), "only goes with hosts of several GPUs",
                     "say how many with --hosts");
  }
  if (!ranks.empty()) {
    return static_cast<uint32_t>(
        ParseCount(options.Place("ranks"), ranks, 1, cluster->RankCount()));
  }
  if (cluster) return cluster->RankCount();
  const uint32_t hosts = RequestedHosts(options);
  if (hosts != 0) return hosts;
  // As many ranks as the network has hosts by its sizes.
  OptionSet copy = options;
  return BuildScenarioNetwork(copy, 0).host_count;
}

ScenarioWorkload MakeCollective(const OptionSet& options) {
  const std::string& name = options.Get("collective");
  const uint32_t ranks = RanksWithoutTrace(options);
  const uint64_t size_bytes = ParseSizeBytes(options.Place("size"), options.Get("size"));
  ScenarioWorkload result;
  result.description =
      name + " of " + FormatSize(size_bytes) + " among " + std::to_string(ranks) + " ranks";
  result.short_name = name + "-" + FormatSize(size_bytes);
  if (name == "barrier") {  // has no size
    result.description = name + " among " + std::to_string(ranks) + " ranks";
    result.short_name = name;
  }
  if (name == "all_to_all" && !options.Get("alltoallv").empty()) {
    result.description = name + " of the sizes in " + options.Get("alltoallv") + " among " +
                         std::to_string(ranks) + " ranks";
    result.short_name = "all_to_allv";
  }
  if (name == kSendReceive) {
    result.workload = std::make_unique<Workload>(MakeSendReceiveWorkload(ranks, size_bytes));
    return result;
  }
  std::vector<std::string> names{kSendReceive};
  for (const auto& [text, type] : kCollectives) {
    names.push_back(text);
    if (text != name) continue;
    CollectiveWorkload collective;
    collective.type = type;
    collective.size_bytes = type == CollectiveType::kBarrier ? 0 : size_bytes;
    collective.repetitions = static_cast<uint32_t>(
        ParseCount(options.Place("repeat"), options.Get("repeat"), 1, 1000000));
    result.workload = std::make_unique<Workload>(MakeCollectiveWorkload(ranks, collective));
    return result;
  }
  throw InputError(options.Place("collective"), "'" + Printable(name) + "' is no collective",
                   Suggest(name, names));
}

ScenarioWorkload MakeBench(const OptionSet& options) {
  const std::string& name = options.Get("collective-bench");
  if (options.Get("iterations") != "1") {  // a configuration written back says 1
    throw InputError(options.Place("iterations"), "does not go with --collective-bench",
                     "measure each size more than once with --repeat");
  }
  CollectiveBench bench;
  bench.sizes_bytes = BenchSizes(options);
  bench.repetitions =
      static_cast<uint32_t>(ParseCount(options.Place("repeat"), options.Get("repeat"), 1, 1000));
  const uint32_t ranks = RanksWithoutTrace(options);
  std::vector<std::string> names;
  std::vector<std::pair<std::string, CollectiveType>> measured = kCollectives;
  measured.emplace_back(kSendReceive, CollectiveType::kAllToAll);  // see pair-sizes.h
  for (const auto& [text, type] : measured) {
    if (type == CollectiveType::kBarrier) continue;  // has no sizes
    names.push_back(text);
    if (text != name) continue;
    bench.type = type;
    bench.name = name;
    if (name == kSendReceive && ranks < 2) {
      throw InputError(options.Place("collective-bench"), "has one rank with nobody to send to",
                       "use at least two ranks");
    }
    const auto [least, most] =
        std::minmax_element(bench.sizes_bytes.begin(), bench.sizes_bytes.end());
    ScenarioWorkload result;
    result.description = name + " of " + FormatSize(*least) + " to " + FormatSize(*most) +
                         " among " + std::to_string(ranks) + " ranks";
    result.short_name = name + "-" + FormatSize(*least) + "-" + FormatSize(*most);
    result.workload = std::make_unique<Workload>(MakeCollectiveBench(ranks, bench));
    return result;
  }
  throw InputError(options.Place("collective-bench"),
                   "'" + Printable(name) + "' is no collective with sizes", Suggest(name, names));
}

ScenarioWorkload MakeTraffic(const OptionSet& options) {
  if (IsTrafficAlone(options)) {
    ScenarioWorkload none;  // no ranks: its description is that of the traffic
    none.workload = std::make_unique<Workload>(0, std::vector<CommunicatorAxis>{});
    none.short_name = options.Get("traffic");
    return none;
  }
  const uint32_t ranks = RanksWithoutTrace(options);
  const uint64_t size_bytes = ParseSizeBytes(options.Place("size"), options.Get("size"));
  const uint64_t seed = ParseCount(options.Place("seed"), options.Get("seed"), 0, INT64_MAX);
  ScenarioWorkload result;
  result.description =
      "permutation, " + FormatSize(size_bytes) + " per flow, " + std::to_string(ranks) + " ranks";
  result.short_name = "permutation-" + FormatSize(size_bytes);
  result.workload = std::make_unique<Workload>(
      MakePermutationWorkload(RandomPermutation(ranks, seed), size_bytes));
  return result;
}

// As many replicas of a model as fill the network.
uint32_t Replicas(const OptionSet& options) {
  uint32_t ranks = RanksWithoutTrace(options);
  const uint64_t servers = ParseCount(options.Place("parameter-servers"),
                                      options.Get("parameter-servers"), 0, kRankCountMax);
  if (servers >= ranks) {
    throw InputError(options.Place("parameter-servers"),
                     "leave no worker among " + std::to_string(ranks) + " ranks",
                     "choose fewer, or more hosts");
  }
  ranks -= static_cast<uint32_t>(servers);
  uint64_t per_replica = 1;
  for (const char* name : {"tp", "cp", "pp"}) {
    per_replica *= ParseCount(options.Place(name), options.Get(name), 1, kRankCountMax);
    if (per_replica <= ranks && ranks % per_replica == 0) continue;
    throw InputError(options.Place(name),
                     "the degrees of parallelism do not divide the " + std::to_string(ranks) +
                         " ranks of the network",
                     "choose others, or say how many replicas with --dp");
  }
  return static_cast<uint32_t>(ranks / per_replica);
}

// Most traces hold one iteration, which the replay repeats. These hold a round: as many as there
// are between two averages, or enough for workers to be ahead of one another.
uint64_t TraceIterations(const OptionSet& options) {
  const auto count = [&options](const char* name, uint64_t low) {
    const std::string& text = options.Get(name);
    return text.empty() ? 0 : ParseCount(options.Place(name), text, low, 100000);
  };
  const uint64_t local_steps = count("local-steps", 1);
  const bool is_asynchronous = !options.Get("staleness").empty();
  return std::max(local_steps, is_asynchronous ? count("staleness", 0) + 2 : 1);
}

constexpr const char* kDegrees[] = {"tp", "cp", "dp", "pp"};

// ", ep 8, expert-imbalance 2": what else of the plan differs from the defaults, so that two runs
// that do are told apart; files by their names.
std::string DescribePlan(const OptionSet& options) {
  std::vector<std::string> told{"model", "hardware", "gpu"};
  told.insert(told.end(), std::begin(kDegrees), std::end(kDegrees));
  std::string plan;
  for (const OptionSpec& spec : ScenarioOptionTable()) {
    const std::string& text = options.Get(spec.name);
    if (!spec.is_generator || text.empty() || text == spec.default_value) continue;
    if (std::find(told.begin(), told.end(), spec.name) != told.end()) continue;
    plan += ", " + spec.name + " " + text.substr(text.rfind('/') + 1);
  }
  return plan;
}

// "gpt2, tp 2 x dp 8, zero 1 (h100)".
std::string DescribeModel(const OptionSet& options, bool is_short) {
  std::string degrees;
  for (const char* name : kDegrees) {
    if (options.Get(name) == "1" && std::string(name) != "dp") continue;
    if (is_short) {
      degrees += std::string("-") + name + options.Get(name);
    } else {
      degrees += (degrees.empty() ? ", " : " x ") + std::string(name) + " " + options.Get(name);
    }
  }
  const std::string text = options.Get("model") + degrees;
  const std::string& gpus = options.Get(options.Get("gpu").empty() ? "hardware" : "gpu");
  return is_short ? text : text + DescribePlan(options) + " (" + gpus + ")";
}

ScenarioWorkload GenerateModel(OptionSet& options, const std::string& folder) {
  if (options.Get("model").empty()) options.Resolve("model", "gpt2");
  if (options.Get("dp").empty()) options.Resolve("dp", std::to_string(Replicas(options)));
  if (options.Get("hardware").empty()) options.Resolve("hardware", "h100");
  std::vector<std::string> arguments;
  for (const OptionSpec& spec : ScenarioOptionTable()) {
    const std::string& text = options.Get(spec.name);
    if (!spec.is_generator || spec.name == "hardware" || text.empty()) continue;
    arguments.push_back(std::string("--").append(spec.name).append("=").append(text));
  }
  const bool has_gpus = !options.Get("gpu").empty();
  if (!has_gpus) arguments.push_back("--gpu=" + GpuOfHardware(options));
  const uint64_t iterations = TraceIterations(options);
  if (iterations > 1) arguments.push_back("--iterations=" + std::to_string(iterations));
  arguments.push_back("--seed=" + options.Get("seed"));
  arguments.push_back("--out=" + folder);
  try {
    RunGenerator(FindGenerator(), arguments);
  } catch (const InputError& error) {
    if (error.Place() != "--gpu" || has_gpus) throw;
    throw InputError(options.Place("hardware"), error.Problem(), error.Remedy());
  }
  ScenarioWorkload result;
  LoadTraces(options, folder, result);
  result.description = DescribeModel(options, false);
  result.short_name = DescribeModel(options, true);
  return result;
}

}  // namespace

WorkloadKind KindOfWorkload(const OptionSet& options) {
  std::vector<std::string> given;
  for (const char* name : {"workload", "model", "collective", "collective-bench", "traffic"}) {
    if (!options.Get(name).empty()) given.push_back(name);
  }
  if (given.size() > 1) {
    throw InputError(
        options.Place(given[1]), "contradicts --" + given[0],
        "give one of --workload, --model, --collective, --collective-bench, --traffic");
  }
  if (given.empty() || given[0] == "model") return WorkloadKind::kModel;
  if (given[0] == "workload") return WorkloadKind::kTrace;
  if (given[0] == "collective-bench") return WorkloadKind::kCollectiveBench;
  return given[0] == "collective" ? WorkloadKind::kCollective : WorkloadKind::kTraffic;
}

ScenarioWorkload MakeScenarioWorkload(OptionSet& options, const std::string& generated_folder) {
  const WorkloadKind kind = KindOfWorkload(options);
  ScenarioWorkload result;
  if (kind == WorkloadKind::kModel) {
    result = GenerateModel(options, generated_folder);
  } else if (kind == WorkloadKind::kCollective) {
    result = MakeCollective(options);
  } else if (kind == WorkloadKind::kCollectiveBench) {
    result = MakeBench(options);
  } else if (kind == WorkloadKind::kTraffic) {
    result = MakeTraffic(options);
  } else {
    const std::string& path = options.Get("workload");
    LoadTraces(options, path, result);
    result.description = path;
    const size_t end = path.find_last_not_of('/');
    const size_t begin = path.find_last_of('/', end) + 1;
    result.short_name = path.substr(begin, end + 1 - begin);
  }
  result.kind = kind;
  return result;
}

namespace {

const std::vector<Algorithm> kAlgorithms{
    Algorithm::kRing,   Algorithm::kHalvingDoubling, Algorithm::kTree,
    Algorithm::kDirect, Algorithm::kDissemination,   Algorithm::kDoubleBinaryTree,
    Algorithm::kBruck,  Algorithm::kHierarchical,    Algorithm::kPat,
    Algorithm::kNvls,   Algorithm::kNvlsTree,        Algorithm::kInNetwork,
    Algorithm::kTwoShot};

bool HasSchedule(CollectiveType type, Algorithm algorithm) {
  CollectiveSpec spec;
  spec.type = type;
  spec.algorithm = algorithm;
  spec.rank_count = 2;
  try {
    MakeSchedule(spec);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

// With --collective or --collective-bench there is only one that --algo can be meant for.
void CheckAlgorithm(const OptionSet& options, const EndpointConfig& config) {
  const Algorithm exchange = config.algorithms[static_cast<size_t>(CollectiveType::kAllToAll)];
  if (options.Get("collective-bench") == kSendReceive && exchange != Algorithm::kDirect) {
    throw InputError(options.Place("algo"),
                     "'" + options.Get("algo") + "' is no algorithm of sendrecv",
                     "choose one of auto, direct");
  }
  for (const auto& [name, type] : kCollectives) {
    if (name != options.Get("collective") && name != options.Get("collective-bench")) continue;
    if (config.algorithms[static_cast<size_t>(type)] != Algorithm::kAuto) return;
    std::string known = "auto";
    for (Algorithm algorithm : kAlgorithms) {
      if (HasSchedule(type, algorithm)) known += std::string(", ") + AlgorithmName(algorithm);
    }
    throw InputError(options.Place("algo"),
                     "'" + options.Get("algo") + "' is no algorithm of " + name,
                     "choose one of " + known);
  }
}

}  // namespace

const CollectiveType* FindCollective(const std::string& name) {
  for (const auto& [text, type] : kCollectives) {
    if (text == name) return &type;
  }
  return nullptr;
}

void ApplyAlgorithm(const OptionSet& options, EndpointConfig& config) {
  const std::string& name = options.Get("algo");
  if (name == "auto" || !AlgorithmFile(options).empty()) return;
  std::vector<std::string> names{"auto"};
  for (Algorithm algorithm : kAlgorithms) {
    names.push_back(AlgorithmName(algorithm));
    if (name != names.back()) continue;
    bool is_known = false;
    for (size_t type = 0; type < kCollectiveTypeCount; ++type) {
      // Where there is none, the collective keeps its own choice.
      if (!HasSchedule(static_cast<CollectiveType>(type), algorithm)) continue;
      config.algorithms[type] = algorithm;
      is_known = true;
    }
    if (is_known) return CheckAlgorithm(options, config);
  }
  throw InputError(options.Place("algo"), "'" + Printable(name) + "' is no algorithm",
                   Suggest(name, names));
}

}  // namespace ddlsim
