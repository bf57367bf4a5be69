acie_fuzzer(package_fuzz SOURCES ${CMAKE_CURRENT_LIST_DIR}/package_fuzz.cpp DEPS acie_loader acie_package)
