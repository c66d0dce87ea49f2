# SPDX-License-Identifier: MIT
#
# Where each dependency comes from; README.md beside this file has licences, reasons and versions.
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})

find_package(Protobuf 3.12 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json 3.9 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 2.0 REQUIRED)
find_package(absl REQUIRED)
find_package(LibMd REQUIRED)
if(DDL_BUILD_SIMULATOR)
  find_package(pugixml 1.9 REQUIRED)
  find_package(DdlNs3 REQUIRED)
endif()
if(DDL_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
