"""Many buyers at one moment, from processes: the last ticket is sold once, an order is placed once, nobody waits in a circle.

Each promise has its control: with the guard off and the constraint behind it gone, the same race goes wrong.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.factory import create_app
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.outbox import OutboxMessage
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders import doctor
from swapmeet.orders.attempts import attempt
from swapmeet.orders.errors import SoldOut
from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState, Quota
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import carts
from swapmeet.orders.services.quantities import change_quantity
from tests import factories
from tests.cast import World
from tests.orders.wares import put_on_sale
from tests.support.databases import make_settings
from tests.support.forms import token_of
from tests.support.plant import planted_app
from tests.support.processes import ROUNDS, race

CONTROL_TRIES = 8  # a control must go wrong once in these
PROCESSES, THREADS = 2, 16
BUYERS = PROCESSES * THREADS
BY = Actor.guest()


@pytest.fixture
def settings(schema_database: str, tmp_path: Path) -> Settings:
    return make_settings(schema_database, tmp_path / "instance", web_threads=THREADS)


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    put_on_sale(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def set_up(settings: Settings, *capacities: int) -> list[int]:
    """A published show with these quotas. Returns their ids."""
    with opened(settings) as app:
        return fill(app, *capacities)


def fill(app: Flask, *capacities: int) -> list[int]:
    world = World(app)
    with transaction() as db_session:
        made = [
            factories.quota(db_session, event=world.show(), capacity=capacity, name=f"Q{number}")
            for number, capacity in enumerate(capacities)
        ]
        return [quota.id for quota in made]


def buy(number: int, *wishes: tuple[int, int]) -> str:
    """One buyer puts the wishes into a cart of their own. Every second one asks in the other order."""
    put_on_sale(current_app)

    def work(db_session: Any) -> str:
        event = db_session.scalar(select(Event))
        cart = carts.open_cart(
            db_session, event=event, person_id=None, cart_key=f"key-{number}-{utcnow()}", now=utcnow()
        )
        asked = [Wish("ticket", quota_id, count) for quota_id, count in (wishes if number % 2 else wishes[::-1])]
        carts.add_to_cart(
            db_session, event=event, cart=cart, wishes=asked, buyer=Buyer(None, order=cart), by=BY, now=utcnow()
        )
        return "held"

    try:
        return attempt(work)
    except SoldOut:
        return "sold out"


def buy_many(number: int, large: tuple[int, int], small: tuple[int, int]) -> str:
    """Every fourth buyer wants the large order, the others the small one."""
    return buy(number, large if number % 4 == 0 else small)


def held(settings: Settings) -> dict[int, int]:
    """Units that lines hold, by quota; the counters and the doctor must say the same."""
    with opened(settings):
        rows = db.session.execute(select(LineQuota.quota_id, func.sum(LineQuota.quantity)).group_by(LineQuota.quota_id))
        units = {quota_id: int(count) for quota_id, count in rows}
        taken = {row.id: row.taken for row in db.session.execute(select(Quota.id, Quota.taken))}
        assert {quota_id: count for quota_id, count in taken.items() if count} == units
        assert doctor.quotas_off(db.session(), utcnow()) == []
        return units


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_r_t43_of_32_buyers_one_gets_the_last_ticket(settings: Settings, turn: int) -> None:
    (quota,) = set_up(settings, 1)
    answers = race(buy, settings, processes=PROCESSES, threads=THREADS, arguments=((quota, 1),))
    assert Counter(answers) == {"held": 1, "sold out": BUYERS - 1}
    assert held(settings) == {quota: 1}


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_r_t43_an_order_of_five_with_four_left_is_refused_as_a_whole(settings: Settings, turn: int) -> None:
    plenty, few = set_up(settings, 1000, 4)
    wishes = ((plenty, 1), (few, 5))
    assert Counter(race(buy, settings, processes=PROCESSES, threads=4, arguments=wishes)) == {"sold out": 8}
    assert held(settings) == {}
    answers = race(buy_many, settings, processes=PROCESSES, threads=THREADS, arguments=((few, 5), (few, 1)))
    assert Counter(answers) == {"held": 4, "sold out": BUYERS - 4}
    assert held(settings) == {few: 4}


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_the_last_units_of_two_quotas_go_to_whole_orders_without_a_circle(settings: Settings, turn: int) -> None:
    one, two = set_up(settings, 5, 7)
    answers = race(buy, settings, processes=PROCESSES, threads=THREADS, arguments=((one, 1), (two, 1)))
    assert Counter(answers) == {"held": 5, "sold out": BUYERS - 5}
    assert held(settings) == {one: 5, two: 5}


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_units_of_expired_carts_go_to_all_who_ask_at_that_moment(settings: Settings, turn: int) -> None:
    """Each of 32 expired carts held a unit; 32 buyers come: nobody is told that it is sold out."""
    one, two = set_up(settings, BUYERS, BUYERS)
    clock = Path(settings.instance_path) / "clock"
    timed = settings.with_values(clock_file=str(clock))
    race(buy, settings, processes=PROCESSES, threads=THREADS, arguments=((one, 1), (two, 1)))
    clock.write_text("+1000", encoding="ascii")
    answers = race(buy, timed, processes=PROCESSES, threads=THREADS, arguments=((one, 1), (two, 1)))
    assert Counter(answers) == {"held": BUYERS}
    assert held(settings) == {one: BUYERS, two: BUYERS}


def test_control_without_check_and_guard_the_last_ticket_is_sold_to_several(
    empty_database: str, tmp_path: Path
) -> None:
    naive = make_settings(empty_database, tmp_path / "instance", web_threads=THREADS, unsafe_no_guard=True)
    with planted_app(naive, "ck_quota_not_oversold") as app:
        lasts = fill(app, *[1] * CONTROL_TRIES)

    def winners(quota: int) -> int:
        return race(buy, naive, processes=PROCESSES, threads=THREADS, arguments=((quota, 1),)).count("held")

    assert any(winners(quota) > 1 for quota in lasts)


def carts_of_one(settings: Settings, quota: int) -> list[int]:
    """A cart with one piece for each buyer. Returns their ids."""
    with opened(settings):
        for number in range(BUYERS):
            assert buy(number, (quota, 1)) == "held"
        made = list(db.session.scalars(select(Order.id).order_by(Order.id.desc()).limit(BUYERS)))
        db.session.rollback()
        return made


def raise_to(number: int, cart_ids: list[int], quantity: int) -> str:
    """A buyer sets the quantity of the only line of a cart: each their own, or all the same one."""
    put_on_sale(current_app)

    def work(db_session: Any) -> str:
        event = db_session.scalar(select(Event))
        cart = db_session.get_one(Order, cart_ids[number % len(cart_ids)])
        line_id = db_session.scalar(select(OrderLine.id).where(OrderLine.order_id == cart.id).order_by(OrderLine.id))
        buyer = Buyer(None, order=cart)
        change_quantity(
            db_session, event=event, cart=cart, line_id=line_id, quantity=quantity, buyer=buyer, by=BY, now=utcnow()
        )
        return "held"

    try:
        return attempt(work)
    except SoldOut:
        return "sold out"


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_32_buyers_who_want_one_more_three_get_the_last_three(settings: Settings, turn: int) -> None:
    (quota,) = set_up(settings, BUYERS + 3)
    answers = race(
        raise_to, settings, processes=PROCESSES, threads=THREADS, arguments=(carts_of_one(settings, quota), 2)
    )
    assert Counter(answers) == {"held": 3, "sold out": BUYERS - 3}
    assert held(settings) == {quota: BUYERS + 3}


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_quantity_set_32_times_at_once_is_set_once(settings: Settings, turn: int) -> None:
    (quota,) = set_up(settings, BUYERS + 10)
    (cart_id, *_) = carts_of_one(settings, quota)
    answers = race(raise_to, settings, processes=PROCESSES, threads=THREADS, arguments=([cart_id], 4))
    assert Counter(answers) == {"held": BUYERS}
    assert held(settings) == {quota: BUYERS + 3}


def test_control_without_check_and_guard_the_last_one_more_goes_to_several(empty_database: str, tmp_path: Path) -> None:
    naive = make_settings(empty_database, tmp_path / "instance", web_threads=THREADS, unsafe_no_guard=True)
    with planted_app(naive, "ck_quota_not_oversold") as app:
        lasts = fill(app, *[BUYERS + 1] * CONTROL_TRIES)

    def winners(quota: int) -> int:
        wanted = carts_of_one(naive, quota)
        return race(raise_to, naive, processes=PROCESSES, threads=THREADS, arguments=(wanted, 2)).count("held")

    assert any(winners(quota) > 1 for quota in lasts)


def filled_cart(settings: Settings, quota: int) -> dict[str, Any]:
    """A browser with a filled cart and a checkout form: its cookies and the form's data."""
    with opened(settings) as app, app.test_client() as client:
        slug = db.session.scalar(select(Event.slug))
        page = f"/shows/{slug}/cart"
        data = {f"ticket-{quota}": "1", "key": "k" * 32, "csrf_token": token_of(client, page)}
        assert client.post(f"/shows/{slug}/cart/lines", data=data).status_code == 303
        html = client.get(f"/shows/{slug}/checkout").get_data(as_text=True)
        form = dict.fromkeys(re.findall(r'name="(line-\d+-name-\d+)"', html), "Ann")
        form |= {
            "buyer_name": "Ann",
            "buyer_email": "ann@example.org",
            "seen_total": "0",
            "csrf_token": data["csrf_token"],
        }
        cookies = [(cookie.key, cookie.value, cookie.path) for cookie in client._cookies.values()]
    return {"slug": slug, "form": form, "cookies": cookies}


