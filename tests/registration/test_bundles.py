"""Bundles: several tickets at one price, each from its own capacity, each with its own people; given back as a whole."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.badges.models import Attendee
from swapmeet.events.services.cloning import CloneWish, clone_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import ImportReport, registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid, Refused
from swapmeet.orders import doctor as orders_doctor
from swapmeet.orders.errors import SoldOut
from swapmeet.orders.export import order_table
from swapmeet.orders.models import LineQuota, Order, OrderState, Quota
from swapmeet.orders.sellables import Buyer
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.quantities import change_quantity
from swapmeet.orders.services.quotas import create_quota
from swapmeet.orders.waitlist.joining import Newcomer, join
from swapmeet.orders.waitlist.joining import Wanted as WaitFor
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.orders.waitlist.serving import serve
from swapmeet.registration import bundles, doctor, importing, services
from swapmeet.registration.bundles import Wanted, save_parts
from swapmeet.registration.models import BundlePart, TicketAge, TicketRule, TicketType
from swapmeet.registration.queries import get_ticket_type, types_by_id
from swapmeet.registration.values import RuleValues, TicketTypeValues
from swapmeet.registration.variants import VariantValues, save_variants
from tests.registration import build
from tests.support.forms import fields_of, post

BY = Actor.person(1)


class Family:
    """Weekend family: 2 adults, 2 children, 1 parking for 60.00; alone 2 × 24 + 2 × 8 + 5."""

    def __init__(self, world: Any) -> None:
        self.world = world
        with transaction() as db_session:
            event = world.show()
            adult = build.ticket_type(db_session, event, "Adult", capacity=10)
            child = build.ticket_type(db_session, event, "Child", price=800, capacity=5)
            db_session.add(TicketAge(ticket_type_id=child.id, event_id=event.id, max_age=12, guardian_below=10))
            parking = build.ticket_type(db_session, event, "Parking", price=500, capacity=3, is_admission=False)
            bundle = build.ticket_type(db_session, event, "Weekend family", price=6000, capacity=20)
            self.adult, self.child, self.parking, self.bundle = adult.id, child.id, parking.id, bundle.id
        with transaction() as db_session:
            kind = self.kind(db_session, self.bundle)
            save_parts(db_session, event=world.show(), kind=kind, wanted=self.parts, by=BY, now=utcnow())

    @property
    def parts(self) -> list[Wanted]:
        return [Wanted(self.adult, 2), Wanted(self.child, 2), Wanted(self.parking, 1)]

    def kind(self, db_session: Any, type_id: int) -> TicketType:
        return get_ticket_type(db_session, event_id=self.world.event_id, ticket_type_id=type_id)

    def buy(self, count: int = 1, **more: Any) -> str:
        with transaction() as db_session:
            return build.buy(db_session, self.world.show(), {self.bundle: count}, **more).code

    def order(self, code: str) -> Order:
        return build.fresh(self.world).scalars(select(Order).where(Order.code == code)).one()

    def taken(self) -> list[int]:
        build.fresh(self.world)
        ids = (self.adult, self.child, self.parking, self.bundle)
        return [db.session.get_one(Quota, db.session.get_one(TicketType, each).quota_id).taken for each in ids]

    def ill(self) -> list[str]:
        build.fresh(self.world)
        skipped = (orders_doctor.capacities_without_audit, doctor.types_changed_without_audit)
        queries = [each for each in (*orders_doctor.QUERIES, *doctor.QUERIES) if each.find not in skipped]
        return [sentence for query in queries for sentence in query.find(db.session(), utcnow())]


@pytest.fixture
def family(world: Any) -> Family:
    return Family(world)


def test_a_bundle_costs_its_own_price_and_each_part_counts_against_its_own_limit(family: Family) -> None:
    code = family.buy(2)
    order = family.order(code)
    (line,) = order.lines
    assert (order.total_minor, line.quantity, line.unit_minor) == (12000, 2, 6000)
    assert line.detail == "2 × Adult, 2 × Child, 1 × Parking"
    assert family.taken() == [4, 4, 2, 2]
    with pytest.raises(SoldOut):
        family.buy(1)
    assert family.taken() == [4, 4, 2, 2], "one child is left, and a bundle needs two"
    assert family.ill() == []


def test_everybody_in_a_bundle_is_asked_for_and_has_a_badge(family: Family, world: Any) -> None:
    client = world.client()
    key = {f"ticket-{family.bundle}": 1, "key": "k" * 32}
    assert post(client, f"/shows/{world.slug}/cart/lines", key).status_code == 303
    page = client.get(f"/shows/{world.slug}/checkout").get_data(as_text=True)
    assert "Name on badge 1 of 4 (Weekend family: Adult)" in page
    assert "Name on badge 4 of 4 (Weekend family: Child)" in page
    assert page.count("Age of badge") == 2
    form = fields_of(page, f"/shows/{world.slug}/checkout")
    names = sorted(name for name in form if "-name-" in name)
    assert len(names) == 4
    people = dict(zip(names, ("Ann", "Bo", "Cy", "Di"), strict=True))
    ages = {name: "8" for name in form if "-age-" in name} | {name: "Ann" for name in form if "-adult-" in name}
    filled = {**form, **people, **ages, "buyer_name": "Ann", "buyer_email": "ann@example.org", "method": "check"}
    young = {**filled, **{name: "14" for name in form if "-age-" in name}}
    assert post(client, f"/shows/{world.slug}/checkout", young).status_code in (409, 422)
    answer = post(client, f"/shows/{world.slug}/checkout", filled)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    with transaction() as db_session:
        build.pay(db_session, db_session.scalars(select(Order).where(Order.placed_at.is_not(None))).one())
    build.fresh(world)
    seen = db.session.execute(select(Attendee.name, Attendee.ticket_label, Attendee.seat).order_by(Attendee.seat)).all()
    assert [tuple(row) for row in seen] == [
        ("Ann", "Adult (Weekend family)", 1),
        ("Bo", "Adult (Weekend family)", 2),
        ("Cy", "Child (Weekend family)", 3),
        ("Di", "Child (Weekend family)", 4),
    ]
    assert family.ill() == []


def test_a_bundle_is_given_back_as_a_whole(family: Family, world: Any) -> None:
    code = family.buy(1, names=["Ann", "Bo", "Cy", "Di"])
    with transaction() as db_session:
        order = db_session.scalars(select(Order).where(Order.code == code)).one()
        event, now = world.show(), utcnow()
        preview = preview_cancellation(db_session, event=event, order=order, now=now, full_refund=True)
        assert preview.back_minor == 6000 and len(preview.lines) == 1
        ending: dict[str, Any] = {"seen_back_minor": 6000, "full_refund": True, "reason": "ill"}
        cancel_order(db_session, event=event, order=order, by=BY, now=now, **ending)
    assert family.taken() == [0, 0, 0, 0]
    assert all(row is not None for row in db.session.scalars(select(Attendee.canceled_at)))
    assert family.ill() == []


def test_more_or_fewer_bundles_in_a_cart_move_every_part(family: Family, world: Any) -> None:
    with transaction() as db_session:
        cart = build.cart(db_session, world.show(), {family.bundle: 1})
        line_id, cart_id = build.lines_of(db_session, cart)[0].id, cart.id
    for count, taken in ((2, [4, 4, 2, 2]), (1, [2, 2, 1, 1])):
        with transaction() as db_session:
            cart = db_session.get_one(Order, cart_id)
            event = world.show()
            buyer = Buyer(None, order=cart)
            given: dict[str, Any] = {"line_id": line_id, "quantity": count, "buyer": buyer, "by": BY, "now": utcnow()}
            change_quantity(db_session, event=event, cart=cart, **given)
        assert family.taken() == taken
    assert family.ill() == []


def test_a_part_that_moves_to_a_shared_limit_takes_its_units_in_bundles_along(family: Family, world: Any) -> None:
    """Adult and Child share the hall, so a bundle holds four of it; Adult then moves to another limit, and two stay."""
    with transaction() as db_session:
        event, now = world.show(), utcnow()
        hall = create_quota(db_session, event=event, name="Hall", capacity=50, by=BY, now=now).id
        gallery = create_quota(db_session, event=event, name="Gallery", capacity=50, by=BY, now=now).id
    _share(family, family.adult, "Adult", 2400, hall)
    _share(family, family.child, "Child", 800, hall)
    family.buy(1)
    assert _held(family, hall, gallery) == [4, 0]
    _share(family, family.adult, "Adult", 2400, gallery)
    assert _held(family, hall, gallery) == [2, 2]
    _share(family, family.adult, "Adult", 2400, hall)
    assert _held(family, hall, gallery) == [4, 0]
    _share(family, family.adult, "Adult", 2400, None)
    assert _held(family, hall, gallery) == [2, 0]
    assert [each for each in family.ill() if "quota" in each] == []


def _share(family: Family, type_id: int, name: str, price: int, shared_id: int | None) -> None:
    with transaction() as db_session:
        event = family.world.show()
        kind = family.kind(db_session, type_id)
        values = TicketTypeValues(name=name, price_minor=price, capacity=10, shared_quota_id=shared_id)
        services.edit_ticket_type(db_session, event=event, kind=kind, values=values, by=BY, now=utcnow())


def _held(family: Family, *quota_ids: int) -> list[int]:
    build.fresh(family.world)
    rows = db.session.execute(select(LineQuota.quota_id, LineQuota.quantity)).all()
    held = [sum(row.quantity for row in rows if row.quota_id == quota_id) for quota_id in quota_ids]
    assert held == [db.session.get_one(Quota, quota_id).taken for quota_id in quota_ids]
    return held


def test_the_shares_of_the_parts_add_up_to_the_price_and_its_tax(family: Family, world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        event.taxes = {"ticket": {"name": "VAT", "basis_points": 1900, "is_added": False}}
        db_session.get_one(TicketType, family.bundle).price_minor = 6001
    build.fresh(world)
    kind = types_by_id(db.session(), event_id=world.event_id, ids=[family.bundle])[family.bundle]
    shares = bundles.shares_of(world.show(), kind)
    assert [(each.name, each.quantity, each.price_minor, each.tax_minor) for each in shares] == [
        ("Adult", 2, 4175, 667), ("Child", 2, 1391, 222), ("Parking", 1, 435, 69),
    ]  # fmt: skip
    assert (sum(each.price_minor for each in shares), sum(each.tax_minor for each in shares)) == (6001, 958)
    page = world.client("olga").get(f"/manage/shows/{world.slug}/tickets/{family.bundle}/parts").get_data(as_text=True)
    assert "$41.75" in page and "they cost $69.00" in page


def test_the_card_the_simulator_and_the_files_know_what_is_in_it(family: Family, world: Any) -> None:
    card = world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert "2 × Adult, 2 × Child, 1 × Parking" in card
    seen = world.client("olga").get(f"/manage/shows/{world.slug}/prices").get_data(as_text=True)
    assert "2 × Adult, 2 × Child, 1 × Parking" in seen and "$60.00" in seen
    code = family.buy(1)
    build.fresh(world)
    header, rows = order_table(db.session(), world.show())
    (row,) = [dict(zip(header, each, strict=True)) for each in rows]
    assert row["order"] == code and row["holds"] == "1 x Weekend family (2 × Adult, 2 × Child, 1 × Parking)"
    family.buy(1)
    sold_out = world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert f'name="ticket-{family.bundle}"' not in sold_out, "one child is left: no bundle can be had"
    assert f'name="ticket-{family.child}"' in sold_out
    with transaction() as db_session:
        sellable = registry().sellables["ticket"]
        titles = [each.title for each in sellable.waitables(db_session, event=world.show(), now=utcnow())]
    assert "Weekend family" in titles and "Child" in titles
    assert f"waiting-list?ticket-{family.bundle}=1" in sold_out


def test_who_waits_for_a_bundle_is_offered_it_when_all_of_its_parts_are_free(family: Family, world: Any) -> None:
    code = family.buy(2)
    with transaction() as db_session:
        show = world.show()
        things = registry().sellables["ticket"].waitables(db_session, event=show, now=utcnow())
        (thing,) = [each for each in things if each.product_id == family.bundle]
        assert thing.left == 0, "one child is left, and a bundle holds two"
        who = Newcomer("Bo", "bo@example.org", is_mailed=False)
        entry_id = join(db_session, event=show, wanted=[WaitFor(thing, 1, "")], who=who, by=BY, now=utcnow()).id
    for _ in range(2):  # served twice: before and after it comes free
        with transaction() as db_session:
            offers = serve(db_session, event=world.show(), now=utcnow())
        assert offers == (0 if family.order(code).state is OrderState.CONFIRMED else 1)
        with transaction() as db_session:
            order = db_session.scalars(select(Order).where(Order.code == code)).one()
            if order.state is OrderState.CONFIRMED:
                preview = preview_cancellation(db_session, event=world.show(), order=order, now=utcnow())
                given = {"seen_back_minor": preview.back_minor, "reason": "", "by": BY, "now": utcnow()}
                cancel_order(db_session, event=world.show(), order=order, **given)
    entry = build.fresh(world).get(WaitingEntry, entry_id)
    assert entry is not None and entry.state is WaitState.OFFERED
    assert family.taken() == [2, 2, 1, 1]
    assert family.ill() == []


def test_a_show_file_brings_bundles_and_names_what_cannot_be_in_one(world: Any) -> None:
    one = {"code": "one", "name": "One", "price": 900}
    shirt = {"code": "shirt", "name": "Shirt", "price": 900, "variants": [{"name": "S"}, {"name": "L"}]}
    many = {"code": "many", "name": "Many", "price": 3000, "parts": [{"ticket": "one", "quantity": 4}]}
    show = {"days": [0], "ticket_types": [one, shirt, many]}
    with transaction() as db_session:
        for _ in range(2):
            importing.apply(db_session, world.show(), show, utcnow())
    rows = build.fresh(world).execute(
        select(BundlePart.quantity, TicketType.name).join(TicketType, TicketType.id == BundlePart.part_id)
    )
    assert [tuple(row) for row in rows] == [(4, "One")]
    once = {"ticket": "one", "quantity": 1}
    ill = [[{**once, "ticket": "shirt"}], [{**once, "ticket": "many"}], [{"ticket": "one"}], [once, once], ["one"]]
    for parts in [*ill, [{**once, "quantity": 21}]]:
        report = ImportReport()
        importing.check({**show, "ticket_types": [one, shirt, {**many, "parts": parts}]}, report)
        assert any("parts:" in sentence for _, sentence in report.problems), parts


def test_an_extra_of_a_part_goes_with_the_bundle(family: Family, world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        dinner = build.ticket_type(db_session, event, "Dinner", is_admission=False)
        db_session.add(TicketRule(ticket_type_id=dinner.id, event_id=event.id, only_with_id=family.adult, most_each=1))
        dinner_id = dinner.id
    with transaction() as db_session:
        cart = build.cart(db_session, world.show(), {family.bundle: 1, dinner_id: 2})
        build.place(db_session, world.show(), cart)


def test_what_can_be_in_a_bundle_and_what_it_can_be(family: Family, world: Any) -> None:
    def save(type_id: int, *wanted: Wanted) -> None:
        with transaction() as db_session:
            kind = family.kind(db_session, type_id)
            save_parts(db_session, event=world.show(), kind=kind, wanted=wanted, by=BY, now=utcnow())

    for type_id, wanted, words in (
        (family.adult, Wanted(family.parking, 1), "part of Weekend family"),
        (family.bundle, Wanted(family.bundle, 1), "cannot be part"),
        (family.bundle, Wanted(99_999, 1), "cannot be part"),
        (family.bundle, Wanted(family.adult, 21), "holds 20 at most"),
    ):
        with pytest.raises(Invalid, match=words):
            save(type_id, wanted)
    with transaction() as db_session:
        kind = family.kind(db_session, family.adult)
        with pytest.raises(Refused, match="part of Weekend family"):
            services.archive_ticket_type(db_session, kind=kind, by=BY, now=utcnow())
        with pytest.raises(Invalid, match="no choices"):
            save_variants(db_session, event=world.show(), kind=kind, wanted=[VariantValues("M")], by=BY, now=utcnow())
    with transaction() as db_session:
        kind = family.kind(db_session, family.bundle)
        rule = RuleValues(is_open_price=True)
        with pytest.raises(Invalid, match="price of its own"):
            services.edit_ticket_type(
                db_session, event=world.show(), kind=kind, by=BY, now=utcnow(),
                values=TicketTypeValues(name="Weekend family", price_minor=1, rule=rule),
            )  # fmt: skip
        db_session.rollback()
    family.buy(1)
    with pytest.raises(Refused, match="sold or in a cart"):
        save(family.bundle, Wanted(family.adult, 1))


def test_the_page_saves_what_is_in_it_and_names_faults(family: Family, world: Any) -> None:
    client, url = world.client("olga"), f"/manage/shows/{world.slug}/tickets/{family.bundle}/parts"
    assert f'name="part_{family.adult}"' in client.get(url).get_data(as_text=True)
    assert post(client, url, {f"part_{family.adult}": "two"}).status_code == 422
    assert post(client, url, {f"part_{family.adult}": "12", f"part_{family.child}": "12"}).status_code == 422
    assert post(client, url, {f"part_{family.adult}": "3"}).status_code == 303
    build.fresh(world)
    assert db.session.execute(select(BundlePart.part_id, BundlePart.quantity)).all() == [(family.adult, 3)]
    assert post(client, url, {}).status_code == 303
    build.fresh(world)
    assert db.session.get_one(TicketType, family.bundle).is_admission is True
    assert post(world.client("otto"), url, {}).status_code == 404


def test_a_clone_has_the_same_bundle(family: Family, world: Any) -> None:
    with transaction() as db_session:
        source = world.show()
        wish = CloneWish(name="Next year", first_day=source.first_day.replace(year=source.first_day.year + 1))
        clone = clone_event(db_session, source=source, wish=wish, by=BY, now=utcnow())
        clone_id = clone.id
    build.fresh(world)
    kinds = {
        each.name: each.id for each in db.session.scalars(select(TicketType).where(TicketType.event_id == clone_id))
    }
    bundle = types_by_id(db.session(), event_id=clone_id, ids=[kinds["Weekend family"]])[kinds["Weekend family"]]
    assert bundle.parts_words == "2 × Adult, 2 × Child, 1 × Parking"
