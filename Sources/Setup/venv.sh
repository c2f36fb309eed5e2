# Virtual environments of Python in the cache: sourced after common.sh, never run.
#
# The sourcing script has set `here`, the scripts' folder; `pins`, a list of packages for pip; `kind`, the
# environment's name in the cache; `lost`, what is missing without it. An environment is named after its list:
# another list makes another environment. Nothing is fetched again while one is complete. If one cannot be made,
# a line on standard error says so, and the status is 1.

cache=$(cache_folder) || exit 2
environments=$cache/python
venv=$environments/$kind-$(sha256sum <"$pins" | cut -c 1-12)
python=$venv/bin/python3
log=$environments/$kind.log
mkdir -p "$environments"

# Prints the environment's Python and exits, if it is complete and its base interpreter still exists with the
# same version.
print_if_whole() {
  [ -f "$venv/complete" ] && [ -x "$python" ] &&
    [ "$("$python" -c 'import sys; print(sys.version)' 2>/dev/null)" = "$(cat "$venv/complete")" ] ||
    return 0
  printf '%s\n' "$python"
  exit 0
}

# One at a time: a second run waits here, then finds the work done.
lock_environments() {
  exec 9>"$environments/.$kind.lock"
  flock 9
}

remove_environments() { rm -rf "$environments/$kind"-* "$log"; }

give_up() {
  say "$lost: $*"
  exit 1
}

make_venv() { rm -rf "$venv" && python3 -m venv "$venv" >"$log" 2>&1 9>&-; }

# From here to finish_venv, the half-made environment is deleted if the script ends for any reason.
begin_venv() {
  trap 'rm -rf "$venv" "$log"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if ! make_venv; then
    sh "$here/packages.sh" python3 python3-venv 9>&- || give_up "python3 cannot make a venv"
    make_venv || give_up "python3 -m venv failed: $(tail -n 1 "$log")"
  fi
  mkdir -p "$venv/tmp"
}

# pip's own options and what to install.
install() {
  TMPDIR=$venv/tmp "$python" -m pip install --only-binary=:all: --no-cache-dir --no-input \
    --disable-pip-version-check --progress-bar off -q --retries 2 "$@" >"$log" 2>&1 </dev/null 9>&-
}

pip_error() { grep -i error "$log" | tail -n 1; }

# Whether the environment runs a program, given on standard input.
runs() { "$python" - >"$log" 2>&1 9>&-; }

# Removes environments of earlier lists, now that there is a new one: they are large.
finish_venv() {
  rm -rf "$venv/tmp" "$log"
  "$python" -c 'import sys; print(sys.version)' >"$venv/complete"
  trap - EXIT INT TERM
  for other in "$environments/$kind"-*; do
    [ "$other" = "$venv" ] || rm -rf "$other"
  done
  printf '%s\n' "$python"
}
