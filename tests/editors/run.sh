#!/bin/sh
# run.sh PROGRAM PACKAGE COMMAND…: runs the command if the editor is there; else says what is missing and ends with 77, which
# ctest shows as skipped.
program=$1 package=$2
shift 2
if ! command -v "$program" >/dev/null 2>&1; then
  echo "skipped: no $program here (Debian's package $package has it)"
  exit 77
fi
exec "$@"
