"""The programs of the machine that local brokers need, found or named in one line."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lacuna_core.errors import ConfigError

JAVA_RELEASE = 17
_JVM_FOLDER = Path("/usr/lib/jvm")
_VERSION_TIMEOUT_S = 30.0


class MissingTool(ConfigError):
    """Something has to be installed before brokers can run here: skip, or stop and say what."""


def find_java(installed: Path = _JVM_FOLDER) -> Path:
    """Find a Java of the one release that both Kafka and Cassandra run on.

    Parameters
    ----------
    installed : Path
        Where the system puts its Javas; looked at after ``JAVA_HOME`` and before the search path.

    Returns
    -------
    Path
        The ``java`` program.

    Raises
    ------
    MissingTool
        If there is none; newer and older ones are named, never taken.
    """
    seen = {}
    for candidate in _java_candidates(installed):
        found = _java_release(candidate)
        if found == JAVA_RELEASE:
            return candidate
        seen[str(candidate)] = found
    others = (
        ", ".join(f"{path} is {release or 'broken'}" for path, release in seen.items()) or "no java at all"
    )
    raise MissingTool(
        f"Kafka and Cassandra need Java {JAVA_RELEASE} ({others}): "
        f"install openjdk-{JAVA_RELEASE}-jre-headless or point JAVA_HOME to one"
    )


def find_maven() -> Path:
    """Find Maven, which fetches the jars.

    Returns
    -------
    Path
        The ``mvn`` program.

    Raises
    ------
    MissingTool
        If there is none.
    """
    return _on_path("mvn", "Kafka and Cassandra are fetched by Maven: install maven")


def find_openssl() -> Path:
    """Find OpenSSL, which makes the certificates.

    Returns
    -------
    Path
        The ``openssl`` program.

    Raises
    ------
    MissingTool
        If there is none.
    """
    return _on_path("openssl", "Brokers with TLS need certificates: install openssl")


def _on_path(name: str, advice: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise MissingTool(advice)
    return Path(found)


def _java_candidates(installed: Path) -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    for folder in sorted(installed.glob(f"*{JAVA_RELEASE}*")):
        yield folder / "bin" / "java"
    found = shutil.which("java")
    if found:
        yield Path(found)


@cache
def _java_release(java: Path) -> int | None:
    if not java.is_file():
        return None
    try:
        asked = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=_VERSION_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(\d+)', asked.stderr)
    return int(found.group(1)) if found else None
