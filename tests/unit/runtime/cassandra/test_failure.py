"""What an error of the driver asks for."""

import pytest
from cassandra import AuthenticationFailed, InvalidRequest, OperationTimedOut, Unauthorized, Unavailable
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionShutdown
from cassandra.protocol import OverloadedErrorMessage

from lacuna_core.errors import ConfigError, Transient
from lacuna_runtime.stores.cassandra.failure import asking, reaction_to


def _nobody(error: Exception) -> NoHostAvailable:
    return NoHostAvailable("Unable to connect to any servers", {"10.0.0.1:9042": error})


@pytest.mark.parametrize(
    "error",
    [
        OperationTimedOut(),
        Unavailable("too few"),
        ConnectionShutdown("gone"),
        ConnectionResetError("reset"),
        OverloadedErrorMessage(0x1001, "busy", None),
        _nobody(OSError("refused")),
        _nobody(OperationTimedOut()),
        NoHostAvailable("no host", {}),
    ],
)
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    assert isinstance(reaction_to(error), Transient)


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (_nobody(AuthenticationFailed("user x password hunter2")), "cassandra.password_file"),
        (Unauthorized("User x has no MODIFY permission"), "lacks a permission"),
        (InvalidRequest("unconfigured table"), "refuses"),
        (_nobody(PermissionError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] wrong name")), "cassandra.tls.ca_file"),
        (_nobody(PermissionError(1, "[SSL: WRONG_VERSION_NUMBER] wrong")), "does not speak TLS"),
    ],
)
def test_what_stays_wrong_stops_and_names_the_setting(error: Exception, named: str) -> None:
    with pytest.raises(ConfigError, match=named) as caught, asking():
        raise error
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_errors_are_not_touched() -> None:
    with pytest.raises(KeyError), asking():
        raise KeyError("ours")
