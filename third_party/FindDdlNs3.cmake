# SPDX-License-Identifier: MIT
#
# ns-3 as the distribution installs it. Debian's ns3Config.cmake names a targets file that is not
# packaged and its pkg-config files name a libgsl.so that libns3-dev does not depend on, so the
# headers and shared libraries are found directly. Imported target: ns3::core
find_path(NS3_INCLUDE_DIR ns3/core-module.h)
find_library(NS3_CORE_LIBRARY NAMES ns3-core ns3.37-core)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DdlNs3 REQUIRED_VARS NS3_CORE_LIBRARY NS3_INCLUDE_DIR)
if(DdlNs3_FOUND AND NOT TARGET ns3::core)
  add_library(ns3::core UNKNOWN IMPORTED)
  set_target_properties(ns3::core PROPERTIES IMPORTED_LOCATION ${NS3_CORE_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${NS3_INCLUDE_DIR} INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${NS3_INCLUDE_DIR})
endif()
