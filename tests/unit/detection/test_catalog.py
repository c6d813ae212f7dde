"""The catalog finds each detector once, by scope, and each keeps the shape of its scope."""

import dataclasses

import pytest

import lacuna_detection.detectors as folder
from lacuna_detection.catalog import detectors
from lacuna_detection.detector import ASSESS, CRAFT, PAIR


def test_each_module_has_one_detector_named_after_it() -> None:
    found = [d for scope in (CRAFT, PAIR, ASSESS) for d in detectors(scope)]
    kinds = [d.kind for d in found]
    assert len(set(kinds)) == len(kinds)
    assert [type(d).__module__ for d in found] == [f"{folder.__name__}.{kind}" for kind in kinds]
    assert [d.kind for d in detectors(CRAFT)] == ["gap", "loitering", "port_visit"]


@pytest.mark.parametrize("scope", [CRAFT, PAIR])
def test_a_state_without_rows_survives_a_snapshot(scope: str) -> None:
    for detector in detectors(scope):
        assert dataclasses.is_dataclass(detector.Params())
        empty = detector.dump(detector.initial())
        again = detector.dump(detector.load(empty))
        assert {n: (a.dtype, a.shape) for n, a in again.items()} == {
            n: (a.dtype, a.shape) for n, a in empty.items()
        }
