// SPDX-License-Identifier: MIT
#include "traces/import/memory-order.h"

#include <set>

namespace ddlsim {

std::vector<uint64_t> MemoryOrder::Access(uint64_t node, const std::vector<TorchTensor>& reads,
                                          const std::vector<TorchTensor>& writes) {
  std::set<uint64_t> waits;
  std::set<uint64_t> written;
  for (const TorchTensor& tensor : writes) {
    const Storage& storage = m_storages[tensor.storage];
    if (storage.is_written) waits.insert(storage.last_writer);
    waits.insert(storage.readers.begin(), storage.readers.end());
    written.insert(tensor.storage);
  }
  for (const TorchTensor& tensor : reads) {
    const Storage& storage = m_storages[tensor.storage];
    if (storage.is_written) waits.insert(storage.last_writer);
  }
  for (const TorchTensor& tensor : reads) {
    std::vector<uint64_t>& readers = m_storages[tensor.storage].readers;
    if (readers.empty() || readers.back() != node) readers.push_back(node);
  }
  for (uint64_t each : written) m_storages[each] = {true, node, {}};
  return {waits.begin(), waits.end()};
}

}  // namespace ddlsim
