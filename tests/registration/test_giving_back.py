"""One ticket of several goes back: its buyer chooses who, sees the sum first, and the rest of the order stands."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.badges.models import Attendee, BadgeState, CheckIn, Gate
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import LineGone, WrongAmount
from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState, Quota, Refund
from swapmeet.orders.pieces import Some
from swapmeet.orders.services import parts
from swapmeet.orders.waitlist.joining import Newcomer, Wanted, join
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.orders.waitlist.serving import serve
from swapmeet.questions.kinds import QuestionKind
from swapmeet.questions.models import Answer, Scope
from swapmeet.questions.services import add_question
from swapmeet.questions.values import QuestionValues
from swapmeet.registration import bundles
from swapmeet.registration.models import TicketAge, TicketType
from swapmeet.registration.queries import types_by_id
from tests.registration import build
from tests.registration.test_passing_on import attendee, offer, read
from tests.support.forms import fields_of, post

BY = Actor.person(1)
SALES_TAX = {"ticket": {"name": "Sales tax", "basis_points": 825, "is_added": True}}
NAMES = ["Ann Lee", "Bo Lee", "Cy Lee"]


@pytest.fixture
def order(world: Any) -> Order:
    """A paid order with three tickets of 33.33 and a tax of 8.25 % on top: 108.24. All tickets there are."""
    with transaction() as db_session:
        event = world.show()
        event.taxes = SALES_TAX
        kind = build.ticket_type(db_session, event, "Adult", price=3333, capacity=3)
        found = build.buy(db_session, event, {kind.id: 3}, names=NAMES)
        assert (found.total_minor, found.state) == (10824, OrderState.CONFIRMED)
        return found


def url_of(order: Order) -> str:
    return f"/orders/{order.code}/{order.link_key}"


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def faults() -> list[str]:
    """What the doctors of money, quotas and people say."""
    db.session.rollback()
    db.session.expire_all()
    return [
        sentence
        for query in registry().doctor
        if query.invariant != 14
        for sentence in query.find(db.session(), utcnow())
    ]


def refunds() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Refund.amount_minor).order_by(Refund.id)))


def people(order: Order) -> list[tuple[str, int, bool, BadgeState]]:
    """Of everybody ever admitted by it: name, seat, whether canceled, and the state of the newest badge."""
    db.session.rollback()
    db.session.expire_all()
    found = db.session.scalars(select(Attendee).where(Attendee.order_code == order.code).order_by(Attendee.id))
    return [(each.name, each.seat, each.canceled_at is not None, each.badges[-1].state) for each in found]


def give_up(order_id: int, *some: Some, line_ids: tuple[int, ...] = ()) -> None:
    with transaction() as db_session:
        row = db_session.get_one(Order, order_id)
        parts.give_up_lines(
            db_session,
            event=row.event,
            order=row,
            line_ids=line_ids,
            some=some,
            is_full=True,
            reason="",
            by=BY,
            now=utcnow(),
        )


def answer_for(order: Order, names: list[str]) -> None:
    """Everybody's answer to one question is their own name."""
    with transaction() as db_session:
        event = order.event
        values = QuestionValues("Your scale?", QuestionKind.TEXT, Scope.PERSON)
        question = add_question(db_session, event=event, values=values, by=BY, now=utcnow())
        line_id = db_session.scalars(select(OrderLine.id).where(OrderLine.order_id == order.id)).one()
        for seat, name in enumerate(names, 1):
            about = {"question_id": question.id, "order_id": order.id, "line_id": line_id, "seat": seat}
            subject = f"line:{line_id}:{seat}"
            db_session.add(Answer(event_id=event.id, subject=subject, value=name, answered_at=utcnow(), **about))


