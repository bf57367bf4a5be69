#!/bin/sh
# The language server links neither MLIR nor LLVM. Argument: acie-lsp.
set -eu
needed=$(ldd "$1")
echo "$needed" | grep -q 'libc\.so' || { echo "$1: ldd shows no libraries"; exit 1; }
if echo "$needed" | grep -iE 'llvm|mlir|clang|lld-|liblld'; then echo "$1 needs what only the compiler may"; exit 1; fi
for text in 'llvm::' 'mlir::'; do
  if nm -C "$1" 2>/dev/null | grep -q " $text"; then echo "$1 contains $text"; exit 1; fi
done
