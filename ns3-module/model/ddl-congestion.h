// SPDX-License-Identifier: GPL-2.0-only
//
// Congestion control algorithms as ns-3 types: --cc=dctcp --ns3::ddl::Dctcp::G=0.125. The table of
// parameters in an algorithm's own file becomes its attributes.
#ifndef DDL_CONGESTION_H
#define DDL_CONGESTION_H

#include <string>
#include <vector>

#include "congestion/congestion-control.h"
#include "ns3/object.h"

namespace ns3 {
namespace ddl {

/** The parameters of one algorithm; Factory() is what the NICs take. */
class CongestionControl : public Object {
 public:
  static TypeId GetTypeId();
  explicit CongestionControl(const ::ddlsim::CongestionAlgorithm& algorithm);

  const ::ddlsim::CongestionAlgorithm& Algorithm() const { return m_algorithm; }
  ::ddlsim::CongestionControlFactory Factory() const;
  ::ddlsim::ParameterValues& Values() { return m_values; }
  const ::ddlsim::ParameterValues& Values() const { return m_values; }

 protected:
  /** The type of an algorithm, with an attribute per parameter. */
  static TypeId Describe(TypeId tid, const ::ddlsim::CongestionAlgorithm& algorithm);

 private:
  ::ddlsim::CongestionAlgorithm m_algorithm;
  ::ddlsim::ParameterValues m_values;
};

/**
 * The ns-3 type of the algorithm that `describe` returns. Calling GetTypeId() once, before options
 * are read, makes it known to --cc: that is all that an algorithm from outside this module needs.
 */
template <::ddlsim::CongestionAlgorithm (*describe)()>
class CongestionControlType : public CongestionControl {
 public:
  static TypeId GetTypeId() {
    static const ::ddlsim::CongestionAlgorithm algorithm = describe();
    static const TypeId tid =
        Describe(TypeId(std::string("ns3::ddl::") + algorithm.type_name)
                     .SetParent<CongestionControl>()
                     .SetGroupName("Ddl")
                     .template AddConstructor<CongestionControlType<describe>>(),
                 algorithm);
    return tid;
  }
  CongestionControlType() : CongestionControl(describe()) {}
  TypeId GetInstanceTypeId() const override { return GetTypeId(); }
};

/** All algorithms that are known, sorted by the names that --cc takes. */
std::vector<Ptr<CongestionControl>> CongestionControls();

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_CONGESTION_H */
