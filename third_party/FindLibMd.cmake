# SPDX-License-Identifier: MIT
#
# libmd: SHA-256 under a BSD licence. Imported target: LibMd::LibMd
find_path(LIBMD_INCLUDE_DIR sha2.h)
find_library(LIBMD_LIBRARY md)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibMd REQUIRED_VARS LIBMD_LIBRARY LIBMD_INCLUDE_DIR)
if(LibMd_FOUND AND NOT TARGET LibMd::LibMd)
  add_library(LibMd::LibMd UNKNOWN IMPORTED)
  set_target_properties(LibMd::LibMd PROPERTIES IMPORTED_LOCATION ${LIBMD_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${LIBMD_INCLUDE_DIR})
endif()
