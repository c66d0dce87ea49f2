// SPDX-License-Identifier: MIT
#include "traces/import/torch-names.h"

#include <map>

namespace ddlsim {
namespace {

// Spellings of one operation by c10d's dispatcher, its backends and record_param_comms.
const std::map<std::string, std::string>& Spellings() {
  static const std::map<std::string, std::string> kSpellings{
      {"allreduce", "all_reduce"},
      {"all_reduce", "all_reduce"},
      {"allreduce_coalesced", "all_reduce"},
      {"allgather", "all_gather"},
      {"all_gather", "all_gather"},
      {"allgather_base", "all_gather"},
      {"all_gather_into_tensor", "all_gather"},
      {"allgather_into_tensor", "all_gather"},
      {"allgather_into_tensor_coalesced", "all_gather"},
      {"reduce_scatter", "reduce_scatter"},
      {"reduce_scatter_base", "reduce_scatter"},
      {"reduce_scatter_tensor", "reduce_scatter"},
      {"reduce_scatter_tensor_coalesced", "reduce_scatter"},
      {"alltoall", "all_to_all"},
      {"all_to_all", "all_to_all"},
      {"alltoall_base", "all_to_all"},
      {"all_to_allv", "all_to_all"},
      {"all_to_all_single", "all_to_all"},
      {"broadcast", "broadcast"},
      {"reduce", "reduce"},
      {"gather", "gather"},
      {"scatter", "scatter"},
      {"barrier", "barrier"},
      {"send", "send"},
      {"recv", "recv"},
      {"wait", "wait"},
      {"wait_tensor", "wait"},
      {"init", "wait"},
  };
  return kSpellings;
}

std::string Trimmed(std::string name) {
  while (!name.empty() && name.front() == '_') name.erase(0, 1);
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

// The name without "c10d::", "gloo:" and the like.
std::string Bare(const std::string& name) {
  const size_t colon = name.rfind(':');
  return Trimmed(colon == std::string::npos ? name : name.substr(colon + 1));
}

}  // namespace

std::string TorchCommunicationKind(const std::string& name) {
  const auto known = Spellings().find(Bare(name));
  return known == Spellings().end() ? Bare(name) : known->second;
}

bool IsTorchCommunicationKind(const std::string& name) {
  return Spellings().count(Bare(name)) != 0;
}

uint64_t TorchElementBytes(const std::string& type) {
  static const std::map<std::string, uint64_t> kBytes{{"Byte", 1},
                                                      {"Char", 1},
                                                      {"Bool", 1},
                                                      {"Short", 2},
                                                      {"Half", 2},
                                                      {"BFloat16", 2},
                                                      {"Int", 4},
                                                      {"Float", 4},
                                                      {"Long", 8},
                                                      {"Double", 8},
                                                      {"ComplexHalf", 4},
                                                      {"ComplexFloat", 8},
                                                      {"UInt16", 2},
                                                      {"ComplexDouble", 16},
                                                      {"UInt32", 4},
                                                      {"UInt64", 8},
                                                      {"Float8_e4m3fn", 1},
                                                      {"Float8_e5m2", 1},
                                                      {"Float8_e4m3fnuz", 1},
                                                      {"Float8_e5m2fnuz", 1}};
  const auto found = kBytes.find(type);
  return found == kBytes.end() ? 0 : found->second;
}

}  // namespace ddlsim
