#!/bin/sh
# Prints the path of a Python that has the packages of bench_peers.txt; makes it if missing.
#
# Usage: bench_peers.sh            prints the path; the first time this fetches about 300 MB
#        bench_peers.sh --gpu      prints the path of a Python for a GPU; makes nothing
#        bench_peers.sh --remove   deletes what it made
#
# `make bench-peers` measures the engines in it. It is in the cache and takes 1.3 GB there. If it
# cannot be made, a line says so, no path is printed, and the status is 1. AIS_BENCH_PYTHON names a
# Python of the user's own instead. On a GPU that one serves, or else the system's: a torch for CUDA
# takes gigabytes and must suit the driver.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

case $#:${1:-} in
  0: | 1:--gpu | 1:--remove) ;;
  *) fail "bench_peers.sh takes --gpu, --remove or nothing, not: $*" ;;
esac

# The user's own Python is not checked: a peer reports a missing package itself.
if [ "${1:-}" != --remove ] && [ -n "${AIS_BENCH_PYTHON:-}" ]; then
  printf '%s\n' "$AIS_BENCH_PYTHON"
  exit 0
fi
if [ "${1:-}" = --gpu ]; then
  command -v python3 || fail "no python3 here; AIS_BENCH_PYTHON names one that has a torch for CUDA"
  exit 0
fi

pins=$here/bench_peers.txt
kind=bench
lost="no peers to measure against"
. "$here/venv.sh"

if [ $# = 1 ]; then
  lock_environments
  remove_environments
  exit 0
fi
print_if_whole
lock_environments
print_if_whole

say "fetching the engines to measure against, about 300 MB"
begin_venv
sed '/^#/d; /^torch==/d' "$pins" >"$venv/others.txt"
torch=$(grep '^torch==' "$pins")
# The list is complete, so pip must not follow dependencies.
install --no-deps -r "$venv/others.txt" || give_up "pip failed: $(pip_error)"
# PyPI's own torch cannot be imported without gigabytes of CUDA libraries. The build for processors
# comes from the user's own package index, if it is there, or else from PyTorch's index.
install --no-deps "$torch" ||
  install --no-deps --index-url https://download.pytorch.org/whl/cpu "$torch" ||
  give_up "pip found no $torch for this Python: $(pip_error)"
runs <<'PYTHON' || give_up "the packages do not load: $(tail -n 1 "$log")"
import ctypes, glob, importlib.util
import accelerate, gguf, numpy, torch, transformers

folder = importlib.util.find_spec("xllamacpp").submodule_search_locations[0]
ctypes.CDLL(glob.glob(folder + "/*.so")[0]).llama_decode
PYTHON
rm -f "$venv/others.txt"
finish_venv
