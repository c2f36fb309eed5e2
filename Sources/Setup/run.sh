#!/bin/sh
# Runs a tool, with make's variables as its options: N=40 becomes --n=40.
#
# Usage: run.sh TOOL [ARGUMENT …]
#
# The values are passed through the environment, never as text of a command, so that none is
# executed. AIS_GIVEN lists their names, which check.sh has found in targets.txt. Variables that
# were not given add no option: defaults are only in the tools.
set -eu

for name in ${AIS_GIVEN:-}; do
  case $name in *[!A-Z0-9_]* | AIS_* | HF_* | SHELL | SSL_CERT_FILE) continue ;; esac
  eval "value=\$$name"
  unset "$name"
  if [ "$name" = RESUME ]; then
    case $value in 0 | no) set -- "$@" --no-resume ;; esac
    continue
  fi
  if [ "$name" = FORCE ]; then
    case $value in 1 | yes) set -- "$@" --force ;; esac
    continue
  fi
  option=$(printf '%s' "$name" | tr 'A-Z_' 'a-z-')
  set -- "$@" "--$option=$value"
done
unset AIS_GIVEN
exec "$@"