def test_the_second_of_three_goes_back_and_the_others_keep_badge_and_answers(
    client: Any, world: Any, order: Order, mail: Any
) -> None:
    answer_for(order, NAMES)
    codes = {name: attendee(name).badges[0].code for name in NAMES}
    url = f"{url_of(order)}/parts"
    mail.deliver_all()
    assert "Give back a part of it" in read(client, url_of(order))
    page = read(client, url)
    assert [name in page for name in NAMES] == [True] * 3
    assert "$5.00" in page and "$36.08" in page, "the fee, and what each costs with its tax"
    assert post(client, url, {"reason": ""}).status_code == 409
    token = re.search(r'value="([\d.]+)"[^>]*>\s*<label[^>]*>Bo Lee', page)[1]  # type: ignore[index]
    second = text(post(client, url, {"lines": [token], "reason": "ill"}))
    assert "Bo Lee: Adult" in second and "Cy Lee" not in second and "$31.08" in second
    assert refunds() == []
    sent = {"lines": [token], "reason": "ill", "seen_back": "3108", "key": fields_of(second, "")["key"]}
    assert post(client, url, {**sent, "seen_back": "3608"}).status_code == 409
    assert "Bo Lee" in text(post(client, url, {**sent, "again": "1"})), "chosen again"
    assert [post(client, url, sent).status_code for _ in range(2)] == [303, 303], "once, however often it is sent"
    assert post(client, url, {**sent, "key": "another"}).status_code == 409, "those who stay are other people"
    assert refunds() == [3108]
    issued = BadgeState.ISSUED
    assert people(order) == [
        ("Ann Lee", 1, False, issued),
        ("Bo Lee", 1, True, BadgeState.VOID),
        ("Cy Lee", 2, False, issued),
    ]
    assert {name: attendee(name).badges[0].code for name in NAMES} == codes
    kept, gone = db.session.scalars(select(OrderLine).order_by(OrderLine.id))
    assert (kept.quantity, kept.facts["names"], kept.total_minor, kept.tax_minor) == (
        2,
        ["Ann Lee", "Cy Lee"],
        7216,
        550,
    )
    assert (gone.quantity, gone.facts["names"], gone.total_minor, gone.tax_minor) == (1, ["Bo Lee"], 3608, 275)
    assert {row.subject: row.value for row in db.session.scalars(select(Answer))} == {
        f"line:{kept.id}:1": "Ann Lee",
        f"line:{gone.id}:1": "Bo Lee",
        f"line:{kept.id}:2": "Cy Lee",
    }
    assert db.session.scalar(select(Quota.taken).join(LineQuota, LineQuota.quota_id == Quota.id)) == 2
    after = read(client, url_of(order))
    assert "Given up" in after and "Bo Lee" in after and "2 tickets" in after and "$31.08" in after
    mail.deliver_all()
    told = mail.messages[-1]
    assert str(told["To"]) == "ann@example.org" and "A part of your order" in str(told["Subject"])
    words = told.get_body(("plain",)).get_content()
    assert "(Bo Lee): $36.08" in words and "$31.08 will be sent back to you." in words
    history = read(world.client("olga"), f"/manage/shows/{world.slug}/orders/{order.code}")
    assert "Part of it given up" in history and "(given up: Bo Lee)" in history
    assert faults() == []


def test_a_place_that_comes_back_goes_to_the_waiting_list_first(world: Any, order: Order) -> None:
    with transaction() as db_session:
        event = world.show()
        (thing,) = registry().sellables["ticket"].waitables(db_session, event=event, now=utcnow())
        who = Newcomer("Di", "di@example.org", is_mailed=False)
        entry_id = join(db_session, event=event, wanted=[Wanted(thing, 1, "")], who=who, by=BY, now=utcnow()).id
    line = order.lines[0]
    give_up(order.id, Some(line.id, 3, frozenset({3})))
    with transaction() as db_session:
        assert serve(db_session, event=world.show(), now=utcnow()) == 1
    assert build.fresh(world).get_one(WaitingEntry, entry_id).state is WaitState.OFFERED
    assert faults() == []


