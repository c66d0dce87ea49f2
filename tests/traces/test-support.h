// SPDX-License-Identifier: MIT
//
// What the tests of the trace format share: folders, raw files, records, expected errors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "execution-trace.pb.h"
#include "traces/execution-graph.h"
#include "traces/trace-set.h"

namespace ddlsim {

// A new folder that goes away with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& Path() const { return m_path; }
  std::string operator/(const std::string& name) const { return m_path + "/" + name; }

 private:
  std::string m_path;
};

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& bytes);
std::string Gzip(const std::string& bytes);
std::vector<std::string> ListFolder(const std::string& folder);  // names, sorted

// Record framing, written a second time so that the tests do not lean on the encoder.
std::string Record(const std::string& message);
std::string MetadataRecord();  // version 0.0.4 and nothing else, as other tools write it
std::string NodeRecord(const wire::TraceNode& node);

// Every node of a file.
std::vector<GraphNode> ReadNodes(const std::string& path);

// All fields of a node as one text, for comparisons that say what differs.
std::string Describe(const GraphNode& node);

// Runs the action; its InputError's text, or "no error" where there was none.
std::string ErrorOf(const std::function<void()>& action);

// Short ways to nodes.
GraphNode ComputeNode(uint64_t id, uint64_t duration_ns, std::vector<uint64_t> dependencies = {});
GraphNode CollectiveNode(uint64_t id, CollectiveType type, uint64_t size_bytes,
                         const std::string& group = "");
GraphNode SendNode(uint64_t id, uint32_t peer, uint64_t size_bytes, uint32_t tag = 0);
GraphNode ReceiveNode(uint64_t id, uint32_t peer, uint64_t size_bytes, uint32_t tag = 0);

// Writes FOLDER/NAME.<rank>.et for each list of nodes, as another tool would.
void WriteForeignSet(const std::string& folder, const std::string& name,
                     const std::vector<std::vector<GraphNode>>& ranks);

}  // namespace ddlsim
