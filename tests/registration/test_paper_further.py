"""What else stands on a posted form: classes, choices, donations, a code, a membership number; refusals hang at their lines."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from swapmeet.badges.models import Attendee
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders import doctor
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.vouchers.making import VoucherValues, make_vouchers
from swapmeet.orders.vouchers.models import Effect
from swapmeet.orders.waitlist.joining import Newcomer, Wanted, join
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.program.models import SignUp
from swapmeet.registration import members
from swapmeet.registration.models import TicketRule
from swapmeet.registration.paper_goods import goods_of
from swapmeet.registration.variants import VariantValues, save_variants
from tests.program.test_plan_sessions import add, plan
from tests.registration import build
from tests.registration.test_paper import Desk, text

BY = Actor.command("test")


@pytest.fixture
def desk(world: Any) -> "FullDesk":
    return FullDesk(world)


class FullDesk(Desk):
    """With a class for 20.00 and its kit for 5.00 (two seats), a shirt in two sizes (one L), a donation, members' prices, codes."""

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self.bricks = add(world, plan(world, needs_sign_up=True, capacity=2, fee_minor=2000, kit_fee_minor=500))
        with transaction() as db_session:
            event = world.show()
            shirt = build.ticket_type(db_session, event, "Shirt", price=1800, is_admission=False)
            sizes = [VariantValues("M"), VariantValues("L", 2000, capacity=1)]
            save_variants(db_session, event=event, kind=shirt, wanted=sizes, by=BY, now=utcnow())
            gift = build.ticket_type(db_session, event, "Donation", price=500, is_admission=False)
            secret = build.ticket_type(db_session, event, "Crew dinner", price=1000, is_admission=False, is_hidden=True)
            late = build.ticket_type(
                db_session, event, "Late tour", is_admission=False, sale_starts_at=utcnow() + timedelta(days=1)
            )
            rules = {gift.id: {"is_open_price": True}, self.weekend: {"member_price_minor": 1500}}
            db_session.add_all(
                TicketRule(ticket_type_id=type_id, event_id=event.id, **rule) for type_id, rule in rules.items()
            )
            members.add_numbers(db_session, event=event, numbers=["42"], tickets_each=1, by=BY, now=utcnow())
            for values in (
                VoucherValues(effect=Effect.PERCENT, value=50, scope_kind="seat", code="CLASS"),
                VoucherValues(opens_hidden=True, code="CREW", uses=9, scope_kind="ticket", scope_id=secret.id),
            ):
                make_vouchers(db_session, event=event, values=values, by=BY, now=utcnow())
            self.shirt, self.gift, self.secret, self.late = shirt.id, gift.id, secret.id, late.id
            self.sizes = {each.label.split(" ·")[0]: each.value for each in goods_of(db_session, event, utcnow()).all}
        world.session.rollback()

    def lines(self, order: Order) -> dict[str, tuple[int, int]]:
        """(how many, what a piece costs) by title; those of one title added up by hand where there are two."""
        rows = select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.released_at.is_(None))
        return {
            f"{row.title} {row.unit_minor}": (row.quantity, row.unit_minor) for row in self.world.session.scalars(rows)
        }


def test_a_whole_form_of_a_houseparty_becomes_one_order(desk: FullDesk, world: Any) -> None:
    page = text(desk.client.get(desk.url))
    assert "Bricks · $25.00" in page and "Shirt: L · $20.00" in page and "Donation · from $5.00" in page
    assert "Crew dinner · $10.00 · with a code only" in page and "Late tour · not on sale" in page
    people = page.split('id="person_1_ticket"')[1].split("</select>")[0]
    assert "Weekend pass" in people and "Shirt" not in people and "Parking" not in people
    answer = desk.send(
        buyer_name="Walter Weiß",
        person_1_name="Wilma Weiß",
        further_0_what=f"seat-{desk.bricks}",
        further_0_count="2",
        further_0_names="Wilma Weiß",
        further_1_what=desk.sizes["Shirt: L"],
        further_3_what=f"ticket-{desk.gift}",
        further_3_amount="12.50",
        code=" class ",
        member="0042",
        amount="100",
    )
    assert answer.status_code == 303, text(answer)
    (order,) = desk.orders()
    assert desk.lines(order) == {
        "Weekend pass 1500": (1, 1500),
        "Weekend pass 2400": (1, 2400),
        "Bricks 1250": (1, 1250),
        "Bricks 2500": (1, 2500),
        "Shirt: L 2000": (1, 2000),
        "Donation 1250": (1, 1250),
    }
    assert (order.state, order.total_minor) == (OrderState.PLACED, 10900)
    told = text(desk.client.get(answer.headers["Location"]))
    assert "$109.00 in all, $100.00 paid so far, $9.00 still owed" in told
    assert "Shirt: L · $20.00 · sold out" in told
    session = build.fresh(world)
    checks = (doctor.quotas_off, doctor.units_of_nobody, doctor.orders_damaged, doctor.books_unbalanced)
    assert [sentence for find in checks for sentence in find(session, utcnow())] == []


