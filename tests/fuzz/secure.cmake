foreach(name container key message)
  acie_fuzzer(${name}_fuzzer SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}_fuzzer.cpp DEPS acie_parties acie_secure)
endforeach()
acie_fuzzer(party_fuzzer SOURCES ${CMAKE_CURRENT_LIST_DIR}/party_fuzzer.cpp DEPS acie_secret)
