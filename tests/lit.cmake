# One ctest per lit suite: `ctest -R lit_` runs them all.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(ACIE_LIT NAMES lit.py lit llvm-lit HINTS ${LLVM_BUILD_MAIN_SRC_DIR}/utils/lit
             /usr/lib/llvm-19/build/utils/lit NO_CMAKE_FIND_ROOT_PATH)
configure_file(${CMAKE_CURRENT_LIST_DIR}/lit.site.cfg.py.in ${CMAKE_CURRENT_BINARY_DIR}/lit.site.cfg.py @ONLY)
foreach(suite Dialect Transforms Codegen Driver Diagnostics)
  if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/${suite})
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${suite})
    add_test(NAME lit_${suite}
             COMMAND Python3::Interpreter ${ACIE_LIT} -v ${CMAKE_CURRENT_BINARY_DIR}/${suite})
  endif()
endforeach()
