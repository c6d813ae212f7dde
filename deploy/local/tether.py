"""Become another program that the kernel ends when the one that started it dies.

``tether.py PARENT PROGRAM ...``: the process id of the one that starts it, and an absolute path.
Run as a script in a process of its own, so that nothing of a threaded parent runs between fork and exec.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Set the death signal, look whether the parent is still there, turn into the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    # it may have died before the signal was set
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
