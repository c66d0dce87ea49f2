// SPDX-License-Identifier: MIT
#include "tests/traces/sample-sets.h"

#include "traces/trace-writer.h"

namespace ddlsim {
namespace {

constexpr uint64_t kMicrosecondNs = 1000;

TraceSetWriter::Options OptionsOf(const std::string& folder, uint32_t rank_count,
                                  std::vector<GroupAxis> axes) {
  TraceSetWriter::Options options;
  options.folder = folder;
  options.generator_command = "ddl-make-trace-samples";
  options.rank_count = rank_count;
  options.axes = std::move(axes);
  return options;
}

GraphNode Compute(uint64_t id, const std::string& name, uint64_t duration_ns,
                  std::vector<uint64_t> dependencies) {
  GraphNode node;
  node.id = id;
  node.name = name;
  node.duration_ns = duration_ns;
  node.operation_class = name.substr(0, name.find('/'));
  node.data_dependencies = std::move(dependencies);
  return node;
}

GraphNode AllReduce(uint64_t id, const std::string& name, uint64_t size_bytes,
                    uint64_t dependency) {
  GraphNode node;
  node.id = id;
  node.name = name;
  node.type = NodeType::kCollective;
  node.group = "dp";
  node.size_bytes = size_bytes;
  node.data_dependencies = {dependency};
  return node;
}

GraphNode Message(NodeType type, uint64_t id, const std::string& name, int32_t peer_offset,
                  uint32_t tag) {
  GraphNode node;
  node.id = id;
  node.name = name;
  node.type = type;
  node.group = "pp";
  node.peer_is_relative = true;
  node.peer_offset = peer_offset;
  node.size_bytes = 2 << 20;
  node.tag = tag;
  return node;
}

constexpr uint32_t kMicrobatches = 2;
constexpr uint32_t kBackwardTag = 100;

// Identifiers: ten per microbatch, forward from 0, backward from 100.
void AddFirstStage(TraceSetWriter& writer) {
  for (uint32_t batch = 0; batch < kMicrobatches; ++batch) {
    const uint64_t id = uint64_t{batch} * 10;
    const std::string suffix = "/" + std::to_string(batch);
    writer.Add(Compute(id, "forward" + suffix, 400 * kMicrosecondNs, {}));
    GraphNode send = Message(NodeType::kSend, id + 1, "activation" + suffix, 1, batch);
    send.data_dependencies = {id};
    writer.Add(send);
  }
  for (uint32_t batch = 0; batch < kMicrobatches; ++batch) {
    const uint64_t id = 100 + uint64_t{batch} * 10;
    const std::string suffix = "/" + std::to_string(batch);
    GraphNode receive =
        Message(NodeType::kReceive, id, "gradient" + suffix, 1, kBackwardTag + batch);
    receive.control_dependencies = {id - 100};
    writer.Add(receive);
    writer.Add(Compute(id + 1, "backward" + suffix, 800 * kMicrosecondNs, {id}));
  }
}

void AddLastStage(TraceSetWriter& writer) {
  for (uint32_t batch = 0; batch < kMicrobatches; ++batch) {
    const uint64_t id = uint64_t{batch} * 10;
    const std::string suffix = "/" + std::to_string(batch);
    writer.Add(Message(NodeType::kReceive, id, "activation" + suffix, -1, batch));
    writer.Add(Compute(id + 1, "forward" + suffix, 400 * kMicrosecondNs, {id}));
    writer.Add(Compute(id + 2, "backward" + suffix, 800 * kMicrosecondNs, {id + 1}));
    GraphNode send =
        Message(NodeType::kSend, id + 3, "gradient" + suffix, -1, kBackwardTag + batch);
    send.data_dependencies = {id + 2};
    writer.Add(send);
  }
}

}  // namespace

void WriteAllReduceSample(const std::string& folder) {
  TraceSetWriter writer(OptionsOf(folder, 4, {{"dp", {{0, 1, 2, 3}}}}));
  writer.BeginClass({0, 1, 2, 3});
  writer.Add(Compute(0, "forward", 500 * kMicrosecondNs, {}));
  writer.Add(Compute(1, "backward/1", 500 * kMicrosecondNs, {0}));
  writer.Add(AllReduce(2, "gradients/1", 4 << 20, 1));
  writer.Add(Compute(3, "backward/0", 500 * kMicrosecondNs, {1}));
  writer.Add(AllReduce(4, "gradients/0", 4 << 20, 3));
  writer.Add(Compute(5, "optimizer", 100 * kMicrosecondNs, {2, 4}));
  writer.SetDescription("{\"what\":\"data-parallel step, two buckets of gradients\"}");
  writer.Finish();
}

void WritePipelineSample(const std::string& folder) {
  TraceSetWriter writer(OptionsOf(folder, 2, {{"pp", {{0, 1}}}}));
  writer.BeginClass({0});
  AddFirstStage(writer);
  writer.BeginClass({1});
  AddLastStage(writer);
  writer.SetDescription("{\"what\":\"pipeline of two stages, two microbatches\"}");
  writer.Finish();
}

}  // namespace ddlsim
