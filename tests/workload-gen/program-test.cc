// SPDX-License-Identifier: MIT
//
// Bad input: status 2, one line with place, problem and remedy, nothing written.
#include "workload-gen/program/program.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace ddlsim {
namespace {

struct BadInput {
  std::vector<std::string> arguments;
  std::string message;  // part of the line after "ddl-workload: "
};

const BadInput kCases[] = {
    {{}, "--model: is missing; name a model"},
    {{"--model"}, "--model: lacks its value"},
    {{"--model="}, "--model: lacks its value"},
    {{"--model", "--dp=2"}, "--model: lacks its value"},
    {{"--model=gpt5"}, "--model: 'gpt5' is no known model; did you mean 'gpt2'?"},
    {{"--model=zzzzzzzzzz"}, "choose one of bert-base"},
    {{"--model=no/such.yaml"}, "no/such.yaml: there is no such file"},
    {{"--model=workload-gen/models"}, "workload-gen/models: is not a plain file"},
    {{"--model=workload-gen/models/gpt2.yaml"}, "the file holds more than one model"},
    {{"--model=hardware/presets/h100.yaml"}, "h100.yaml:5: 'kind' is no key of a file of models"},
    {{"--model=gpt2", "--hf-config=config.json"}, "--hf-config: stands beside --model; give one"},
    {{"--hf-config=no/such.json"}, "no/such.json: cannot be read"},
    {{"--hf-config=docs"}, "docs: cannot be read"},
    {{"--hf-config=docs/workloads.md"}, "docs/workloads.md:1: is not valid JSON"},
    {{"--model=lstm", "--sequence-length=16777216", "--batch=1048576"}, "--batch: "},
    {{"--model=vit", "--sequence-length=5"}, "--sequence-length: 'vit-b-16' has no sequences"},
    {{"--modell=gpt2"}, "--modell: there is no such option; did you mean '--model'?"},
    {{"--frobnicate=3"}, "--frobnicate: there is no such option; --help lists the options"},
    {{"gpt2"}, "gpt2: is not an option; write --NAME=VALUE"},
    {{"-m", "gpt2"}, "-m: is not an option"},
    {{"--model=gpt2", "--model=bert-base"}, "--model: is given twice; keep one"},
    {{"--model=gpt2", "--dp=0"}, "--dp: '0' is out of range"},
    {{"--model=gpt2", "--dp=-4"}, "--dp: '-4' is negative"},
    {{"--model=gpt2", "--dp", "-4"}, "--dp: '-4' is negative"},
    {{"--model=gpt2", "--dry-run", "yes"}, "yes: is not an option"},
    {{"--model=gpt2", "--dp=four"}, "--dp: 'four' is not a whole number"},
    {{"--model=gpt2", "--dp=4.5"}, "--dp: '4.5' is not a whole number"},
    {{"--model=gpt2", "--dp=99999999999"}, "--dp: '99999999999' is out of range"},
    {{"--model=gpt2", "--tp=5"}, "--tp: 5 does not divide the 12 attention heads"},
    {{"--model=llama3-8b", "--tp=16"}, "--tp: 16 does not divide the 8 key and value heads"},
    {{"--model=gpt2", "--tp=3", "--sequence-length=1000"},
     "--tp: 3 does not divide the 8000 tokens of a micro-batch"},
    {{"--model=gpt2", "--cp=3"}, "--cp: 3 does not divide the 1024 tokens of a sequence"},
    {{"--model=gpt2", "--ep=2"}, "--ep: the model has no experts"},
    {{"--model=mixtral-8x7b", "--ep=3"}, "--ep: 3 does not divide the 8 experts"},
    {{"--model=mixtral-8x7b", "--ep=8", "--dp=4"}, "--ep: 8 x --etp=1 does not divide the 4 ranks"},
    {{"--model=mixtral-8x7b", "--tp=4", "--etp=2"}, "--etp: 2 is neither 1 nor the 4 of --tp"},
    {{"--model=mixtral-8x7b", "--tp=2", "--etp=1", "--sequence-parallel=false"},
     "--etp: whole experts beside divided layers"},
    {{"--model=mixtral-8x7b", "--tp=2", "--ep=2", "--dp=4", "--rank-order=ep-tp-cp-dp-pp"},
     "--rank-order: "},
    {{"--model=gpt2", "--dp=2", "--overlap-param-gather=true"},
     "--overlap-param-gather: without --zero every rank updates all parameters and gathers none; "},
    {{"--model=gpt2", "--dp=2", "--zero=3", "--overlap-param-gather=true"},
     "--overlap-param-gather: --zero=3 gathers beside its passes anyway; leave it out"},
    {{"--model=gpt2", "--dp=2", "--local-steps=2", "--iterations=2", "--overlap-param-gather=true"},
     "--overlap-param-gather: without --zero"},
    {{"--model=gpt2", "--zero=1", "--overlap-param-gather=true"},
     "--zero: there is one data-parallel rank"},
    {{"--model=gpt2", "--dp=2", "--zero=1", "--overlap-param-gather=yes"},
     "--overlap-param-gather: 'yes' is no known choice"},
    {{"--model=gpt2", "--tp-comm-overlap=bulk"}, "--tp-comm-overlap: there is one tensor-parallel"},
    {{"--model=resnet50", "--tp-comm-overlap=bulk"}, "--tp-comm-overlap: there is one"},
    {{"--model=gpt2", "--tp=2", "--sequence-parallel=false", "--tp-comm-overlap=ring_exchange"},
     "--tp-comm-overlap: without sequence parallelism the all_reduce of an input's gradient"},
    {{"--model=gpt2", "--tp=2", "--batch=1", "--sequence-length=100", "--tp-comm-overlap=pipeline"},
     "--tp-comm-overlap: 4 does not divide the 50 tokens of a rank"},
    {{"--model=gpt2", "--tp=2", "--tp-comm-overlap=ring"}, "--tp-comm-overlap: 'ring' is no known"},
    {{"--model=gpt2", "--tp=2", "--tp-comm-overlap=pipeline:1"},
     "--tp-comm-overlap: '1' is out of range"},
    {{"--model=vit", "--tp=4", "--batch=6"},
     "--tp: 4 does not divide the 1182 tokens of a micro-batch, 197 per image with the class"},
    {{"--model=vit", "--cp=2"}, "--cp: a classifier reads one of the 197 tokens of an image"},
    {{"--model=vit", "--tp=5"}, "--tp: 5 does not divide the 12 attention heads"},
    {{"--model=vit", "--ep=2"}, "--ep: the model has no experts"},
    {{"--model=t5-small", "--tp=4", "--batch=1"},
     "--tp: 4 does not divide the 114 tokens of the input or the target in a micro-batch"},
    {{"--model=t5-small", "--cp=2"}, "--cp: a bias is added to the scores of all pairs"},
    {{"--model=dlrm", "--embedding-sharding=table_wise"}, "--embedding-sharding: there is one"},
    {{"--model=dlrm", "--dp=2", "--embedding-sharding=column_wise"},
     "--embedding-sharding: 'column_wise' is no known choice"},
    {{"--model=gpt2", "--dp=2", "--embedding-sharding=table_wise"},
     "--embedding-sharding: 'gpt2' (decoder) is no recommendation model"},
    {{"--model=dlrm", "--dp=2", "--embedding-sharding=row_wise", "--zero=1"},
     "--embedding-sharding: the tables are divided already"},
    {{"--model=dlrm", "--dp=2", "--embedding-sharding=table_wise", "--microbatches=2"},
     "--embedding-sharding: tables are updated in the backward pass"},
    {{"--model=dlrm", "--dp=2", "--embedding-sharding=table_wise", "--parameter-servers=1"},
     "--embedding-sharding: --parameter-servers keep all parameters"},
    {{"--model=dlrm", "--dp=2", "--embedding-sharding=table_wise", "--local-steps=2",
      "--iterations=2"},
     "--embedding-sharding: ranks exchange the tables' vectors in every iteration"},
    {{"--model=dlrm", "--dp=8", "--embedding-sharding=table_wise", "--tp=2"},
     "--tp: layers of 'dlrm-kaggle' (recommendation) are not divided"},
    {{"--model=bert-base", "--cp=2"}, "--cp: a pooler"},
    {{"--model=resnet50", "--tp=2"}, "--tp: layers of 'resnet50' (convolutional) are not divided"},
    {{"--model=gpt2", "--pp=13"}, "--pp: 'gpt2' has 12 blocks for 13 parts of a pipeline"},
    {{"--model=t5-small", "--pp=2"}, "--pp: "},
    {{"--model=gpt2", "--attention=flash3"}, "--attention: 'flash3' is no known choice"},
    {{"--model=gpt2", "--fusion=all"}, "--fusion: 'all' is no known choice"},
    {{"--model=gpt2", "--recompute=some"}, "--recompute: 'some' is no known choice"},
    {{"--model=gpt2", "--backward-prefetch=-1"}, "--backward-prefetch: "},
    {{"--model=gpt2", "--precision=fp8", "--gpu=v100"}, "--precision: 'v100' has no fp8"},
    {{"--model=gpt2", "--dp=2", "--gpu=h100,a100:1"}, "--gpu: 'a100' is no known GPU"},
    {{"--model=gpt2", "--dp=2", "--gpu=h100,v100:1"}, "--precision: 'v100' has no bf16"},
    {{"--model=gpt2", "--dp=2", "--speed=2:0.5"}, "--speed: '2' is out of range"},
    {{"--model=gpt2", "--compute-times=/no/such.csv"}, "--compute-times: "},
    {{"--model=gpt2", "--nodes=2"}, "--nodes: goes with --estimate only"},
    {{"--model=gpt2", "--estimate=hgx-h200"}, "--estimate: writes no traces"},
    {{"--model=gpt2", "--pp=2", "--schedule=1f2b"}, "--schedule: '1f2b' is no known schedule"},
    {{"--model=gpt2", "--pp=2", "--virtual-stages=2"}, "--virtual-stages: goes with"},
    {{"--model=gpt2", "--pp=2", "--schedule=interleaved"}, "--schedule: interleaving needs more"},
    {{"--model=gpt2", "--pp=4", "--schedule=interleaved", "--virtual-stages=2", "--microbatches=2"},
     "--microbatches: 2 is no multiple of the 4 stages"},
    {{"--model=gpt2", "--microbatches=3", "--batch=8"}, "--batch: 8 samples are no multiple"},
    {{"--model=gpt2", "--cp=2", "--attention=unfused"},
     "--attention: unfused attention has no running sums"},
    {{"--model=resnet50", "--lora-rank=8"}, "--lora-rank: adapters of 'resnet50'"},
    {{"--model=gpt2", "--lora-rank=1000"}, "--lora-rank: is more than the width"},
    {{"--model=gpt2", "--lora-rank=x"}, "--lora-rank: "},
    {{"--model=gpt2", "--lora-targets=all"}, "--lora-targets: goes with --lora-rank only"},
    {{"--model=gpt2", "--lora-rank=8", "--lora-targets=mlp"}, "--lora-targets: 'mlp' is no known"},
    {{"--model=mixtral-8x7b", "--lora-rank=8", "--lora-targets=all"},
     "--lora-rank: adapters of experts"},
    {{"--model=deepseek-v3", "--lora-rank=8"}, "--lora-rank: adapters of latent attention"},
    {{"--model=gpt2", "--dp=8", "--dp-group=3"}, "--dp-group: 3 does not part the 8 ranks"},
    {{"--model=mixtral-8x7b", "--dp=8", "--ep=8", "--dp-group=4"},
     "--dp-group: groups beside --ep"},
    {{"--model=gpt2", "--dp=2", "--compression=zip"}, "--compression: 'zip' is no known choice"},
    {{"--model=gpt2", "--dp=2", "--compression=topk:0"}, "--compression: sends none"},
    {{"--model=gpt2", "--dp=2", "--compression=fp16", "--gradient-precision=bf16"},
     "--compression: gradients have 16 bits anyway"},
    {{"--model=gpt2", "--dp=2", "--compression=int8", "--zero=1"}, "--compression: beside --zero"},
    {{"--model=gpt2", "--dp=2", "--local-steps=4"}, "--local-steps: 4 does not divide the 1"},
    {{"--model=gpt2", "--dp=2", "--parameter-servers=1", "--tp=2"},
     "--parameter-servers: beside other parallelism"},
    {{"--model=gpt2", "--dp=2", "--staleness=1"}, "--staleness: is about parameter servers"},
    {{"--model=gpt2", "--rank-order=tp-dp"}, "--rank-order: 'tp-dp' does not name each axis once"},
    {{"--model=gpt2", "--zero=4", "--dp=2"},
     "--zero: '4' is no known choice; choose one of 0, 1, 2, 3"},
    {{"--model=gpt2", "--dp=2", "--prefetch=1"}, "--prefetch: only --zero=3 gathers"},
    {{"--model=gpt2", "--dp=2", "--zero=2", "--backward-prefetch=0"},
     "--backward-prefetch: only --zero=3 gathers"},
    {{"--model=gpt2", "--recompute=selective"}, "--recompute: selective recomputes the scores"},
    {{"--model=gpt2", "--recompute=selective", "--attention=flash2"},
     "which fused attention does not keep anyway; add --attention=unfused"},
    {{"--model=gpt2", "--dp=2", "--compression=topk:2"},
     "--compression: '2' is out of range; write a share"},
    {{"--model=gpt2", "--zero=1"}, "--zero: there is one data-parallel rank"},
    {{"--model=gpt2", "--dp=1024", "--tp=2", "--pp=1024"}, "--dp: the degrees make more than"},
    {{"--model=gpt2", "--tp=x"}, "--tp: 'x' is not a whole number"},
    {{"--model=gpt2", "--batch=0"}, "--batch: '0' is out of range"},
    {{"--model=llama3-405b", "--batch=1048576", "--sequence-length=16777216"}, "--batch: "},
    {{"--model=gpt3-175b", "--batch=1048576"}, "--batch: "},
    {{"--model=gpt2", "--sequence-length=1025"},
     "--sequence-length: 1025 exceeds the 1024 positions"},
    {{"--model=gpt2", "--sequence-length=1k"}, "--sequence-length: '1k' is not a whole number"},
    {{"--model=resnet50", "--sequence-length=5"}, "--sequence-length: 'resnet50' has no sequences"},
    {{"--model=gpt2", "--precision=fp64"}, "--precision: 'fp64' is no known choice"},
    {{"--model=gpt2", "--precision=bf16", "--gpu=v100"},
     "--precision: 'v100' has no bf16; choose one of fp16, fp32"},
    {{"--model=gpt2", "--gradient-precision=tf32"},
     "--gradient-precision: 'tf32' is no known choice"},
    {{"--model=gpt2", "--gpu=h1000"}, "--gpu: 'h1000' is no known GPU; did you mean 'h100'?"},
    {{"--model=gpt2", "--gpu=no/such.yaml"}, "no/such.yaml: there is no such file"},
    {{"--model=gpt2", "--gpu=workload-gen/models/gpt2.yaml"},
     "gpt2.yaml:5: 'family' is no key of a GPU preset"},
    {{"--model=gpt2", "--bucket-size=0"}, "--bucket-size: is zero"},
    {{"--model=gpt2", "--bucket-size=25XB"}, "--bucket-size: '25XB' has an unknown unit"},
    {{"--model=gpt2", "--bucket-size=-1MiB"}, "--bucket-size: '-1MiB' is negative"},
    {{"--model=gpt2", "--first-bucket-size=0"}, "--first-bucket-size: is zero"},
    {{"--model=gpt2", "--first-bucket-size=26MiB"}, "--first-bucket-size: exceeds"},
    {{"--model=gpt2", "--recompute=some"}, "--recompute: 'some' is no known choice"},
    {{"--model=gpt2", "--iterations=0"}, "--iterations: '0' is out of range"},
    {{"--model=gpt2", "--seed=-1"}, "--seed: '-1' is negative"},
    {{"--model=gpt2", "--dry-run=1"}, "--dry-run: takes no value"},
    {{"--model=g\npt2"}, "--model: 'g\\x0apt2' is no known model"},
    {{"--\x1b[31m=2"}, "--\\x1b[31m: there is no such option"},
};

class BadInputTest : public testing::Test {
 protected:
  static int Run(const std::vector<std::string>& arguments, std::string& out, std::string& errors) {
    std::ostringstream out_stream, error_stream;
    const int status = RunWorkloadProgram(arguments, out_stream, error_stream);
    out = out_stream.str();
    errors = error_stream.str();
    return status;
  }
};

TEST_F(BadInputTest, EndsWithStatus2AndOneLineAndWritesNothing) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("workload-bad-input" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  for (const BadInput& bad : kCases) {
    std::vector<std::string> arguments = {"--out=" + folder.string()};
    arguments.insert(arguments.end(), bad.arguments.begin(), bad.arguments.end());
    std::string out, errors;
    EXPECT_EQ(Run(arguments, out, errors), 2) << bad.message;
    EXPECT_EQ(out, "");
    EXPECT_EQ(errors.rfind("ddl-workload: ", 0), 0u) << errors;
    EXPECT_NE(errors.find(bad.message), std::string::npos) << bad.message << " in " << errors;
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
    EXPECT_NE(errors.find("; "), std::string::npos) << "no remedy in " << errors;
    EXPECT_FALSE(std::filesystem::exists(folder)) << bad.message;
  }
}

TEST_F(BadInputTest, OutputFolder) {
  std::string out, errors;
  EXPECT_EQ(Run({"--model=gpt2"}, out, errors), 2);
  EXPECT_NE(errors.find("--out: is missing"), std::string::npos) << errors;
  // A file where the folder should be.
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "workload-not-a-folder";
  std::ofstream(path) << "mine";
  for (const std::string& folder : {path, path + "/below"}) {
    EXPECT_EQ(Run({"--model=gpt2", "--out=" + folder}, out, errors), 2) << errors;
    EXPECT_NE(errors.find("; "), std::string::npos) << errors;
    EXPECT_EQ(out, "");
  }
  std::ifstream in(path);
  std::string content;
  in >> content;
  EXPECT_EQ(content, "mine");
  std::filesystem::remove(path);
}

// What a summary says behind a label.
std::string Line(const std::string& text, const std::string& label) {
  const size_t begin = text.find("\n" + label) + 1;
  return begin == 0 ? "" : text.substr(begin, text.find('\n', begin) - begin);
}

TEST_F(BadInputTest, EstimatesComputeWithTheHostsGpuUnlessToldOtherwise) {
  const std::string on_a100 = "--estimate=hgx-a100";
  std::string of_host, of_same, of_other, errors;
  ASSERT_EQ(Run({"--model=gpt2", "--dp=8", on_a100}, of_host, errors), 0) << errors;
  ASSERT_EQ(Run({"--model=gpt2", "--dp=8", on_a100, "--gpu=a100-80gb"}, of_same, errors), 0);
  ASSERT_EQ(Run({"--model=gpt2", "--dp=8", on_a100, "--gpu=h100"}, of_other, errors), 0);
  EXPECT_EQ(Line(of_host, "GPU").rfind("GPU            a100-80gb, bf16", 0), 0u) << of_host;
  EXPECT_EQ(of_host, of_same);
  EXPECT_EQ(Line(of_other, "GPU").rfind("GPU            h100, bf16", 0), 0u) << of_other;
  EXPECT_NE(Line(of_host, "compute_ns"), Line(of_other, "compute_ns"));
}

TEST_F(BadInputTest, NoEstimateWhereNoLibrarysCostsAreKnown) {
  for (const char* where : {"--estimate=l40s-host", "--estimate=tpu-v4-host"}) {
    std::string out, errors;
    EXPECT_EQ(Run({"--model=gpt2", "--dp=4", "--zero=1", where}, out, errors), 2);
    EXPECT_EQ(out, "");
    EXPECT_NE(errors.find("--estimate: no costs of a communication library are known"),
              std::string::npos)
        << errors;
    // A single rank exchanges nothing.
    EXPECT_EQ(Run({"--model=gpt2", where}, out, errors), 0) << errors;
  }
  // Within one such host each GPU has a link to each other; between two of them there is no
  // formula.
  std::string out, errors;
  EXPECT_EQ(Run({"--model=gpt2", "--dp=8", "--estimate=mi300x-host"}, out, errors), 0) << errors;
  EXPECT_EQ(Line(out, "GPU").rfind("GPU            mi300x", 0), 0u) << out;
  EXPECT_EQ(Run({"--model=gpt2", "--dp=16", "--estimate=mi300x-host"}, out, errors), 2);
}

// results/latest is a link to the newest run, which traces have no business in.
TEST_F(BadInputTest, LinksAndFoldersOfOtherThings) {
  namespace fs = std::filesystem;
  const fs::path root = testing::TempDir() + std::to_string(getpid()) + "workload-latest";
  fs::create_directories(root / "run");
  fs::create_directory_symlink("run", root / "latest");
  const auto refused = [&](const std::string& folder, const char* problem) {
    std::string out, errors;
    EXPECT_EQ(Run({"--model=gpt2", "--out=" + folder}, out, errors), 2);
    EXPECT_NE(errors.find(problem), std::string::npos) << errors;
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
  };
  for (const char* name : {"latest", "latest/"}) {
    refused((root / name).string(), "is a link to run; name a new folder");
  }
  EXPECT_TRUE(fs::is_empty(root / "run"));
  std::ofstream(root / "run/summary.json") << "{}";
  refused((root / "run").string(), "has 'summary.json' in it, which is no part of a trace set");
  EXPECT_EQ(std::distance(fs::directory_iterator(root / "run"), fs::directory_iterator()), 1);
  // What a generator that was stopped leaves, and a set that is there, give way.
  std::string out, errors;
  fs::create_directory(root / "set");
  std::ofstream(root / "set/class-0.et.part") << "x";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Run({"--model=gpt2", "--out=" + (root / "set").string()}, out, errors), 0) << errors;
  }
  fs::remove_all(root);
}

}  // namespace
}  // namespace ddlsim
