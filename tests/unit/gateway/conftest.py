"""One filled gateway for tests that only read."""

from collections.abc import Iterator

import pytest

from tests.unit.gateway.world import Client, gateway


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with gateway() as opened:
        yield opened
