from __future__ import annotations

from collections.abc import Iterator

import pytest
import support
import yspay


@pytest.fixture
def platform() -> Iterator[support.Simulator]:
    """A simulated platform of the test's own."""
    with support.Simulator() as simulator:
        yield simulator


@pytest.fixture(params=support.SIGN_TYPES)
def client(request: pytest.FixtureRequest, platform: support.Simulator) -> Iterator[yspay.Client]:
    """A client of `platform`, once for each algorithm."""
    with platform.client(request.param) as client:
        yield client