def test_what_is_not_the_buyers_any_more_only_the_team_cancels(
    client: Any, world: Any, order: Order, mail: Any
) -> None:
    path = offer(client, url_of(order), "Bo Lee")
    assert post(world.app.test_client(), path, {"name": "Di Dee", "email": "di@example.org"}).status_code == 303
    ann = attendee("Ann Lee")
    with transaction() as db_session:
        gate = Gate(event_id=order.event_id, name="Main door")
        db_session.add(gate)
        db_session.flush()
        row = {"event_id": order.event_id, "attendee_id": ann.id, "badge_id": ann.badges[0].id, "gate_id": gate.id}
        db_session.add(CheckIn(day=order.event.first_day, at=utcnow(), **row))
    refused = read(client, f"{url_of(order)}/cancellation")
    assert "only the organizer can cancel it" in refused and "Give back a part of it" in refused
    url, line = f"{url_of(order)}/parts", order.lines[0]
    page = read(client, url)
    assert "Di Dee: Adult: passed on" in page and "Ann Lee: Adult: has come in" in page
    assert len(re.findall(r'type="checkbox"', page)) == 1
    for number, words in ((1, "has come in"), (2, "belongs to somebody else")):
        answer = post(client, url, {"lines": [f"{line.id}.3.{number}"], "seen_back": "3108", "key": "k"})
        assert answer.status_code == 409 and words in text(answer)
    team, manage = world.client("olga"), f"/manage/shows/{world.slug}/orders/{order.code}/parts"
    sent = {"lines": [f"{line.id}.3.1", f"{line.id}.3.2"], "refund": "policy", "reason": ""}
    shown = text(post(team, manage, sent))
    assert "Ann Lee: Adult has come in already" in shown and "Di Dee: Adult has it from somebody else" in shown
    assert post(team, manage, {**sent, "seen_back": fields_of(shown, "")["seen_back"]}).status_code == 303
    assert refunds() == [6716], "72.16 less the fee once"
    assert [(name, canceled) for name, _, canceled, _ in people(order)] == [
        ("Ann Lee", True),
        ("Di Dee", True),
        ("Cy Lee", False),
    ]
    mail.deliver_all()
    assert {str(each["To"]) for each in mail.messages[-2:]} == {"ann@example.org", "di@example.org"}
    assert faults() == []


def test_the_adult_a_child_needs_stays_and_a_bundle_goes_piece_by_piece(world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        adult, child = (build.ticket_type(db_session, event, name, price=2000).id for name in ("Adult", "Child"))
        db_session.add(TicketAge(ticket_type_id=child, event_id=event.id, max_age=12, guardian_below=10))
        family = build.ticket_type(db_session, event, "Family", price=5000).id
    with transaction() as db_session:
        kind = db_session.get_one(TicketType, family)
        wanted = [bundles.Wanted(adult, 2), bundles.Wanted(child, 1)]
        bundles.save_parts(db_session, event=world.show(), kind=kind, wanted=wanted, by=BY, now=utcnow())
    with transaction() as db_session:
        event = world.show()
        order = build.buy(db_session, event, {adult: 2, family: 2}, names=["Ann", "Bo"], buyer="Gus")
        first, second = sorted(order.lines, key=lambda line: line.product_id)
        seats = types_by_id(db_session, event_id=event.id, ids=[family])[family].seats(2)
        assert len(seats) == 6
        names = ["Cy", "Di", "Eve", "Flo", "Guy", "Hal"]
        young = {"ages": ["", "", 7, "", "", 8], "adults": ["", "", "Bo", "", "", "Guy"]}
        second.facts = {**second.facts, "names": names, **young}
        for each in db_session.scalars(select(Attendee).where(Attendee.line_id == second.id)):
            each.name = names[each.seat - 1]
        order_id, first_id, second_id = order.id, first.id, second.id
    with pytest.raises(WrongAmount, match="Eve is 7"):
        give_up(order_id, Some(first_id, 2, frozenset({2})))
    with pytest.raises(LineGone):
        give_up(order_id, Some(first_id, 3, frozenset({2})))
    give_up(order_id, Some(first_id, 2, frozenset({1})), Some(second_id, 2, frozenset({2})))
    assert [(name, seat, gone) for name, seat, gone, _ in people(build.fresh(world).get_one(Order, order_id))] == [
        ("Ann", 1, True),
        ("Bo", 1, False),
        ("Cy", 1, False),
        ("Di", 2, False),
        ("Eve", 3, False),
        ("Flo", 1, True),
        ("Guy", 2, True),
        ("Hal", 3, True),
    ]
    line = db.session.get_one(OrderLine, second_id)
    assert (line.quantity, line.facts["ages"], line.facts["adults"]) == (1, ["", "", 7], ["", "", "Bo"])
    assert refunds() == [7000]
    assert faults() == []
