// SPDX-License-Identifier: MIT
#include "traces/import/torch-communication.h"

#include <algorithm>

#include "base/input-error.h"
#include "traces/import/torch-names.h"

namespace ddlsim {
namespace {

using Json = nlohmann::json;

uint64_t Bytes(const std::vector<TorchTensor>& tensors) {
  uint64_t sum = 0;
  for (const TorchTensor& each : tensors) {
    const unsigned __int128 bytes =
        static_cast<unsigned __int128>(each.elements) * each.element_bytes;
    // What is too large stays so: the trace's limits refuse it with the node's name.
    sum = bytes > kSizeMaxBytes || sum > kSizeMaxBytes ? kSizeMaxBytes + 1
                                                       : sum + static_cast<uint64_t>(bytes);
  }
  return sum;
}

class Reader {
 public:
  Reader(const std::string& path, const TorchOperator& op) : m_path(path), m_op(op) {}

  std::optional<TorchCommunication> Read(const TorchOperator* parameters) {
    std::string kind = TorchCommunicationKind(m_op.name);
    if (parameters != nullptr) kind = KindOf(*parameters);
    if (kind == "wait") return std::nullopt;
    SetKind(kind);
    if (parameters != nullptr) {
      ReadParameters(*parameters);
    } else {
      ReadTensors();
    }
    ReadMembers(parameters);
    return m_result;
  }

 private:
  [[noreturn]] void Refuse(const std::string& problem, const std::string& remedy) const {
    throw InputError(
        m_path,
        "operator " + std::to_string(m_op.id) + " '" + Printable(m_op.name) + "' " + problem,
        remedy);
  }

  std::string KindOf(const TorchOperator& parameters) const {
    return TorchCommunicationKind(CollectiveNameOf(parameters));
  }

  // The attribute of newer observers, else the one text among the inputs that is an operation.
  std::string CollectiveNameOf(const TorchOperator& parameters) const {
    const auto attribute = parameters.attributes.find("collective_name");
    if (attribute != parameters.attributes.end() && attribute->second.is_string()) {
      return attribute->second.get<std::string>();
    }
    for (const Json& value : parameters.input_values) {
      if (value.is_string() && IsTorchCommunicationKind(value.get<std::string>())) {
        return value.get<std::string>();
      }
    }
    Refuse("names no collective in its record_param_comms", "record with a newer PyTorch");
  }

  void SetKind(const std::string& kind) {
    if (kind == "send" || kind == "recv") {
      m_result.type = kind == "send" ? NodeType::kSend : NodeType::kReceive;
      return;
    }
    for (size_t i = 0; i < kCollectiveTypeCount; ++i) {
      const auto type = static_cast<CollectiveType>(i);
      if (kind != CollectiveName(type)) continue;
      m_result.collective = type;
      return;
    }
    Refuse("is an unknown communication", "leave it out of the recorded steps");
  }

  // Bytes from the tensors that the operator took and returned. c10d lists what is written first.
  void ReadTensors() {
    if (m_result.type != NodeType::kCollective) {
      m_result.size_bytes = Bytes(TensorsOf(0));
      return;
    }
    const bool is_c10d = m_op.name.rfind("c10d::", 0) == 0;
    switch (m_result.collective) {
      case CollectiveType::kBarrier:
        return;
      case CollectiveType::kAllReduce:
      case CollectiveType::kBroadcast:
      case CollectiveType::kReduce:
        // Backends' own events have nothing but tensors.
        m_result.size_bytes = Bytes(is_c10d ? TensorsOf(0) : m_op.inputs);
        return;
      case CollectiveType::kAllGather:
        if (is_c10d) m_result.size_bytes = Bytes(TensorsOf(0));
        break;
      case CollectiveType::kGather:
      case CollectiveType::kReduceScatter:
      case CollectiveType::kAllToAll:
        if (is_c10d) m_result.size_bytes = Bytes(TensorsOf(1));
        if (m_result.collective == CollectiveType::kGather) {
          m_result.share_bytes = m_result.size_bytes;
        }
        if (m_result.collective == CollectiveType::kAllToAll) CheckEqualSplits();
        break;
      case CollectiveType::kScatter:
        if (is_c10d) m_result.share_bytes = Bytes(TensorsOf(0));
        break;
    }
    if (!is_c10d) {
      Refuse("does not say which of its tensors are outputs", "record it with its c10d operator");
    }
  }

  std::vector<TorchTensor> TensorsOf(size_t input) const {
    std::vector<TorchTensor> tensors;
    if (input < m_op.input_values.size()) CollectTorchTensors(m_op.input_values[input], tensors);
    if (tensors.empty()) {
      Refuse("has no tensors where its sizes are looked for", "record with shapes and tensors");
    }
    return tensors;
  }

  // Lists of numbers are splits; lists of tensors are tensors of a rank each.
  void CheckEqualSplits() const {
    for (size_t i = 0; i < m_op.input_values.size(); ++i) {
      const Json& value = m_op.input_values[i];
      if (!value.is_array() || IsTorchTensor(value)) continue;
      std::vector<TorchTensor> tensors;
      CollectTorchTensors(value, tensors);
      bool is_equal = true;
      for (const TorchTensor& each : tensors) {
        is_equal = is_equal && each.elements == tensors[0].elements;
      }
      if (tensors.empty()) is_equal = AreAllEqual(value);
      if (!is_equal) RefuseUnequal();
    }
  }