def test_seats_and_badges_bear_the_names_of_the_form(desk: FullDesk, world: Any) -> None:
    form = {"buyer_name": "Walter Weiß", "person_1_name": "Wilma Weiß", "further_0_what": f"seat-{desk.bricks}"}
    assert desk.send(**form, further_0_count="2", amount="98").status_code == 303
    assert sorted(world.session.scalars(select(Attendee.name))) == ["Walter Weiß", "Wilma Weiß"]
    assert list(world.session.scalars(select(SignUp.name).order_by(SignUp.seat))) == ["Walter Weiß", "Wilma Weiß"]


def test_a_form_may_bring_nobody(desk: FullDesk) -> None:
    gift = {"further_2_what": f"ticket-{desk.gift}", "further_2_amount": "500", "person_0_ticket": ""}
    assert desk.send(buyer_name="A Friend", **gift, amount="500").status_code == 303
    (order,) = desk.orders()
    assert desk.lines(order) == {"Donation 50000": (1, 50000)} and order.state is OrderState.CONFIRMED
    nothing = desk.send(buyer_name="Ann Archer", person_0_ticket="")
    assert nothing.status_code == 422 and "or something else that is on the form" in text(nothing)


def test_a_code_opens_what_is_hidden(desk: FullDesk) -> None:
    form = {"buyer_name": "Ann Archer", "further_0_what": f"ticket-{desk.secret}"}
    refused = desk.send(**form)
    assert refused.status_code == 409 and faults(refused) == {"further_0_what": "Write the code below"}
    assert desk.send(**form, code="crew").status_code == 303
    assert desk.lines(desk.orders()[0])["Crew dinner 1000"] == (1, 1000)


def faults(answer: Any) -> dict[str, str]:
    """The last words of each fault by its field."""
    parts = text(answer).split('class="field-error" id="')[1:]
    told = {part.split('-error"')[0]: part.split("<span>")[1].split("</span>")[0] for part in parts}
    return {name: words.rstrip(".").rpartition(". ")[2] for name, words in told.items()}


REFUSED: list[tuple[dict[str, str], str, str]] = [
    ({"further_1_what": "{l}", "further_1_count": "2"}, "further_1_what", "Only 1 of Shirt: L left"),
    ({"further_0_what": "{l}", "further_4_what": "{l}"}, "further_4_what", "Only 1 of Shirt: L left"),
    ({"further_0_what": "{class}", "further_0_count": "7"}, "further_0_count", "At most 6 seats in one order"),
    ({"further_0_what": "{late}"}, "further_0_what", "Late tour is not on sale yet"),
    ({"further_0_what": "{gift}"}, "further_0_amount", "Write the amount that stands on the form"),
    ({"further_0_what": "{gift}", "further_0_amount": "2"}, "further_0_amount", "choose an amount from $5.00"),
    ({"further_0_what": "{gift}", "further_0_amount": "ten"}, "further_0_amount", ""),
    ({"further_0_what": "{l}", "further_0_amount": "2"}, "further_0_amount", "leave the amount out"),
    ({"further_0_names": "Sam"}, "further_0_what", "Choose what it is"),
    ({"further_0_what": "{l}", "further_0_count": "two"}, "further_0_count", "Write a whole number from 1 to 1,000"),
    ({"person_0_ticket": "", "person_4_ticket": ""}, "person_4_ticket", "Choose the ticket of this person"),
    ({"code": "NOSUCH"}, "code", "letter by letter"),
    ({"code": "CLASS"}, "code", "This code is for nothing on the form"),
    ({"member": "77"}, "member", "leave it out to pay the usual price"),
]


