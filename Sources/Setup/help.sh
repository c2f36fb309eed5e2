#!/bin/sh
# Prints make's targets, or all about one experiment.
#
# Usage: help.sh              every target in a line
#        EXP=016 help.sh      an experiment's card, its variables with their defaults, what it needs
#
# The list is targets.txt. A card and its defaults come from the experiment's own executable, which
# is not built for this.
set -eu
cd "$(dirname "$0")/../.."
. Sources/Setup/common.sh
table=Sources/Setup/targets.txt

# NAME, VARIABLES and DESCRIPTION of every row, separated by tabs.
rows() { sed -n '/^[^#*]/s/ *| */	/gp' "$table"; }

overview() {
  echo 'make TARGET [VARIABLE=value …]'
  echo
  rows | awk -F '\t' '!/^exp-/ { printf "  %-12s %s\n", $1, $3 }'
  echo
  rows | awk -F '\t' '/^exp-/ { printf "  %-12s %s\n", $1, $3 }'
  echo
  echo 'An experiment writes Results/expNNN.md and Results/expNNN/*.h5. One of them, its variables and'
  echo 'their defaults: make help EXP=016. Exit statuses: 0 done, 1 failed or different, 2 wrong request.'
}

# The target of a number or a name: 16, 016, exp016 and exp-016 are the same.
target() {
  name=${1#exp}
  name=${name#-}
  case $name in
    '' | *[!0-9]* | ?????*) name=$1 ;;
    *) name=exp-$(printf '%03d' "$(printf '%s' "$name" | sed 's/^0*//; s/^$/0/')" 2>/dev/null) ;;
  esac
  rows | awk -F '\t' -v name="$name" '
    (/^exp-/ || /^bench/) && $1 == name { print $1 }'
}

one() {
  target=$(target "$1")
  [ -n "$target" ] || fail "EXP=$1: there is no such experiment; there are:$(
    rows | awk -F '\t' '/^exp-/ || /^bench/ { sub(/^exp-/, "", $1); printf " %s", $1 }')"
  tool=.build/release/$(printf '%s' "${target%-peers}" | sed 's/^exp-/exp/')
  if [ -x "$tool" ]; then
    exec "$tool" --describe
  fi
  rows | awk -F '\t' -v name="$target" '
    $1 == name { print "make " name " · " $3; print "  takes    " $2 }'
  echo '  More (what it claims, its defaults, what it needs) comes from its executable, which is not'
  echo '  built yet: make setup'
}

if [ -n "${EXP:-}" ]; then one "$EXP"; else overview; fi
