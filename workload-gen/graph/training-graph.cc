// SPDX-License-Identifier: MIT
#include "workload-gen/graph/training-graph.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "workload-gen/graph/forward-gathering.h"
#include "workload-gen/graph/trained-part.h"
#include "workload-gen/layers/axes.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

using Kind = PassStep::Kind;

class StageEmitter {
 public:
  StageEmitter(const TrainingPlan& plan, uint32_t stage, const NodeSink& sink)
      : m_plan(plan),
        m_stage(stage),
        m_nodes(plan.gpu, plan.formats.compute, sink),
        m_gathering(plan.data_parallel.parameter_bytes) {
    m_nodes.SetPace(plan.times.get(), plan.speed_ppm);
    const bool has_chunks = plan.pipeline.chunks > 1;
    uint32_t chunk = 0;
    for (StagePart& part : plan.PartsOf(stage)) {
      const std::string name = has_chunks ? absl::StrCat("part", chunk, "_") : "";
      m_parts.push_back(std::make_unique<TrainedPart>(std::move(part), plan, name, m_nodes));
      if (plan.data_parallel.gathers_beside_forward) {
        m_parts.back()->GatherBesideForward(m_gathering, chunk);
      }
      ++chunk;
    }
  }

  IterationTotals Run() {
    NodeIds parameters;
    for (uint32_t i = 0; i < m_plan.iterations; ++i) {
      m_nodes.BeginIteration(absl::StrCat("iteration", i, "/"));
      m_gathering.BeginIteration(parameters);
      for (auto& part : m_parts) part->BeginIteration(parameters);
      for (const PassStep& step : StageOrder(m_plan.pipeline, m_stage)) EmitPass(step);
      parameters = m_plan.data_parallel.servers > 0 ? PullParameters() : EmitOptimizer(i);
    }
    return m_nodes.Totals();
  }

 private:
  uint32_t PlaceOf(uint32_t chunk) const { return chunk * m_plan.pipeline.stages + m_stage; }

  // The same at both ends: by the receiving part, the micro-batch and the direction.
  uint32_t Tag(uint32_t place, uint32_t micro_batch, bool is_backward) const {
    const uint32_t places = m_plan.pipeline.stages * m_plan.pipeline.chunks;
    return (micro_batch * places + place) * 2 + (is_backward ? 1 : 0);
  }

  uint64_t Receive(const char* what, uint32_t place, uint32_t micro_batch, bool is_backward,
                   uint64_t size_bytes, const std::string& prefix) {
    NodeIds control;
    if (m_nodes.LastCompute() != NodeStream::kNone) control.push_back(m_nodes.LastCompute());
    return m_nodes.Receive(absl::StrCat(prefix, "receive/", what, place), kPipelineAxis,
                           is_backward ? 1 : -1, size_bytes, Tag(place, micro_batch, is_backward),
                           std::move(control));
  }

  void Send(const char* what, uint32_t place, uint32_t micro_batch, bool is_backward,
            uint64_t size_bytes, NodeIds data, const std::string& prefix) {
    m_nodes.Send(absl::StrCat(prefix, "send/", what, place), kPipelineAxis, is_backward ? -1 : 1,
                 size_bytes, Tag(place, micro_batch, is_backward), std::move(data));
  }

  void EmitPass(const PassStep& step) {
    const uint32_t batch = step.micro_batch;
    const std::string prefix =
        m_plan.pipeline.micro_batches > 1 ? absl::StrCat("micro", batch, "/") : "";
    TrainedPart& trained = *m_parts[step.chunk];
    const StagePart& part = trained.Part();
    const uint32_t place = PlaceOf(step.chunk);
    const bool is_last = batch + 1 == m_plan.pipeline.micro_batches;
    if (step.kind == Kind::kForward) {
      uint64_t received = NodeStream::kNone;
      if (part.has_input) {
        received = Receive("activation", place, batch, false, part.InputBytes(), prefix);
      }
      const uint64_t output = trained.Forward(batch, received, prefix);
      if (!part.output) return;
      Send("activation", place + 1, batch, false, part.OutputBytes(), {output}, prefix);
    } else if (step.kind == Kind::kBackwardWeights) {
      trained.BackwardWeights(batch, is_last, prefix);
    } else {
      uint64_t received = NodeStream::kNone;
      if (part.output) {
        received = Receive("gradient", place, batch, true, part.OutputBytes(), prefix);
      }
      NodeIds sources = trained.Backward(step, is_last, received, prefix);
      if (!part.has_input) return;
      Send("gradient", place - 1, batch, true, part.InputBytes(), std::move(sources), prefix);
    }
  }

