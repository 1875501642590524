"""A whole show, from the first account to the people at the door, as people do it: in their browsers, by the words they see."""

from collections.abc import Callable

import pytest

from tests.support.journey import NewContext, walk
from tests.support.live_server import LiveServer


@pytest.mark.only("postgresql")  # tests/browser/test_no_script.py walks the same on SQLite
def test_a_show_from_the_first_account_to_the_door(
    live_server: Callable[..., LiveServer], new_context: NewContext
) -> None:
    walk(live_server(), new_context)
