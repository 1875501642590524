"""The feed keeps its UIDs, its zone is right across a change of clocks, and a title is one line."""

from datetime import date, timedelta
from typing import Any

from icalendar import Calendar

from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.program import services
from swapmeet.program.models import SessionKind
from tests.program.test_plan_sessions import add, plan


def feed(world: Any) -> Calendar:
    answer = world.client().get(f"/shows/{world.slug}/calendar.ics")
    assert answer.status_code == 200 and answer.content_type.startswith("text/calendar")
    return Calendar.from_ical(answer.data)


def sessions_of(calendar: Calendar) -> list[Any]:
    return [item for item in calendar.walk("VEVENT") if str(item["uid"]).startswith("session-")]


def test_a_moved_session_keeps_its_uid_and_counts_up(world: Any) -> None:
    number = add(world, plan(world))
    first = sessions_of(feed(world))[0]
    with transaction() as db_session:
        from swapmeet.program.models import ProgramSession

        session = db_session.get_one(ProgramSession, number)
        services.change_session(
            db_session,
            event=world.show(),
            session=session,
            plan=plan(world, start=13, end=14),
            by=Actor.command("t"),
            now=utcnow(),
        )
    second = sessions_of(feed(world))[0]
    assert first["uid"] == second["uid"]
    assert int(second["sequence"]) == int(first["sequence"]) + 1


def test_times_stay_on_the_wall_clock_across_the_spring_change(world: Any) -> None:
    """New York changes on 2027-03-14: nine o'clock on both sides of it is nine o'clock."""
    with transaction() as db_session:
        event = world.show()
        event.first_day = event.opens_from = date(2027, 3, 13)
        event.last_day = date(2027, 3, 14)
        db_session.flush()
    for day in (0, 1):
        moved = plan(world, f"Day {day}", 9, 10)
        add(
            world,
            services.Plan(
                "Day",
                SessionKind.TALK,
                moved.starts_at + timedelta(hours=24 * day - day),
                moved.ends_at + timedelta(hours=24 * day - day),
                code=f"D{day}",
            ),
        )
    starts = [item["dtstart"].dt for item in sessions_of(feed(world))]
    assert [(s.hour, s.utcoffset()) for s in starts] == [(9, timedelta(hours=-5)), (9, timedelta(hours=-4))]


def test_r_t24_line_ends_in_titles_stay_inside_one_line(world: Any) -> None:
    for number, ending in enumerate(("\r", "\n", "\r\n", "\u2028")):
        wanted = plan(world, f"Evil{ending}ATTENDEE:mailto:x@example.org", 10 + number, 11 + number)
        add(world, wanted)
    raw = world.client().get(f"/shows/{world.slug}/calendar.ics").data
    assert b"\nATTENDEE" not in raw and b"\rATTENDEE" not in raw
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


def test_the_feed_of_an_unknown_show_is_not_there(world: Any) -> None:
    assert world.client().get("/shows/nothing/calendar.ics").status_code == 404
