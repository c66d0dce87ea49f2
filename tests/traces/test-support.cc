// SPDX-License-Identifier: MIT
#include "tests/traces/test-support.h"

#include <stdlib.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/input-error.h"
#include "traces/node-encoder.h"
#include "traces/trace-reader.h"

namespace ddlsim {
namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "ddl-traces-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  m_path = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(m_path, ignored);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void WriteFile(const std::string& path, const std::string& bytes) {
  // A new file rather than a truncated one, which some file systems write to disk at once.
  std::remove(path.c_str());
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

std::string Gzip(const std::string& bytes) {
  z_stream stream = {};
  if (deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2 failed");
  }
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate failed");
  return out;
}

std::vector<std::string> ListFolder(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string Record(const std::string& message) {
  std::string record;
  size_t rest = message.size();
  do {
    record += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest != 0);
  return record + message;
}

std::string MetadataRecord() {
  wire::TraceMetadata metadata;
  metadata.set_version("0.0.4");
  return Record(metadata.SerializeAsString());
}

std::string NodeRecord(const wire::TraceNode& node) {
  return Record(node.SerializeAsString());
}

std::vector<GraphNode> ReadNodes(const std::string& path) {
  std::vector<GraphNode> nodes;
  TraceReader reader(path);
  GraphNode node;
  while (reader.Next(node)) nodes.push_back(node);
  return nodes;
}

std::string Describe(const GraphNode& node) {
  std::ostringstream text;
  text << "id=" << node.id << " name=" << node.name << " type=" << NodeTypeName(node.type);
  text << " control=";
  for (uint64_t id : node.control_dependencies) text << id << ",";
  text << " data=";
  for (uint64_t id : node.data_dependencies) text << id << ",";
  text << " duration_ns=" << node.duration_ns << " operations=" << node.operations
       << " memory_bytes=" << node.memory_bytes << " class=" << node.operation_class
       << " size_bytes=" << node.size_bytes << " collective=" << CollectiveName(node.collective)
       << " group=" << node.group << " root=" << node.root << " relative=" << node.peer_is_relative
       << " offset=" << node.peer_offset << " peer=" << node.peer_rank << " tag=" << node.tag
       << " copy=" << node.is_copy << (node.shares.are_sent ? " sent=" : " received=");
  for (uint64_t weight : node.shares.weights) text << weight << ",";
  return text.str();
}

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

GraphNode ComputeNode(uint64_t id, uint64_t duration_ns, std::vector<uint64_t> dependencies) {
  GraphNode node;
  node.id = id;
  node.duration_ns = duration_ns;
  node.data_dependencies = std::move(dependencies);
  return node;
}

GraphNode CollectiveNode(uint64_t id, CollectiveType type, uint64_t size_bytes,
                         const std::string& group) {
  GraphNode node;
  node.id = id;
  node.type = NodeType::kCollective;
  node.collective = type;
  node.size_bytes = size_bytes;
  node.group = group;
  return node;
}

GraphNode SendNode(uint64_t id, uint32_t peer, uint64_t size_bytes, uint32_t tag) {
  GraphNode node;
  node.id = id;
  node.type = NodeType::kSend;
  node.peer_rank = peer;
  node.size_bytes = size_bytes;
  node.tag = tag;
  return node;
}

GraphNode ReceiveNode(uint64_t id, uint32_t peer, uint64_t size_bytes, uint32_t tag) {
  GraphNode node = SendNode(id, peer, size_bytes, tag);
  node.type = NodeType::kReceive;
  return node;
}

void WriteForeignSet(const std::string& folder, const std::string& name,
                     const std::vector<std::vector<GraphNode>>& ranks) {
  for (uint32_t rank = 0; rank < ranks.size(); ++rank) {
    std::string bytes = MetadataRecord();
    for (const GraphNode& node : ranks[rank]) AppendNode(node, rank, bytes);
    WriteFile(fs::path(folder) / (name + "." + std::to_string(rank) + ".et"), bytes);
  }
}

}  // namespace ddlsim
