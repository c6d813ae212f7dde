"""gRPC between services: a server and a channel with deadlines, mutual TLS and our errors on both sides."""

from lacuna_runtime.rpc.channel import open_channel
from lacuna_runtime.rpc.errors import Exhausted, RemoteFailure, remote_errors
from lacuna_runtime.rpc.limits import MAX_DEADLINE_S, RpcLimits
from lacuna_runtime.rpc.server import RpcServer, Servicer

__all__ = [
    "MAX_DEADLINE_S", "Exhausted", "RemoteFailure", "RpcLimits", "RpcServer", "Servicer", "open_channel",
    "remote_errors",
]  # fmt: skip
