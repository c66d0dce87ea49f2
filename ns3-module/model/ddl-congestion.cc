// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-congestion.h"

#include <algorithm>

#include "congestion/dcqcn.h"
#include "congestion/dctcp.h"
#include "congestion/fixed-window.h"
#include "congestion/hpcc.h"
#include "congestion/nscc.h"
#include "congestion/swift.h"
#include "congestion/timely.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/uinteger.h"

namespace ns3 {
namespace ddl {
namespace {

using ::ddlsim::Parameter;
using ::ddlsim::ParameterKind;

Ptr<AttributeValue> MakeValue(ParameterKind kind, double number) {
  switch (kind) {
    case ParameterKind::kCount:
    case ParameterKind::kBytes:
      return Create<UintegerValue>(static_cast<uint64_t>(number));
    case ParameterKind::kTime:
      return Create<TimeValue>(PicoSeconds(static_cast<uint64_t>(number)));
    case ParameterKind::kSwitch:
      return Create<BooleanValue>(number != 0);
    case ParameterKind::kNumber:
      break;
  }
  return Create<DoubleValue>(number);
}

Ptr<const AttributeChecker> MakeChecker(const Parameter& parameter) {
  switch (parameter.kind) {
    case ParameterKind::kCount:
    case ParameterKind::kBytes:
      return MakeUintegerChecker<uint64_t>(static_cast<uint64_t>(parameter.low),
                                           static_cast<uint64_t>(parameter.high));
    case ParameterKind::kTime:
      return MakeTimeChecker(PicoSeconds(static_cast<uint64_t>(parameter.low)),
                             PicoSeconds(static_cast<uint64_t>(parameter.high)));
    case ParameterKind::kSwitch:
      return MakeBooleanChecker();
    case ParameterKind::kNumber:
      break;
  }
  return MakeDoubleChecker<double>(parameter.low, parameter.high);
}

// Reads and writes one entry of an object's table.
class ParameterAccessor : public AttributeAccessor {
 public:
  ParameterAccessor(size_t position, ParameterKind kind) : m_position(position), m_kind(kind) {}

  bool Set(ObjectBase* object, const AttributeValue& value) const override {
    auto* algorithm = dynamic_cast<CongestionControl*>(object);
    if (algorithm == nullptr) return false;
    double number = 0;
    if (const auto* real = dynamic_cast<const DoubleValue*>(&value)) {
      number = real->Get();
    } else if (const auto* whole = dynamic_cast<const UintegerValue*>(&value)) {
      number = static_cast<double>(whole->Get());
    } else if (const auto* time = dynamic_cast<const TimeValue*>(&value)) {
      number = static_cast<double>(time->Get().GetPicoSeconds());
    } else if (const auto* is_on = dynamic_cast<const BooleanValue*>(&value)) {
      number = is_on->Get() ? 1 : 0;
    } else {
      return false;
    }
    algorithm->Values().Set(m_position, number);
    return true;
  }

  bool Get(const ObjectBase* object, AttributeValue& value) const override {
    const auto* algorithm = dynamic_cast<const CongestionControl*>(object);
    if (algorithm == nullptr) return false;
    const Ptr<AttributeValue> current = MakeValue(m_kind, algorithm->Values()[m_position]);
    return value.DeserializeFromString(current->SerializeToString(nullptr), nullptr);
  }

  bool HasGetter() const override { return true; }
  bool HasSetter() const override { return true; }

 private:
  size_t m_position;
  ParameterKind m_kind;
};

template <::ddlsim::CongestionAlgorithm (*describe)()>
void Register() {
  CongestionControlType<describe>::GetTypeId();
}

void RegisterBuiltIn() {
  Register<&::ddlsim::Dcqcn::Describe>();
  Register<&::ddlsim::Dctcp::Describe>();
  Register<&::ddlsim::FixedWindow::Describe>();
  Register<&::ddlsim::Hpcc::Describe>();
  Register<&::ddlsim::Nscc::Describe>();
  Register<&::ddlsim::Swift::Describe>();
  Register<&::ddlsim::Timely::Describe>();
}

}  // namespace

TypeId CongestionControl::GetTypeId() {
  static TypeId tid = TypeId("ns3::ddl::CongestionControl").SetParent<Object>().SetGroupName("Ddl");
  return tid;
}

CongestionControl::CongestionControl(const ::ddlsim::CongestionAlgorithm& algorithm)
    : m_algorithm(algorithm), m_values(algorithm.parameters) {}

::ddlsim::CongestionControlFactory CongestionControl::Factory() const {
  const auto make = m_algorithm.make;
  const ::ddlsim::ParameterValues values = m_values;
  return [make, values](const ::ddlsim::CongestionControlContext& context) {
    return make(values, context);
  };
}

TypeId CongestionControl::Describe(TypeId tid, const ::ddlsim::CongestionAlgorithm& algorithm) {
  for (size_t i = 0; i < algorithm.parameters.size(); ++i) {
    const Parameter& parameter = algorithm.parameters[i];
    tid.AddAttribute(parameter.name, parameter.help, *MakeValue(parameter.kind, parameter.initial),
                     Create<ParameterAccessor>(i, parameter.kind), MakeChecker(parameter));
  }
  return tid;
}

std::vector<Ptr<CongestionControl>> CongestionControls() {
  RegisterBuiltIn();
  std::vector<Ptr<CongestionControl>> found;
  for (uint16_t i = 0; i < TypeId::GetRegisteredN(); ++i) {
    const TypeId tid = TypeId::GetRegistered(i);
    if (!tid.IsChildOf(CongestionControl::GetTypeId()) || !tid.HasConstructor()) continue;
    ObjectFactory factory;
    factory.SetTypeId(tid);
    found.push_back(factory.Create<CongestionControl>());
  }
  std::sort(found.begin(), found.end(),
            [](const Ptr<CongestionControl>& a, const Ptr<CongestionControl>& b) {
              return std::string(a->Algorithm().name) < b->Algorithm().name;
            });
  return found;
}

}  // namespace ddl
}  // namespace ns3
