# SPDX-License-Identifier: MIT
"""What goes wrong, in one line each."""


class BadInput(Exception):
    """Of the user: where, what, and what to do about it."""

    def __init__(self, place, problem, remedy):
        super().__init__(f"{place}: {problem}; {remedy}")
        self.place, self.problem, self.remedy = place, problem, remedy


class RunFailed(Exception):
    """The simulator ended otherwise than done or with bad input."""


def printable(text, size_max=80):
    """A text from a file, fit for a message."""
    plain = "".join(char if " " <= char < "\x7f" else f"\\x{ord(char):02x}" for char in str(text))
    return plain if len(plain) <= size_max else plain[:size_max] + "..."


def read_bounded(path, size_max_bytes):
    """The text of a file that is not longer than that. Bytes that are no UTF-8 are replaced."""
    try:
        with open(path, "rb") as file:
            data = file.read(size_max_bytes + 1)
    except OSError as error:
        raise BadInput(printable(path), f"cannot be read ({error.strerror})",
                       "name a file that can") from error
    if len(data) > size_max_bytes:
        raise BadInput(printable(path), f"is longer than {size_max_bytes >> 20} MiB",
                       "give a part of it")
    return data.decode("utf-8", errors="replace")
