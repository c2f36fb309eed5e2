#!/bin/sh
# Prints the path of a Python that has the packages of python_peers.txt; makes it where it is not.
#
# The tests let it open what AIS writes. It lives in the cache, apart from the system's Python, and
# nothing is fetched again while it is whole. Where it cannot be made one line says so, nothing is
# printed, and the status is 1: the tests then say what they leave out.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
pins=$here/python_peers.txt

give_up() {
  say "no Python peers for the tests: $*"
  exit 1
}

# The user's own choice needs no check: a test that finds a package missing says so.
if [ -n "${AIS_PYTHON:-}" ]; then
  printf '%s\n' "$AIS_PYTHON"
  exit 0
fi

cache=$(cache_folder) || exit 2
wanted=$(sha256sum <"$pins" | cut -c 1-12)
venv=$cache/python/$wanted
python=$venv/bin/python3

# Made to the end, and its base interpreter still there and of the same version.
is_whole() {
  [ -f "$venv/complete" ] && [ -x "$python" ] &&
    [ "$("$python" -c 'import sys; print(sys.version)' 2>/dev/null)" = "$(cat "$venv/complete")" ]
}

if is_whole; then
  printf '%s\n' "$python"
  exit 0
fi

# One at a time: a second test run waits here, then finds the work done.
mkdir -p "$cache/python"
exec 9>"$cache/python/.lock"
flock 9
if is_whole; then
  printf '%s\n' "$python"
  exit 0
fi

make_venv() { rm -rf "$venv" && python3 -m venv "$venv" >"$cache/python/log" 2>&1 9>&-; }
if ! make_venv; then
  sh "$here/packages.sh" python3 python3-venv || give_up "python3 cannot make a venv"
  make_venv || give_up "python3 -m venv failed: $(tail -n 1 "$cache/python/log")"
fi

say "fetching $(tr '\n' ' ' <"$pins")for the tests"
mkdir -p "$venv/tmp"
TMPDIR=$venv/tmp "$python" -m pip install --only-binary=:all: --no-cache-dir --no-input \
  --disable-pip-version-check --progress-bar off -q --retries 2 -r "$pins" \
  >"$cache/python/log" 2>&1 </dev/null 9>&- ||
  give_up "pip failed: $(grep -i error "$cache/python/log" | tail -n 1)"
"$python" -c 'import faiss, gguf, h5py, numpy, pandas' >"$cache/python/log" 2>&1 ||
  give_up "the packages do not load: $(tail -n 1 "$cache/python/log")"
rm -rf "$venv/tmp" "$cache/python/log"
"$python" -c 'import sys; print(sys.version)' >"$venv/complete"
printf '%s\n' "$python"
