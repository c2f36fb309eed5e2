#!/bin/bash
# Builds all tools for release, if anything has changed since the last build.
#
# Usage: build.sh
#
# Even a build that has nothing to do takes seconds. So the last one's inputs (every source file's
# name, size and times, the compiler, the libraries' versions) and outputs are kept in a stamp;
# while they are the same, nothing runs.
set -eu
cd "$(dirname "$0")/../.."
. Sources/Setup/common.sh
stamp=.build/ais-built

# Names, sizes, times of content and inode: every change of a file changes one of these.
list() { find "$@" -type f -printf '%p %s %T@ %C@\n' 2>/dev/null | LC_ALL=C sort; }

inputs() {
  list Sources Experiments Tests Package.swift
  compiler_identity
  printf '%s\n' "${PKG_CONFIG_PATH:-}" "${CC:-}" "${CPATH:-}" "${LIBRARY_PATH:-}"
  # shellcheck disable=SC2046  # a word a package
  dpkg-query -W $(sh Sources/Setup/packages.sh --names) 2>/dev/null || true
}

# A missing tool makes the list shorter.
products() {
  list Package.resolved
  for tool in ais Experiments/*; do list ".build/release/${tool##*/}"; done
}

digest() { sha256sum | cut -d ' ' -f 1; }
is_current() {
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$before $(products | digest)" ]
}

# For --version: a commit may follow a build without changing any file.
note_commit() {
  commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || commit=
  [ -z "$commit" ] ||
    [ -z "$(git status --porcelain -- Sources Experiments Package.swift 2>/dev/null)" ] ||
    commit="$commit, with changes"
  printf '%s\n' "$commit" >.build/release/ais-commit
}

before=$(inputs | digest)
if is_current; then
  note_commit
  exit 0
fi

# One build at a time: a second make waits here, then finds the work done.
mkdir -p .build
exec 9>.build/ais-build.lock
flock 9
if is_current; then exit 0; fi
rm -f "$stamp"

bash Sources/Setup/swift.sh build -c release
note_commit
# Seconds, once for each processor and version of the kernels. Without it the default is used.
if [ -x .build/release/ais ]; then .build/release/ais tune --if-missing >&2 || true; fi

# The digest from before is stored: so changes during the build are built the next time.
printf '%s %s\n' "$before" "$(products | digest)" >"$stamp.new"
mv "$stamp.new" "$stamp"