  static bool AreAllEqual(const Json& list) {
    return std::all_of(list.begin(), list.end(), [&](const Json& each) { return each == list[0]; });
  }

  [[noreturn]] void RefuseUnequal() const {
    Refuse("has shares of unequal sizes, which are not modelled",
           "record steps in which all ranks exchange alike");
  }

  // Sizes and group as record_param_comms states them.
  void ReadParameters(const TorchOperator& parameters) {
    const auto text = [&parameters](const char* name) -> std::string {
      const auto found = parameters.attributes.find(name);
      return found != parameters.attributes.end() && found->second.is_string()
                 ? found->second.get<std::string>()
                 : "";
    };
    const auto count = [&](const char* name) -> uint64_t {
      const auto found = parameters.attributes.find(name);
      if (found == parameters.attributes.end() || !found->second.is_number_unsigned()) {
        Refuse(std::string("has no ") + name + " in its record_param_comms",
               "record with PyTorch 2.4 or newer");
      }
      return found->second.get<uint64_t>();
    };
    if (!text("pg_name").empty()) m_result.group = text("pg_name");
    if (m_result.type == NodeType::kCollective && m_result.collective == CollectiveType::kBarrier) {
      return;
    }
    const uint64_t element_bytes = TorchElementBytes(text("dtype"));
    if (element_bytes == 0) {
      Refuse("has elements of the unknown type '" + Printable(text("dtype")) + "'",
             "record with a PyTorch whose types are known");
    }
    const bool is_output = m_result.type == NodeType::kReceive ||
                           (m_result.type == NodeType::kCollective &&
                            (m_result.collective == CollectiveType::kAllGather ||
                             m_result.collective == CollectiveType::kScatter));
    const uint64_t elements = count(is_output ? "out_msg_nelems" : "in_msg_nelems");
    m_result.size_bytes = Bytes({{0, elements, element_bytes}});
    if (m_result.type != NodeType::kCollective) return;
    if (m_result.collective == CollectiveType::kGather ||
        m_result.collective == CollectiveType::kScatter) {
      m_result.share_bytes = m_result.size_bytes;
    }
    if (m_result.collective == CollectiveType::kAllToAll) {
      for (const char* splits : {"in_split_size", "out_split_size"}) {
        const Json list = Json::parse(text(splits), nullptr, false);
        if (list.is_array() && !AreAllEqual(list)) RefuseUnequal();
        if (!list.is_array() && !text(splits).empty()) RefuseUnequal();
      }
    }
  }

  // Root, peer and tag.
  void ReadMembers(const TorchOperator* parameters) {
    const bool is_message = m_result.type != NodeType::kCollective;
    if (!is_message && !IsRooted(m_result.collective)) return;
    if (m_op.name.rfind("c10d::", 0) == 0) {
      const std::vector<uint64_t> numbers = PlainNumbers(m_op.input_values);
      // send(tensors, group, peer, tag), broadcast_(tensors, group, root, ...)
      if (numbers.empty()) Refuse("names no peer or root", "record it again");
      (is_message ? m_result.peer : m_result.root) = Member(numbers[0]);
      if (is_message && numbers.size() > 1) m_result.tag = Member(numbers[1]);
      return;
    }
    if (is_message || parameters == nullptr) {
      Refuse("names no peer or root", "record it with its c10d operator");
    }
    // record_param_comms puts the root where others have their own rank: before the operation's
    // name.
    const std::string name = CollectiveNameOf(*parameters);
    const Json& values = parameters->input_values;
    for (size_t i = 1; i < values.size(); ++i) {
      if (!values[i].is_string() || values[i].get<std::string>() != name) continue;
      if (!values[i - 1].is_number_unsigned()) break;
      m_result.root = Member(values[i - 1].get<uint64_t>());
      return;
    }
    Refuse("names no root", "record it with its c10d operator");
  }

  static std::vector<uint64_t> PlainNumbers(const Json& values) {
    std::vector<uint64_t> numbers;
    for (const Json& value : values) {
      if (value.is_number_unsigned()) numbers.push_back(value.get<uint64_t>());
    }
    return numbers;
  }

  uint32_t Member(uint64_t number) const {
    if (number > UINT32_MAX) Refuse("names a peer, root or tag beyond 2^32", "record it again");
    return static_cast<uint32_t>(number);
  }

  const std::string& m_path;
  const TorchOperator& m_op;
  TorchCommunication m_result;
};

}  // namespace

std::optional<TorchCommunication> ReadTorchCommunication(
    const std::string& path, const TorchOperator& root,
    const std::vector<const TorchOperator*>& within) {
  const TorchOperator* parameters = nullptr;
  const bool is_c10d = root.name.rfind("c10d::", 0) == 0;
  const auto consider = [&](const TorchOperator& op) {
    if (op.name != "record_param_comms" || parameters != nullptr) return;
    // Before PyTorch 2.4 it has no sizes; the tensors of c10d's operator say them as well.
    if (op.attributes.count("in_msg_nelems") != 0 || !is_c10d) parameters = &op;
  };
  consider(root);
  for (const TorchOperator* each : within) consider(*each);
  return Reader(path, root).Read(parameters);
}

}  // namespace ddlsim
