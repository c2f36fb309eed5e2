#!/bin/sh
# Checks that a Swift that can build this package is installed.
set -eu
. "$(dirname "$0")/common.sh"

command -v swift >/dev/null ||
  fail "Swift is not on the PATH; install Swift 6.1 or later (swift.org/install/linux/debian)"
# Asking the compiler takes most of a second, so the answer is cached for this compiler.
identity=$(compiler_identity)
known=$(dirname "$0")/../../.build/ais-toolchain
if [ -f "$known" ] && [ "$(cat "$known")" = "$identity" ]; then exit 0; fi

version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
[ -n "$version" ] || fail "'swift --version' does not answer; is the toolchain whole?"
major=${version%%.*}
minor=${version#*.}
[ "$major" -gt 6 ] || { [ "$major" = 6 ] && [ "$minor" -ge 1 ]; } ||
  fail "Swift $version is too old: 6.1 or later is needed"

# If the answer cannot be cached, the next run asks again.
{ mkdir -p "$(dirname "$known")" && printf '%s\n' "$identity" >"$known"; } 2>/dev/null || true
