#!/bin/bash
# Runs swift with its caches inside the project's cache, so that nothing is written elsewhere.
#
# Usage: swift.sh ARGUMENT …
#
# SwiftPM records what it has compiled when a build ends, but not if a signal ends it: the next
# build then compiles everything again. So `build` runs in its own process group, which Ctrl-C does
# not reach. This script gets the signal and ends the compilers instead. SwiftPM takes that for a
# failed build and records its state, and the next build continues from there.
set -eu
. "$(dirname "$0")/common.sh"
cache=$(cache_folder) || exit 2
export XDG_CACHE_HOME="$cache/swift" XDG_DATA_HOME="$cache/swift/data"
[ "${1:-}" = build ] || exec swift "$@"

# All descendants of a process.
descendants() {
  local child
  for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
    printf '%s\n' "$child"
    descendants "$child"
  done
}

interrupted=
trap 'interrupted=yes' INT TERM HUP
set -m
swift "$@" </dev/null &
build=$!

status=0
while :; do
  wait "$build" && status=0 || status=$?
  # A signal ends `wait` before the build has ended.
  kill -0 "$build" 2>/dev/null || break
  [ -n "$interrupted" ] || continue
  say "stopping the build; what has been compiled so far is kept"
  # Repeated, since it may start further compilers before it notices.
  while kill -0 "$build" 2>/dev/null; do
    # shellcheck disable=SC2046  # a word a process
    kill -TERM $(descendants "$build") 2>/dev/null || true
    sleep 0.2
  done
done
[ -z "$interrupted" ] || exit 130
exit "$status"
