// SPDX-License-Identifier: GPL-2.0-only
//
// ns-3 attributes by path ("ns3::ddl::Nic::AckEvery") and text, with this project's errors.
#ifndef DDL_ATTRIBUTE_ACCESS_H
#define DDL_ATTRIBUTE_ACCESS_H

#include <string>
#include <utility>
#include <vector>

#include "ns3/type-id.h"

namespace ddlsim {

// Throws InputError (at `place`) where the attribute does not exist or would refuse the text.
void CheckAttribute(const std::string& place, const std::string& path, const std::string& text);
// What an option's text is as an attribute's: sizes with units become plain numbers of bytes.
std::string AttributeText(const std::string& place, const std::string& path,
                          const std::string& text);
void SetAttributeDefault(const std::string& path, const std::string& text);
// The value that a new object's attribute has, exactly.
std::string ExactText(const ns3::TypeId::AttributeInformation& info);
// All attributes of NICs, switches and the congestion control `cc` with the values that new objects
// have, in alphabetic order.
std::vector<std::pair<std::string, std::string>> DdlAttributes(const std::string& cc);

}  // namespace ddlsim

#endif /* DDL_ATTRIBUTE_ACCESS_H */
