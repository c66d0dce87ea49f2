// SPDX-License-Identifier: MIT
#include "workload-gen/program.h"

#include <absl/strings/str_cat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "workload-gen/summary.h"
#include "workload-gen/workload.h"

namespace ddlsim {
namespace {

// Parallelism that the command line already names, so that scripts fail with a clear message.
const std::vector<std::pair<std::string, std::string>> kLaterAxes = {
    {"--tp", "tensor parallelism"},
    {"--pp", "pipeline parallelism"},
    {"--cp", "context parallelism"},
    {"--ep", "expert parallelism"}};

// Options as typed. CLI11 only splits the command line: values are parsed by base/quantity, whose
// messages have place, problem and remedy.
struct Typed {
  std::string model, hf_config, gpu, dp, batch, sequence_length, precision, gradient_precision,
      bucket_size, first_bucket_size, recompute, iterations, seed, out;
  std::vector<std::string> later_axes = std::vector<std::string>(kLaterAxes.size(), "1");
  bool dry_run = false, list_models = false, list_gpus = false;
};

void AddOptions(CLI::App& app, Typed& typed) {
  auto add = [&app](const char* name, std::string& value, const char* unit, const char* help) {
    app.add_option(name, value, help)->type_name(unit);
  };
  add("--model", typed.model, "NAME", "Model (see --list-models), or a YAML file of one model");
  add("--hf-config", typed.hf_config, "FILE",
      "A Hugging Face model's config.json, in place of a model's name");
  add("--dp", typed.dp, "RANKS", "Data-parallel ranks, 1 to 1048576 (default 1)");
  for (size_t i = 0; i < kLaterAxes.size(); ++i) {
    const std::string help = "Degree of " + kLaterAxes[i].second + "; only 1 so far";
    add(kLaterAxes[i].first.c_str(), typed.later_axes[i], "RANKS", help.c_str());
  }
  add("--batch", typed.batch, "SAMPLES", "Samples per GPU and iteration (default: by model)");
  add("--sequence-length", typed.sequence_length, "TOKENS",
      "Tokens per sample (default: the longest that the model takes)");
  add("--precision", typed.precision, "FORMAT",
      "Of matrix products: bf16, fp16, tf32, fp32 (default bf16)");
  add("--gradient-precision", typed.gradient_precision, "FORMAT",
      "Of gradients, also on the network: fp32, bf16, fp16 (default fp32)");
  add("--bucket-size", typed.bucket_size, "SIZE",
      "Gradient bytes that close a bucket (default 25MiB)");
  add("--first-bucket-size", typed.first_bucket_size, "SIZE",
      "The same for the first bucket (default 1MiB, at most --bucket-size)");
  add("--recompute", typed.recompute, "WHAT",
      "Activations recomputed in the backward pass: none, full (default none)");
  add("--gpu", typed.gpu, "NAME", "GPU (see --list-gpus), or a YAML file (default h100)");
  add("--iterations", typed.iterations, "COUNT", "Training iterations (default 1)");
  add("--seed", typed.seed, "NUMBER",
      "Recorded in the manifest; nothing here is random yet (default 1)");
  add("--out", typed.out, "FOLDER", "Where the trace set goes");
  app.add_flag("--dry-run", typed.dry_run, "Print the summary, write nothing");
  app.add_flag("--list-models", typed.list_models, "List the models and end");
  app.add_flag("--list-gpus", typed.list_gpus, "List the GPUs and end");
}

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    names.push_back("--" + option->get_lnames().front());
  }
  return names;
}

// Brings the words into the form --NAME=VALUE and finds the usual mistakes, since CLI11's own
// messages name neither a remedy nor always the option, and it takes a value of -4 for an option.
std::vector<std::string> CheckedWords(const CLI::App& app,
                                      const std::vector<std::string>& arguments) {
  const std::vector<std::string> names = OptionNames(app);
  std::vector<std::string> seen, words;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string word = arguments[i] == "-h" ? "--help" : arguments[i];
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name.rfind("--", 0) != 0) {
      throw InputError(Printable(word), "is not an option",
                       "write --NAME=VALUE (--help lists them)");
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string remedy = Suggest(name, names);
      throw InputError(Printable(name), "there is no such option",
                       remedy.rfind("did", 0) == 0 ? remedy : "--help lists the options");
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      throw InputError(name, "is given twice", "keep one");
    }
    seen.push_back(name);
    const bool is_flag = app.get_option(name)->get_expected_max() == 0;
    if (is_flag && equals != word.npos) {
      throw InputError(name, "takes no value", "write it alone");
    }
    if (!is_flag && equals == word.npos) {
      const bool has_value = i + 1 < arguments.size() && arguments[i + 1].rfind("--", 0) != 0;
      word += "=" + (has_value ? arguments[++i] : "");
    }
    if (!is_flag && word.size() == name.size() + 1) {
      throw InputError(name, "lacks its value", "write " + name + "=VALUE");
    }
    words.push_back(std::move(word));
  }
  return words;
}

