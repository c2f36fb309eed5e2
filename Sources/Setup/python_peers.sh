#!/bin/sh
# Prints the path of a Python that has the packages of python_peers.txt; makes it where it is not.
#
# The tests let it open what AIS writes. It lives in the cache, apart from the system's Python. Where it
# cannot be made a line says so, nothing is printed, and the status is 1: the tests then say what they
# leave out.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

# The user's own choice needs no check: a test that finds a package missing says so.
if [ -n "${AIS_PYTHON:-}" ]; then
  printf '%s\n' "$AIS_PYTHON"
  exit 0
fi

pins=$here/python_peers.txt
kind=test
lost="no Python peers for the tests"
. "$here/venv.sh"

print_if_whole
lock_environments
print_if_whole

say "fetching $(tr '\n' ' ' <"$pins")for the tests"
begin_venv
install -r "$pins" || give_up "pip failed: $(pip_error)"
runs <<'PYTHON' || give_up "the packages do not load: $(tail -n 1 "$log")"
import faiss, gguf, h5py, numpy, pandas
PYTHON
finish_venv
