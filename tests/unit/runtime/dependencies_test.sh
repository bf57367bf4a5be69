#!/bin/sh
# The runtime half links neither LLVM nor ANTLR, and libacie_runtime exports nothing but acie_*.
# Arguments: libacie_runtime.so, acie-run.
set -eu
for file in "$1" "$2"; do
  needed=$(ldd "$file")
  echo "$needed" | grep -q 'libc\.so' || { echo "$file: ldd shows no libraries"; exit 1; }
  if echo "$needed" | grep -iE 'llvm|mlir|antlr|clang|lld'; then echo "$file needs what only the compiler may"; exit 1; fi
done
exports=$(nm -D --defined-only "$1" | awk '{print $3}')
echo "$exports" | grep -qx acie_query_run || { echo "acie_query_run is not exported"; exit 1; }
if echo "$exports" | grep -v '^acie_'; then echo "$1 exports more than acie_*"; exit 1; fi
for text in antlr4 'llvm::' 'mlir::'; do
  if grep -q "$text" "$1"; then echo "$1 contains $text"; exit 1; fi
done
