// SPDX-License-Identifier: MIT
#include "collective/msccl-text.h"

namespace ddlsim {
namespace {

std::string Attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + value + "\"";
}
std::string Attribute(const char* name, int64_t value) {
  return Attribute(name, std::to_string(value));
}

class MscclText {
 public:
  MscclText(const char* collective, uint32_t gpu_count, uint32_t chunks, bool in_place)
      : m_text("<algo" + Attribute("name", "test") + Attribute("proto", "Simple") +
               Attribute("nchannels", 1) + Attribute("nchunksperloop", chunks) +
               Attribute("ngpus", gpu_count) + Attribute("coll", collective) +
               Attribute("inplace", in_place ? 1 : 0) + ">\n") {}

  void Gpu(uint32_t id, uint32_t input, uint32_t output, uint32_t scratch) {
    EndGpu();
    m_text += "<gpu" + Attribute("id", id) + Attribute("i_chunks", input) +
              Attribute("o_chunks", output) + Attribute("s_chunks", scratch) + ">\n";
    m_is_gpu_open = true;
    m_block = -1;
  }
  void Block(int64_t send, int64_t receive, uint32_t channel) {
    EndBlock();
    m_text += "<tb" + Attribute("id", ++m_block) + Attribute("send", send) +
              Attribute("recv", receive) + Attribute("chan", channel) + ">\n";
    m_is_block_open = true;
    m_step = -1;
  }
  void Step(const char* type, const char* source, uint32_t source_offset, const char* target,
            uint32_t target_offset, int64_t on_block = -1, int64_t on_step = -1) {
    m_text += "<step" + Attribute("s", ++m_step) + Attribute("type", type) +
              Attribute("srcbuf", source) + Attribute("srcoff", source_offset) +
              Attribute("dstbuf", target) + Attribute("dstoff", target_offset) +
              Attribute("cnt", 1) + Attribute("depid", on_block) + Attribute("deps", on_step) +
              Attribute("hasdep", 0) + "/>\n";
  }
  std::string End() {
    EndGpu();
    return m_text + "</algo>\n";
  }

 private:
  void EndBlock() {
    if (m_is_block_open) m_text += "</tb>\n";
    m_is_block_open = false;
  }
  void EndGpu() {
    EndBlock();
    if (m_is_gpu_open) m_text += "</gpu>\n";
    m_is_gpu_open = false;
  }

  std::string m_text;
  bool m_is_gpu_open = false;
  bool m_is_block_open = false;
  int64_t m_block = -1;
  int64_t m_step = -1;
};

}  // namespace

std::string MscclRing(uint32_t gpu_count) {
  const uint32_t n = gpu_count;
  MscclText text("allreduce", n, n, true);
  for (uint32_t gpu = 0; gpu < n; ++gpu) {
    text.Gpu(gpu, n, 0, 0);
    text.Block((gpu + 1) % n, (gpu + n - 1) % n, 0);
    text.Step("s", "i", gpu, "i", gpu);
    for (uint32_t i = 1; i < 2 * n - 1; ++i) {
      const uint32_t chunk = (gpu + 2 * n - i) % n;
      const char* type = i < n - 1 ? "rrs" : i == n - 1 ? "rrcs" : i < 2 * n - 2 ? "rcs" : "r";
      text.Step(type, "i", chunk, "i", chunk);
    }
  }
  return text.End();
}

std::string MscclAllPairs(uint32_t gpu_count) {
  const uint32_t n = gpu_count;
  MscclText text("allreduce", n, n, true);
  for (uint32_t gpu = 0; gpu < n; ++gpu) {
    text.Gpu(gpu, n, n, n);
    for (uint32_t i = 1; i < n; ++i) {
      const uint32_t peer = (gpu + i) % n;
      text.Block(peer, peer, 0);
      text.Step("s", "i", peer, "s", gpu);
      text.Step("r", "i", gpu, "s", peer);
      // Block n-1 has added up everything when its step n-2 is over.
      text.Step("s", "i", gpu, "i", gpu, n - 1, n - 2);
      text.Step("r", "i", peer, "i", peer);
    }
    text.Block(-1, -1, 0);
    for (uint32_t i = 1; i < n; ++i) text.Step("re", "s", (gpu + i) % n, "i", gpu, i - 1, 1);
  }
  return text.End();
}

std::string MscclAllGather(uint32_t gpu_count, bool in_place) {
  const uint32_t n = gpu_count;
  MscclText text("allgather", n, n, in_place);
  for (uint32_t gpu = 0; gpu < n; ++gpu) {
    text.Gpu(gpu, 1, n, 0);
    for (uint32_t i = 1; i < n; ++i) {
      const uint32_t peer = (gpu + i) % n;
      text.Block(peer, peer, 0);
      text.Step("s", "i", 0, "o", gpu);
      text.Step("r", "i", 0, "o", peer);
    }
    text.Block(-1, -1, 0);
    if (in_place) {
      text.Step("nop", "i", 0, "o", gpu);
    } else {
      text.Step("cpy", "i", 0, "o", gpu);
    }
  }
  return text.End();
}

std::string MscclAllToAll(uint32_t gpu_count, uint32_t channel_count) {
  const uint32_t n = gpu_count;
  const uint32_t chunks = n * channel_count;
  MscclText text("alltoall", n, chunks, false);
  for (uint32_t gpu = 0; gpu < n; ++gpu) {
    text.Gpu(gpu, chunks, chunks, 0);
    for (uint32_t channel = 0; channel < channel_count; ++channel) {
      for (uint32_t i = 1; i < n; ++i) {
        const uint32_t peer = (gpu + i) % n;
        text.Block(peer, peer, channel);
        const uint32_t mine = gpu * channel_count + channel;
        const uint32_t theirs = peer * channel_count + channel;
        text.Step("s", "i", theirs, "o", mine);
        text.Step("r", "i", mine, "o", theirs);
      }
      text.Block(-1, -1, channel);
      text.Step("cpy", "i", gpu * channel_count + channel, "o", gpu * channel_count + channel);
    }
  }
  return text.End();
}

}  // namespace ddlsim
