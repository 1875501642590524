"""The organizer's ticket types: add, edit with price steps, shared limits, capacities, archive, order."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Quota
from swapmeet.registration.models import PriceTier, TicketType
from tests import factories
from tests.registration import build
from tests.support.forms import post

BLANK = {
    f"tier_{number}_{name}": "" for number in range(3) for name in ("id", "price", "until_on", "until_time", "first")
} | dict.fromkeys(
    "description requirement shared shared_name shared_capacity days_allowed entry_from min_age sale_starts_at sale_ends_at "
    "names_until_on".split(),
    "",
)
GOOD = {
    **BLANK,
    "name": "Weekend pass",
    "price_minor": "24.00",
    "capacity": "100",
    "per_order_limit": "6",
    "sold_where": "online",
    "is_admission": "y",
}


@pytest.fixture
def olga(world):
    return world.client("olga")


def url(world, rest=""):
    return f"/manage/shows/{world.slug}/tickets{rest}"


def kind_of(world, name="Weekend pass"):
    return build.fresh(world).scalar(select(TicketType).where(TicketType.name == name))


def test_an_empty_list_offers_the_first_step(world, olga):
    assert "Add the first ticket" in olga.get(url(world)).get_data(as_text=True)


def test_a_ticket_is_added_with_everything_it_can_have(world, olga):
    first = world.show().first_day
    data = {
        **GOOD,
        "description": "Both days, early admission",
        "requirement": "With an adult",
        "days": [first.isoformat()],
        "entry_from": "09:30",
        "min_age": "12",
        "sale_starts_at": "2026-12-01T19:00",
        "sale_ends_at": "2027-01-31T12:00",
        "names_until_on": "2027-02-01",
        "tier_0_price": "20",
        "tier_0_until_on": "2026-12-31",
        "tier_1_price": "22",
        "tier_1_first": "50",
        "shared": "new",
        "shared_name": "Chairs",
        "shared_capacity": "120",
    }
    response = post(olga, url(world, "/new"), data)
    assert response.status_code == 303, re.findall(r"field-error.*?<span>(.*?)</span>", response.get_data(as_text=True))
    kind = kind_of(world)
    assert (kind.price_minor, kind.quota.capacity, kind.shared_quota.name) == (2400, 100, "Chairs")
    assert (kind.valid_days, kind.entry_from, kind.min_age) == ([first.isoformat()], "09:30", 12)
    assert kind.sale_starts_at.isoformat() == "2026-12-02T00:00:00+00:00", "19:00 in New York"
    tiers = [(tier.price_minor, tier.until_on, tier.quota.capacity if tier.quota else None) for tier in kind.tiers]
    assert tiers == [(2000, date(2026, 12, 31), None), (2200, None, 50)]


def test_what_was_saved_is_what_the_form_shows_and_saving_it_changes_nothing(world, olga):
    post(
        olga,
        url(world, "/new"),
        {
            **GOOD,
            "tier_0_price": "20",
            "tier_0_until_on": "2026-12-31",
            "tier_0_until_time": "18:00",
            "entry_from": "10:00",
        },
    )
    kind = kind_of(world)
    before = (kind.id, [(tier.id, tier.until_at) for tier in kind.tiers], kind.entry_from)
    html = olga.get(url(world, f"/{kind.id}")).get_data(as_text=True)
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html))
    data = {**GOOD, **{k: v for k, v in fields.items() if k.startswith("tier_") or k == "entry_from"}}
    assert data["tier_0_price"] == "20.00"
    assert post(olga, url(world, f"/{kind.id}"), data).status_code == 303
    kind = kind_of(world)
    assert (kind.id, [(tier.id, tier.until_at) for tier in kind.tiers], kind.entry_from) == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Give the ticket a name"),
        ({"price_minor": "-1"}, "from 0.00"),
        ({"price_minor": "0.001"}, "digits after the point"),
        ({"price_minor": "NaN"}, "Write an amount"),
        ({"price_minor": "1e20"}, "Write an amount"),
        ({"price_minor": ""}, "Write a price"),
        ({"capacity": "-1"}, "whole number"),
        ({"capacity": "99999999999999999999"}, "whole number"),
        ({"per_order_limit": "0"}, "from 1 to"),
        ({"days": ["2031-01-01"]}, "valid choice"),
        ({"entry_from": "25:00"}, "valid time"),
        ({"sale_starts_at": "2027-01-02T10:00", "sale_ends_at": "2027-01-01T10:00"}, "must end after"),
        ({"tier_0_until_on": "2026-12-31"}, "price of this step"),
        ({"tier_0_price": "20"}, "when this price ends"),
        ({"tier_0_price": "20", "tier_0_until_time": "10:00"}, "day that belongs"),
        ({"shared": "new"}, "Give the new limit a name"),
        ({"shared": "999999"}, "one of the shared limits"),
        ({"days_allowed": "0"}, "from 1 to"),
        ({"name": "x" * 200}, "At most 120"),
        ({"name": "a\x00b"}, "control characters"),
    ],
)
def test_r_t52_each_fault_is_named_and_what_was_typed_stays(world, olga, changes, words):
    response = post(olga, url(world, "/new"), {**GOOD, "description": "Kept words", **changes})
    html = response.get_data(as_text=True)
    assert response.status_code == 422
    assert words in html
    assert "Kept words" in html
    assert kind_of(world) is None


def test_two_tickets_of_one_name_are_refused(world, olga):
    post(olga, url(world, "/new"), GOOD)
    response = post(olga, url(world, "/new"), {**GOOD, "name": "weekend PASS"})
    assert response.status_code == 422
    assert "a ticket of this name already" in response.get_data(as_text=True)


def test_r_t54_a_capacity_below_what_is_taken_is_refused_with_the_holders(world, olga):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, capacity=10)
        other = build.ticket_type(db_session, event, "Saturday", capacity=10).id
        build.buy(db_session, event, {kind.id: 3}, names=["Ann"], buyer="Holly Holder")
        kind_id = kind.id
    response = post(olga, url(world, f"/{kind_id}"), {**GOOD, "capacity": "2"})
    html = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "3 are taken" in html
    assert "Holly Holder" in html
    assert kind_of(world).quota.capacity == 10
    assert post(olga, url(world, f"/{kind_id}"), {**GOOD, "capacity": "3"}).status_code == 303
    with transaction() as db_session:
        build.cart(db_session, world.show(), {other: 1})


def test_a_cart_that_ran_out_does_not_stand_in_the_way_of_a_smaller_capacity(world, olga, clock):
    with transaction() as db_session:
        event = world.show()
        kind_id = build.ticket_type(db_session, event, capacity=10).id
        build.cart(db_session, event, {kind_id: 5})
    clock.advance(minutes=16)
    assert post(olga, url(world, f"/{kind_id}"), {**GOOD, "capacity": "2"}).status_code == 303


def test_joining_a_shared_limit_counts_what_is_sold(world, olga):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, capacity=10)
        build.buy(db_session, event, {kind.id: 3})
        kind_id = kind.id
    shared = {**GOOD, "shared": "new", "shared_name": "Beds"}
    assert post(olga, url(world, f"/{kind_id}"), {**shared, "shared_capacity": "2"}).status_code == 422
    assert post(olga, url(world, f"/{kind_id}"), {**shared, "shared_capacity": "4"}).status_code == 303
    assert kind_of(world).shared_quota.taken == 3
    assert post(olga, url(world, f"/{kind_id}"), GOOD).status_code == 303
    beds = build.fresh(world).scalar(select(Quota).where(Quota.name == "Beds", Quota.capacity == 4))
    assert (beds.taken, kind_of(world).shared_quota_id) == (0, None)


def test_a_step_is_removed_by_emptying_its_row(world, olga):
    post(olga, url(world, "/new"), {**GOOD, "tier_0_price": "20", "tier_0_until_on": "2026-12-31"})
    kind = kind_of(world)
    assert post(olga, url(world, f"/{kind.id}"), GOOD).status_code == 303
    assert build.fresh(world).scalar(select(PriceTier.id)) is None


def test_an_archived_ticket_is_off_sale_and_comes_back(world, olga):
    post(olga, url(world, "/new"), GOOD)
    kind = kind_of(world)
    assert post(olga, url(world, f"/{kind.id}/archive")).status_code == 303
    assert kind_of(world).archived_at is not None
    assert "Sell again" in olga.get(url(world)).get_data(as_text=True)
    assert post(olga, url(world, f"/{kind.id}/restoration")).status_code == 303
    assert kind_of(world).archived_at is None


def test_tickets_move_up_and_down(world, olga):
    for name in ("One", "Two", "Three"):
        post(olga, url(world, "/new"), {**GOOD, "name": name})
    post(olga, url(world, f"/{kind_of(world, 'Three').id}/position"), {"step": "up"})
    order = list(build.fresh(world).scalars(select(TicketType.name).order_by(TicketType.position)))
    assert order == ["One", "Three", "Two"]


def test_tickets_of_other_shows_are_not_there(world, olga):
    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        kind_id = build.ticket_type(db_session, other).id
    assert olga.get(url(world, f"/{kind_id}")).status_code == 404
    for action in ("", "/archive", "/restoration", "/position"):
        assert post(olga, url(world, f"/{kind_id}{action}"), GOOD).status_code == 404


def test_only_those_with_the_right_see_and_change_tickets(world):
    assert world.client("otto").get(url(world)).status_code == 404
    assert world.client("dora").get(url(world)).status_code == 403
    assert post(world.client("trudy"), url(world, "/new"), GOOD).status_code == 403


def test_the_list_shows_todays_price_and_the_next(world, olga):
    with transaction() as db_session:
        kind = build.ticket_type(db_session, world.show(), price=2400)
        build.tier(db_session, kind, 2000, until_on=date(2026, 11, 25) + timedelta(days=10))
    html = olga.get(url(world)).get_data(as_text=True)
    assert "$20.00" in html
    assert "$24.00 from" in html
