"""Downloads one file, and goes on with what an earlier call left.

Usage: fetch_file.py URL TARGET BYTES

Ends with 0 once TARGET has BYTES bytes; whoever calls it checks their digest. Ends with 1 after one line on standard error,
and keeps what has arrived.
"""
import http.client
import os
import sys
import time
import urllib.error
import urllib.request

ATTEMPTS = 4
TIMEOUT_SECONDS = 20
PIECE_BYTES = 1 << 20


class FetchError(Exception):
    """Why a file has not arrived."""


class Unreachable(FetchError):
    """There is no connection to the file's host; the cause says why."""


def say(text):
    print(f"ais: {text}", file=sys.stderr, flush=True)


class Progress:
    """A line for each tenth of a file that comes in several pieces."""

    def __init__(self, name, total):
        self.name, self.total, self.shown = name, total, 0

    def advance(self, done):
        tenth = 10 * done // self.total
        if tenth > self.shown and self.total > PIECE_BYTES:
            self.shown = tenth
            say(f"{self.name}: {tenth}0 %")


def fetch_rest(url, target, total, progress):
    """Appends what is missing. Raises OSError if the connection ends early."""
    present = os.path.getsize(target) if os.path.exists(target) else 0
    if present >= total:
        return
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity"})
    if present:
        request.add_header("Range", f"bytes={present}-")
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        # A server that knows no ranges sends the file from its beginning.
        continues = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {present}-")
        with open(target, "ab" if continues else "wb") as out:
            while piece := answer.read(PIECE_BYTES):
                out.write(piece)
                if out.tell() > total:
                    raise ValueError(f"expected {total} bytes, found more")
                progress.advance(out.tell())
    if os.path.getsize(target) < total:
        raise OSError("the answer ended before the file did")


def fetch(url, target, total):
    """Fetches the file, or raises a FetchError and keeps what has arrived."""
    progress = Progress(os.path.basename(url), total)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return fetch_rest(url, target, total, progress)
        except urllib.error.HTTPError as error:
            reason, is_final = f"HTTP status {error.code}", error.code not in (408, 429) and error.code < 500
        except urllib.error.URLError as error:
            # Without a connection to the host there is nothing to repeat.
            raise Unreachable(f"{url}: {error.reason}") from error
        except ValueError as error:
            os.remove(target)
            reason, is_final = str(error), True
        except (OSError, http.client.HTTPException) as error:
            reason, is_final = str(error), False
        if is_final or attempt == ATTEMPTS:
            raise FetchError(f"{url}: {reason}")
        time.sleep(attempt)


if __name__ == "__main__":
    try:
        fetch(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    except FetchError as failure:
        sys.exit(f"ais: {failure}")
