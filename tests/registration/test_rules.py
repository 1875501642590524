"""Extras that go with another ticket, limits for one person, amounts that the buyer chooses, members' prices."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events.services.cloning import CloneWish, clone_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.errors import NotWhole, OverLimit, WrongAmount
from swapmeet.orders.models import OrderLine, Quota
from swapmeet.orders.sellables import AMOUNT, MEMBER, Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, remove_line
from swapmeet.orders.services.parts import preview_part
from swapmeet.orders.services.quantities import change_quantity
from swapmeet.registration import doctor, members
from swapmeet.registration.models import MemberNumber, TicketRule, TicketType
from swapmeet.registration.queries import list_ticket_types
from swapmeet.registration.rules import Rule, extras_at_fault, too_many_for_one
from tests.orders.test_checkout import hidden
from tests.registration import build
from tests.registration.test_ticket_types import GOOD
from tests.support.forms import post

BY = Actor.person(1)


def ruled(db_session: Any, event: Any, name: str, price: int, **rule: Any) -> TicketType:
    kind = build.ticket_type(db_session, event, name, price=price)
    db_session.add(TicketRule(ticket_type_id=kind.id, event_id=event.id, **rule))
    db_session.flush()
    return kind


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_what_goes_with_what_is_said_in_sentences() -> None:
    names = {1: "Weekend pass", 2: "Parking", 3: "Meal plan"}
    parking, meals = Rule(2, "Parking", 1, 0, 2), Rule(3, "Meal plan", 1, 1)
    assert extras_at_fault([parking, meals], names, {1: 2, 2: 4, 3: 2}, {}) == []
    assert "together with Weekend pass only" in extras_at_fault([parking], names, {2: 1}, {})[0]
    assert "2 at most, and you have 3" in extras_at_fault([parking], names, {1: 1, 2: 3}, {})[0]
    assert extras_at_fault([parking], names, {2: 1}, {1: 1}) == [], "the pass is in an earlier order"
    assert "needs 1 of Meal plan: 2 in all, and you have 1" in extras_at_fault([meals], names, {1: 2, 3: 1}, {})[0]
    assert extras_at_fault([meals], names, {}, {}) == []
    assert too_many_for_one([Rule(1, "Pass", per_person_limit=2)], {1: 1}, {1: 2}) == [
        "One person can have 2 of Pass in all, and this would be 3, 2 of them ordered earlier."
    ]


def test_an_extra_cannot_be_ordered_without_what_it_belongs_to(world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        pass_ = build.ticket_type(db_session, event, price=0)
        parking = ruled(db_session, event, "Parking", 0, only_with_id=pass_.id, most_each=1)
        cart = build.cart(db_session, event, {parking.id: 1})
        with pytest.raises(NotWhole, match="together with Weekend pass only"):
            build.place(db_session, event, cart)
        db_session.rollback()
    with transaction() as db_session:
        event = world.show()
        kinds = {kind.name: kind.id for kind in list_ticket_types(db_session, event_id=event.id)}
        assert kinds == {}, "all of it was rolled back"
        pass_ = build.ticket_type(db_session, event, price=0)
        parking = ruled(db_session, event, "Parking", 500, only_with_id=pass_.id, most_each=1, least_each=0)
        order = build.buy(db_session, event, {pass_.id: 1, parking.id: 1})
        lines = {line.title: line.id for line in build.lines_of(db_session, order)}
        with pytest.raises(WrongAmount, match="together with Weekend pass only"):
            preview_part(
                db_session, event=event, order=order, line_ids=[lines["Weekend pass"]], now=utcnow(), is_full=True
            )
        preview_part(db_session, event=event, order=order, line_ids=[lines["Parking"]], now=utcnow(), is_full=True)
        later = build.cart(db_session, event, {parking.id: 1})
        with pytest.raises(NotWhole, match="1 at most, and you have 2"):
            build.place(db_session, event, later)
        db_session.rollback()


def test_the_cart_says_what_is_missing_before_the_checkout_refuses_it(client: Any, world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        pass_ = build.ticket_type(db_session, event, price=0)
        meal = ruled(db_session, event, "Meal plan", 0, only_with_id=pass_.id, least_each=1, most_each=3).id
        pass_id = pass_.id
    slug = world.slug
    shown = text(client.get(f"/shows/{slug}"))
    assert "Only together with Weekend pass, at least 1, 3 at most for each" in shown
    post(client, f"/shows/{slug}/cart/lines", {f"ticket-{pass_id}": "2", f"ticket-{meal}": "1"})
    needs = "Each Weekend pass needs 1 of Meal plan: 2 in all, and you have 1."
    assert needs in text(client.get(f"/shows/{slug}/cart"))
    page = text(client.get(f"/shows/{slug}/checkout"))
    assert needs in page
    data = {"buyer_name": "Ann Lee", "buyer_email": "ann@example.org", "note": "keep me"}
    data |= dict.fromkeys(re.findall(r'name="(line-\d+-name-\d+)"', page), "Ann Lee")
    data |= {name: hidden(page, name) for name in ("key", "seen_total")}
    refused = post(client, f"/shows/{slug}/checkout", data)
    assert refused.status_code == 409
    assert needs in text(refused) and "keep me" in text(refused)
    post(client, f"/shows/{slug}/cart/lines", {f"ticket-{meal}": "1"})
    assert needs not in text(client.get(f"/shows/{slug}/checkout"))


def test_one_person_has_so_many_and_no_more_over_all_orders(world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        kind = ruled(db_session, event, "Early entry", 0, per_person_limit=2)
        build.buy(db_session, event, {kind.id: 1})
        build.buy(db_session, event, {kind.id: 2}, email="bo@example.org", buyer="Bo Ray")
        build.buy(db_session, event, {kind.id: 1}, email="ANN@example.org")
        cart = build.cart(db_session, event, {kind.id: 1})
        with pytest.raises(NotWhole, match="2 of them ordered earlier"):
            build.place(db_session, event, cart)
        db_session.rollback()


def wish_into(db_session: Any, event: Any, wish: Wish) -> OrderLine:
    cart = build.open_cart(db_session, event=event, person_id=None, cart_key=build.link_key(), now=utcnow())
    (line,) = add_to_cart(
        db_session,
        event=event,
        cart=cart,
        wishes=[wish],
        buyer=Buyer(None, order=cart),
        by=build.GUEST,
        now=utcnow(),
    )
    return line


@pytest.mark.parametrize("typed", ["4.99", "-5", "five", "1e3", "99999999999", "", "5.001"])
def test_amounts_that_are_none_are_refused_in_words(world: Any, typed: str) -> None:
    with transaction() as db_session:
        event = world.show()
        kind = ruled(db_session, event, "Donation", 500, is_open_price=True)
        with pytest.raises(Invalid, match="Donation: ") as refusal:
            wish_into(db_session, event, Wish("ticket", kind.id, 1, {AMOUNT: typed}))
        assert refusal.value.field == f"amount-{kind.id}"


def test_the_buyer_chooses_what_to_give_and_pays_just_that(client: Any, world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        kind = ruled(db_session, event, "Donation", 500, is_open_price=True).id
    slug = world.slug
    assert "from $5.00" in text(client.get(f"/shows/{slug}"))
    refused = post(client, f"/shows/{slug}/cart/lines", {f"amount-{kind}": "3"})
    assert refused.status_code == 400 or refused.status_code == 422
    assert 'value="3"' in text(refused) and "choose an amount from $5.00" in text(refused)
    assert post(client, f"/shows/{slug}/cart/lines", {f"ticket-{kind}": "1"}).status_code in (400, 422)
    assert post(client, f"/shows/{slug}/cart/lines", {f"amount-{kind}": "12,50"}).status_code == 303
    assert "$12.50" in text(client.get(f"/shows/{slug}/cart"))
    with transaction() as db_session:
        line = db_session.scalars(select(OrderLine)).one()
        added = change_quantity(
            db_session,
            event=world.show(),
            cart=line.order,
            line_id=line.id,
            quantity=2,
            buyer=Buyer(None, order=line.order),
            by=build.GUEST,
            now=utcnow(),
        )
        assert added is None
        assert (line.quantity, line.order.total_minor) == (2, 2500)
        order = build.place(db_session, world.show(), line.order)
        assert order.total_minor == 2500


def test_members_pay_their_price_as_often_as_their_number_is_good_for(client: Any, world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        kind = ruled(db_session, event, "Weekend pass", 2400, member_price_minor=1500).id
        other = build.ticket_type(db_session, event, "Day", price=900).id
        numbers = members.read_numbers("0042, A-17\n42")
        assert members.add_numbers(db_session, event=event, numbers=numbers, tickets_each=2, by=BY, now=utcnow()) == 2
    lines = f"/shows/{world.slug}/cart/lines"
    assert "Members pay $15.00" in text(client.get(f"/shows/{world.slug}"))
    unknown = post(client, lines, {f"ticket-{kind}": "1", "member": "77"})
    assert unknown.status_code in (400, 422) and "not on the list of members" in text(unknown)
    assert 'value="77"' in text(unknown)
    too_many = post(client, lines, {f"ticket-{kind}": "3", "member": "42"})
    assert "good for 2 more" in text(too_many)
    wanted = {f"ticket-{kind}": "1", f"ticket-{other}": "1", "member": " 00-42 "}
    assert post(client, lines, wanted).status_code == 303
    page = text(client.get(f"/shows/{world.slug}/cart"))
    assert "$15.00" in page and "$9.00" in page
    with transaction() as db_session:
        event = world.show()
        line = db_session.scalars(select(OrderLine).where(OrderLine.product_id == kind)).one()
        assert line.facts[MEMBER] == "42"
        quota = db_session.scalars(select(Quota).where(Quota.name == "Members' price, number 42")).one()
        assert (quota.taken, quota.capacity) == (1, 2)
        wish_into(db_session, event, Wish("ticket", kind, 1, {MEMBER: "42"}))
        with pytest.raises(OverLimit, match="good for 0 more"):
            wish_into(db_session, event, Wish("ticket", kind, 1, {MEMBER: "42"}))
        remove_line(db_session, cart=line.order, line_id=line.id, by=BY, now=utcnow())
        assert wish_into(db_session, event, Wish("ticket", kind, 1, {MEMBER: "42"})).unit_minor == 1500


def test_the_organizer_keeps_the_membership_list(world: Any) -> None:
    olga, base = world.client("olga"), f"/manage/shows/{world.slug}/members"
    bad = post(olga, base, {"numbers": "12\n<b>", "tickets_each": "2"})
    assert bad.status_code == 422 and "is no membership number" in text(bad) and "12" in text(bad)
    assert post(olga, base, {"numbers": "", "tickets_each": "0"}).status_code == 422
    assert post(olga, base, {"numbers": "0012\n13\nB-7", "tickets_each": "2"}).status_code == 303
    assert post(olga, base, {"numbers": "12 14", "tickets_each": "2"}).status_code == 303
    page = text(olga.get(base))
    assert "4 numbers on the list" in page and "1 were on the list already" in page
    found = text(olga.get(base, query_string={"q": "b-7"}))
    assert ">B7</th>" in found and ">13</th>" not in found
    row = build.fresh(world).scalars(select(MemberNumber).where(MemberNumber.number == "14")).one()
    assert post(olga, f"{base}/{row.id}/removal", {}).status_code == 303
    assert post(olga, f"{base}/{row.id}/removal", {}).status_code == 404
    assert world.client("otto").get(base).status_code == 404


def test_rules_are_set_on_the_form_and_go_to_the_clone(world: Any) -> None:
    olga, base = world.client("olga"), f"/manage/shows/{world.slug}/tickets"
    assert post(olga, f"{base}/new", GOOD).status_code == 303
    pass_id = build.fresh(world).scalars(select(TicketType.id)).one()
    parking = {
        **GOOD,
        "name": "Parking",
        "only_with": str(pass_id),
        "least_each": "3",
        "most_each": "2",
        "per_person_limit": "4",
        "member_price_minor": "2",
    }
    assert "fewer than the least" in text(post(olga, f"{base}/new", parking))
    assert "Choose which ticket" in text(post(olga, f"{base}/new", {**parking, "only_with": ""}))
    assert post(olga, f"{base}/new", {**parking, "least_each": "", "only_with": "999999"}).status_code == 422
    assert post(olga, f"{base}/new", {**parking, "least_each": "", "is_open_price": "y"}).status_code == 422
    assert post(olga, f"{base}/new", {**parking, "least_each": ""}).status_code == 303
    kinds = {kind.name: kind for kind in list_ticket_types(build.fresh(world), event_id=world.show().id)}
    rule = kinds["Parking"].rule
    assert (rule.only_with_id, rule.least_each, rule.most_each, rule.per_person_limit) == (pass_id, 0, 2, 4)
    assert rule.member_price_minor == 200
    assert 'value="2.00"' in text(olga.get(f"{base}/{kinds['Parking'].id}"))
    assert "Only together with Weekend pass" in text(olga.get(base))
    post(olga, f"{base}/{pass_id}/archive", {})
    assert "Archive Parking first" in text(olga.get(base)), "nothing is left that it could be sold with"
    changed = {**parking, "only_with": "", "least_each": "", "most_each": "", "name": "Weekend pass"}
    assert post(olga, f"{base}/{pass_id}", {**changed, "only_with": str(kinds["Parking"].id)}).status_code == 422
    with transaction() as db_session:
        wish = CloneWish("Lakeside Fair 2029", world.show().first_day.replace(year=2029))
        clone = clone_event(db_session, source=world.show(), wish=wish, by=BY, now=utcnow())
        copied = {kind.name: kind for kind in list_ticket_types(db_session, event_id=clone.id)}
        assert copied["Parking"].rule.only_with_id == copied["Weekend pass"].id
        for query in doctor.QUERIES:
            assert query.find(db_session, datetime.now(UTC)) == []


def test_the_simulator_knows_extras_and_members(world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        weekend = ruled(db_session, event, "Weekend pass", 3000, member_price_minor=1200)
        ruled(db_session, event, "Parking", 500, only_with_id=weekend.id)
        members.add_numbers(db_session, event=event, numbers=["1001"], tickets_each=2, by=BY, now=utcnow())
    olga, base = world.client("olga"), f"/manage/shows/{world.slug}/prices"
    asked = {"at": utcnow().strftime("%Y-%m-%dT12:00"), "quantity": "1"}
    plain, member, nobody = (
        text(olga.get(base, query_string={**asked, "member": number})) for number in ("", "1001", "9999")
    )
    assert "together with Weekend pass only" in plain
    assert "$30.00" in plain
    assert "$12.00" in member
    assert "not on the list of members" in nobody
    assert "$5.00" in nobody, "what has no members' price costs the same"


def test_an_extra_stays_off_sale_while_what_it_belongs_to_is(world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        weekend = build.ticket_type(db_session, event, "Weekend pass")
        parking = ruled(db_session, event, "Parking", 500, only_with_id=weekend.id)
        ids = (parking.id, weekend.id)
    olga, base = world.client("olga"), f"/manage/shows/{world.slug}/tickets"
    for kind_id in ids:
        post(olga, f"{base}/{kind_id}/archive")
    assert post(olga, f"{base}/{ids[0]}/restoration").status_code == 303
    assert "Bring that back first" in text(olga.get(base))
    assert doctor.extras_that_nobody_can_buy(world.session, utcnow()) == []
    with transaction() as db_session:
        db_session.get_one(TicketType, ids[0]).archived_at = None
    assert len(doctor.extras_that_nobody_can_buy(world.session, utcnow())) == 1
