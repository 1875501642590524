"""Questions at the door: whoever lets people in writes down the answers; what has to be answered first is, nothing else delays anybody."""

from typing import Any

import pytest
from sqlalchemy import event, func, select

from swapmeet.badges.models import Attendee, Badge, CheckIn
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.questions import doctor
from swapmeet.questions.errors import BadQuestion
from swapmeet.questions.kinds import QuestionKind as K
from swapmeet.questions.models import Scope
from tests.badges import build
from tests.questions.test_questions import answers, ask, buy_ticket, checkout, read
from tests.support.forms import post

SEEN = "Emergency contact seen?"
SHIRT = "Which shirt was handed out?"


def badge() -> Any:
    db.session.rollback()
    return db.session.execute(select(Badge.code, Attendee.id).join(Attendee, Attendee.id == Badge.attendee_id)).one()


def inside() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(CheckIn).where(CheckIn.undone_at.is_(None))) or 0


def scan(client: Any, world: Any, code: str) -> Any:
    return post(client, f"/manage/shows/{world.slug}/door/entries", {"code": code})


def say(client: Any, world: Any, attendee_id: int, **given: Any) -> Any:
    data = {f"door-{key[1:]}": value for key, value in given.items()}
    return post(client, f"/manage/shows/{world.slug}/door/attendees/{attendee_id}/answers", data)


def test_nobody_comes_in_before_what_is_needed_is_answered_and_the_answer_stays(
    client: Any, world: Any, clock: Any
) -> None:
    seen = ask(world, SEEN, K.YES_NO, Scope.DOOR, is_required=True)
    buy_ticket(client, world)
    placed = checkout(client, world)
    assert placed.status_code == 303, "the buyer is not asked"
    build.at_show_time(world, clock)
    door, code, attendee_id = world.client("dora"), *badge()
    stopped = scan(door, world, code)
    html = stopped.get_data(as_text=True)
    assert stopped.status_code == 409 and "Ask first" in html and SEEN in html and "Save and let in" in html
    headers = {"Authorization": f"Bearer {build.token(world)}"}
    body = {"code": code, "nonce": "scan-0001"}
    told = world.client().post(f"/api/v1/shows/{world.slug}/check-ins", json=body, headers=headers)
    assert (told.status_code, told.json["result"], told.json["admitted"]) == (200, "ask_first", False)
    assert SEEN in told.json["text"]
    assert say(door, world, attendee_id).status_code == 422
    assert inside() == 0
    let_in = say(door, world, attendee_id, **{f"q{seen}": "yes"})
    assert let_in.status_code == 303 and inside() == 1
    page = read(door, let_in.headers["Location"])
    assert "In: Person 1" in page and f"{SEEN} <b>yes</b>" in page
    assert answers() == [(1, SEEN, True)]
    olga, order_code = world.client("olga"), placed.headers["Location"].split("/")[2]
    for path in (f"orders/{order_code}", f"attendees/{attendee_id}"):
        assert SEEN in read(olga, f"/manage/shows/{world.slug}/{path}")
    head, row = read(olga, f"/manage/shows/{world.slug}/attendees.csv").splitlines()
    assert SEEN in head and row.endswith("yes")
    assert SEEN not in read(client, placed.headers["Location"]), "what the door writes down is for the team"
    entry = let_in.headers["Location"].rsplit("entry=")[1].split("&")[0]
    assert post(olga, f"/manage/shows/{world.slug}/door/entries/{entry}/reversal", {}).status_code == 303
    assert answers() == [(1, SEEN, True)], "taking an entry back leaves what was seen"
    assert scan(door, world, code).status_code == 303
    assert inside() == 1
    assert (
        doctor.answers_of_other_orders(world.session, utcnow())
        == doctor.shows_that_forget_to_ask(world.session, utcnow())
        == []
    )


def test_what_is_not_needed_lets_people_in_at_once_and_is_asked_of_whom_it_concerns(
    client: Any, world: Any, clock: Any
) -> None:
    kind_id = buy_ticket(client, world)
    wants = ask(world, "Do you want a shirt?", K.YES_NO)
    only = {"is_required": True, "depends_on_id": wants, "depends_value": "yes", "product_ids": (kind_id,)}
    shirt = ask(world, SHIRT, K.ONE_OF, Scope.DOOR, options=("S", "L"), **only)
    bag = ask(world, "Bag handed out?", K.YES_NO, Scope.DOOR)
    assert checkout(client, world, **{f"p1_{wants}": "no"}).status_code == 303
    build.at_show_time(world, clock)
    door, code, attendee_id = world.client("dora"), *badge()
    let_in = scan(door, world, code)
    assert let_in.status_code == 303, "who wants no shirt is not held up"
    page = read(door, let_in.headers["Location"])
    assert "In: Person 1" in page and "Bag handed out?" in page and SHIRT not in page
    saved = say(door, world, attendee_id, **{f"q{bag}": "no"})
    assert saved.status_code == 303
    assert say(door, world, attendee_id, **{f"q{bag}": "yes", f"q{shirt}": "L"}).status_code == 303, "put right"
    assert answers() == [(1, "Bag handed out?", True), (1, "Do you want a shirt?", False)]
    assert inside() == 1
    assert say(door, world, attendee_id + 1000, **{f"q{bag}": "yes"}).status_code == 404


@pytest.mark.only("postgresql")
def test_the_order_is_locked_before_somebody_comes_in_so_a_ticket_passed_on_at_that_moment_is_no_circle(
    client: Any, world: Any, clock: Any
) -> None:
    seen = ask(world, SEEN, K.YES_NO, Scope.DOOR, is_required=True)
    buy_ticket(client, world)
    assert checkout(client, world).status_code == 303
    build.at_show_time(world, clock)
    door, (_, attendee_id) = world.client("dora"), badge()
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert say(door, world, attendee_id, **{f"q{seen}": "yes"}).status_code == 303
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    locked = next(index for index, each in enumerate(statements) if 'FOR UPDATE OF "order"' in each)
    entered = next(index for index, each in enumerate(statements) if each.startswith("INSERT INTO check_in"))
    assert locked < entered


@pytest.mark.parametrize(
    "more",
    [
        {"is_health": True, "purge_on": "last"},
        {"is_required": True, "needed_by_on": "first"},
        {"lead": Scope.ORDER},
    ],
)
def test_health_days_and_answers_of_others_have_no_place_at_the_door(world: Any, more: dict[str, Any]) -> None:
    show, given = world.show(), dict(more)
    days = {"purge_on": show.last_day, "needed_by_on": show.first_day}
    given |= {name: days[name] for name in days if name in given}
    if lead := given.pop("lead", None):
        given |= {"depends_on_id": ask(world, "By car?", K.YES_NO, lead), "depends_value": "yes"}
    with pytest.raises(BadQuestion):
        ask(world, SEEN, K.YES_NO, Scope.DOOR, **given)
