if(TARGET acie_lsp)
  acie_fuzzer(lsp_fuzzer SOURCES ${CMAKE_CURRENT_LIST_DIR}/lsp_fuzzer.cpp DEPS acie_lsp)
endif()