def send_order(number: int, browser: dict[str, Any], key: str) -> str:
    """The same form sent once more: by a double click, another tab (a key of its own), a retry."""
    put_on_sale(current_app)
    with current_app.test_client() as client:
        for name, value, path in browser["cookies"]:
            client.set_cookie(name, value, path=path)
        own = key if number % 4 else f"{key}-tab-{number}"
        answer = client.post(f"/shows/{browser['slug']}/checkout", data={**browser["form"], "key": own})
    return str(answer.headers.get("Location", answer.status_code))


def placed(settings: Settings) -> dict[str, int]:
    """How often anything was placed: orders, entries in the log, mails."""
    with opened(settings):
        count = select(func.count())
        session = db.session
        return {
            "orders": session.scalar(count.select_from(Order).where(Order.state == OrderState.CONFIRMED)) or 0,
            "entries": session.scalar(count.select_from(AuditEntry).where(AuditEntry.verb == "order.placed")) or 0,
            "mails": session.scalar(count.select_from(OutboxMessage)) or 0,
        }


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_r_t47_one_form_sent_32_times_places_one_order(settings: Settings, turn: int) -> None:
    (quota,) = set_up(settings, 10)
    browser = filled_cart(settings, quota)
    answers = race(send_order, settings, processes=PROCESSES, threads=THREADS, arguments=(browser, "form-key"))
    assert len(set(answers)) == 1, answers
    assert answers[0].startswith("/orders/")
    assert placed(settings) == {"orders": 1, "entries": 1, "mails": 1}
    assert held(settings) == {quota: 1}


