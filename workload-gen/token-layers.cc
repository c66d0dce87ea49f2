// SPDX-License-Identifier: MIT
#include "workload-gen/token-layers.h"

#include "workload-gen/arithmetic.h"

namespace ddlsim {

uint64_t TokenShape::Rows() const {
  return Product({batch, length});
}

size_t TokenLayers::Norm(const std::string& name, size_t x) {
  return m_builder.AddNorm(name, x, m_tokens.Rows(), m_tokens.hidden, m_tokens.rms_norm ? 1 : 2);
}

size_t TokenLayers::Linear(const std::string& name, size_t x, uint64_t in, uint64_t out,
                           bool bias) {
  return m_builder.AddLinear(name, {x}, {m_tokens.Rows(), in, out, bias, true});
}

size_t TokenLayers::Skip(const std::string& name, size_t x, size_t branch) {
  return m_builder.AddResidual(name, x, branch, Product({m_tokens.Rows(), m_tokens.hidden}));
}

}  // namespace ddlsim
