# SPDX-License-Identifier: MIT
#
# Warnings, optimisation and sanitizers for every target of the project.
add_compile_options(-Wall -Wextra -Wno-unused-parameter)
# Results must be the same bytes from every build: no fused multiply-add (it rounds once where
# separate operations round twice). x86-64-v3 would be the most to allow; the baseline is enough.
add_compile_options(-ffp-contract=off)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
if(DDL_SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

# ddl_add_library(NAME SOURCES... LINK libraries...): a static library with the include roots.
function(ddl_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

# ddl_add_test(NAME SOURCES... LINK libraries... [LABEL quick|long]): one GoogleTest program, one ctest.
function(ddl_add_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL quick)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  # A limit for tests that hang; the sanitizers make all of them many times slower.
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT $<IF:$<BOOL:${DDL_SANITIZE}>,3000,300>)
endfunction()
