"""Fixtures that the tests of the core share."""

import pytest
from hypothesis import HealthCheck, settings

from sidecar.tests.support import Asker, Clock

# A busy machine is slow, not wrong; and what failed once must fail for everybody.
settings.register_profile(
    "prompt-cache", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True, database=None
)
settings.load_profile("prompt-cache")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asker() -> Asker:
    """A cache in memory with default rules."""
    return Asker()
