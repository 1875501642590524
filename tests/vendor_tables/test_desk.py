"""The floor manager's desk: hold, release, assign and move, each with a reason, none behind a vendor's back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.badges.models import Attendee
from swapmeet.events.models import Event
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders import ledger
from swapmeet.orders.books import read_books
from swapmeet.orders.models import Order, OrderLine, OrderState, Refund
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import VOUCHER, Buyer
from swapmeet.orders.services.carts import add_to_cart
from swapmeet.orders.services.parts import give_back
from swapmeet.orders.vouchers.making import VoucherValues, make_vouchers
from swapmeet.orders.vouchers.models import Effect
from swapmeet.payments.models import Invoice
from swapmeet.payments.services.invoicing import issue_invoice
from swapmeet.vendor_tables.errors import PlaceTaken
from swapmeet.vendor_tables.models import ReservationKind, ReservationState, TablePlace
from tests.support.forms import post as send
from tests.vendor_tables.floor import Floor, table_type


def url(world: Any, rest: str = "") -> str:
    return f"/manage/shows/{world.slug}/tables{rest}"


def chosen(floor: Floor, *labels: str, **fields: Any) -> dict[str, Any]:
    return {"place": [floor.ids[label] for label in labels], "period": floor.period_id, **fields}


def post(world: Any, path: str, data: dict[str, Any], who: str = "olga") -> Any:
    return send(world.client(who), url(world, path), data)


def test_a_hold_keeps_tables_from_sale_until_it_is_released(floor: Floor, world: Any) -> None:
    answer = post(world, "/holds", chosen(floor, "A01", "A02", holder="Raffle desk", reason="needs the wall"))
    assert answer.status_code == 303
    row = floor.live("A01")
    assert row is not None and row.kind is ReservationKind.STAFF and row.holder == "Raffle desk"
    with pytest.raises(PlaceTaken):
        floor.hold("A01")
    page = world.client("olga").get(url(world)).get_data(as_text=True)
    assert "Raffle desk" in page and "Held by the team" in page
    answer = post(world, f"/reservations/{row.id}/release", {"reason": "raffle moved"})
    assert answer.status_code == 303 and floor.states() == {"A02": "held"}
    assert floor.reservations("A01")[0].release_reason == "raffle moved"
    floor.hold("A01")


def test_a_hold_with_an_end_frees_the_table_at_that_time(floor: Floor, world: Any, clock: Any) -> None:
    until = (utcnow() + timedelta(hours=2)).astimezone().strftime("%Y-%m-%dT") + "09:00"
    answer = post(world, "/holds", chosen(floor, "A01", reason="a guest", expires_at=until))
    assert answer.status_code == 303
    row = floor.live("A01")
    assert row is not None and row.expires_at is not None
    clock.set(row.expires_at - timedelta(seconds=1))
    with pytest.raises(PlaceTaken):
        floor.hold("A01")
    clock.advance(seconds=1)
    floor.hold("A01")
    assert [each.release_reason for each in floor.reservations("A01")] == ["time is over", ""]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": ""}, "Write why"),
        ({"reason": "x", "expires_at": "2020-01-01T10:00"}, "That time is over"),
        ({"reason": "x", "expires_at": "tomorrow"}, "Not a valid datetime"),
        ({"reason": "x\x00y"}, "control characters"),
        ({"reason": "x" * 100_000}, "At most 300 characters"),
    ],
)
def test_a_faulty_hold_is_told_and_keeps_nothing(floor: Floor, world: Any, fields: dict[str, str], words: str) -> None:
    answer = post(world, "/holds", chosen(floor, "A01", **fields))
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert floor.states() == {}


def test_a_taken_table_cannot_be_held(floor: Floor, world: Any) -> None:
    floor.hold("A02")
    answer = post(world, "/holds", chosen(floor, "A01", "A02", reason="row for the club"))
    assert answer.status_code == 422 and "A02 was just taken" in answer.get_data(as_text=True)
    assert floor.states() == {"A02": "held"}


@pytest.mark.parametrize("path", ["/holds", "/assignments"])
def test_foreign_and_unknown_tables_are_not_found(floor: Floor, world: Any, path: str) -> None:
    for data in ({"place": 10**9, "period": floor.period_id}, {"place": floor.ids["A01"], "period": 10**9}, {}):
        assert post(world, path, {**data, "reason": "x", "name": "y"}).status_code == 404


def test_a_sold_table_is_not_released_by_hand(floor: Floor, world: Any) -> None:
    floor.buy("A01")
    row = floor.live("A01")
    assert row is not None
    answer = post(world, f"/reservations/{row.id}/release", {"reason": "x"})
    assert answer.status_code == 422
    assert floor.states() == {"A01": "taken"}


def test_a_vendor_placed_by_hand_gets_an_order_to_pay(floor: Floor, world: Any, mail: Any) -> None:
    fields = {
        "name": "Vic Vendor",
        "email": "vic.vendor@example.org",
        "sign": "Tiny Works",
        "reason": "called",
        "key": "k" * 20,
    }
    answer = post(world, "/assignments", chosen(floor, "A01", "A02", **fields))
    assert answer.status_code == 303
    order = db.session.scalars(select(Order)).one()
    assert (order.state, order.total_minor, order.person_id) == (OrderState.PLACED, 9000, world.ids["vic"])
    assert floor.states() == {"A01": "taken", "A02": "taken"}
    assert any("please pay" in str(message["Subject"]) for message in mail.to("vic.vendor@example.org"))


def test_a_free_place_by_hand_is_confirmed_with_badges(floor: Floor, world: Any) -> None:
    post(world, "/holds", chosen(floor, "A01", reason="guest"))
    fields = {"name": "Gus Guest", "is_free": "1", "reason": "guest of honor", "key": "k" * 20}
    assert post(world, "/assignments", chosen(floor, "A01", **fields)).status_code == 303
    row = floor.live("A01")
    assert row is not None and row.state is ReservationState.CONFIRMED and row.holder == "Gus Guest"
    assert db.session.scalar(select(func.count()).select_from(Attendee)) == 1
    assert floor.reservations("A01")[0].release_reason == "given to Gus Guest"


def test_a_double_click_places_a_vendor_once(floor: Floor, world: Any) -> None:
    fields = {"name": "Vic Vendor", "reason": "called", "key": "k" * 20}
    client = world.client("olga")
    for _ in range(2):
        answer = send(client, url(world, "/assignments"), data=chosen(floor, "A01", **fields))
        assert answer.status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Order)) == 1


def test_windows_and_limits_do_not_bind_the_team(floor: Floor, world: Any) -> None:
    from swapmeet.infra.uow import transaction
    from swapmeet.vendor_tables.models import VendorTerms

    with transaction() as db_session:
        db_session.add(VendorTerms(event_id=world.event_id, max_tables=1))
        world.show().tables_close_at = utcnow() - timedelta(days=1)
    fields = {"name": "Vic Vendor", "reason": "old friend", "key": "k" * 20}
    assert post(world, "/assignments", chosen(floor, "A01", "A02", **fields)).status_code == 303


def test_a_move_is_one_step_and_takes_the_order_along(floor: Floor, world: Any, mail: Any) -> None:
    order_id = floor.buy("A01", "A02")
    row = floor.live("A01")
    assert row is not None
    answer = post(world, f"/reservations/{row.id}/moves", {"target": "b03", "reason": "too loud", "is_told": "1"})
    assert answer.status_code == 303
    assert floor.states() == {"A02": "taken", "B03": "taken"}
    new = floor.live("B03")
    assert new is not None and new.state is ReservationState.CONFIRMED and new.vendor_id == row.vendor_id
    line = db.session.get_one(OrderLine, row.line_id)
    assert (line.title, line.product_id, line.unit_minor, line.order_id) == (
        "Table B03",
        floor.ids["B03"],
        4500,
        order_id,
    )
    assert {p.ticket_label for p in db.session.scalars(select(Attendee))} == {"Vendor, table B03", "Vendor, table A02"}
    assert "moved to B03: too loud" in floor.reservations("A01")[0].release_reason
    moved = [m for m in mail.to("vic@example.org") if "is now B03" in str(m["Subject"])]
    assert len(moved) == 1 and "from table A01" in mail.text(moved[0])


def dearer(floor: Floor, label: str, price_minor: int) -> None:
    """This place is of a kind of its own with another price."""
    with transaction() as db_session:
        kind = table_type(db_session, floor.world.show(), code=f"kind{label}", name="Booth", price_minor=price_minor)
        db_session.get_one(TablePlace, floor.ids[label]).type_id = kind.id


def move(world: Any, floor: Floor, label: str, target: str, **fields: Any) -> None:
    row = floor.live(label)
    assert row is not None
    answer = post(world, f"/reservations/{row.id}/moves", {"target": target, "reason": "better", **fields})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def faults() -> list[str]:
    db.session.rollback()
    return [fault for query in registry().doctor for fault in query.find(db.session(), utcnow())]


def test_a_move_to_a_dearer_table_asks_for_the_difference(floor: Floor, world: Any, mail: Any) -> None:
    dearer(floor, "B03", 6000)
    order_id = floor.buy("A01", "A02")
    move(world, floor, "A01", "B03", is_repriced="1", is_told="1")
    order = db.session.get_one(Order, order_id)
    assert (order.state, order.total_minor, ledger.owed(db.session(), order)) == (OrderState.CONFIRMED, 10500, 1500)
    assert {line.title: line.unit_minor for line in list_live_lines(db.session(), order)} == {
        "Table A02": 4500,
        "Table B03": 6000,
    }
    assert floor.states() == {"A02": "taken", "B03": "taken"}
    assert {p.ticket_label for p in db.session.scalars(select(Attendee))} == {"Vendor, table B03", "Vendor, table A02"}
    assert "still to pay" in mail.text(mail.to("vic@example.org")[-1])
    assert faults() == []


def test_a_move_keeps_the_rate_of_tax_and_takes_the_invoiced_table_back(floor: Floor, world: Any) -> None:
    dearer(floor, "B03", 6000)
    with transaction() as db_session:
        rate = {"name": "VAT", "basis_points": 1000, "is_added": True}
        db_session.get_one(Event, world.event_id).taxes = {"table": rate}
    order_id = floor.buy("A01", "A02")
    with transaction() as db_session:
        order, by = db_session.get_one(Order, order_id), Actor.guest()
        issue_invoice(db_session, order=order, address="Vic", by=by, now=utcnow())
        db_session.get_one(Event, world.event_id).taxes = {}
    move(world, floor, "A01", "B03", is_repriced="1")
    order = db.session.get_one(Order, order_id)
    assert (order.total_minor, ledger.owed(db.session(), order)) == (4950 + 6600, 1650)
    held = read_books(db.session(), world.show())
    assert (held.sold, held.tax) == (10500, 1050)
    papers = db.session.scalars(select(Invoice).order_by(Invoice.id))
    assert [(row.kind.value, row.total_minor, row.left_minor) for row in papers] == [
        ("invoice", 9900, 4950),
        ("credit_note", 4950, 0),
    ]
    assert faults() == []


def test_a_code_takes_off_what_it_did_after_a_move_too(floor: Floor, world: Any) -> None:
    dearer(floor, "B03", 6000)
    with transaction() as db_session:
        event, now = world.show(), utcnow()
        half = VoucherValues(code="HALF", effect=Effect.PERCENT, value=50)
        make_vouchers(db_session, event=event, values=half, by=Actor.guest(), now=now)
        cart, wish = floor.cart(db_session), floor.wish("A01")
        wishes = [replace(wish, choice={**wish.choice, VOUCHER: "HALF"})]
        add_to_cart(
            db_session, event=event, cart=cart, wishes=wishes, buyer=Buyer(None, "", cart), by=Actor.guest(), now=now
        )
        order_id = cart.id
    floor.place_order(order_id)
    floor.pay(order_id)
    move(world, floor, "A01", "B03", is_repriced="1")
    order = db.session.get_one(Order, order_id)
    assert (order.total_minor, ledger.owed(db.session(), order)) == (3000, 750)
    assert faults() == []


def test_a_move_to_a_cheaper_table_gives_the_difference_back(floor: Floor, world: Any) -> None:
    dearer(floor, "B03", 3000)
    order_id = floor.buy("A01")
    move(world, floor, "A01", "B03", is_repriced="1")
    order = db.session.get_one(Order, order_id)
    assert (order.total_minor, ledger.owed(db.session(), order)) == (3000, 0)
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.amount_minor, refund.order_id) == (1500, order_id)
    assert faults() == []


def test_a_cheaper_table_gives_nothing_back_that_was_given_back_before(floor: Floor, world: Any) -> None:
    dearer(floor, "B03", 3000)
    order_id = floor.buy("A01")
    with transaction() as db_session:
        order = db_session.get_one(Order, order_id)
        give_back(db_session, order=order, amount_minor=4000, reason="rain", by=Actor.guest(), now=utcnow())
    move(world, floor, "A01", "B03", is_repriced="1")
    order = db.session.get_one(Order, order_id)
    assert (order.total_minor, order.adjust_minor, ledger.owed(db.session(), order)) == (3000, -3000, 0)
    assert sorted(refund.amount_minor for refund in db.session.scalars(select(Refund))) == [500, 4000]
    assert faults() == []


def test_a_move_keeps_the_agreed_price_unless_told_otherwise(floor: Floor, world: Any) -> None:
    dearer(floor, "B03", 6000)
    order_id = floor.buy("A01")
    move(world, floor, "A01", "B03")
    order = db.session.get_one(Order, order_id)
    assert (order.total_minor, ledger.owed(db.session(), order)) == (4500, 0)
    assert faults() == []


def test_an_unpaid_order_moved_to_a_free_table_is_confirmed(floor: Floor, world: Any) -> None:
    dearer(floor, "B03", 0)
    order_id = floor.hold("A01")
    floor.place_order(order_id)
    move(world, floor, "A01", "B03", is_repriced="1")
    assert db.session.get_one(Order, order_id).state is OrderState.CONFIRMED
    moved = floor.live("B03")
    assert moved is not None and moved.state is ReservationState.CONFIRMED
    assert faults() == []


def test_what_a_move_changes_is_shown_before_it_is_done(floor: Floor, world: Any) -> None:
    dearer(floor, "B03", 6000)
    floor.buy("A01", sign="Tiny Works")
    row = floor.live("A01")
    assert row is not None
    client = world.client("olga")
    page = client.get(url(world, f"/reservations/{row.id}/moves?to=b03"))
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and "Move Tiny Works to B03?" in text
    assert "$45.00" in text and "$60.00" in text and "asks for the difference" in text
    assert client.get(url(world, f"/reservations/{row.id}/moves?to=zz")).status_code == 404
    assert floor.states() == {"A01": "taken"}


def test_an_unpaid_order_can_be_moved_and_paid_afterwards(floor: Floor, world: Any) -> None:
    order_id = floor.hold("A01")
    floor.place_order(order_id)
    row = floor.live("A01")
    assert row is not None
    assert post(world, f"/reservations/{row.id}/moves", {"target": "B01", "reason": "x"}).status_code == 303
    floor.pay(order_id)
    moved = floor.live("B01")
    assert moved is not None and moved.state is ReservationState.CONFIRMED


@pytest.mark.parametrize(
    ("target", "words"), [("A02", "is not free"), ("ZZ9", "There is no table ZZ9"), ("", "Write the number")]
)
def test_a_move_that_cannot_be_is_told_and_changes_nothing(floor: Floor, world: Any, target: str, words: str) -> None:
    floor.buy("A01", "A02")
    row = floor.live("A01")
    assert row is not None
    answer = post(world, f"/reservations/{row.id}/moves", {"target": target, "reason": "x"})
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert floor.states() == {"A01": "taken", "A02": "taken"}


def test_what_is_in_a_cart_is_not_moved(floor: Floor, world: Any) -> None:
    floor.hold("A01")
    row = floor.live("A01")
    assert row is not None
    answer = post(world, f"/reservations/{row.id}/moves", {"target": "B01", "reason": "x"})
    assert answer.status_code == 422 and floor.states() == {"A01": "held"}


def test_every_deed_of_the_desk_is_written_down_with_who_and_why(floor: Floor, world: Any) -> None:
    post(world, "/holds", chosen(floor, "A01", reason="kept for Ann"))
    row = floor.live("A01")
    assert row is not None
    post(world, f"/reservations/{row.id}/moves", {"target": "B01", "reason": "nearer"})
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject == "Reservation").order_by(AuditEntry.id)
    ).all()
    assert [(e.verb, e.reason, e.actor_person_id) for e in entries] == [
        ("table.reserved", "kept for Ann", world.ids["olga"]),
        ("table.reserved", "kept for Ann", world.ids["olga"]),
        ("table.released", "moved to B01: nearer", world.ids["olga"]),
    ]


def test_the_story_of_a_table_is_on_its_page(floor: Floor, world: Any) -> None:
    floor.buy("A01")
    page = world.client("olga").get(url(world, f"/places/{floor.ids['A01']}")).get_data(as_text=True)
    assert "Tiny Works" in page and "Confirmed" in page and "Move to another table" in page
    assert world.client("olga").get(url(world, "/places/999999")).status_code == 404


def test_the_list_of_vendors_has_contact_tables_and_payment(floor: Floor, world: Any) -> None:
    floor.buy("A01", "A02", sign="Tiny Works")
    floor.place_order(floor.hold("B01"), sign="Late Payer")
    client = world.client("olga")
    page = client.get(f"/manage/shows/{world.slug}/vendors").get_data(as_text=True)
    assert "Tiny Works" in page and "A01, A02" in page and "vic@example.org" in page and "Late Payer" in page
    page = client.get(f"/manage/shows/{world.slug}/vendors?state=waiting&q=late").get_data(as_text=True)
    assert "Late Payer" in page and "Tiny Works" not in page
    assert "No vendor found" in client.get(f"/manage/shows/{world.slug}/vendors?q=zzz").get_data(as_text=True)


def test_strangers_and_the_wrong_roles_stay_outside(floor: Floor, world: Any) -> None:
    assert world.client("otto").get(url(world)).status_code == 404
    assert world.client("dora").get(url(world)).status_code == 403
    assert world.client("trudy").get(url(world)).status_code == 403
    assert world.client().get(url(world)).status_code == 303
    assert post(world, "/holds", chosen(floor, "A01", reason="x"), who="dora").status_code == 403


def test_canceling_the_show_lets_go_of_the_teams_holds(floor: Floor, world: Any) -> None:
    from swapmeet.infra.uow import transaction
    from swapmeet.kernel.actor import Actor
    from swapmeet.vendor_tables.services.desk import release_all_holds

    post(world, "/holds", chosen(floor, "A01", "A02", reason="x"))
    with transaction() as db_session:
        release_all_holds(db_session, world.show(), Actor.job("cancel"), utcnow())
    assert floor.states() == {}
