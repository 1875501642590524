"""The floor fixture of these tests."""

from typing import Any

import pytest

from tests.vendor_tables.applying import Applying
from tests.vendor_tables.floor import Floor


@pytest.fixture
def floor(world: Any) -> Floor:
    return Floor(world)


@pytest.fixture
def applying(floor: Floor) -> Applying:
    return Applying(floor)
