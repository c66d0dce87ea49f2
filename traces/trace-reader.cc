// SPDX-License-Identifier: MIT
#include "traces/trace-reader.h"

#include <algorithm>

#include "base/input-error.h"
#include "traces/byte-source.h"
#include "traces/file-metadata.h"
#include "traces/node-decoder.h"
#include "traces/wire-cursor.h"

namespace ddlsim {

class TraceReader::Impl {
 public:
  explicit Impl(const std::string& path) : m_path(path), m_source(path) {
    WithPlace([this] {
      if (!ReadRecord()) throw RecordError("the file is empty");
      m_metadata = DecodeMetadata(m_record);
    });
  }

  const FileMetadata& Metadata() const { return m_metadata; }

  bool Next(GraphNode& node) {
    bool has_node = false;
    WithPlace([this, &node, &has_node] {
      has_node = ReadRecord();
      if (has_node) DecodeNode(m_record, node);
    });
    return has_node;
  }

  std::string Place() const {
    return m_path + ": record " + std::to_string(m_record_number) + " (byte " +
           std::to_string(m_record_offset_bytes) + ")";
  }

 private:
  template <typename Action>
  void WithPlace(Action action) {
    try {
      action();
    } catch (const RecordError& error) {
      throw InputError(Place(), error.what(),
                       error.remedy.empty() ? "write or copy the file again" : error.remedy);
    }
  }

  // Leaves the next message in m_record; false at the end of the file.
  bool ReadRecord() {
    ++m_record_number;
    m_record_offset_bytes = m_source.OffsetBytes();
    uint64_t size_bytes = 0;
    for (int shift = 0;; shift += 7) {
      char byte;
      if (m_source.Read(&byte, 1) == 0) {
        if (shift == 0) return false;
        throw RecordError("the length of the record is cut off");
      }
      size_bytes |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) break;
      // Four bytes hold 2^28 - 1, more than any record may have.
      if (shift == 21) throw RecordError("the length of the record is over the limit of 16 MiB");
    }
    if (size_bytes > kRecordSizeMaxBytes) {
      throw RecordError("the length of the record, " + std::to_string(size_bytes) +
                        ", is over the limit of 16 MiB");
    }
    // In steps, so that a false length claims no more memory than the file has bytes.
    constexpr size_t kStepBytes = 256 << 10;
    m_record.clear();
    while (m_record.size() < size_bytes) {
      const size_t begin = m_record.size();
      const size_t step_bytes = std::min<size_t>(kStepBytes, size_bytes - begin);
      m_record.resize(begin + step_bytes);
      if (m_source.Read(m_record.data() + begin, step_bytes) != step_bytes) {
        throw RecordError("the record is cut off: its length is " + std::to_string(size_bytes));
      }
    }
    return true;
  }

  std::string m_path;
  ByteSource m_source;
  FileMetadata m_metadata;
  std::string m_record;
  uint64_t m_record_number = 0;
  uint64_t m_record_offset_bytes = 0;
};

TraceReader::TraceReader(const std::string& path) : m_impl(std::make_unique<Impl>(path)) {}
TraceReader::~TraceReader() = default;
const std::string& TraceReader::SchemaVersion() const {
  return m_impl->Metadata().schema_version;
}
std::optional<CommSizeMeaning> TraceReader::StatedCommSizeMeaning() const {
  return m_impl->Metadata().comm_size_meaning;
}
bool TraceReader::Next(GraphNode& node) {
  return m_impl->Next(node);
}
std::string TraceReader::Place() const {
  return m_impl->Place();
}

}  // namespace ddlsim
