// SPDX-License-Identifier: GPL-2.0-only
//
// One reader per format. Each adds what the text says to a draft; links and switches are as `parts`
// unless the text says otherwise. All throw InputError with place FILE:LINE.
#pragma once

#include <string>

#include "topology/topology-draft.h"

namespace ddlsim {

void ReadYamlTopology(const std::string& text, const TopologyParts& parts, TopologyDraft& draft);
void ReadGraphmlTopology(const std::string& text, const TopologyParts& parts, TopologyDraft& draft);

// The formats that ns-3's topology-read module also reads.
void ReadInetTopology(const std::string& text, const TopologyParts& parts, TopologyDraft& draft);
void ReadOrbisTopology(const std::string& text, const TopologyParts& parts, TopologyDraft& draft);
void ReadRocketfuelTopology(const std::string& text, const TopologyParts& parts,
                            TopologyDraft& draft);

}  // namespace ddlsim
