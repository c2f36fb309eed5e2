#!/bin/sh
# Prints the path of a Python that has the packages of python_peers.txt; makes it if missing.
#
# Tests let it open what AIS writes. It is in the cache, apart from the system's Python. If it
# cannot be made, a line says so, no path is printed, and the status is 1: the tests then say what
# they skip.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

# The user's own Python is not checked: a test reports a missing package itself.
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
