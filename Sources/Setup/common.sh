# Shared by the set-up scripts: sourced, never run.

# One line of progress, on standard error so that a tool's own output stays clean.
say() { printf 'ais: %s\n' "$*" >&2; }

# The last line of a set-up that cannot go on: what is wrong and what to do about it.
fail() {
  say "$*"
  exit 2
}

# The folder of everything that is kept between runs; made if missing.
cache_folder() {
  if [ -n "${AIS_CACHE:-}" ]; then
    folder=$AIS_CACHE
  elif [ -n "${HOME:-}" ]; then
    folder=$HOME/.cache/ais
  else
    fail "neither AIS_CACHE nor HOME is set, so there is no place for the cache"
  fi
  mkdir -p "$folder/models" "$folder/downloads" 2>/dev/null ||
    fail "cannot write to the cache folder $folder (AIS_CACHE moves it)"
  (cd "$folder" && pwd)
}

# Finds a pip that works.
find_pip() {
  for candidate in "python3 -m pip" pip3; do
    # shellcheck disable=SC2086  # a command and its arguments
    if $candidate --version >/dev/null 2>&1; then
      pip=$candidate
      return 0
    fi
  done
  return 1
}

# Sees to a python3 with pip, which the thing named needs; installs Debian's if that is allowed.
# Afterwards $pip is its command. The sourcing script has set `here`, the scripts' folder.
need_python() {
  if find_pip && command -v python3 >/dev/null; then return 0; fi
  say "python3 with pip is needed to fetch $1, and is not here"
  sh "$here/packages.sh" python3 python3-pip || exit 2
  if find_pip && command -v python3 >/dev/null; then return 0; fi
  fail "still no working python3 with pip; run: apt-get install -y python3 python3-pip"
}

# Identifies the compiler: a real compiler by its path and times; a launcher, such as swiftly, by
# the compiler's own answer, which takes most of a second.
compiler_identity() {
  program=$(readlink -f "$(command -v swift)") || return 1
  case ${program##*/}:$(head -c 2 "$program" | tr -d '\0') in
    swiftly:* | *:'#!') swift --version 2>&1 ;;
    *) stat -c '%n %s %.9Y %.9Z' "$program" ;;
  esac
}
