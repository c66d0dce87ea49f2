// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-library.h"

#include "ns3/double.h"

namespace ns3 {
namespace ddl {

namespace {
constexpr double kAsPreset = -1;
}

/** Reads and writes one row. */
class LibraryAccessor : public AttributeAccessor {
 public:
  explicit LibraryAccessor(size_t row) : m_row(row) {}

  bool Set(ObjectBase* object, const AttributeValue& value) const override {
    auto* library = dynamic_cast<Library*>(object);
    const auto* number = dynamic_cast<const DoubleValue*>(&value);
    if (library == nullptr || number == nullptr) return false;
    library->m_values[m_row] = number->Get();
    return true;
  }
  bool Get(const ObjectBase* object, AttributeValue& value) const override {
    const auto* library = dynamic_cast<const Library*>(object);
    auto* number = dynamic_cast<DoubleValue*>(&value);
    if (library == nullptr || number == nullptr) return false;
    number->Set(library->m_values[m_row]);
    return true;
  }
  bool HasGetter() const override { return true; }
  bool HasSetter() const override { return true; }

 private:
  size_t m_row;
};

NS_OBJECT_ENSURE_REGISTERED(Library);

std::string LibraryAttributeName(const std::string& parameter) {
  std::string name;
  bool starts_word = true;
  for (char c : parameter) {
    if (c == '_') {
      starts_word = true;
      continue;
    }
    name += starts_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    starts_word = false;
  }
  return name;
}

TypeId Library::GetTypeId() {
  static TypeId tid = [] {
    TypeId made = TypeId("ns3::ddl::Library")
                      .SetParent<Object>()
                      .SetGroupName("Ddl")
                      .AddConstructor<Library>();
    const auto& table = ::ddlsim::LibraryParameterTable();
    for (size_t row = 0; row < table.size(); ++row) {
      made.AddAttribute(
          LibraryAttributeName(table[row].name),
          std::string(table[row].help) + " [" + table[row].name + "; -1: as the hardware preset]",
          DoubleValue(kAsPreset), Create<LibraryAccessor>(row),
          MakeDoubleChecker<double>(kAsPreset, table[row].high));
    }
    return made;
  }();
  return tid;
}

Library::Library() : m_values(::ddlsim::LibraryParameterTable().size(), kAsPreset) {}

void Library::Apply(::ddlsim::LibraryParameters& parameters) const {
  const auto& table = ::ddlsim::LibraryParameterTable();
  for (size_t row = 0; row < table.size(); ++row) {
    if (m_values[row] < 0) continue;
    ::ddlsim::SetLibraryParameter("--ns3::ddl::Library::" + LibraryAttributeName(table[row].name),
                                  table[row].name, m_values[row], parameters);
  }
}

}  // namespace ddl
}  // namespace ns3
