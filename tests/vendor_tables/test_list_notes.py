"""The list of shows says how many tables are left."""

from typing import Any

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.vendor_tables.notes import notes_for
from tests.vendor_tables.floor import Floor


def test_the_note_counts_down_and_says_when_the_last_table_is_gone(floor: Floor, world: Any, clock: Any) -> None:
    def note() -> tuple[str, str]:
        return notes_for(db.session(), [world.event_id, 10**6], utcnow())[world.event_id]

    labels = sorted(floor.ids)
    total = len(labels)
    assert note()[1] == f"{total} of {total} tables left"
    floor.hold(labels[0])
    assert note()[1] == f"{total - 1} of {total} tables left"
    clock.advance(minutes=20)
    assert note()[1] == f"{total} of {total} tables left"


def test_the_list_of_shows_carries_the_note(floor: Floor, world: Any) -> None:
    assert "tables left" in world.client().get("/").get_data(as_text=True)
