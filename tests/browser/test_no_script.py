"""Everything but the camera and passkeys works with scripts off, and what cannot says so."""

from collections.abc import Callable

import pytest

from tests.support.journey import NewContext, walk
from tests.support.live_server import LiveServer


@pytest.mark.only("sqlite")
def test_a_show_from_the_first_account_to_the_door_without_scripts(
    live_server: Callable[..., LiveServer], new_context: NewContext
) -> None:
    walk(live_server(), new_context, is_guest=True, java_script_enabled=False, viewport={"width": 390, "height": 844})
