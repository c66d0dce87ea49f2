// SPDX-License-Identifier: MIT
#include "workload-gen/plan/workload-options.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "workload-gen/plan/embedding-options.h"

namespace ddlsim {
namespace {

using Options = WorkloadOptions;

constexpr uint64_t kSamplesMax = 1048576;
constexpr uint64_t kTokensMax = 16777216;
constexpr uint64_t kIterationsMax = 100000;

// A whole number from 1 to `high` in one field; `field` returns a reference to it.
template <typename Field>
WorkloadOption Count(const char* name, const char* unit, const char* help, uint64_t high,
                     Field field) {
  return {name, unit, help,
          [name, high, field](const std::string& text, Options& options) {
            auto& value = field(options);
            value = static_cast<std::decay_t<decltype(value)>>(ParseCount(name, text, 1, high));
          },
          [field](const Options& options) { return absl::StrCat(field(options)); }};
}

template <typename Field>
WorkloadOption Text(const char* name, const char* unit, const char* help, Field field) {
  return {name, unit, help,
          [field](const std::string& text, Options& options) { field(options) = text; },
          [field](const Options& options) { return field(options); }};
}

// A size, which may be zero.
template <typename Field>
WorkloadOption Bytes(const char* name, const char* help, Field field) {
  return {name, "SIZE", help,
          [name, field](const std::string& text, Options& options) {
            field(options) = ParseSizeBytes(name, text);
          },
          [field](const Options& options) { return FormatSize(field(options)); }};
}

// One of several named values.
template <typename Value, typename Field>
WorkloadOption Choice(const char* name, const char* unit, const char* help, Field field,
                      std::vector<std::pair<const char*, Value>> choices) {
  return {name, unit, help,
          [name, field, choices](const std::string& text, Options& options) {
            std::vector<std::string> names;
            for (const auto& [known, value] : choices) {
              names.emplace_back(known);
              if (text != known) continue;
              field(options) = value;
              return;
            }
            throw InputError(name, "'" + Printable(text) + "' is no known choice",
                             Suggest(text, names));
          },
          [field, choices](const Options& options) {
            for (const auto& [known, value] : choices) {
              if (field(options) == value) return std::string(known);
            }
            return std::string();
          }};
}

uint64_t BucketBytes(const char* name, const std::string& text) {
  const uint64_t bytes = ParseSizeBytes(name, text);
  if (bytes == 0) throw InputError(name, "is zero", "write a size such as 25MiB");
  return bytes;
}

std::vector<WorkloadOption> ModelOptions() {
  return {
      Text(
          "--model", "NAME",
          "Model (see --list-models), a YAML file of one model, or a Hugging Face config.json",
          [](auto& o) -> auto& { return o.model; }),
      Text(
          "--hf-config", "FILE", "A Hugging Face model's config.json, in place of a model's name",
          [](auto& o) -> auto& { return o.hf_config; }),
      Text(
          "--gpu", "NAME",
          "GPU (see --list-gpus), or a YAML file; those of some ranks behind it, as in "
          "h100,a100-80gb:8-15 (default h100)",
          [](auto& o) -> auto& { return o.gpu; }),
  };
}

// Applies to ZeRO 1 and 2 only, so that other commands stay as they are.
WorkloadOption OverlapParameterGather() {
  WorkloadOption option = Choice<bool>(
      "--overlap-param-gather", "BOOL",
      "Of --zero=1 and 2: parameters are gathered bucket by bucket beside the next iteration's "
      "forward pass, as in Megatron-LM, instead of behind the optimizer (default false)",
      [](auto& o) -> auto& { return o.overlaps_parameter_gather; },
      {{"true", true}, {"false", false}});
  option.write = [write = option.write](const Options& o) {
    return o.overlaps_parameter_gather ? write(o) : "";
  };
  return option;
}

std::vector<WorkloadOption> ParallelOptions() {
  return {
      Count(
          "--dp", "RANKS", "Data-parallel replicas (default 1)", kRankCountMax,
          [](auto& o) -> auto& { return o.parallelism.data; }),
      Count(
          "--tp", "RANKS", "Tensor parallelism: ranks that divide each layer (default 1)",
          kRankCountMax, [](auto& o) -> auto& { return o.parallelism.tensor; }),
      Choice<bool>("--sequence-parallel", "BOOL",
                   "Beside --tp: norms and residuals divide the tokens (default true)",
                   [](auto& o) -> auto& { return o.parallelism.sequence; },
                   {{"true", true}, {"false", false}}),
      {"--tp-comm-overlap", "HOW",
       "Beside --tp: exchanges that run beside matrix products: none, bulk, ring_exchange, "
       "pipeline[:PIECES] (default none)",
       [](const std::string& text, Options& o) {
         o.parallelism.overlap = ParseTensorOverlap("--tp-comm-overlap", text);
       },
       [](const Options& o) { return TensorOverlapText(o.parallelism.overlap); }},
      Count(
          "--cp", "RANKS", "Context parallelism: ranks that divide each sequence (default 1)",
          kRankCountMax, [](auto& o) -> auto& { return o.parallelism.context; }),
      Count(
          "--ep", "RANKS",
          "Expert parallelism: ranks among which the experts of a layer are spread; they are "
          "those of --tp, --cp and --dp, not more (default 1)",
          kRankCountMax, [](auto& o) -> auto& { return o.parallelism.expert; }),
      {"--etp", "RANKS", "Ranks that divide each expert: 1, or those of --tp (default as --tp)",
       [](const std::string& text, Options& o) {
         o.parallelism.expert_tensor =
             static_cast<uint32_t>(ParseCount("--etp", text, 1, kRankCountMax));
       },
       [](const Options& o) { return absl::StrCat(o.parallelism.ExpertTensor()); }},
      Count(
          "--pp", "STAGES", "Pipeline stages (default 1)", kRankCountMax,
          [](auto& o) -> auto& { return o.parallelism.pipeline; }),
      {"--schedule", "NAME",
       "Of the pipeline: gpipe, 1f1b, interleaved, zero-bubble (default 1f1b)",
       [](const std::string& text, Options& o) {
         o.schedule = ParsePipelineSchedule("--schedule", text);
       },
       [](const Options& o) { return std::string(PipelineScheduleName(o.schedule)); }},
      Count(
          "--virtual-stages", "COUNT", "Parts of the layers per stage, interleaved (default 1)",
          1024, [](auto& o) -> auto& { return o.virtual_stages; }),
      Text(
          "--rank-order", "ORDER", "Axes, neighbouring ranks first (default tp-cp-ep-dp-pp)",
          [](auto& o) -> auto& { return o.parallelism.rank_order; }),
      Choice<ZeroStage>(
          "--zero", "STAGE",
          "What data-parallel ranks divide: 0 nothing, 1 optimizer, 2 also gradients, 3 also "
          "parameters, as FSDP does (default 0)",
          [](auto& o) -> auto& { return o.zero; },
          {{"0", ZeroStage::kNone},
           {"1", ZeroStage::kOptimizer},
           {"2", ZeroStage::kGradients},
           {"3", ZeroStage::kParameters}}),
      OverlapParameterGather(),
      {"--prefetch", "BLOCKS", "Of --zero=3: blocks gathered ahead, 0 to 1000 (default 1)",
       [](const std::string& text, Options& o) {
         o.prefetch = static_cast<uint32_t>(ParseCount("--prefetch", text, 0, 1000));
         o.has_prefetch = true;
       },
       [](const Options& o) {
         return o.zero == ZeroStage::kParameters ? absl::StrCat(o.prefetch) : "";
       }},
  };
}

// "none", "fp16", "int8" or "topk:0.01".
void ReadCompression(const std::string& text, Options& o) {
  const std::string start = "topk:";
  if (text.rfind(start, 0) == 0) {
    o.compression = Compression::kTopK;
    o.top_share = ParseShare("--compression", text.substr(start.size()));
    if (o.top_share > 0) return;
    throw InputError("--compression", "sends none of the values",
                     "write a share such as topk:0.01");
  }
  for (const auto& [name, value] : {std::pair{"none", Compression::kNone},
                                    {"fp16", Compression::kFp16},
                                    {"int8", Compression::kInt8}}) {
    if (text != name) continue;
    o.compression = value;
    return;
  }
  throw InputError("--compression", "'" + Printable(text) + "' is no known choice",
                   "choose none, fp16, int8, or topk:SHARE such as topk:0.01");
}

std::string WriteCompression(const Options& o) {
  switch (o.compression) {
    case Compression::kNone:
      return "none";
    case Compression::kFp16:
      return "fp16";
    case Compression::kInt8:
      return "int8";
    case Compression::kTopK:
      return absl::StrCat("topk:", o.top_share);
  }
  return "";
}

std::vector<WorkloadOption> ExchangeOptions() {
  return {
      {"--dp-group", "RANKS",
       "Hierarchical data parallelism: ranks that reduce among themselves before their likes in "
       "all "
       "groups do, and within which --zero divides (default: no groups)",
       [](const std::string& text, Options& o) {
         o.parallelism.data_group =
             static_cast<uint32_t>(ParseCount("--dp-group", text, 1, kRankCountMax));
       },
       [](const Options& o) {
         return o.parallelism.data_group == 0 ? "" : absl::StrCat(o.parallelism.data_group);
       }},
      {"--compression", "HOW",
       "Of gradients on the network: none, fp16, int8, topk:SHARE (default none)", ReadCompression,
       WriteCompression},
      Count(
          "--local-steps", "COUNT",
          "Local SGD: iterations between two averages of the parameters; 1 exchanges gradients "
          "(default 1)",
          kIterationsMax, [](auto& o) -> auto& { return o.local_steps; }),
      {"--parameter-servers", "COUNT",
       "Ranks, behind those of --dp, that keep the parameters; 0 to 65536 (default 0)",
       [](const std::string& text, Options& o) {
         o.parallelism.servers =
             static_cast<uint32_t>(ParseCount("--parameter-servers", text, 0, 65536));
       },
       [](const Options& o) { return absl::StrCat(o.parallelism.servers); }},
      {"--staleness", "COUNT",
       "Parameter servers update as gradients come, workers are at most so many iterations ahead "
       "of the slowest (default: servers wait for all workers)",
       [](const std::string& text, Options& o) {
         o.staleness = static_cast<uint32_t>(ParseCount("--staleness", text, 0, kIterationsMax));
       },
       [](const Options& o) { return o.staleness ? absl::StrCat(*o.staleness) : ""; }},
  };
}

[[noreturn]] void RefuseBeside(const char* option, const char* other) {
  throw InputError(option, std::string("beside ") + other + " is not modelled",
                   "leave one of them out");
}

// Ways of exchanging gradients: one at a time.
void CheckExchange(const Options& o) {
  const bool has_zero = o.zero != ZeroStage::kNone;
  const bool has_groups = o.parallelism.data_group > 0;
  const bool has_servers = o.parallelism.servers > 0;
  if (o.compression != Compression::kNone) {
    if (has_zero) RefuseBeside("--compression", "--zero");
    if (has_groups) RefuseBeside("--compression", "--dp-group");
    if (o.compression == Compression::kFp16 && PrecisionBytes(o.gradient_precision) == 2) {
      throw InputError("--compression", "gradients have 16 bits anyway", "use none");
    }
  }
  if (o.local_steps > 1) {
    if (has_zero) RefuseBeside("--local-steps", "--zero");
    if (has_groups) RefuseBeside("--local-steps", "--dp-group");
    if (o.compression != Compression::kNone) RefuseBeside("--local-steps", "--compression");
    if (o.iterations % o.local_steps != 0) {
      throw InputError("--local-steps",
                       absl::StrCat(o.local_steps, " does not divide the ", o.iterations,
                                    " iterations, so that traces would end between averages"),
                       "choose --iterations as a multiple");
    }
  }
  if (has_servers) {
    if (has_zero) RefuseBeside("--parameter-servers", "--zero");
    if (has_groups) RefuseBeside("--parameter-servers", "--dp-group");
    if (o.local_steps > 1) RefuseBeside("--parameter-servers", "--local-steps");
    if (o.compression != Compression::kNone) RefuseBeside("--parameter-servers", "--compression");
  } else if (o.staleness) {
    throw InputError("--staleness", "is about parameter servers, of which there are none",
                     "add --parameter-servers, or leave it out");
  }
}

void CheckParameterGather(const Options& o) {
  const char* const name = "--overlap-param-gather";
  if (!o.overlaps_parameter_gather) return;
  if (o.zero == ZeroStage::kNone) {
    throw InputError(name, "without --zero every rank updates all parameters and gathers none",
                     "add --zero=1 or 2, or leave it out");
  }
  if (o.zero == ZeroStage::kParameters) {
    throw InputError(name, "--zero=3 gathers beside its passes anyway",
                     "leave it out; --prefetch says how many blocks ahead");
  }
}

// Of options that would otherwise be taken without a word and change nothing.
void CheckWithoutEffect(const Options& o) {
  const bool gathers_blocks = o.zero == ZeroStage::kParameters;
  for (const auto& [is_given, name] : {std::pair{o.has_prefetch, "--prefetch"},
                                       {o.backward_prefetch.has_value(), "--backward-prefetch"}}) {
    if (!is_given || gathers_blocks) continue;
    throw InputError(name, "only --zero=3 gathers parameters ahead",
                     "add --zero=3, or leave it out");
  }
  if (o.compute.recomputes_attention && o.compute.attention != AttentionMethod::kUnfused) {
    throw InputError("--recompute",
                     "selective recomputes the scores of attention, which fused attention does "
                     "not keep anyway",
                     "add --attention=unfused, or leave it out");
  }
}

std::vector<WorkloadOption> BatchOptions() {
  return {
      Count(
          "--microbatches", "COUNT", "Micro-batches per iteration (default 1)", kSamplesMax,
          [](auto& o) -> auto& { return o.micro_batches; }),
      Count(
          "--batch", "SAMPLES",
          "Samples per data-parallel replica and iteration, a multiple of --microbatches "
          "(default: by model, times --microbatches)",
          kSamplesMax, [](auto& o) -> auto& { return o.batch; }),
      Count(
          "--sequence-length", "TOKENS",
          "Tokens per sample (default: the longest that the model takes)", kTokensMax,
          [](auto& o) -> auto& { return o.sequence_length; }),
      Choice<Precision>(
          "--precision", "FORMAT",
          "Of matrix products: bf16, fp16, tf32, fp32, fp8 (products with weights in fp8, "
          "the rest in bf16; default bf16)",
          [](auto& o) -> auto& { return o.precision; },
          {{"bf16", Precision::kBf16},
           {"fp16", Precision::kFp16},
           {"tf32", Precision::kTf32},
           {"fp32", Precision::kFp32},
           {"fp8", Precision::kFp8}}),
      Choice<Precision>(
          "--gradient-precision", "FORMAT",
          "Of gradients, also on the network: fp32, bf16, fp16 (default fp32)",
          [](auto& o) -> auto& { return o.gradient_precision; },
          {{"fp32", Precision::kFp32}, {"bf16", Precision::kBf16}, {"fp16", Precision::kFp16}}),
      Choice<Precision>(
          "--parameter-precision", "FORMAT",
          "Of parameters as stored: fp32 (autocast), or that of --precision, bf16 or fp16, beside "
          "an fp32 copy of the optimizer's (default fp32)",
          [](auto& o) -> auto& { return o.parameter_precision; },
          {{"fp32", Precision::kFp32}, {"bf16", Precision::kBf16}, {"fp16", Precision::kFp16}}),
      {"--bucket-size", "SIZE", "Gradient bytes that close a bucket (default 25MiB)",
       [](const std::string& text, Options& o) {
         o.buckets.bytes = BucketBytes("--bucket-size", text);
       },
       [](const Options& o) { return FormatSize(o.buckets.bytes); }},
      {"--first-bucket-size", "SIZE",
       "The same for the first bucket (default 1MiB, at most --bucket-size)",
       [](const std::string& text, Options& o) {
         o.buckets.first_bytes = BucketBytes("--first-bucket-size", text);
         o.has_first_bucket_size = true;
       },
       [](const Options& o) { return FormatSize(o.buckets.first_bytes); }},
      Bytes(
          "--context-memory", "Memory of the CUDA context on each GPU (default 942MiB)",
          [](auto& o) -> auto& { return o.framework_memory.context_bytes; }),
      Bytes(
          "--communicator-memory", "Memory of each communicator that a GPU is in (default 688MiB)",
          [](auto& o) -> auto& { return o.framework_memory.communicator_bytes; }),
      Count(
          "--iterations", "COUNT", "Training iterations (default 1)", kIterationsMax,
          [](auto& o) -> auto& { return o.iterations; }),
      {"--seed", "NUMBER", "Of random draws: which ranks --expert-imbalance loads most (default 1)",
       [](const std::string& text, Options& o) {
         o.seed = ParseCount("--seed", text, 0, INT64_MAX);
       },
       [](const Options& o) { return absl::StrCat(o.seed); }},
  };
}

}  // namespace

std::vector<WorkloadOption> WorkloadOptionTable() {
  std::vector<WorkloadOption> table = ModelOptions();
  for (std::vector<WorkloadOption> more :
       {ParallelOptions(), ExpertLoadOptionTable(), EmbeddingOptionTable(), AdapterOptionTable(),
        ExchangeOptions(), BatchOptions(), ComputeOptionTable()}) {
    std::move(more.begin(), more.end(), std::back_inserter(table));
  }
  return table;
}

void CheckWorkloadOptions(WorkloadOptions& options) {
  if (options.model.empty() && options.hf_config.empty()) {
    throw InputError("--model", "is missing", "name a model, such as --model=gpt2");
  }
  if (!options.model.empty() && !options.hf_config.empty()) {
    throw InputError("--hf-config", "stands beside --model", "give one of them");
  }
  CheckExchange(options);
  CheckParameterGather(options);
  CheckWithoutEffect(options);
  if (options.parallelism.context > 1 && options.compute.attention == AttentionMethod::kUnfused) {
    throw InputError(
        "--attention",
        "unfused attention has no running sums by which the parts of a sequence divided "
        "by --cp could be merged",
        "use flash or flash2, or --cp=1");
  }
  CheckEmbeddingOptions(options);
  // Beside products in fp8 the rest is in bf16.
  const Precision compute =
      options.precision == Precision::kFp8 ? Precision::kBf16 : options.precision;
  if (options.parameter_precision != Precision::kFp32 && options.parameter_precision != compute) {
    throw InputError("--parameter-precision",
                     absl::StrCat(PrecisionName(options.parameter_precision),
                                  " is not the format of activations, ", PrecisionName(compute)),
                     absl::StrCat("use fp32 or ", PrecisionName(compute)));
  }
  BucketLimits& buckets = options.buckets;
  if (!options.has_first_bucket_size) {
    buckets.first_bytes = std::min(buckets.first_bytes, buckets.bytes);
  } else if (buckets.first_bytes > buckets.bytes) {
    throw InputError("--first-bucket-size", "exceeds --bucket-size",
                     "write a size up to " + FormatSize(buckets.bytes));
  }
}

std::string CanonicalCommand(const WorkloadOptions& options) {
  std::string command = "ddl-workload";
  for (const WorkloadOption& option : WorkloadOptionTable()) {
    const std::string text = option.write(options);
    // Options without a value do not apply: the model's other way of being named, a sequence
    // length of models without sequences.
    if (text.empty() || (text == "0" && option.name == std::string("--sequence-length"))) continue;
    absl::StrAppend(&command, " ", option.name, "=", text);
  }
  return command;
}

}  // namespace ddlsim
