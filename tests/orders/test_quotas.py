"""Capacities: changed with an entry in the log, never below what is taken, and the refusal names who holds what."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.errors import CapacityBelowTaken
from swapmeet.orders.models import Quota
from swapmeet.orders.services.quotas import change_capacity, create_quota
from tests.orders.conftest import Shop

BY = Actor.job("test")


def change(quota_id: int, capacity: int | None) -> None:
    with transaction() as db_session:
        change_capacity(db_session, quota=db_session.get_one(Quota, quota_id), capacity=capacity, by=BY, now=utcnow())


def test_r_t54_a_capacity_below_what_is_sold_is_refused_with_its_holders(shop: Shop) -> None:
    quota = shop.quota(capacity=10, price=500)
    order = shop.order((quota, 3))
    shop.cart((quota, 2))
    with pytest.raises(CapacityBelowTaken) as refusal:
        change(quota, 4)
    assert f"{order.code} Gus Guest (3)" in refusal.value.message
    assert "a cart (2)" in refusal.value.message
    assert refusal.value.facts["taken"] == 5
    change(quota, 5)
    change(quota, None)
    change(quota, 7)


def test_a_cart_that_ran_out_gives_its_units_back_before_a_capacity_is_refused(shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=10, price=500)
    shop.cart((quota, 5))
    with pytest.raises(CapacityBelowTaken):
        change(quota, 4)
    clock.advance(minutes=60)
    change(quota, 4)
    assert db.session.get_one(Quota, quota).taken == 0


def test_the_largest_holders_are_named_first_and_listed_for_the_page(shop: Shop) -> None:
    quota = shop.quota(capacity=10, price=500)
    shop.cart((quota, 1))
    order = shop.order((quota, 3))
    with pytest.raises(CapacityBelowTaken) as refusal:
        change(quota, 2)
    assert refusal.value.facts["holders"] == [
        {"code": order.code, "name": "Gus Guest", "units": 3},
        {"code": "", "name": "", "units": 1},
    ]


def test_each_change_has_its_entry(shop: Shop) -> None:
    with transaction() as db_session:
        quota = create_quota(db_session, event=shop.world.show(), name="Q", capacity=3, by=BY, now=utcnow())
        quota_id = quota.id
    change(quota_id, 3)
    change(quota_id, None)
    change(quota_id, 9)
    steps = select(AuditEntry.verb, AuditEntry.origin, AuditEntry.target).where(AuditEntry.subject == "Quota")
    assert [tuple(row) for row in db.session.execute(steps.order_by(AuditEntry.id))] == [
        ("quota.created", None, None),
        ("quota.capacity_changed", "3", "no limit"),
        ("quota.capacity_changed", "no limit", "9"),
    ]


@pytest.mark.parametrize("capacity", [-1, 10**9, 2**31])
def test_senseless_capacities_are_refused(shop: Shop, capacity: Any) -> None:
    quota = shop.quota()
    with pytest.raises(Invalid):
        change(quota, capacity)
