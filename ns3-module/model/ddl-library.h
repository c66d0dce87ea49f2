// SPDX-License-Identifier: GPL-2.0-only
//
// The parameters of the collective library's model as ns-3 attributes, one per row of
// library/parameter-table.h: ll_base_us is --ns3::ddl::Library::LlBaseUs.
#ifndef DDL_LIBRARY_H
#define DDL_LIBRARY_H

#include <string>
#include <vector>

#include "library/parameter-table.h"
#include "ns3/object.h"

namespace ns3 {
namespace ddl {

/** Overrides of the hardware preset's parameters; below zero: as the preset has it. */
class Library : public Object {
 public:
  static TypeId GetTypeId();
  Library();

  /** Replaces those parameters that are set. */
  void Apply(::ddlsim::LibraryParameters& parameters) const;

 private:
  friend class LibraryAccessor;
  std::vector<double> m_values;  // by row of the table
};

/** "ll_base_us" as an attribute's name: "LlBaseUs". */
std::string LibraryAttributeName(const std::string& parameter);

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_LIBRARY_H */
