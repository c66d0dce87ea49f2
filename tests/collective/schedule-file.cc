// SPDX-License-Identifier: MIT
#include "collective/schedule-file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>

#include "base/input-error.h"
#include "collective/file/load-schedule.h"

namespace ddlsim {
namespace {

std::string Path() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  return testing::TempDir() + "ddl-schedule-" + test->name();
}

std::string Field(const char* chunk, const char* scratch, uint64_t offset) {
  if (offset < kScratchOffsetBytes) {
    return std::string(", \"") + chunk + "\": " + std::to_string(offset);
  }
  return std::string(", \"") + scratch + "\": " + std::to_string(offset - kScratchOffsetBytes);
}

std::string Rest(uint64_t from, uint64_t to, uint64_t size, bool reduce) {
  return Field("chunk", "scratch", from) + Field("to_chunk", "to_scratch", to) +
         ", \"count\": " + std::to_string(size) + ", \"reduce\": " + (reduce ? "true" : "false");
}

std::string StepText(const Schedule& schedule, uint32_t participants, uint32_t step) {
  std::string text;
  std::map<std::pair<uint32_t, uint32_t>, SendAction> sends;
  StepActions actions;
  for (uint32_t rank = 0; rank < participants; ++rank) {
    schedule.Step(rank, step, actions);
    for (const SendAction& send : actions.sends) sends[{rank, send.peer}] = send;
    for (const CopyAction& copy : actions.copies) {
      text += text.empty() ? "" : ",\n";
      text += "{\"at\": " + std::to_string(rank) +
              Rest(copy.from_offset_bytes, copy.offset_bytes, copy.size_bytes, copy.reduce) + "}";
    }
  }
  for (uint32_t rank = 0; rank < participants; ++rank) {
    schedule.Step(rank, step, actions);
    for (const ReceiveAction& receive : actions.receives) {
      const SendAction& send = sends.at({receive.peer, rank});
      text += text.empty() ? "" : ",\n";
      text += "{\"from\": " + std::to_string(receive.peer) + ", \"to\": " + std::to_string(rank) +
              Rest(send.offset_bytes, receive.offset_bytes, receive.size_bytes, receive.reduce) +
              ", \"lane\": " + std::to_string(send.lane) + "}";
    }
  }
  return "[" + text + "]";
}

}  // namespace

std::string JsonOf(const CollectiveSpec& spec, const Schedule& schedule) {
  const uint32_t participants = spec.rank_count + schedule.EngineCount();
  std::string text = "{\"collective\": \"" + std::string(CollectiveName(spec.type)) +
                     "\", \"ranks\": " + std::to_string(spec.rank_count) +
                     ", \"engines\": " + std::to_string(schedule.EngineCount()) +
                     ", \"root\": " + std::to_string(spec.root) +
                     ", \"chunks\": " + std::to_string(spec.size_bytes) +
                     ", \"scratch_chunks\": " + std::to_string(schedule.ScratchBytes()) +
                     ", \"lanes\": " + std::to_string(schedule.LaneCount()) + ", \"steps\": [\n";
  for (uint32_t step = 0; step < schedule.StepCount(); ++step) {
    text += (step > 0 ? ",\n" : "") + StepText(schedule, participants, step);
  }
  return text + "]}\n";
}

std::unique_ptr<Schedule> LoadText(const std::string& text, const CollectiveSpec& spec) {
  const std::string path = Path();
  std::ofstream(path, std::ios::binary) << text;
  struct Remover {
    const std::string& path;
    ~Remover() { std::remove(path.c_str()); }
  } const remover{path};
  return LoadScheduleFile(path, spec);
}

std::string LoadError(const std::string& text, const CollectiveSpec& spec) {
  try {
    LoadText(text, spec);
  } catch (const InputError& error) {
    std::string message = error.what();
    for (size_t at = message.find(Path()); at != std::string::npos; at = message.find(Path())) {
      message.replace(at, Path().size(), "FILE");
    }
    return message;
  }
  return "no error";
}

int RefusedWhenDamaged(const std::string& text, const CollectiveSpec& spec,
                       const std::string& letters, uint64_t seed) {
  std::mt19937_64 random(seed);
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    std::string damaged = text;
    for (uint64_t j = random() % 4; j < 4; ++j) {
      const size_t at = random() % damaged.size();
      if (random() % 3 == 0) damaged.erase(at, random() % 20);
      if (random() % 3 == 0) damaged.insert(at, damaged.substr(random() % damaged.size(), 10));
      if (at < damaged.size()) damaged[at] = letters[random() % letters.size()];
    }
    refused += LoadError(damaged, spec) == "no error" ? 0 : 1;
  }
  return refused;
}

CollectiveSpec FileSpec(CollectiveType type, uint32_t rank_count, uint64_t size_bytes) {
  CollectiveSpec spec;
  spec.type = type;
  spec.rank_count = rank_count;
  spec.size_bytes = size_bytes;
  return spec;
}

}  // namespace ddlsim
