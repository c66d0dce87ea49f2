# SPDX-License-Identifier: GPL-2.0-only
#
# The module against an installed ns-3: one library per room, so that an arrow the wrong way fails to
# link, and a thin one for the ns-3 face.
foreach(room fabric topology cluster congestion nic collective library endpoint replay traffic results)
  add_subdirectory(model/${room})
endforeach()

ddl_add_library(ddl-ns3
  SOURCES
    model/ddl-attributes.cc
    model/ddl-congestion.cc
    model/ddl-library.cc
    model/ddl-simulator-impl.cc
    model/ddl-switch.cc
    model/ddl-tracing.cc
  LINK ddl-nic ddl-library ddl-traces ns3::core)
target_include_directories(ddl-ns3 PUBLIC ${CMAKE_CURRENT_LIST_DIR}/model)

# ns-3's internet stack over the fabric: devices, TCP as a transport, nodes for the hosts.
ddl_add_library(ddl-internet
  SOURCES
    helper/ddl-internet-helper.cc
    model/ddl-ethernet-frame.cc
    model/ddl-fabric-channel.cc
    model/ddl-net-device.cc
    model/ddl-tcp-transport.cc
  LINK ddl-ns3 ns3::internet)
target_include_directories(ddl-internet PUBLIC ${CMAKE_CURRENT_LIST_DIR}/helper)

# Scenarios: options, topologies, and what joins the rooms into a run.
ddl_add_library(ddl-helper
  SOURCES
    helper/attribute-access.cc
    helper/collective-bench.cc
    helper/generator-process.cc
    helper/option-set.cc
    helper/option-table.cc
    helper/run-sampler.cc
    helper/pair-sizes.cc
    helper/scenario-cluster.cc
    helper/scenario-collectives.cc
    helper/scenario-congestion.cc
    helper/scenario-end.cc
    helper/scenario-library.cc
    helper/scenario-network.cc
    helper/scenario-observation.cc
    helper/scenario-switching.cc
    helper/scenario-topology.cc
    helper/scenario-program.cc
    helper/scenario-report.cc
    helper/scenario-traffic.cc
    helper/scenario-memory.cc
    helper/scenario-workload.cc
    helper/scenario.cc
    helper/topology-makers.cc
    helper/traffic-names.cc
    helper/tcp-attributes.cc
    helper/tcp-cluster.cc
  LINK ddl-internet ddl-replay ddl-traffic ddl-results ddl-topology ddl-hardware
    ddl-collective-file yaml-cpp)
target_include_directories(ddl-helper PUBLIC ${CMAKE_CURRENT_LIST_DIR}/helper)
target_compile_definitions(ddl-helper PRIVATE DDL_VERSION="${PROJECT_VERSION}")
add_subdirectory(examples)
