#!/bin/bash
# Runs swift with its own caches kept inside the project's, so that nothing is written elsewhere.
#
# Usage: swift.sh ARGUMENT …
#
# SwiftPM notes what it has compiled when a build ends, but not where a signal ends it: the next
# build then compiles everything again. So `build` runs in a process group of its own, which Ctrl-C
# does not reach. The signal comes here, and ends the compilers instead: SwiftPM takes that for a
# build that failed, notes what there is, and the next build goes on from there.
set -eu
. "$(dirname "$0")/common.sh"
cache=$(cache_folder) || exit 2
export XDG_CACHE_HOME="$cache/swift" XDG_DATA_HOME="$cache/swift/data"
[ "${1:-}" = build ] || exec swift "$@"

# The processes that a process has started, and theirs.
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
  # It may start further compilers before it notices.
  while kill -0 "$build" 2>/dev/null; do
    # shellcheck disable=SC2046  # a word a process
    kill -TERM $(descendants "$build") 2>/dev/null || true
    sleep 0.2
  done
done
[ -z "$interrupted" ] || exit 130
exit "$status"
