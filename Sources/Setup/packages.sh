#!/bin/sh
# Installs the Debian packages that the build and the pages' pictures need, or prints the one
# line that does.
#
# Usage: packages.sh [PACKAGE …]   (without names: the build's own)
#        packages.sh --names       prints the build's own, installs nothing
#
# Asks nothing, and contacts nothing when every package is present.
set -eu
. "$(dirname "$0")/common.sh"

own='libopenblas-dev libhdf5-dev libfaiss-dev libdnnl-dev libcurl4-openssl-dev zlib1g-dev
  ca-certificates pkg-config gnuplot-nox'
if [ "${1:-}" = --names ]; then
  printf '%s\n' "$own"
  exit 0
fi
# shellcheck disable=SC2086  # one word a package
[ $# -gt 0 ] || set -- $own

if ! command -v dpkg-query >/dev/null; then
  say "no dpkg here, so this is not Debian; the build needs the counterparts of: $*"
  exit 0
fi

# One query for all packages, since each takes time; only if some are missing, each is checked.
present=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sort -u |
  grep -c '^installed ') || true
[ "$present" != $# ] || exit 0

missing=
for package in "$@"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || status=absent
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root() { env DEBIAN_FRONTEND=noninteractive "$@"; }
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root() { sudo -n env DEBIAN_FRONTEND=noninteractive "$@"; }
else
  say "these packages are missing and may not be installed from here. Run this, then try again:"
  printf '  sudo apt-get install -y%s\n' "$missing" >&2
  exit 2
fi

# Another apt may be at work: wait for its lock instead of failing.
apt() { as_root apt-get -o DPkg::Lock::Timeout=300 -q -y "$@" </dev/null >&2; }

say "installing$missing"
lists=$(find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | head -n 1)
[ -n "$lists" ] || apt update || true
# Outdated lists name versions that the mirror no longer has: refresh once, then try again.
# shellcheck disable=SC2086  # one word a package
apt install --no-install-recommends $missing || {
  apt update && apt install --no-install-recommends $missing
} || fail "apt-get could not install:$missing (its messages are above)"
