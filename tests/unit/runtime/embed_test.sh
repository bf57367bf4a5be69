#!/bin/sh
# Installs the runtime into a fresh folder, builds examples/embed against it as an outsider would, and runs it.
# Arguments: cmake, build folder, source folder, acie-write-test-package.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" --install "$2" --prefix "$work/prefix" --component runtime >"$work/log"
"$1" -S "$3/examples/embed" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release >>"$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
"$1" --build "$work/build" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$4" "$work/test.aciepkg"

"$work/build/embed" "$work/test.aciepkg" line factor=3 >"$work/out"
cat >"$work/expected" <<END
y <1>: 4 8 12 16 20 24 28 32
prepared y: 32
END
diff "$work/expected" "$work/out"
"$work/build/embed_c" "$work/test.aciepkg" >"$work/out"
grep -qx 'line(a, b)' "$work/out"
if "$work/build/embed" "$work/test.aciepkg" nothing 2>"$work/err"; then exit 1; fi
grep -q "has no entry 'nothing'" "$work/err"
