"""A code with three uses and sixteen hands at one moment: three get it. Without the guard it is more: the control."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import func, select

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders import doctor as orders_doctor
from swapmeet.orders.attempts import attempt
from swapmeet.orders.errors import SoldOut
from swapmeet.orders.models import LineQuota
from swapmeet.orders.sellables import VOUCHER, Buyer, Wish
from swapmeet.orders.services import carts
from swapmeet.orders.vouchers import doctor as voucher_doctor
from swapmeet.orders.vouchers.making import VoucherValues, make_vouchers
from swapmeet.orders.vouchers.models import Effect, Voucher
from tests.concurrency.test_race_orders import fill, opened, set_up
from tests.orders.wares import put_on_sale
from tests.support.databases import make_settings
from tests.support.plant import planted_app
from tests.support.processes import ROUNDS, race

CONTROL_TRIES = 8
PROCESSES, THREADS = 2, 8
BY = Actor.guest()


def make(code: str, uses: int) -> None:
    with transaction() as db_session:
        event = db_session.scalars(select(Event)).one()
        values = VoucherValues(Effect.PERCENT, 100, uses=uses, code=code)
        make_vouchers(db_session, event=event, values=values, by=BY, now=utcnow())


def use(number: int, quota: int, code: str) -> str:
    put_on_sale(current_app)

    def work(db_session: Any) -> str:
        event = db_session.scalars(select(Event)).one()
        key = f"{number}-{code}"
        cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=key, now=utcnow())
        wishes, buyer = [Wish("ticket", quota, 1, {VOUCHER: code})], Buyer(None, order=cart)
        carts.add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=BY, now=utcnow())
        return "used"

    try:
        return attempt(work)
    except SoldOut:
        return "refused"


def uses(code: str) -> int:
    quota = select(Voucher.quota_id).where(Voucher.code == code).scalar_subquery()
    return int(db.session.scalar(select(func.sum(LineQuota.quantity)).where(LineQuota.quota_id == quota)) or 0)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_r_t45_a_code_with_three_uses_and_sixteen_at_once(schema_database: str, tmp_path: Path, turn: int) -> None:
    settings: Settings = make_settings(schema_database, tmp_path / "instance", web_threads=THREADS)
    (quota,) = set_up(settings, 100)
    with opened(settings):
        make("THREE", 3)
    answers = race(use, settings, processes=PROCESSES, threads=THREADS, arguments=(quota, "THREE"))
    assert Counter(answers) == {"used": 3, "refused": 13}
    with opened(settings):
        assert uses("THREE") == 3
        for query in (orders_doctor.QUERIES[0], *voucher_doctor.QUERIES):
            assert query.find(db.session(), utcnow()) == []


def test_control_without_check_and_guard_a_code_is_used_too_often(empty_database: str, tmp_path: Path) -> None:
    naive = make_settings(empty_database, tmp_path / "instance", web_threads=THREADS, unsafe_no_guard=True)
    with planted_app(naive, "ck_quota_not_oversold") as app:
        put_on_sale(app)
        (quota,) = fill(app, 10_000)
        for number in range(CONTROL_TRIES):
            make(f"C{number}", 3)

    def too_often(code: str) -> bool:
        race(use, naive, processes=PROCESSES, threads=THREADS, arguments=(quota, code), keep_failures=True)
        with opened(naive):
            return uses(code) > 3

    assert any(too_often(f"C{number}") for number in range(CONTROL_TRIES))
