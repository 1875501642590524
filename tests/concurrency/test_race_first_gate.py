"""The first scans of a show without gates come together: one of them makes the main door, and all go through it."""

from pathlib import Path

from swapmeet.badges.check_ins import gate_for
from swapmeet.events.models import Event
from swapmeet.factory import create_app
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests.cast import World
from tests.support.databases import make_settings
from tests.support.processes import race


def first_gate(_number: int, event_ids: list[int]) -> list[int]:
    """The gate of each show, asked for as a scan does that names none."""
    found = []
    for event_id in event_ids:
        with transaction() as db_session:
            found.append(gate_for(db_session, event_id=event_id).id)
    return found


def test_first_scans_at_once_share_one_gate(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    app = create_app(settings)
    with app.app_context():
        world = World(app)
        with transaction() as db_session:
            show = db_session.get_one(Event, world.event_id)
            kept = {
                column.name: getattr(show, column.name) for column in Event.__table__.columns if column.name != "id"
            }
            more = [Event(**{**kept, "slug": f"show-{number}"}) for number in range(7)]
            db_session.add_all(more)
            db_session.flush()
            event_ids = [show.id, *(event.id for event in more)]
        db.engine.dispose()
    answers = race(first_gate, settings, processes=2, threads=4, arguments=(event_ids,))
    assert len(answers) == 8 and all(answer == answers[0] for answer in answers), answers
    assert len(set(answers[0])) == len(event_ids)
