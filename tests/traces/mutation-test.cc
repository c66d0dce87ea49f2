// SPDX-License-Identifier: MIT
//
// Thousands of damaged files: each is either read or refused with an InputError, within bounds of
// memory that do not depend on what the bytes claim.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "base/input-error.h"
#include "tests/traces/random-graph.h"
#include "tests/traces/sample-sets.h"
#include "tests/traces/test-support.h"
#include "traces/node-encoder.h"

namespace {

std::atomic<size_t> live_bytes{0};
std::atomic<size_t> peak_bytes{0};

void* Allocate(size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  const size_t live = live_bytes += malloc_usable_size(memory);
  if (live > peak_bytes) peak_bytes = live;
  return memory;
}

void Release(void* memory) {
  if (memory != nullptr) live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(size_t size) {
  return Allocate(size);
}
void* operator new[](size_t size) {
  return Allocate(size);
}
void operator delete(void* memory) noexcept {
  Release(memory);
}
void operator delete[](void* memory) noexcept {
  Release(memory);
}
void operator delete(void* memory, size_t) noexcept {
  Release(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  Release(memory);
}

namespace ddlsim {
namespace {

constexpr size_t kPeakMaxBytes = 48 << 20;

class Mutation : public testing::Test {
 protected:
  // One to four small damages.
  std::string Damage(std::string bytes) {
    for (uint64_t i = 1 + m_random.Below(4); i > 0; --i) {
      const size_t at = bytes.empty() ? 0 : m_random.Below(bytes.size());
      const size_t size =
          bytes.empty() ? 0 : 1 + m_random.Below(std::min<size_t>(16, bytes.size() - at));
      switch (m_random.Below(7)) {
        case 0:
          if (!bytes.empty()) bytes[at] ^= static_cast<char>(1 << m_random.Below(8));
          break;
        case 1:
          if (!bytes.empty()) bytes[at] = static_cast<char>(m_random.Below(256));
          break;
        case 2:
          bytes.resize(at);
          break;
        case 3:
          bytes.erase(at, size);
          break;
        case 4:
          bytes.insert(at, bytes.substr(m_random.Below(bytes.size() + 1), size));
          break;
        case 5:
          bytes.insert(at, std::string(size, m_random.Coin() ? '\xff' : '\0'));
          break;
        default:  // a number becomes a large one
          bytes.replace(at, size, "\xff\xff\xff\x07");
          break;
      }
    }
    return bytes;
  }

  // Runs a reader; anything but success or InputError fails the test.
  template <typename Action>
  void Try(Action action) {
    peak_bytes = live_bytes.load();
    const size_t before = live_bytes;
    try {
      action();
      ++m_accepted;
    } catch (const InputError& error) {
      ++m_refused;
      ASSERT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      ASSERT_FALSE(error.Remedy().empty()) << error.what();
    }
    ASSERT_LT(peak_bytes - before, kPeakMaxBytes);
  }

  RandomGraph m_random{TestSeed(1234567)};
  TemporaryFolder m_folder;
  uint64_t m_accepted = 0;
  uint64_t m_refused = 0;
};

TEST_F(Mutation, FilesPlainAndGzip) {
  for (int round = 0; round < 6000; ++round) {
    std::string bytes;
    AppendMetadata(CommSizeMeaning::kTotal, bytes);
    std::vector<uint64_t> ids;
    for (uint64_t id = 0; id < 1 + m_random.Below(12); ++id) {
      AppendNode(m_random.Node(id, ids), 0, bytes);
      ids.push_back(id);
    }
    switch (m_random.Below(3)) {
      case 0:
        bytes = Damage(bytes);
        break;
      case 1:
        bytes = Gzip(Damage(bytes));
        break;
      default:
        bytes = Damage(Gzip(bytes));
        break;
    }
    WriteFile(m_folder / "m.0.et", bytes);
    Try([this] { ReadNodes(m_folder / "m.0.et"); });
    Try([this] { ValidateTraceSet(OpenTraceSet(m_folder / "m")); });
    if (HasFatalFailure()) return;
  }
  // Both outcomes occur, or the damage is none or total.
  EXPECT_GT(m_accepted, 100u);
  EXPECT_GT(m_refused, 5000u);
}

TEST_F(Mutation, FilesOfASetBehindItsManifest) {
  WritePipelineSample(m_folder / "set");
  const std::string manifest = ReadFile(m_folder / "set/manifest.json");
  const std::string bytes = ReadFile(m_folder / "set/class-0.et");
  OpenOptions options;
  options.verify_checksums = false;
  for (int round = 0; round < 3000; ++round) {
    WriteFile(m_folder / "set/class-0.et", m_random.Coin() ? Damage(bytes) : bytes);
    WriteFile(m_folder / "set/manifest.json", m_random.Coin() ? Damage(manifest) : manifest);
    Try([&] { ValidateTraceSet(OpenTraceSet(m_folder / "set", options)); });
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(m_accepted, 100u);
  EXPECT_GT(m_refused, 1000u);
}

TEST_F(Mutation, GroupsFiles) {
  WriteForeignSet(m_folder.Path(), "m",
                  {{CollectiveNode(0, CollectiveType::kAllReduce, 8, "tp")},
                   {CollectiveNode(0, CollectiveType::kAllReduce, 8, "tp")}});
  for (int round = 0; round < 3000; ++round) {
    WriteFile(m_folder / "m.json", Damage("{\"tp\": [0, 1], \"dp\": [1]}"));
    Try([this] { ValidateTraceSet(OpenTraceSet(m_folder / "m")); });
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(m_accepted, 30u);
  EXPECT_GT(m_refused, 1000u);
}

TEST_F(Mutation, BombsCostNoMemory) {
  // A few hundred kilobytes that unpack to 64 MiB of valid nodes.
  wire::TraceNode node;
  node.set_kind(wire::NODE_COMPUTE);
  node.set_name(std::string(4000, 'x'));
  std::string bytes = MetadataRecord();
  while (bytes.size() < 64 << 20) bytes += NodeRecord(node);
  WriteFile(m_folder / "m.0.et", Gzip(bytes));
  bytes = std::string();
  Try([this] {
    TraceReader reader(m_folder / "m.0.et");
    GraphNode read;
    while (reader.Next(read)) {
    }
  });
  EXPECT_EQ(m_accepted, 1u);
  EXPECT_LT(peak_bytes - live_bytes, 2u << 20);

  // A false length, a record full of empty attributes, one full of dependencies.
  WriteFile(m_folder / "m.0.et", MetadataRecord() + "\xff\xff\xff\x07" + "x");
  Try([this] { ReadNodes(m_folder / "m.0.et"); });
  EXPECT_LT(peak_bytes - live_bytes, 2u << 20);
  std::string attributes = "\x18\x04";
  while (attributes.size() < 16 << 20) attributes += std::string("\x52\x00", 2);
  attributes.resize(16 << 20);
  WriteFile(m_folder / "m.0.et", MetadataRecord() + Record(attributes));
  attributes = std::string();
  Try([this] { ReadNodes(m_folder / "m.0.et"); });
  EXPECT_EQ(m_accepted, 2u);
}

}  // namespace
}  // namespace ddlsim
