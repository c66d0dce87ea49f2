// SPDX-License-Identifier: MIT
//
// libFuzzer target: the first byte chooses what the others are (a trace file, a manifest, a groups
// file). Configure with clang and -DDDL_FUZZ=ON; good seeds are the files under traces/samples,
// each after a byte 0 (trace) or 1 (manifest).
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/input-error.h"
#include "traces/groups-file.h"
#include "traces/manifest.h"
#include "traces/trace-set.h"

namespace {

// A file without a disk, which the readers open by its path.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes) : m_descriptor(memfd_create("fuzz", 0)) {
    const auto size = static_cast<ssize_t>(bytes.size());
    if (m_descriptor < 0 || write(m_descriptor, bytes.data(), bytes.size()) != size) std::abort();
  }
  ~MemoryFile() { close(m_descriptor); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string Path() const { return "/proc/self/fd/" + std::to_string(m_descriptor); }

 private:
  int m_descriptor;
};

void ValidateFile(const std::string& bytes) {
  const MemoryFile file(bytes);
  ddlsim::TraceSet set;
  set.path = "set";
  set.rank_count = 1;
  set.classes = {{file.Path(), {0}}};
  set.axes = {{"dp", {{0}}}};
  ddlsim::ValidateTraceSet(set);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 3) {
      case 0:
        ValidateFile(bytes);
        break;
      case 1: {  // what is accepted is written and read again
        const ddlsim::Manifest manifest = ddlsim::ParseManifest("manifest", bytes);
        const std::string text = ddlsim::FormatManifest(manifest);
        if (ddlsim::FormatManifest(ddlsim::ParseManifest("again", text)) != text) std::abort();
        break;
      }
      default: {
        const MemoryFile file(bytes);
        ddlsim::ReadGroupsFile(file.Path(), 64);
      }
    }
  } catch (const ddlsim::InputError&) {  // the one way in which input may be refused
  }
  return 0;
}
