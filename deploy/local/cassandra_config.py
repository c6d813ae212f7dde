"""The files and flags of a Cassandra node."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.certificates import Certificates
from deploy.local.ports import address

# what the server reaches into; without them it dies and says nothing useful
_EXPORTS = (
    "java.base/jdk.internal.misc", "java.base/java.lang.ref",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.management/com.sun.jmx.remote.security", "java.rmi/sun.rmi.registry", "java.rmi/sun.rmi.server",
    "java.sql/java.sql", "jdk.unsupported/sun.misc", "jdk.compiler/com.sun.tools.javac.file",
    "jdk.attach/sun.tools.attach",
)  # fmt: skip
_OPENS = (
    "java.base/java.lang.module", "java.base/jdk.internal.loader", "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect", "java.base/jdk.internal.math", "java.base/jdk.internal.module",
    "java.base/jdk.internal.util.jar", "java.base/sun.nio.ch", "java.base/java.io",
    "java.base/java.lang.reflect", "java.base/java.lang", "java.base/java.util", "java.base/java.nio",
    "jdk.management/com.sun.management.internal", "jdk.compiler/com.sun.tools.javac",
)  # fmt: skip
_LOGBACK = """\
<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{ISO8601} %-5level %logger{20} %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
"""
_RING = 2**64


@dataclass(frozen=True, slots=True)
class Plan:
    """What all nodes of a cluster share.

    Attributes
    ----------
    cluster_name : str
        Theirs alone.
    nodes : int
        How many.
    port, storage_port : int
        For clients and between nodes, the same on each address.
    auth : bool
        Whether clients log in.
    """

    cluster_name: str
    nodes: int
    port: int
    storage_port: int
    auth: bool


def render(plan: Plan, node: int, data: Path, certificates: Certificates | None) -> str:
    """Write the configuration of a node.

    Parameters
    ----------
    plan : Plan
        The cluster.
    node : int
        Which.
    data : Path
        What it stores.
    certificates : Certificates or None
        Given when clients have to use TLS.

    Returns
    -------
    str
        ``cassandra.yaml``, in JSON, which is YAML.
    """
    told = _settings(plan, node) | _commit_log(plan) | _folders(data) | _access(plan)
    if certificates is not None:
        told["client_encryption_options"] = {
            "enabled": True,
            "optional": False,
            "keystore": str(certificates.store_file),
            "keystore_password": certificates.store_password_file.read_text(),
            "store_type": "PKCS12",
            "require_client_auth": False,
        }
    return json.dumps(told, indent=1)


def _commit_log(plan: Plan) -> dict[str, Any]:
    """When a write is on disk.

    Several nodes run to be killed, and two killed within the same second would take acknowledged writes with
    them: there every write waits for the disk. One node syncs each second, as fast as a test needs it.
    """
    if plan.nodes > 1:
        return {"commitlog_sync": "batch"}
    return {"commitlog_sync": "periodic", "commitlog_sync_period": "1000ms"}


def _settings(plan: Plan, node: int) -> dict[str, Any]:
    return {
        "cluster_name": plan.cluster_name,
        "num_tokens": 1,
        "initial_token": str((node - 1) * _RING // plan.nodes - _RING // 2),
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch": "SimpleSnitch",
        "listen_address": address(node),
        "rpc_address": address(node),
        "native_transport_port": plan.port,
        "storage_port": plan.storage_port,
        "start_native_transport": True,
        "auto_bootstrap": False,
        "auto_snapshot": False,
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": f"{address(1)}:{plan.storage_port}"}],
            }
        ],
        "commitlog_segment_size": "8MiB",
        "commitlog_total_space": "256MiB",
        "memtable_heap_space": "64MiB",
        "memtable_offheap_space": "64MiB",
        "file_cache_size": "64MiB",
        "networking_cache_size": "16MiB",
        "key_cache_size": "0MiB",
        "concurrent_compactors": 1,
        "cdc_enabled": False,
    }


def _folders(data: Path) -> dict[str, Any]:
    return {
        "data_file_directories": [str(data / "data")],
        "commitlog_directory": str(data / "commitlog"),
        "hints_directory": str(data / "hints"),
        "saved_caches_directory": str(data / "saved"),
        "cdc_raw_directory": str(data / "cdc"),
    }


def _access(plan: Plan) -> dict[str, Any]:
    return {
        "authenticator": "PasswordAuthenticator" if plan.auth else "AllowAllAuthenticator",
        "authorizer": "CassandraAuthorizer" if plan.auth else "AllowAllAuthorizer",
        "role_manager": "CassandraRoleManager",
        # a grant counts at once, more or less
        "permissions_validity": "100ms",
        "roles_validity": "100ms",
        "credentials_validity": "100ms",
    }


def logback() -> str:
    """Write the configuration of the log: all of it to the standard output.

    Returns
    -------
    str
        ``logback.xml``.
    """
    return _LOGBACK


def flags(conf: Path, data: Path, agent: Path, fast_start: bool) -> tuple[str, ...]:
    """List the flags of the virtual machine.

    Parameters
    ----------
    conf : Path
        Folder of ``cassandra.yaml`` and ``logback.xml``.
    data : Path
        What it stores.
    agent : Path
        The jar that measures memtables.
    fast_start : bool
        Whether nodes trust each other at once, which is right where all of them are on one machine.

    Returns
    -------
    tuple of str
        The flags.
    """
    access = [f"--add-exports={name}=ALL-UNNAMED" for name in _EXPORTS]
    access += [f"--add-opens={name}=ALL-UNNAMED" for name in _OPENS]
    waits = (
        ("-Dcassandra.skip_wait_for_gossip_to_settle=0", "-Dcassandra.ring_delay_ms=100")
        if fast_start
        else ()
    )
    return (
        f"-javaagent:{agent}",
        "-Xss512k",
        "-XX:MaxDirectMemorySize=256m",
        *access,
        "-Djdk.attach.allowAttachSelf=true",
        "-Dio.netty.tryReflectionSetAccessible=true",
        f"-Dcassandra.config={(conf / 'cassandra.yaml').as_uri()}",
        f"-Dcassandra.storagedir={data}",
        "-Dcassandra-foreground=yes",
        "-Dcassandra.superuser_setup_delay_ms=0",
        f"-Dlogback.configurationFile={conf / 'logback.xml'}",
        *waits,
    )
