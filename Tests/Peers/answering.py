"""How a peer's worker talks: requests on standard input, answers on standard output, each a line of JSON."""

import json
import os
import sys


def serve(open_peer):
    """Says that the peer is ready, then answers requests until `quit` or the end of the input.

    `open_peer` returns facts about the peer for the first answer, and a function from a request to its answer. An
    exception is answered with its message, and ends the process with status 1.
    """
    # Libraries write to file descriptor 1, too, so the answers get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(message):
        print(json.dumps(message), file=answers, flush=True)

    try:
        facts, answer = open_peer()
        say({"ready": True, **facts})
        for line in sys.stdin:
            request = json.loads(line)
            if request["op"] == "quit":
                break
            say(answer(request))
    except Exception as error:
        # Some libraries' messages have many lines; the first says what happened.
        text = (str(error).strip().splitlines() or ["no message"])[0]
        say({"error": f"{type(error).__name__}: {text}"})
        sys.exit(1)
