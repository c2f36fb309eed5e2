#!/bin/sh
# Prints the path of a Python that has the packages of bench_peers.txt; makes it where it is not.
#
# Usage: bench_peers.sh            prints the path; the first time this fetches about 300 MB
#        bench_peers.sh --remove   deletes what it made
#
# `make bench-peers` measures the engines in it. It lives in the cache, takes 1.3 GB there, and
# nothing is fetched again while it is whole. Where it cannot be made one line says so, nothing is
# printed, and the status is 1. AIS_BENCH_PYTHON names a Python of the user's own instead.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
pins=$here/bench_peers.txt

give_up() {
  say "no peers to measure against: $*"
  # Half of it is large, and of no use.
  rm -rf "$venv" "$log"
  exit 1
}

case $#:${1:-} in
  0: | 1:--remove) ;;
  *) fail "bench_peers.sh takes --remove or nothing, not: $*" ;;
esac

# The user's own choice needs no check: a peer that finds a package missing says so.
if [ $# = 0 ] && [ -n "${AIS_BENCH_PYTHON:-}" ]; then
  printf '%s\n' "$AIS_BENCH_PYTHON"
  exit 0
fi

cache=$(cache_folder) || exit 2
wanted=$(sha256sum <"$pins" | cut -c 1-12)
venv=$cache/python/bench-$wanted
python=$venv/bin/python3
log=$cache/python/bench-log

# Made to the end, and its base interpreter still there and of the same version.
is_whole() {
  [ -f "$venv/complete" ] && [ -x "$python" ] &&
    [ "$("$python" -c 'import sys; print(sys.version)' 2>/dev/null)" = "$(cat "$venv/complete")" ]
}

if [ $# = 0 ] && is_whole; then
  printf '%s\n' "$python"
  exit 0
fi

# One at a time: a second run waits here, then finds the work done.
mkdir -p "$cache/python"
exec 9>"$cache/python/.bench-lock"
flock 9
if [ $# = 1 ]; then
  rm -rf "$cache"/python/bench-*
  exit 0
fi
if is_whole; then
  printf '%s\n' "$python"
  exit 0
fi

# Those of earlier pins go, too: they are large.
make_venv() { rm -rf "$cache"/python/bench-* && python3 -m venv "$venv" >"$log" 2>&1 9>&-; }
if ! make_venv; then
  sh "$here/packages.sh" python3 python3-venv || give_up "python3 cannot make a venv"
  make_venv || give_up "python3 -m venv failed: $(tail -n 1 "$log")"
fi

# The list is complete, so pip need not follow dependencies, and cannot add to it.
install() {
  TMPDIR=$venv/tmp "$python" -m pip install --no-deps --only-binary=:all: --no-cache-dir \
    --no-input --disable-pip-version-check --progress-bar off -q --retries 2 "$@" \
    >"$log" 2>&1 </dev/null 9>&-
}
pip_error() { grep -i error "$log" | tail -n 1; }

mkdir -p "$venv/tmp"
sed '/^#/d; /^torch==/d' "$pins" >"$venv/others.txt"
torch=$(grep '^torch==' "$pins")
say "fetching the engines to measure against, about 300 MB"
install -r "$venv/others.txt" || give_up "pip failed: $(pip_error)"
# PyPI's own torch cannot be imported without gigabytes of CUDA libraries. The build for processors
# comes from where the user's pip looks for wheels, if it is there, or else from PyTorch's index.
install "$torch" || install --index-url https://download.pytorch.org/whl/cpu "$torch" ||
  give_up "pip found no $torch for this Python: $(pip_error)"
"$python" - >"$log" 2>&1 9>&- <<'PYTHON' || give_up "the packages do not load: $(tail -n 1 "$log")"
import ctypes, glob, importlib.util
import accelerate, gguf, numpy, torch, transformers

folder = importlib.util.find_spec("xllamacpp").submodule_search_locations[0]
ctypes.CDLL(glob.glob(folder + "/*.so")[0]).llama_decode
PYTHON
rm -rf "$venv/tmp" "$venv/others.txt" "$log"
"$python" -c 'import sys; print(sys.version)' >"$venv/complete"
printf '%s\n' "$python"
