"""The properties of a broker."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.local.certificates import COMMON_NAME, Certificates
from deploy.local.ports import address

ADMIN = "admin"
MECHANISM = "SCRAM-SHA-512"
Security = Literal["plaintext", "sasl_ssl"]

# a value may be 1 MiB, and a batch has a head
_MOST_BYTES = 2 * 1024 * 1024
_ALWAYS = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "unclean.leader.election.enable": "false",
    "offsets.topic.num.partitions": "4",
    "offsets.retention.minutes": "576000",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "1",
    # members come and go fast in tests
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # a killed broker may come back, and its partitions get new leaders, after this silence
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "4000",
    # compaction and retention that can be waited for
    "log.cleaner.enable": "true",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "log.cleaner.backoff.ms": "1000",
    "log.retention.check.interval.ms": "1000",
    "log.initial.task.delay.ms": "1000",
    "log.segment.delete.delay.ms": "1000",
    "message.max.bytes": str(_MOST_BYTES),
    "replica.fetch.max.bytes": str(_MOST_BYTES),
    "replica.lag.time.max.ms": "3000",
    "num.network.threads": "2",
    "num.io.threads": "4",
}


@dataclass(frozen=True, slots=True)
class Voter:
    """A broker that is a controller too.

    Attributes
    ----------
    node : int
        Its number.
    directory : str
        Id of its data folder.
    """

    node: int
    directory: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What all brokers of a cluster share.

    Attributes
    ----------
    cluster_id : str
        Theirs alone.
    voters : tuple of Voter
        All brokers.
    port, controller_port : int
        The same on each address.
    security : str
        ``plaintext`` or ``sasl_ssl``.
    extra : mapping of str to str
        Properties that overrule those here.
    """

    cluster_id: str
    voters: tuple[Voter, ...]
    port: int
    controller_port: int
    security: Security
    extra: Mapping[str, str]

    @property
    def min_insync(self) -> int:
        """Replicas that must have a record: one broker may be down."""
        return max(1, len(self.voters) - 1)

    @property
    def initial_controllers(self) -> str:
        """The first quorum, as the formatter wants it."""
        return ",".join(
            f"{v.node}@{address(v.node)}:{self.controller_port}:{v.directory}" for v in self.voters
        )


def render(plan: Plan, node: int, data: Path, secured: tuple[Certificates, str] | None) -> str:
    """Write the properties of a broker.

    Parameters
    ----------
    plan : Plan
        The cluster.
    node : int
        Which broker.
    data : Path
        What it stores.
    secured : tuple of Certificates and str, or None
        With ``sasl_ssl``: its certificates and the password of `ADMIN`.

    Returns
    -------
    str
        ``server.properties``.
    """
    copies, insync = str(len(plan.voters)), str(plan.min_insync)
    listener = "CLIENT"
    properties = _ALWAYS | {
        "node.id": str(node),
        "log.dirs": str(data),
        "listeners": f"{listener}://{address(node)}:{plan.port},CONTROLLER://{address(node)}:{plan.controller_port}",
        "advertised.listeners": f"{listener}://{address(node)}:{plan.port}",
        "inter.broker.listener.name": listener,
        "controller.quorum.bootstrap.servers": ",".join(
            f"{address(v.node)}:{plan.controller_port}" for v in plan.voters
        ),
        "default.replication.factor": copies,
        "min.insync.replicas": insync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": insync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": insync,
    }
    properties |= _plain() if secured is None else _secured(*secured)
    return "".join(f"{key}={value}\n" for key, value in (properties | dict(plan.extra)).items())


def _plain() -> dict[str, str]:
    return {"listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT"}


def _secured(certificates: Certificates, admin_password: str) -> dict[str, str]:
    """Clients show a password; controllers, which start before there are users, show their certificate."""
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    login = f'{module} required username="{ADMIN}" password="{admin_password}";'
    store_password = certificates.store_password_file.read_text()
    return {
        "listener.security.protocol.map": "CLIENT:SASL_SSL,CONTROLLER:SSL",
        "sasl.enabled.mechanisms": MECHANISM,
        "sasl.mechanism.inter.broker.protocol": MECHANISM,
        f"listener.name.client.{MECHANISM.lower()}.sasl.jaas.config": login,
        "listener.name.controller.ssl.client.auth": "required",
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(certificates.store_file),
        "ssl.keystore.password": store_password,
        "ssl.key.password": store_password,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.ca_file),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        # the harness and the brokers themselves; everybody else needs a grant
        "super.users": f"User:{ADMIN};User:CN={COMMON_NAME}",
        "allow.everyone.if.no.acl.found": "false",
    }
