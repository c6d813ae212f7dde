"""Command lines of Java servers."""

import os
from collections.abc import Iterable
from pathlib import Path

from deploy.local.cluster import Launch
from deploy.local.tools import find_java


def java(
    jars: Iterable[Path],
    main: str,
    *arguments: str | Path,
    flags: Iterable[str],
    heap_mb: int,
    fast_start: bool,
) -> Launch:
    """Say how a Java program is started.

    Parameters
    ----------
    jars : iterable of Path
        Its class path.
    main : str
        Class that is run.
    *arguments : str or Path
        Its arguments.
    flags : iterable of str
        Of the virtual machine.
    heap_mb : int
        Most heap, MiB.
    fast_start : bool
        Compile little, collect with one thread: starts in half the time and is no measure of speed.

    Returns
    -------
    Launch
        The command; the class path goes by the environment, so that a list of processes stays readable.
    """
    quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto") if fast_start else ()
    command = (find_java(), f"-Xms{heap_mb // 2}m", f"-Xmx{heap_mb}m", *quick, *flags, main, *arguments)
    return Launch(command, {"CLASSPATH": os.pathsep.join(map(str, jars))})
