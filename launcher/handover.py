# SPDX-License-Identifier: MIT
"""Gives the launcher's process to a program, as if that had been started directly."""
import os
import signal
import sys

from launcher.console import LauncherError


def replace_process(command, environment, folder=None):
    """Runs `command` in the launcher's place, so that exit status, signals and terminal are its
    own, and Ctrl-C reaches it alone: a simulator finalises its results then. Does not return."""
    if folder:
        os.chdir(folder)
    sys.stdout.flush()
    sys.stderr.flush()
    # Python ignores these, and what is ignored stays so: `... | head` would not end the program.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, environment)
    except OSError as error:
        raise LauncherError("cannot run %s: %s" % (command[0], error.strerror)) from error
