"""The border: every error of the client library becomes one of ours, by the reaction that it asks for."""

import time
from threading import Event

import pytest
from kafka import errors

from lacuna_core.errors import ConfigError, CorruptState, LacunaError, Transient
from lacuna_runtime.bus.kafka.bounded import bounded, close_quietly
from lacuna_runtime.bus.kafka.failures import translate, translated


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.KafkaTimeoutError("slow"), Transient),
        (errors.NodeNotReadyError("1"), Transient),
        (errors.NotCoordinatorError(), Transient),
        (errors.CommitFailedError(), Transient),
        (errors.UnknownMemberIdError(), Transient),
        (errors.InvalidReplicationFactorError(), Transient),
        (errors.UnknownError(), Transient),
        (OSError("gone"), Transient),
        (RuntimeError("NetworkSelector closed!"), Transient),
        (KeyError("a partition without a leader"), Transient),
        (errors.TopicAuthorizationFailedError("positions"), ConfigError),
        (errors.GroupAuthorizationFailedError("facts"), ConfigError),
        (errors.SaslAuthenticationFailedError("no"), ConfigError),
        (errors.UnsupportedSaslMechanismError("no"), ConfigError),
        (errors.InvalidSessionTimeoutError(), ConfigError),
        (errors.MessageSizeTooLargeError(), ConfigError),
        (errors.FencedInstanceIdError(), ConfigError),
        (errors.OffsetOutOfRangeError({}), CorruptState),
        (errors.CorruptRecordError(), CorruptState),
    ],
)
def test_an_error_is_named_by_its_reaction(error: BaseException, kind: type[LacunaError]) -> None:
    ours = translate(error, "reading")
    assert type(ours) is kind
    assert str(ours).startswith("reading: ")


def test_every_error_that_the_library_takes_for_temporary_is_temporary() -> None:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.RetriableError):
            assert type(translate(kind("x"), "reading")) is Transient


def test_a_second_process_of_the_same_name_is_told_what_to_do() -> None:
    assert "service.instance" in str(translate(errors.FencedInstanceIdError(), "committing"))


def test_our_own_errors_keep_their_kind_and_text() -> None:
    ours = translate(CorruptState("offset 3 was pruned"), "reading")
    assert type(ours) is CorruptState
    assert str(ours) == "offset 3 was pruned"


def test_mistakes_of_ours_are_not_taken_for_trouble_of_the_log() -> None:
    with pytest.raises(TypeError), translated("reading"):
        raise TypeError("ours")


def test_a_call_that_does_not_return_is_given_up() -> None:
    never = Event()
    started = time.monotonic()
    with pytest.raises(Transient, match="asking"):
        bounded(never.wait, 0.05, "asking")
    assert time.monotonic() - started < 5.0
    never.set()


def test_a_call_returns_or_raises_what_it_does() -> None:
    assert bounded(lambda: 7, 5.0, "asking") == 7
    with pytest.raises(errors.UnknownError):
        bounded(lambda: (_ for _ in ()).throw(errors.UnknownError()), 5.0, "asking")


def test_closing_what_is_broken_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    def close() -> None:
        raise RuntimeError("already away")

    close_quietly(close, "a reader")
    assert "a reader" in caplog.text
    assert "already away" in caplog.text
