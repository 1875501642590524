"""The organizer plans, moves, cancels and removes sessions."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.time import from_local
from swapmeet.orders.errors import CapacityBelowTaken
from swapmeet.program import services
from swapmeet.program.errors import HallTaken, SeatsSold, TeacherBusy
from swapmeet.program.models import ProgramSession, SessionKind
from tests.support.forms import post

BY = Actor.command("test")


def at(world: Any, hour: int, minute: int = 0, day: int = 0) -> datetime:
    event = world.show()
    return from_local(event.first_day + timedelta(days=day), time(hour, minute), event.time_zone)


def plan(world: Any, title: str = "Bricks", start: int = 10, end: int = 12, **more: Any) -> services.Plan:
    return services.Plan(
        title=title, kind=SessionKind.WORKSHOP, starts_at=at(world, start), ends_at=at(world, end), **more
    )


def hall_id(world: Any) -> int:
    from swapmeet.events.queries import list_halls

    return list_halls(db.session(), event_id=world.event_id)[0].id


def add(world: Any, wanted: services.Plan) -> int:
    with transaction() as db_session:
        return services.plan_session(db_session, event=world.show(), plan=wanted, by=BY, now=utcnow()).id


def test_a_taken_hall_is_refused_with_what_is_there(world: Any) -> None:
    hall = hall_id(world)
    add(world, plan(world, hall_id=hall))
    with pytest.raises(HallTaken, match="“Bricks”"):
        add(world, plan(world, "Wiring", 11, 13, hall_id=hall))


def test_a_busy_teacher_is_refused(world: Any) -> None:
    add(world, plan(world, teacher_name="Ada"))
    with pytest.raises(TeacherBusy, match="“Bricks”"):
        add(world, plan(world, "Wiring", 11, 13, teacher_name="Ada"))


def test_the_end_comes_after_the_start(world: Any) -> None:
    with pytest.raises(Invalid) as caught:
        add(world, plan(world, start=12, end=11))
    assert caught.value.field == "ends_at"


def test_the_page_keeps_what_was_typed_and_names_the_hall(world: Any) -> None:
    hall = hall_id(world)
    add(world, plan(world, hall_id=hall))
    first = world.show().first_day
    data = {
        "title": "Wiring a <b>lamp</b>",
        "kind": "workshop",
        "starts_at": f"{first}T11:00",
        "ends_at": f"{first}T12:00",
        "hall_id": str(hall),
    }
    answer = post(world.client("olga"), f"/manage/shows/{world.slug}/program/new", data)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Wiring a &lt;b&gt;lamp&lt;/b&gt;" in html and "is taken: there is “Bricks”" in html


def test_a_session_is_added_moved_and_shown(world: Any) -> None:
    first = world.show().first_day
    data = {
        "title": "Wiring",
        "kind": "talk",
        "code": "T1",
        "starts_at": f"{first}T11:00",
        "ends_at": f"{first}T12:30",
        "hall_id": "",
    }
    client = world.client("olga")
    assert post(client, f"/manage/shows/{world.slug}/program/new", data).status_code == 303
    data["starts_at"] = f"{first}T11:15"
    assert post(client, f"/manage/shows/{world.slug}/program/T1", data).status_code == 303
    page = world.client().get(f"/shows/{world.slug}/program").get_data(as_text=True)
    assert "11:15" in page and "Wiring" in page and "No booking needed" in page


@pytest.mark.parametrize("bad", ["10000000000", "1.5", "-3", "abc", "\x00", "٣"])
def test_senseless_numbers_are_told_at_the_field(world: Any, bad: str) -> None:
    first = world.show().first_day
    data = {
        "title": "X",
        "kind": "talk",
        "starts_at": f"{first}T11:00",
        "ends_at": f"{first}T12:00",
        "hall_id": "",
        "capacity": bad,
    }
    answer = post(world.client("olga"), f"/manage/shows/{world.slug}/program/new", data)
    assert answer.status_code == 422
    assert db.session.query(ProgramSession).count() == 0


def test_a_session_without_seats_sold_is_removed_and_one_with_is_not(world: Any) -> None:
    from tests.program.test_sign_up import take_seat

    number = add(world, plan(world, needs_sign_up=True, capacity=5))
    take_seat(world, number, "ann")
    with pytest.raises(SeatsSold), transaction() as db_session:
        services.remove_session(
            db_session, event=world.show(), session=db_session.get_one(ProgramSession, number), by=BY, now=utcnow()
        )


def test_fewer_seats_than_taken_are_refused_with_the_holders(world: Any) -> None:
    from tests.program.test_sign_up import take_seat

    number = add(world, plan(world, needs_sign_up=True, capacity=5))
    take_seat(world, number, "ann")
    take_seat(world, number, "vic")
    with pytest.raises(CapacityBelowTaken, match="Ann Attendee") as caught, transaction() as db_session:
        session = db_session.get_one(ProgramSession, number)
        services.change_session(
            db_session,
            event=world.show(),
            session=session,
            plan=plan(world, needs_sign_up=True, capacity=1),
            by=BY,
            now=utcnow(),
        )
    assert caught.value.field == "capacity"


def test_canceling_tells_everybody_with_a_seat(world: Any, mail: Any) -> None:
    from tests.program.test_sign_up import take_seat

    number = add(world, plan(world, needs_sign_up=True, capacity=5))
    take_seat(world, number, "ann")
    code = db.session.get_one(ProgramSession, number).code
    answer = post(
        world.client("olga"), f"/manage/shows/{world.slug}/program/{code}/cancellation", {"reason": "Ada fell ill"}
    )
    assert answer.status_code == 303
    texts = [mail.text(message) for message in mail.to("ann.attendee")]
    assert any("Ada fell ill" in text for text in texts)
