#!/bin/sh
# The extension's own tests, where its packages are installed.
cd "$ACIE_ROOT/tools/vscode-acie" || exit 1
if [ ! -d node_modules ]; then
  echo "skipped: the extension's packages are not installed (npm ci in tools/vscode-acie gets them)"
  exit 77
fi
exec npm test