Precision ParsePrecision(const std::string& place, const std::string& text,
                         const std::vector<Precision>& choices) {
  std::vector<std::string> names;
  for (Precision choice : choices) {
    if (text == PrecisionName(choice)) return choice;
    names.emplace_back(PrecisionName(choice));
  }
  throw InputError(place, "'" + Printable(text) + "' is no known format", Suggest(text, names));
}

void ParseBuckets(const Typed& typed, BucketLimits& limits) {
  if (!typed.bucket_size.empty()) {
    limits.bytes = ParseSizeBytes("--bucket-size", typed.bucket_size);
  }
  if (limits.bytes == 0) {
    throw InputError("--bucket-size", "is zero", "write a size such as 25MiB");
  }
  if (typed.first_bucket_size.empty()) {
    limits.first_bytes = std::min(limits.first_bytes, limits.bytes);
    return;
  }
  limits.first_bytes = ParseSizeBytes("--first-bucket-size", typed.first_bucket_size);
  if (limits.first_bytes == 0 || limits.first_bytes > limits.bytes) {
    throw InputError("--first-bucket-size", "is zero or exceeds --bucket-size",
                     "write a size up to " + FormatSize(limits.bytes));
  }
}

WorkloadOptions ParseOptions(const Typed& typed) {
  for (size_t i = 0; i < kLaterAxes.size(); ++i) {
    const auto& [name, meaning] = kLaterAxes[i];
    if (ParseCount(name, typed.later_axes[i], 1, 1048576) != 1) {
      throw InputError(name, meaning + " is not supported yet",
                       "use 1, and --dp for data parallelism");
    }
  }
  if (typed.model.empty() && typed.hf_config.empty()) {
    throw InputError("--model", "is missing", "name a model, such as --model=gpt2");
  }
  if (!typed.model.empty() && !typed.hf_config.empty()) {
    throw InputError("--hf-config", "stands beside --model", "give one of them");
  }
  WorkloadOptions options;
  options.model = typed.model;
  options.hf_config = typed.hf_config;
  auto count = [](const char* name, const std::string& text, uint64_t value, uint64_t high) {
    return text.empty() ? value : ParseCount(name, text, 1, high);
  };
  options.data_parallel = static_cast<uint32_t>(count("--dp", typed.dp, 1, 1048576));
  options.batch = count("--batch", typed.batch, 0, 1048576);
  options.sequence_length = count("--sequence-length", typed.sequence_length, 0, 16777216);
  options.iterations = static_cast<uint32_t>(count("--iterations", typed.iterations, 1, 100000));
  if (!typed.seed.empty()) options.seed = ParseCount("--seed", typed.seed, 0, INT64_MAX);
  if (!typed.gpu.empty()) options.gpu = typed.gpu;
  if (!typed.precision.empty()) {
    options.precision =
        ParsePrecision("--precision", typed.precision,
                       {Precision::kBf16, Precision::kFp16, Precision::kTf32, Precision::kFp32});
  }
  if (!typed.gradient_precision.empty()) {
    options.gradient_precision =
        ParsePrecision("--gradient-precision", typed.gradient_precision,
                       {Precision::kFp32, Precision::kBf16, Precision::kFp16});
  }
  if (!typed.recompute.empty() && typed.recompute != "none" && typed.recompute != "full") {
    throw InputError("--recompute", "'" + Printable(typed.recompute) + "' is no known choice",
                     "choose none or full");
  }
  options.recompute = typed.recompute == "full";
  ParseBuckets(typed, options.buckets);
  return options;
}

void Generate(const Typed& typed, std::ostream& out) {
  const WorkloadOptions options = ParseOptions(typed);
  if (typed.out.empty() && !typed.dry_run) {
    throw InputError("--out", "is missing",
                     "name a folder for the traces, such as --out=results/traces");
  }
  const Workload workload = PlanWorkload(options);
  // Counted first, so that nothing is written where the numbers turn out impossible.
  const IterationTotals totals = CountWorkload(workload);
  if (!typed.dry_run) WriteWorkload(workload, typed.out);
  out << Summarize(workload, totals, typed.dry_run ? "" : typed.out);
}

}  // namespace

int RunWorkloadProgram(const std::vector<std::string>& arguments, std::ostream& out,
                       std::ostream& errors) {
  CLI::App app("Writes the execution-graph traces of distributed training, one set per run.",
               "ddl-workload");
  app.set_help_flag("--help,-h", "Print this help and end");
  app.get_formatter()->column_width(32);
  Typed typed;
  AddOptions(app, typed);
  try {
    std::vector<std::string> words = CheckedWords(app, arguments);
    std::reverse(words.begin(), words.end());  // CLI11 takes the last word first
    app.parse(std::move(words));
    if (typed.list_models) {
      out << ModelTable();
    } else if (typed.list_gpus) {
      out << GpuTable();
    } else {
      Generate(typed, out);
    }
    return 0;
  } catch (const CLI::CallForHelp&) {
    out << app.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    errors << "ddl-workload: command line: " << Printable(error.what(), 200)
           << "; --help lists the options\n";
    return 2;
  } catch (const InputError& error) {
    errors << "ddl-workload: " << error.what() << '\n';
    return 2;
  }
}

}  // namespace ddlsim
