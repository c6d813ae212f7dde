"""Runs one cluster for as long as some other process lives."""

import os
import shutil
from pathlib import Path

from deploy.local.cassandra import CassandraCluster
from deploy.local.files import write_whole
from deploy.local.kafka import KafkaCluster
from deploy.local.shared import Answer, Place
from deploy.local.tools import MissingTool
from deploy.local.waiting import Asked, Watched
from lacuna_core.errors import LacunaError

KINDS: dict[str, type[KafkaCluster] | type[CassandraCluster]] = {
    "kafka": KafkaCluster,
    "cassandra": CassandraCluster,
}


def supervise(folder: Path, kind: str, until_pid: int) -> None:
    """Run a cluster until a process is gone or we are asked to end.

    Parameters
    ----------
    folder : Path
        Where the answer is written, and the cluster lives.
    kind : str
        ``kafka`` or ``cassandra``.
    until_pid : int
        The process.
    """
    with Watched(until_pid) as watched:
        cluster = KINDS[kind](folder / kind)
        try:
            answer = _start(cluster)
            write_whole(Place(folder, kind).answer, answer.model_dump_json(), private=True)
            with Asked() as asked:
                while cluster.pids and not asked and not watched.gone():
                    pass
        finally:
            _discard(cluster)


def _start(cluster: KafkaCluster | CassandraCluster) -> Answer:
    try:
        cluster.start()
    except MissingTool as error:
        return Answer(pid=os.getpid(), missing=str(error))
    except LacunaError as error:
        return Answer(pid=os.getpid(), error=str(error))
    return Answer(pid=os.getpid(), settings=cluster.settings().model_dump(mode="json"))


def _discard(cluster: KafkaCluster | CassandraCluster) -> None:
    """End a cluster whose data nobody reads any more; its logs stay."""
    for number, node in cluster.nodes.items():
        cluster.kill(number)
        shutil.rmtree(node.folder / "data", ignore_errors=True)
