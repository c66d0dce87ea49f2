// SPDX-License-Identifier: MIT
#include "workload-gen/layers/token-layers.h"

#include <optional>
#include <utility>

#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

uint64_t TokenShape::Rows() const {
  return Product({batch, LocalLength()});
}

// Each rank of a tensor-parallel group sees a part of the rows under sequence parallelism, and so
// has a part of such parameters' gradients.
size_t TokenLayers::SumOverTensor(size_t operation) {
  if (m_tokens.sharding.sequence) m_builder.SumParametersOverTensor(operation);
  return operation;
}

size_t TokenLayers::Norm(const std::string& name, size_t x) {
  return SumOverTensor(
      m_builder.AddNorm(name, x, m_tokens.OwnRows(), m_tokens.hidden, m_tokens.rms_norm ? 1 : 2));
}

size_t TokenLayers::Linear(const std::string& name, size_t x, uint64_t in, uint64_t out,
                           bool bias) {
  return SumOverTensor(m_builder.AddLinear(name, {x}, {m_tokens.OwnRows(), in, out, bias, true}));
}

Exchange TokenLayers::TensorExchange(CollectiveType collective, uint64_t width) const {
  return {kTensorAxis, collective, false,
          Product({m_builder.GetFormats().ActivationBytes(), m_tokens.Rows(), width})};
}

// Forward the rows of all ranks come together, backward the gradients that all ranks have of all
// rows are summed. Under sequence parallelism the gathered rows are not kept, but gathered again
// for the weights' gradients (Korthikanti et al. 2022, section 4.2.2).
size_t TokenLayers::Enter(const std::string& name, size_t x, uint64_t width) {
  const Sharding& sharding = m_tokens.sharding;
  if (sharding.tensor == 1) return x;
  const uint64_t bytes = TensorExchange(CollectiveType::kAllReduce, width).size_bytes;
  if (!sharding.sequence) {
    return m_builder.AddExchange(name, x, bytes, std::nullopt,
                                 TensorExchange(CollectiveType::kAllReduce, width));
  }
  const Exchange gather = TensorExchange(CollectiveType::kAllGather, width);
  const size_t index = m_builder.AddExchange(name, x, bytes, gather,
                                             TensorExchange(CollectiveType::kReduceScatter, width));
  m_builder.SetReload(index, gather);
  return index;
}

size_t TokenLayers::Leave(const std::string& name, size_t x, uint64_t width) {
  const Sharding& sharding = m_tokens.sharding;
  if (sharding.tensor == 1) return x;
  const uint64_t bytes = TensorExchange(CollectiveType::kAllReduce, width).size_bytes;
  if (!sharding.sequence) {
    return m_builder.AddExchange(name, x, bytes, TensorExchange(CollectiveType::kAllReduce, width),
                                 std::nullopt);
  }
  return m_builder.AddExchange(name, x, bytes / sharding.tensor,
                               TensorExchange(CollectiveType::kReduceScatter, width),
                               TensorExchange(CollectiveType::kAllGather, width));
}

// A rank's rows are a view of all rows, which stay in memory. The gradient that comes to it is of
// its own rows, and all ranks need that of all.
size_t TokenLayers::Scatter(const std::string& name, size_t x) {
  const Sharding& sharding = m_tokens.sharding;
  if (!sharding.sequence) return x;
  const Exchange gather = TensorExchange(CollectiveType::kAllGather, m_tokens.hidden);
  return m_builder.AddExchange(name, x, gather.size_bytes / sharding.tensor, std::nullopt, gather);
}

// All ranks find the same gradient and take their own rows of it (Megatron-LM's poolers,
// gather_from_sequence_parallel_region without tensor_parallel_output_grad).
size_t TokenLayers::Gather(const std::string& name, size_t x) {
  if (!m_tokens.sharding.sequence) return x;
  const Exchange gather = TensorExchange(CollectiveType::kAllGather, m_tokens.hidden);
  return m_builder.AddExchange(name, x, gather.size_bytes, gather, std::nullopt);
}

// The largest score, the sum of the exponentials and the score of the right word are found together
// (Shoeybi et al. 2019, section 3): three fp32 values per row.
size_t TokenLayers::VocabularyLoss(std::vector<size_t> outputs, uint64_t rows,
                                   uint64_t local_vocabulary) {
  if (m_tokens.sharding.tensor > 1) {
    const uint64_t bytes = Product({3, sizeof(float), rows});
    const Exchange exchange{kTensorAxis, CollectiveType::kAllReduce, false, bytes};
    outputs.back() =
        m_builder.AddExchange("loss.reduce", outputs.back(), bytes, exchange, std::nullopt);
  }
  return m_builder.AddCrossEntropy("loss", std::move(outputs), rows, local_vocabulary);
}

size_t TokenLayers::ColumnLinear(const std::string& name, size_t x, uint64_t in, uint64_t out,
                                 bool bias) {
  return m_builder.AddLinear(name, {x}, {m_tokens.Rows(), in, Divided(out), bias, true});
}

size_t TokenLayers::RowLinear(const std::string& name, size_t x, uint64_t in, uint64_t out,
                              bool bias) {
  const size_t product =
      m_builder.AddLinear(name, {x}, {m_tokens.Rows(), Divided(in), out, bias, true});
  // The bias is added to what a rank has of the sum.
  if (m_tokens.sharding.sequence) m_builder.SumParametersOverTensor(product, 1);
  return Leave(name + ".reduce", product, out);
}

size_t TokenLayers::Skip(const std::string& name, size_t x, size_t branch) {
  return m_builder.AddResidual(name, x, branch, Product({m_tokens.OwnRows(), m_tokens.hidden}));
}

}  // namespace ddlsim
