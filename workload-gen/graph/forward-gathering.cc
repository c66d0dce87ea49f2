// SPDX-License-Identifier: MIT
#include "workload-gen/graph/forward-gathering.h"

#include <algorithm>
#include <utility>

namespace ddlsim {

void ForwardGathering::AddPart(const LayerModel& model, const GradientSync& sync) {
  std::vector<std::vector<Place>> uses(model.operations.size());
  for (const BucketQueue& queue : sync.Queues()) {
    Order& order = m_orders[queue.Axis()];
    order.part_ends.resize(m_uses.size());  // none where the group is new
    std::vector<size_t> place_of(model.parameters.size(), SIZE_MAX);
    // Gradients become ready from the last layer to the first, parameters are used the other way.
    for (size_t i = queue.Buckets().size(); i-- > 0;) {
      for (size_t parameter : queue.Buckets()[i].parameters) {
        place_of[parameter] = order.buckets.size();
      }
      order.buckets.push_back({&queue, i});
    }
    for (size_t operation = 0; operation < uses.size(); ++operation) {
      for (size_t parameter : model.operations[operation].parameters) {
        if (place_of[parameter] == SIZE_MAX) continue;
        uses[operation].push_back({queue.Axis(), place_of[parameter]});
      }
    }
  }
  m_uses.push_back(std::move(uses));
  for (auto& [axis, order] : m_orders) order.part_ends.resize(m_uses.size(), order.buckets.size());
}

void ForwardGathering::BeginIteration(NodeIds parameters) {
  m_parameters = std::move(parameters);
  for (auto& [axis, order] : m_orders) order.issued = 0;
}

NodeIds ForwardGathering::Enter(size_t part, size_t operation, NodeStream& nodes) {
  const size_t parts = m_uses.size();
  if (parts > 1) {
    const size_t last = std::min(part + 1, parts - 1);
    for (auto& [axis, order] : m_orders) Issue(order, order.part_ends[last], nodes);
  }
  NodeIds gathers;
  for (const Place& place : m_uses[part][operation]) {
    Order& order = m_orders.at(place.axis);
    if (parts == 1) Issue(order, place.position + 2, nodes);
    AddUnique(gathers, order.buckets[place.position].gather);
  }
  return gathers;
}

void ForwardGathering::Issue(Order& order, size_t count, NodeStream& nodes) const {
  // A library's stream begins a collective once the kernels have run that were launched before it.
  NodeIds control;
  if (nodes.LastCompute() != NodeStream::kNone) control.push_back(nodes.LastCompute());
  for (; order.issued < std::min(count, order.buckets.size()); ++order.issued) {
    Bucket& bucket = order.buckets[order.issued];
    bucket.gather = bucket.queue->ExchangeBucket(bucket.index, CollectiveType::kAllGather,
                                                 m_parameters, control, m_value_bytes, nodes);
  }
}

}  // namespace ddlsim
