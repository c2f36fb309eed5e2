#!/bin/sh
# Runs swift with its own caches kept inside the project's, so that nothing is written elsewhere.
set -eu
. "$(dirname "$0")/common.sh"
cache=$(cache_folder) || exit 2
export XDG_CACHE_HOME="$cache/swift" XDG_DATA_HOME="$cache/swift/data"
exec swift "$@"
