"""The jars of a server, fetched by Maven once, checked against the lock each time."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.local.files import file_lock
from deploy.local.jars import LOCK_FILE, Jar, digest, read_lock, write_lock
from deploy.local.tools import MissingTool, find_java, find_maven
from lacuna_core.errors import InvalidInput

SERVERS = ("kafka", "cassandra")
_POMS = Path(__file__).with_name("pom")
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_FETCH_S = 600.0


def cache_folder() -> Path:
    """Say where fetched jars are kept.

    Returns
    -------
    Path
        Outside the tree, shared by all checkouts of this user.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "lacuna" / "jars"


def jars(server: str, *, cache: Path | None = None, lock: Path = LOCK_FILE) -> dict[str, Path]:
    """Give the jars of a server, every one of them checked.

    Parameters
    ----------
    server : str
        ``kafka`` or ``cassandra``.
    cache : Path or None
        Where they are kept; `cache_folder` when None.
    lock : Path
        What they must be.

    Returns
    -------
    dict of str to Path
        File by artifact name with its classifier, in the order of the class path.

    Raises
    ------
    MissingTool
        If they have to be fetched and Maven is missing or can't.
    InvalidInput
        If one is not what the lock says.
    """
    wanted = read_lock(server, lock)
    name = hashlib.sha256("\n".join(map(str, wanted)).encode()).hexdigest()[:16]
    folder = (cache or cache_folder()) / name
    with file_lock(folder.with_name(f"{name}.lock"), _FETCH_S):
        if not folder.exists():
            _fill(folder, server, wanted)
        _verify(folder, wanted)
    return {f"{jar.artifact}-{jar.classifier}".rstrip("-"): folder / jar.path for jar in wanted}


def relock(path: Path = LOCK_FILE) -> None:
    """Resolve the dependencies anew and write down what they are.

    Parameters
    ----------
    path : Path
        The lock.

    Raises
    ------
    MissingTool
        If Maven is missing or can't fetch them.
    """
    sections = {}
    with tempfile.TemporaryDirectory() as temporary:
        for server in SERVERS:
            root = Path(temporary) / server
            _fetch(server, root)
            sections[server] = sorted(Jar.found_at(root, file) for file in root.rglob("*.jar"))
    write_lock(sections, path)


def _fill(folder: Path, server: str, wanted: tuple[Jar, ...]) -> None:
    """Fetch into a folder beside, which takes its name only when it is whole."""
    unfinished = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        _fetch(server, unfinished)
        _verify(unfinished, wanted)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _fetch(server: str, folder: Path) -> None:
    java_home = find_java().parent.parent
    command: list[str | Path] = [
        find_maven(), "-q", "-B", "-f", _POMS / f"{server}.xml", _COPY,
        "-DincludeScope=runtime", "-Dmdep.useRepositoryLayout=true", f"-DoutputDirectory={folder}",
    ]  # fmt: skip
    try:
        subprocess.run(
            command,
            env=os.environ | {"JAVA_HOME": str(java_home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FETCH_S,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        said = [line for line in error.stdout.splitlines() if line.startswith("[ERROR]")]
        raise MissingTool(
            f"Maven could not fetch the jars of {server}: {said[0] if said else 'no reason given'}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise MissingTool(f"Maven did not fetch the jars of {server} within {_FETCH_S:.0f} s") from error


def _verify(folder: Path, wanted: tuple[Jar, ...]) -> None:
    for jar in wanted:
        file = folder / jar.path
        found = digest(file) if file.is_file() else "missing"
        if found != jar.sha256:
            raise InvalidInput(
                f"{file} is not the jar of the lock (sha256 {found}, expected {jar.sha256}): "
                f"remove {folder} to fetch it again"
            )
