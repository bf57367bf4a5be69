if(TARGET acie_syntax)
  acie_fuzzer(syntax_fuzzer SOURCES ${CMAKE_CURRENT_LIST_DIR}/syntax_fuzzer.cpp DEPS acie_syntax)
endif()
