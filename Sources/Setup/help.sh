#!/bin/bash
# Prints what each experiment says about itself: its card, its variables and their defaults.
#
# Usage: help.sh expNNN …
#
# The text comes from the executables, so they are built first if they are missing or older than
# their sources; where that cannot be done, the names alone are printed.
set -u
cd "$(dirname "$0")/../.." || exit 2

newer=$(find Sources Experiments Package.swift -newer .build/release/ais -print -quit 2>&1)
if [ -n "$newer" ] && sh Sources/Setup/toolchain.sh 2>/dev/null &&
  pkg-config --exists hdf5 openblas libcurl 2>/dev/null; then
  echo "ais: building, to let the experiments speak for themselves …" >&2
  sh Sources/Setup/swift.sh build -c release >/dev/null 2>&1
fi

for name in "$@"; do
  # Output that is lost is a failure, here as in the tools.
  echo || exit 1
  if [ -x ".build/release/$name" ]; then
    ".build/release/$name" --describe </dev/null ||
      echo "$name does not describe itself" || exit 1
  else
    echo "make exp-${name#exp}   (details appear here after \`make setup\`)" || exit 1
  fi
done