def test_each_refusal_hangs_at_its_line_and_nothing_typed_is_lost(desk: FullDesk) -> None:
    values = {"class": f"seat-{desk.bricks}", "gift": f"ticket-{desk.gift}", "late": f"ticket-{desk.late}"}
    values["l"] = desk.sizes["Shirt: L"]
    for typed, field, words in REFUSED:
        sent = {key: value.format(**values) for key, value in typed.items()}
        answer = desk.send(buyer_name="Ann Archer", person_4_name="Kept Name", **sent)
        page, found = text(answer), faults(answer)
        assert answer.status_code in (409, 422) and "Kept Name" in page, typed
        assert list(found) == [field] and words in found[field], (typed, found)
        for key, value in sent.items():
            chosen = "selected " if value and key.endswith(("what", "ticket")) else ""
            assert f'{chosen}value="{value}"' in page.split(f'id="{key}"')[1].split("</div>")[0], (key, value)
    both = {
        "further_0_what": values["l"],
        "further_0_count": "2",
        "further_1_what": values["class"],
        "further_1_count": "7",
    }
    assert set(faults(desk.send(buyer_name="Ann Archer", **both))) == {"further_0_what", "further_1_count"}
    assert desk.orders() == []


def test_who_waits_is_served_before_the_form(world: Any) -> None:
    desk = Desk(world)
    with transaction() as db_session:
        show = world.show()
        supper = build.ticket_type(db_session, show, "Supper", price=900, capacity=2, is_admission=False)
        code = build.buy(db_session, show, {supper.id: 2}, names=["Ann"]).code
        things = registry().sellables["ticket"].waitables(db_session, event=show, now=utcnow())
        (thing,) = [each for each in things if each.product_id == supper.id]
        bo = Newcomer("Bo", "bo@example.org", is_mailed=False)
        entry_id = join(db_session, event=show, who=bo, wanted=[Wanted(thing, 1, "")], by=BY, now=utcnow()).id
        form = {"buyer_name": "Walter Weiß", "further_0_what": f"ticket-{supper.id}"}
    with transaction() as db_session:
        show, order = world.show(), db_session.scalars(select(Order).where(Order.code == code)).one()
        back = preview_cancellation(db_session, event=show, order=order, now=utcnow()).back_minor
        cancel_order(db_session, event=show, order=order, seen_back_minor=back, reason="", by=BY, now=utcnow())
    refused = desk.send(**form, further_0_count="2")
    assert refused.status_code == 409 and faults(refused) == {"further_0_what": "Only 1 of Supper left"}
    assert build.fresh(world).get_one(WaitingEntry, entry_id).state is WaitState.OFFERED, "it stays with who waited"
    assert desk.send(**form).status_code == 303


def test_a_bundle_is_shared_by_the_people_under_it(world: Any) -> None:
    from swapmeet.registration.models import BundlePart

    desk = Desk(world)
    with transaction() as db_session:
        event = world.show()
        family = build.ticket_type(db_session, event, "Family", price=6000, is_admission=False)
        part = BundlePart(bundle_id=family.id, part_id=desk.weekend, event_id=event.id, position=0, quantity=3)
        db_session.add(part)
        family_id = family.id
    people = {f"person_{number}_name": f"Child {number}" for number in (1, 2, 3)}
    assert "Family · $60.00 · for 3 people" in text(desk.client.get(desk.url))
    assert desk.send(buyer_name="Ann Archer", person_0_ticket=str(family_id), **people, amount="120").status_code == 303
    assert desk.orders()[0].total_minor == 12000, "four people: two of it"
    names = list(world.session.scalars(select(Attendee.name).order_by(Attendee.seat)))
    assert names[:4] == ["Ann Archer", "Child 1", "Child 2", "Child 3"]


def test_the_list_of_what_is_sold_takes_few_statements(desk: FullDesk, world: Any) -> None:
    with transaction() as db_session:
        for number in range(20):
            build.ticket_type(db_session, world.show(), f"Meal {number}", is_admission=False)
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    try:
        goods = goods_of(db.session(), world.show(), utcnow())
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)
    assert len(goods.all) == 28 and len(statements) < 30
