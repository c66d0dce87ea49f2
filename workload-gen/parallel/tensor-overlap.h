// SPDX-License-Identifier: MIT
//
// How exchanges of tensor parallelism with sequence parallelism run beside matrix products. The
// methods are named as in Transformer Engine, which Megatron-LM's --tp-comm-overlap configures.
#pragma once

#include <cstdint>
#include <string>

namespace ddlsim {

struct TensorOverlap {
  enum class Method : uint8_t {
    // Exchanges before and behind products take turns with them, but for that of an input's
    // gradient, which runs beside the product of the weight's gradient.
    kNone,
    // Also the gathering of a product's input for its weight's gradient, beside the product of the
    // input's gradient: Megatron-LM without further options.
    kBulk,
    // Also gathers before products, which are cut into one piece per rank: a rank begins with its
    // own rows, while the others' come round the ring. Products before reduce_scatters are cut
    // alike, each piece goes to the rank whose rows it holds: Transformer Engine's ring_exchange,
    // PyTorch's asynchronous tensor parallelism.
    kRingExchange,
    // The same for gathers. Products before reduce_scatters are cut into `splits` pieces, each with
    // a reduce_scatter of its own: what Transformer Engine does by default.
    kPipeline,
  };
  Method method = Method::kNone;
  uint32_t splits = 4;  // of kPipeline; the default is Transformer Engine's

  bool CutsProducts() const {
    return method == Method::kRingExchange || method == Method::kPipeline;
  }
};

// "none", "bulk", "ring_exchange", "pipeline" or "pipeline:8". Throws InputError (at `place`).
TensorOverlap ParseTensorOverlap(const std::string& place, const std::string& text);
// What ParseTensorOverlap() reads.
std::string TensorOverlapText(const TensorOverlap& overlap);

}  // namespace ddlsim
