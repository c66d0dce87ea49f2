# SPDX-License-Identifier: GPL-2.0-only
#
# The module inside an ns-3 source tree, 3.37 or newer: one library, libddl, of the plain C++ rooms
# and the ns-3 face, and the programs. The rooms beside ns3-module/ (base, traces, hardware) are found
# where the link contrib/ddl leads. Abseil and the workload generator stay outside: see third_party/.
get_filename_component(ddl_module ${CMAKE_CURRENT_SOURCE_DIR} REALPATH)
get_filename_component(ddl_root ${ddl_module} DIRECTORY)
if(NOT EXISTS ${ddl_root}/base/input-error.h)
  message(FATAL_ERROR "contrib/ddl has to be a symbolic link to ns3-module in a ddlsim checkout; "
                      "`./ns3 configure --ns3=DIR` in the checkout makes it")
endif()

list(APPEND CMAKE_MODULE_PATH ${ddl_root}/third_party)
find_package(Protobuf 3.12 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json 3.9 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 2.0 REQUIRED)
find_package(LibMd REQUIRED)
find_package(pugixml 1.9 REQUIRED)

# Results have to be the same bytes as from the project's own build: see cmake/compile-options.cmake.
add_compile_options(-ffp-contract=off)

# The rooms' own CMakeLists.txt name their sources one by one; here whole folders go into one library.
file(GLOB ddl_sources CONFIGURE_DEPENDS
  ${ddl_root}/base/*.cc ${ddl_root}/hardware/*.cc
  ${ddl_root}/traces/*.cc ${ddl_root}/traces/*/*.cc
  ${ddl_module}/model/*.cc ${ddl_module}/model/*/*.cc ${ddl_module}/model/*/*/*.cc
  ${ddl_module}/helper/*.cc)
# Programs and tests that lie beside the code of a library.
list(FILTER ddl_sources EXCLUDE REGEX "/(ddl-trace|[^/]*-fuzzer|[^/]*-test)\\.cc$")
file(GLOB ddl_headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
  ${CMAKE_CURRENT_SOURCE_DIR}/model/*.h ${CMAKE_CURRENT_SOURCE_DIR}/helper/*.h)
file(GLOB ddl_test_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/*.cc)

# The version that a resolved configuration states is the project's, wherever it is built.
file(STRINGS ${ddl_root}/CMakeLists.txt ddl_project REGEX "^project\\(ddlsim VERSION ")
string(REGEX REPLACE ".*VERSION ([0-9.]+).*" "\\1" ddl_version "${ddl_project}")

protobuf_generate_cpp(ddl_wire_sources ddl_wire_headers ${ddl_root}/traces/execution-trace.proto)
set_source_files_properties(${ddl_root}/hardware/gpu.cc PROPERTIES COMPILE_DEFINITIONS
  DDL_HARDWARE_SOURCE_DIR="${ddl_root}/hardware/presets")
set_source_files_properties(${ddl_root}/hardware/host.cc PROPERTIES COMPILE_DEFINITIONS
  DDL_HOSTS_SOURCE_DIR="${ddl_root}/hardware/hosts")
set_source_files_properties(${ddl_root}/hardware/library-preset.cc PROPERTIES COMPILE_DEFINITIONS
  DDL_LIBRARIES_SOURCE_DIR="${ddl_root}/hardware/libraries")

build_lib(
  LIBNAME ddl
  IGNORE_PCH # compiled with other options
  SOURCE_FILES ${ddl_sources} ${ddl_wire_sources}
  HEADER_FILES ${ddl_headers}
  LIBRARIES_TO_LINK ${ddl_ns3_libraries} protobuf::libprotobuf yaml-cpp
    nlohmann_json::nlohmann_json ZLIB::ZLIB LibMd::LibMd pugixml::pugixml
  TEST_SOURCES ${ddl_test_sources}
)

# Only while building: an installed ns-3 has no place for the headers of the plain C++ rooms.
set(ddl_include_folders $<BUILD_INTERFACE:${ddl_root}> $<BUILD_INTERFACE:${ddl_module}/model>
  $<BUILD_INTERFACE:${ddl_module}/helper>)
target_include_directories(${libddl} PUBLIC ${ddl_include_folders})
target_include_directories(${libddl-obj} PRIVATE ${ddl_include_folders})
target_include_directories(${libddl-obj} SYSTEM PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_compile_definitions(${libddl-obj} PRIVATE DDL_VERSION="${ddl_version}")

# The third-party headers that public headers and the programs' own sources include.
set(ddl_programs_link ${libddl} ${ddl_ns3_libraries} CLI11::CLI11)
foreach(source ${ddl_root}/scenarios/ddl-scenario.cc ${ddl_root}/traces/ddl-trace.cc)
  get_filename_component(program ${source} NAME_WE)
  build_exec(
    EXECNAME ${program}
    SOURCE_FILES ${source}
    LIBRARIES_TO_LINK ${ddl_programs_link}
    EXECUTABLE_DIRECTORY_PATH ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/contrib/ddl
    IGNORE_PCH
  )
endforeach()
