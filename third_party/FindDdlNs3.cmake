# SPDX-License-Identifier: MIT
#
# ns-3 as the distribution installs it. Debian's ns3Config.cmake names a targets file that is not
# packaged and its pkg-config files name a libgsl.so that libns3-dev does not depend on, so the
# headers and shared libraries are found directly. Imported targets: ns3::core and one for each other
# module that is named below, each with the modules that it needs.
find_path(NS3_INCLUDE_DIR ns3/core-module.h)
set(ddl_ns3_modules core network bridge traffic-control internet applications internet-apps stats flow-monitor)
set(ddl_ns3_required NS3_INCLUDE_DIR)
foreach(module ${ddl_ns3_modules})
  find_library(NS3_${module}_LIBRARY NAMES ns3-${module} ns3.37-${module})
  list(APPEND ddl_ns3_required NS3_${module}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DdlNs3 REQUIRED_VARS ${ddl_ns3_required})
if(DdlNs3_FOUND AND NOT TARGET ns3::core)
  foreach(module ${ddl_ns3_modules})
    add_library(ns3::${module} UNKNOWN IMPORTED)
    set_target_properties(ns3::${module} PROPERTIES IMPORTED_LOCATION ${NS3_${module}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${NS3_INCLUDE_DIR}
      INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${NS3_INCLUDE_DIR})
  endforeach()
  set_target_properties(ns3::network PROPERTIES INTERFACE_LINK_LIBRARIES "ns3::core;ns3::stats")
  set_target_properties(ns3::internet PROPERTIES
    INTERFACE_LINK_LIBRARIES "ns3::network;ns3::bridge;ns3::traffic-control")
  foreach(module applications internet-apps flow-monitor)
    set_target_properties(ns3::${module} PROPERTIES INTERFACE_LINK_LIBRARIES "ns3::internet;ns3::stats")
  endforeach()
endif()
