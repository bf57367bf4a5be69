acie_fuzzer(png_fuzzer SOURCES ${CMAKE_CURRENT_LIST_DIR}/png_fuzzer.cpp DEPS acie_image)