  // The servers have the optimizer.
  NodeIds PullParameters() {
    NodeIds parameters;
    for (const auto& part : m_parts) part->Sync().PullParameters(m_nodes, parameters);
    return parameters;
  }

  // The reductions that follow those of data parallelism, then the update; returns what the next
  // iteration waits for.
  NodeIds EmitOptimizer(uint32_t iteration) {
    NodeIds gradients;
    for (const auto& part : m_parts) part->AddReduced(gradients);
    if (gradients.empty()) gradients.push_back(m_nodes.LastCompute());
    const ReducedElements elements = Elements();
    const uint64_t bytes = m_plan.data_parallel.gradient_bytes;
    const NodeIds reduced = gradients;
    auto reduce = [&](const char* name, const char* axis, uint64_t count) {
      const uint64_t node =
          m_nodes.Collective(name, axis, CollectiveType::kAllReduce, Product({bytes, count}),
                             reduced, {m_nodes.LastCompute()});
      if (node != NodeStream::kNone) gradients.push_back(node);
    };
    reduce("all_reduce/sequence_parallel", kTensorAxis, elements.over_tensor);
    reduce("all_reduce/tied_embedding", kTiedAxis, elements.tied);
    const uint64_t optimizer = m_nodes.Compute(
        "optimizer", "optimizer", OptimizerWork(m_plan.formats, m_plan.optimizer, elements.updated),
        std::move(gradients));
    NodeIds parameters;
    const uint32_t local_steps = m_plan.data_parallel.local_steps;
    const bool averages = local_steps > 1 && (iteration + 1) % local_steps == 0;
    for (const auto& part : m_parts) {
      if (averages) part->Sync().AverageParameters(optimizer, m_nodes, parameters);
      part->GatherParameters(optimizer, parameters);
    }
    if (parameters.empty()) parameters.push_back(optimizer);
    return parameters;
  }

  struct ReducedElements {
    uint64_t updated = 0;      // that this rank's optimizer updates
    uint64_t over_tensor = 0;  // whose gradients tensor-parallel ranks sum
    uint64_t tied = 0;         // that the first and the last stage both have
  };

  ReducedElements Elements() const {
    ReducedElements elements;
    const DataParallelPlan& plan = m_plan.data_parallel;
    uint64_t dense = 0, expert = 0;
    for (const auto& part : m_parts) {
      for (const ParameterTensor& tensor : part->Part().model.parameters) {
        if (tensor.is_sharded_table) continue;
        const bool is_expert = plan.divides_experts && tensor.routed_expert;
        (is_expert ? expert : dense) += tensor.elements;
        if (tensor.sums_over_tensor) elements.over_tensor += tensor.elements;
        if (tensor.is_tied) elements.tied += tensor.elements;
      }
    }
    const bool is_divided = plan.zero != ZeroStage::kNone;
    const auto share = [is_divided](uint64_t count, uint32_t ranks) {
      return is_divided ? (count + ranks - 1) / ranks : count;
    };
    elements.updated = share(dense, plan.ShardRanks()) + share(expert, plan.expert_ranks);
    return elements;
  }

  const TrainingPlan& m_plan;
  const uint32_t m_stage;
  NodeStream m_nodes;
  ForwardGathering m_gathering;
  std::vector<std::unique_ptr<TrainedPart>> m_parts;
};

}  // namespace

std::vector<StagePart> TrainingPlan::PartsOf(uint32_t stage) const {
  std::vector<StagePart> all = CutStages(model, pipeline.stages * pipeline.chunks);
  std::vector<StagePart> own;
  for (uint32_t chunk = 0; chunk < pipeline.chunks; ++chunk) {
    own.push_back(std::move(all[chunk * pipeline.stages + stage]));
  }
  return own;
}

IterationTotals EmitTrainingGraph(const TrainingPlan& plan, uint32_t stage, const NodeSink& sink) {
  return StageEmitter(plan, stage, sink).Run();
}

}  // namespace ddlsim
