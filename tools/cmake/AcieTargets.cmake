# Target helpers shared by every folder: warnings, sanitizers and naming live here, once.

# Settings every acie target carries.
add_library(acie_options INTERFACE)
target_compile_options(acie_options INTERFACE
  -Wall -Wextra -Wno-unused-parameter -ffp-contract=off -fno-math-errno)
if(ACIE_SANITIZE)
  target_compile_options(acie_options INTERFACE
    -fsanitize=${ACIE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(acie_options INTERFACE -fsanitize=${ACIE_SANITIZE})
endif()

# acie_library(NAME SOURCES … DEPS …): a static, position-independent library acie_NAME.
# Headers are included from the repository root ("compiler/Support/Span.h"), public ones as <acie/…>.
function(acie_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(acie_${name} STATIC ${ARG_SOURCES})
  target_include_directories(acie_${name} PUBLIC
    ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/runtime/include ${PROJECT_BINARY_DIR})
  target_link_libraries(acie_${name} PUBLIC ${ARG_DEPS} PRIVATE acie_options)
endfunction()

# acie_mlir_library(NAME SOURCES … DEPS …): like acie_library, with MLIR and LLVM on the include and link lines.
# Only libMLIR.so and libLLVM.so are ever linked: naming a static MLIR library duplicates its type identifiers. So does
# hidden visibility, for the identifiers that inline functions of MLIR's headers hold.
function(acie_mlir_library name)
  acie_library(${name} ${ARGN})
  set_target_properties(acie_${name} PROPERTIES CXX_VISIBILITY_PRESET default VISIBILITY_INLINES_HIDDEN OFF)
  target_include_directories(acie_${name} SYSTEM PUBLIC ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_compile_definitions(acie_${name} PUBLIC ${LLVM_DEFINITIONS_LIST})
  target_link_libraries(acie_${name} PUBLIC MLIR LLVM)
endfunction()

# acie_executable(NAME SOURCES … DEPS …)
function(acie_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} acie_options)
endfunction()

# acie_test(NAME SOURCES … DEPS …): a GoogleTest program registered with ctest under NAME.
function(acie_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} acie_options GTest::gtest GTest::gtest_main GTest::gmock)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# acie_fuzzer(NAME SOURCES … DEPS …): a libFuzzer target; built only with -DACIE_BUILD_FUZZERS=ON and clang.
function(acie_fuzzer name)
  if(NOT ACIE_BUILD_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} acie_options -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name})
endfunction()
