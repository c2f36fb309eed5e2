#!/bin/sh
# Downloads the data files that experiments read into the cache.
#
# Usage: data.sh TOOL [SUITE]   TOOL is the built `ais`; with 1 or yes the benchmark suite's files come, too
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

# The suite comes from other hosts than the rest: either comes, even if the other cannot.
status=0
"$1" data || status=$?
case ${2:-no} in
  1 | yes)
    cache=$(cache_folder) || exit 2
    need_python "the benchmark suite"
    # Without -B, Python's own files beside the scripts would count as a change of the sources.
    python3 -B "$here/suite.py" "$cache" || status=2
    ;;
esac
exit "$status"
