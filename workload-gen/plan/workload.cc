// SPDX-License-Identifier: MIT
#include "workload-gen/plan/workload.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "hardware/preset-folder.h"
#include "workload-gen/graph/server-graph.h"
#include "workload-gen/huggingface/hf-config.h"
#include "workload-gen/numbers/arithmetic.h"
#include "workload-gen/plan/embedding-options.h"
#include "workload-gen/plan/member-classes.h"

namespace ddlsim {
namespace {

// A model's file that is no YAML is a Hugging Face config.json.
bool IsJsonPath(const std::string& model) {
  const std::string ending = ".json";
  return model.size() > ending.size() &&
         model.compare(model.size() - ending.size(), ending.size(), ending) == 0;
}

void ResolveBatch(const Architecture& architecture, WorkloadOptions& options) {
  if (options.batch == 0) options.batch = Product({architecture.batch, options.micro_batches});
  if (options.batch % options.micro_batches != 0) {
    throw InputError("--batch",
                     absl::StrCat(options.batch, " samples are no multiple of the ",
                                  options.micro_batches, " micro-batches"),
                     "choose a multiple");
  }
  if (!architecture.HasSequences()) {
    if (options.sequence_length != 0) {
      throw InputError("--sequence-length", "'" + architecture.name + "' has no sequences",
                       "leave the option out");
    }
    return;
  }
  if (options.sequence_length == 0) options.sequence_length = architecture.sequence_length;
  const uint64_t most = architecture.sequence_max;
  if (most > 0 && options.sequence_length > most) {
    throw InputError("--sequence-length",
                     absl::StrCat(options.sequence_length, " exceeds the ", most, " positions of '",
                                  architecture.name, "'"),
                     absl::StrCat("choose at most ", most));
  }
}

void CheckPrecision(const Gpu& gpu, Precision precision) {
  if (gpu.Peak(precision) > 0) return;
  throw InputError("--precision",
                   absl::StrCat("'", gpu.name, "' has no ", PrecisionName(precision)),
                   "choose one of " + absl::StrJoin(gpu.PrecisionNames(), ", "));
}

Formats FormatsOf(const WorkloadOptions& options) {
  Formats formats{options.precision, options.gradient_precision};
  formats.linear_in_fp8 = options.precision == Precision::kFp8;
  if (formats.linear_in_fp8) formats.compute = Precision::kBf16;
  formats.parameter = options.parameter_precision;
  // FSDP casts the part that a rank has, gathers it, and reduces gradients that come out as they
  // are.
  formats.weights_come_cast = options.zero == ZeroStage::kParameters;
  formats.fuses_pointwise = options.compute.fuses_pointwise;
  formats.fuses_convolution_norms = options.compute.fuses_convolution_norms;
  formats.attention = options.compute.attention;
  formats.recomputes_attention = options.compute.recomputes_attention;
  return formats;
}

DataParallelPlan PlanDataParallel(const WorkloadOptions& options, const Formats& formats) {
  DataParallelPlan plan;
  plan.ranks = options.parallelism.GradientRanks();
  plan.expert_ranks = options.parallelism.ExpertGradientRanks();
  plan.divides_experts = options.parallelism.expert > 1;
  plan.zero = options.zero;
  plan.gathers_beside_forward = options.overlaps_parameter_gather;
  plan.buckets = options.buckets;
  plan.gradient_bytes = formats.GradientBytes();
  // FSDP casts its share before it gathers (Zhao et al. 2023); otherwise what is stored is
  // gathered.
  plan.parameter_bytes =
      options.zero == ZeroStage::kParameters ? formats.ActivationBytes() : formats.ParameterBytes();
  plan.prefetch = options.prefetch;
  plan.backward_prefetch = options.backward_prefetch.value_or(options.prefetch);
  plan.inner_ranks = options.parallelism.data_group;
  plan.compression = options.compression;
  plan.top_share = options.top_share;
  plan.local_steps = options.local_steps;
  plan.servers = options.parallelism.servers;
  plan.is_asynchronous = options.staleness.has_value();
  plan.staleness = options.staleness.value_or(0);
  plan.stored_bytes = formats.ParameterBytes();
  return plan;
}

Architecture LoadModel(WorkloadOptions& options) {
  if (IsJsonPath(options.model)) {
    options.hf_config = options.model;
    options.model.clear();
  }
  if (!options.hf_config.empty()) return LoadHfConfig(options.hf_config);
  Architecture architecture = LoadArchitecture(options.model);
  // An alias and the name make the same set, to the byte.
  if (!IsYamlPath(options.model)) options.model = architecture.name;
  return architecture;
}

void CheckZero(const WorkloadOptions& options) {
  if (options.zero == ZeroStage::kNone || options.parallelism.GradientRanks() > 1) return;
  throw InputError("--zero", "there is one data-parallel rank: nothing to divide",
                   "use 0, or --dp=2 or more");
}

}  // namespace

IterationTotals PlannedClass::Emit(const NodeSink& sink) const {
  const uint32_t stages = plan->pipeline.stages;
  return place < stages ? EmitTrainingGraph(*plan, place, sink)
                        : EmitServerGraph(*plan, place - stages, sink);
}

Workload PlanWorkload(const WorkloadOptions& requested) {
  Workload workload;
  workload.options = requested;
  WorkloadOptions& options = workload.options;
  workload.architecture = LoadModel(options);
  ResolveBatch(workload.architecture, options);
  BatchShape batch{options.batch / options.micro_batches, options.sequence_length};
  CheckParallelism(options.parallelism, workload.architecture, batch);
  CheckZero(options);
  TrainingPlan& plan = workload.plan;
  workload.hardware =
      ParseRankHardware(options.gpu, options.compute.speeds, options.parallelism.RankCount());
  plan.gpu = LoadGpu(FirstGpu(options.gpu));
  plan.speed_ppm = workload.hardware.front().speed_ppm;
  if (!options.compute.times.empty()) {
    plan.times = std::make_shared<ComputeTimes>(options.compute.times);
  }
  CheckPrecision(plan.gpu, options.precision);
  plan.formats = FormatsOf(options);
  plan.optimizer = workload.architecture.optimizer;
  batch.adapters = RequestedAdapters(options.adapters, workload.architecture);
  workload.whole = BuildLayers(workload.architecture, batch, plan.formats);
  batch.sharding = options.parallelism.LayerSharding();
  batch.sharding.expert_loads = RequestedExpertLoads(options.expert_loads, options.parallelism,
                                                     workload.architecture, options.seed);
  batch.sharding.tables = RequestedTablePlacement(options.parallelism, workload.architecture);
  workload.batch = batch;
  plan.model = BuildLayers(workload.architecture, batch, plan.formats);
  plan.data_parallel = PlanDataParallel(options, plan.formats);
  plan.pipeline = {options.schedule, options.parallelism.pipeline, options.virtual_stages,
                   options.micro_batches};
  CheckPipeline(plan.pipeline);
  plan.iterations = options.iterations;
  plan.recompute = options.recompute;
  plan.overlap = options.parallelism.overlap;
  plan.tensor_ranks = options.parallelism.tensor;
  return workload;
}

namespace {

// The plan of every kind of rank: of members with unequal parts and of kinds of hardware.
class RankPlans {
 public:
  explicit RankPlans(const Workload& workload)
      : m_workload(workload),
        m_part_of(workload.options.parallelism.RankCount()),
        m_member_of(GroupMembers(workload.options.parallelism)) {
    for (const RankHardware& part : workload.hardware) {
      for (uint32_t rank : part.ranks) m_part_of[rank] = m_gpus.size();
      m_gpus.push_back(LoadGpu(part.gpu, "--gpu"));
      CheckPrecision(m_gpus.back(), workload.options.precision);
    }
  }

