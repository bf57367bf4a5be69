foreach(target csv file_value fits npy safetensors unit)
  acie_fuzzer(${target}_fuzzer SOURCES ${CMAKE_CURRENT_LIST_DIR}/${target}_fuzzer.cpp DEPS acie_io acie_units)
endforeach()
