# SPDX-License-Identifier: MIT
"""How the launcher speaks: one-line errors with a remedy, and notes on stderr."""
import difflib
import sys

BAD_USAGE = 2
FAILED = 1
INTERRUPTED = 130


class LauncherError(Exception):
    """Ends the launcher: one line for the user, and the exit status."""

    def __init__(self, message, status=BAD_USAGE):
        super().__init__(message)
        self.status = status


def note(message):
    """Says something that is not the program's output, so that stdout stays the program's."""
    print("ns3: " + message, file=sys.stderr, flush=True)


def suggestion(word, known):
    """"; did you mean 'x'?" or, where nothing is close, the list of what there is."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return "; did you mean '%s'?" % close[0]
    return "; there is: %s" % " ".join(known) if known else ""


def unknown(kind, word, known):
    return LauncherError("unknown %s '%s'%s" % (kind, word, suggestion(word, known)))
