#!/bin/sh
# Fetches one wheel with pip, so from the user's own package index if there is one, and checks it.
#
# Usage: fetch_wheel.sh PACKAGE VERSION SHA256 TARGET
#
# A TARGET that has the digest is kept. If the wheel cannot be had, a line says so, and the status is 1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
package=$1 version=$2 sha256=$3 target=$4
work=$target.work

is_whole() { [ -f "$target" ] && [ "$(sha256sum <"$target")" = "$sha256  -" ]; }

# pip's temporary files stay in the cache too.
download() {
  rm -rf "$work" && mkdir -p "$work/wheel" "$work/tmp"
  # shellcheck disable=SC2086  # a command and its arguments
  TMPDIR=$work/tmp $pip download --no-deps --only-binary=:all: --no-cache-dir --no-input \
    --disable-pip-version-check --progress-bar off -q --retries 2 -d "$work/wheel" "$package==$version" \
    >"$work/pip.log" 2>&1 </dev/null || return 1
  mv "$work"/wheel/*.whl "$target"
}

if is_whole; then exit 0; fi
need_python "$package $version"
say "fetching $package $version"
if download; then
  rm -rf "$work"
  if is_whole; then exit 0; fi
  reason="the file that came has SHA-256 $(sha256sum <"$target" | cut -d ' ' -f 1)"
  rm -f "$target"
else
  reason="pip: $(grep -i error "$work/pip.log" | tail -n 1); with the network back, run the same command again"
  rm -rf "$work"
fi
say "could not fetch $package $version (SHA-256 $sha256): $reason"
exit 1