  // `alike`: by member (GroupMembers), the one that stands for those that do the same.
  void AddClasses(uint32_t place, const std::vector<uint32_t>& ranks,
                  const std::vector<uint32_t>& alike, std::vector<PlannedClass>& classes) {
    std::map<std::pair<size_t, uint32_t>, std::vector<uint32_t>> parts;
    for (uint32_t rank : ranks) {
      parts[{m_part_of[rank], alike[m_member_of[rank]]}].push_back(rank);
    }
    for (auto& [key, members] : parts) {
      const auto plan = PlanOf(key.first, key.second);
      classes.push_back({place, std::move(members), plan});
    }
  }

 private:
  std::shared_ptr<const TrainingPlan> PlanOf(size_t part, uint32_t member) {
    std::shared_ptr<const TrainingPlan>& plan = m_plans[{part, member}];
    if (plan == nullptr) {
      auto made = std::make_shared<TrainingPlan>(PlanOfMember(m_workload, member));
      made->speed_ppm = m_workload.hardware[part].speed_ppm;
      made->gpu = m_gpus[part];
      plan = std::move(made);
    }
    return plan;
  }

  const Workload& m_workload;
  std::vector<size_t> m_part_of;  // of the hardware, by rank
  std::vector<Gpu> m_gpus;        // by part
  const std::vector<uint32_t> m_member_of;
  std::map<std::pair<size_t, uint32_t>, std::shared_ptr<const TrainingPlan>> m_plans;
};

}  // namespace

std::vector<PlannedClass> PlannedClasses(const Workload& workload) {
  RankPlans plans(workload);
  std::vector<PlannedClass> classes;
  const Parallelism& parallelism = workload.options.parallelism;
  auto places = DenseGrid(parallelism).Groups({"tp", "cp", "dp"});
  for (uint32_t i = 0; i < parallelism.servers; ++i) {
    places.push_back({parallelism.RankCount() - parallelism.servers + i});
  }
  for (uint32_t place = 0; place < places.size(); ++place) {
    std::vector<uint32_t> alike(parallelism.MemberCount(), 0);
    if (place < parallelism.pipeline) {
      for (const std::vector<uint32_t>& members : MemberClasses(workload, place)) {
        for (uint32_t member : members) alike[member] = members.front();
      }
    }
    plans.AddClasses(place, places[place], alike, classes);
  }
  return classes;
}

void CheckComputeTimes(const Workload& workload) {
  const std::string unused = workload.plan.times ? workload.plan.times->UnusedPlace() : "";
  if (unused.empty()) return;
  throw InputError(unused, "no operation has such a name, class and direction",
                   "correct the row, or leave it out");
}

std::vector<IterationTotals> CountWorkload(const Workload& workload) {
  std::vector<IterationTotals> totals;
  for (const PlannedClass& rank_class : PlannedClasses(workload)) {
    totals.push_back(rank_class.Emit([](const GraphNode&) {}));
  }
  CheckComputeTimes(workload);
  return totals;
}

}  // namespace ddlsim
