acie_fuzzer(package_fuzzer SOURCES ${CMAKE_CURRENT_LIST_DIR}/package_fuzzer.cpp DEPS acie_loader acie_package)