def test_control_without_lock_and_keys_one_form_is_placed_several_times(empty_database: str, tmp_path: Path) -> None:
    naive = make_settings(empty_database, tmp_path / "instance", web_threads=THREADS, unsafe_no_guard=True)
    with planted_app(naive, "uq_idempotency_key_scope_key") as app:
        (quota,) = fill(app, 10)

    def entries(turn: int) -> int:
        browser = filled_cart(naive, quota)
        before = placed(naive)["entries"]
        race(send_order, naive, processes=PROCESSES, threads=THREADS, arguments=(browser, f"form-{turn}"))
        return placed(naive)["entries"] - before

    assert any(entries(turn) > 1 for turn in range(CONTROL_TRIES))


def click(number: int, browser: dict[str, Any], quota: int) -> str:
    """The button of the ticket page, pressed again before any answer has come: no cart cookie yet."""
    put_on_sale(current_app)
    with current_app.test_client() as client:
        for name, value, path in browser["cookies"]:
            if name != "swapmeet_cart":
                client.set_cookie(name, value, path=path)
        data = {f"ticket-{quota}": "1", "key": "z" * 32, "csrf_token": browser["form"]["csrf_token"]}
        return str(client.post(f"/shows/{browser['slug']}/cart/lines", data=data).status_code)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_first_click_repeated_32_times_fills_one_cart_once(settings: Settings, turn: int) -> None:
    quota, last = set_up(settings, 10, 1)
    browser = filled_cart(settings, quota)
    answers = race(click, settings, processes=PROCESSES, threads=THREADS, arguments=(browser, last))
    assert Counter(answers) == {"303": BUYERS}
    assert held(settings) == {quota: 1, last: 1}
