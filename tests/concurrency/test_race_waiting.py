"""The waiting list under many hands at one moment: offers against the public, two answers at once, an answer against the clock.

Each promise has its control: with the guard off and the constraint behind it gone, the same race goes wrong.
"""

from collections import Counter
from datetime import datetime, timedelta
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
from swapmeet.kernel.errors import DomainError
from swapmeet.orders import doctor as orders_doctor
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import LineQuota, Order, Quota
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import carts, checkout
from swapmeet.orders.services.buying import WENT_TO_LIST, buy
from swapmeet.orders.services.carts import sweep_expired
from swapmeet.orders.waitlist import answers, joining
from swapmeet.orders.waitlist import doctor as waiting_doctor
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.orders.waitlist.serving import serve, waitables_of
from tests.concurrency.test_race_orders import fill, opened, set_up
from tests.orders.wares import put_on_sale
from tests.support.databases import make_settings
from tests.support.plant import planted_app
from tests.support.processes import ROUNDS, race

CONTROL_TRIES = 8
PROCESSES, THREADS = 2, 8
RACERS = PROCESSES * THREADS
BY = Actor.guest()


@pytest.fixture
def settings(schema_database: str, tmp_path: Path) -> Settings:
    return make_settings(schema_database, tmp_path / "instance", web_threads=THREADS)


def queue_up(quota: int, waiting: int, freed: int) -> None:
    """Everything is sold to one cart, so many wait, then so many units come back. Inside an application context."""
    with transaction() as db_session:
        event = db_session.scalars(select(Event)).one()
        cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=f"all-{quota}", now=utcnow())
        event.per_order_limit = 1000
        capacity = db_session.get_one(Quota, quota).capacity
        assert capacity is not None
        wishes = [Wish("ticket", quota, 1)] * capacity
        buyer = Buyer(None, order=cart)
        held = carts.add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=BY, now=utcnow())
        things = [each for each in waitables_of(db_session, event, utcnow()).values() if each.product_id == quota]
        for number in range(waiting):
            who = joining.Newcomer(f"W{number}", f"w{number}-{quota}@example.org")
            wanted = [joining.Wanted(things[0], 1, "")]
            joining.join(db_session, event=event, wanted=wanted, who=who, by=BY, now=utcnow())
        carts.release_lines(db_session, order=cart, lines=held[:freed], reason="removed", by=BY, now=utcnow())


def serve_or_buy(number: int, quota: int) -> str:
    """Every second racer is a worker that serves the line, the others are the public."""
    put_on_sale(current_app)

    def work(db_session: Any) -> str:
        event = db_session.scalars(select(Event)).one()
        if number % 2:
            return f"offers {serve(db_session, event=event, now=utcnow())}"
        cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=f"{number}-{quota}", now=utcnow())
        wishes, buyer = [Wish("ticket", quota, 1)], Buyer(None, order=cart)
        buy(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=BY, now=utcnow())
        return "bought"

    try:
        return attempt(work)
    except DomainError as error:
        return "refused" if WENT_TO_LIST in error.facts else "sold out"


def standing(settings: Settings) -> Counter[str]:
    """Entries by state; all invariants hold."""
    with opened(settings):
        queries = (orders_doctor.QUERIES[0], *waiting_doctor.QUERIES)
        assert [words for query in queries for words in query.find(db.session(), utcnow())] == []
        rows = db.session.execute(select(WaitingEntry.state, func.count()).group_by(WaitingEntry.state))
        return Counter({state.value: count for state, count in rows})


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_freed_places_go_to_the_line_and_none_to_the_public(settings: Settings, turn: int) -> None:
    (quota,) = set_up(settings, 8)
    with opened(settings):
        queue_up(quota, waiting=6, freed=4)
    answered = Counter(race(serve_or_buy, settings, processes=PROCESSES, threads=THREADS, arguments=(quota,)))
    assert answered["bought"] == 0
    assert standing(settings) == {"offered": 4, "waiting": 2}


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_what_the_line_leaves_over_goes_to_the_public_and_no_more(settings: Settings, turn: int) -> None:
    (quota,) = set_up(settings, 8)
    with opened(settings):
        queue_up(quota, waiting=2, freed=5)
    answered = Counter(race(serve_or_buy, settings, processes=PROCESSES, threads=THREADS, arguments=(quota,)))
    assert answered["bought"] == 3
    assert standing(settings) == {"offered": 2}


def test_control_without_guard_more_is_held_than_there_is(empty_database: str, tmp_path: Path) -> None:
    naive = make_settings(empty_database, tmp_path / "instance", web_threads=THREADS, unsafe_no_guard=True)
    with planted_app(naive, "ck_quota_not_oversold", "uq_order_cart_digest") as app:
        put_on_sale(app)
        quotas = fill(app, *[2] * CONTROL_TRIES)
        for quota in quotas:
            queue_up(quota, waiting=3, freed=1)

    def held(quota: int) -> int:
        race(serve_or_buy, naive, processes=PROCESSES, threads=THREADS, arguments=(quota,), keep_failures=True)
        with opened(naive):
            units = select(func.sum(LineQuota.quantity)).where(LineQuota.quota_id == quota)
            return int(db.session.scalar(units) or 0)

    assert any(held(quota) > 2 for quota in quotas)


def answer_offer(number: int, entry_id: int, deeds: list[str], ends_at: datetime) -> str:
    """One of several answers to the same offer, a second before its end, or the sweeper at its end (another node's clock)."""
    put_on_sale(current_app)
    deed = deeds[number % len(deeds)]

    def work(db_session: Any) -> str:
        event = db_session.scalars(select(Event)).one()
        entry = db_session.get_one(WaitingEntry, entry_id)
        if deed == "sweep":
            sweep_expired(db_session, now=ends_at)
            return "swept"
        now = ends_at - timedelta(seconds=1)
        if deed == "decline":
            answers.decline(db_session, event=event, entry=entry, by=BY, now=now)
            return "declined"
        answers.accept(db_session, event=event, entry=entry, now=now)
        cart = db_session.get_one(Order, entry.offer_order_id)
        checkout.place_order(
            db_session,
            event=event,
            cart=cart,
            contact=checkout.Contact("Gus", "gus@example.org"),
            answers={},
            seen_total_minor=0,
            by=BY,
            now=now,
        )
        return "placed"

    try:
        return attempt(work)
    except DomainError:
        return "refused"


def offered_one(settings: Settings) -> tuple[int, datetime]:
    """(entry, end of the offer): one place, sold and given back, offered to the first of two who wait."""
    (quota,) = set_up(settings, 1)
    with opened(settings):
        queue_up(quota, waiting=2, freed=1)
        with transaction() as db_session:
            serve(db_session, event=db_session.scalars(select(Event)).one(), now=utcnow())
        entry = db.session.scalars(select(WaitingEntry).where(WaitingEntry.state == WaitState.OFFERED)).one()
        assert entry.offer_ends_at is not None
        return int(entry.id), entry.offer_ends_at


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_an_offer_taken_and_declined_many_times_at_once_has_one_end(settings: Settings, turn: int) -> None:
    entry, ends_at = offered_one(settings)
    deeds = ["accept", "decline"]
    got = Counter(race(answer_offer, settings, processes=PROCESSES, threads=THREADS, arguments=(entry, deeds, ends_at)))
    assert got["placed"] + got["declined"] == 1 and got["refused"] == RACERS - 1
    expected = {"taken": 1, "waiting": 1} if got["placed"] else {"declined": 1, "offered": 1}
    assert standing(settings) == expected


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_an_answer_at_the_last_instant_and_the_clock_agree(settings: Settings, turn: int) -> None:
    entry, ends_at = offered_one(settings)
    deeds = ["accept", "sweep"]
    got = Counter(race(answer_offer, settings, processes=PROCESSES, threads=THREADS, arguments=(entry, deeds, ends_at)))
    assert got["placed"] in (0, 1) and got["placed"] + got["refused"] == RACERS // 2
    assert standing(settings) == ({"taken": 1, "waiting": 1} if got["placed"] else {"lapsed": 1, "waiting": 1})


def test_control_without_lock_one_offer_is_placed_several_times(empty_database: str, tmp_path: Path) -> None:
    naive = make_settings(empty_database, tmp_path / "instance", web_threads=THREADS, unsafe_no_guard=True)
    with planted_app(naive, "ck_quota_not_oversold") as app:
        put_on_sale(app)
        quotas = fill(app, *[1] * CONTROL_TRIES)
        for quota in quotas:
            queue_up(quota, waiting=1, freed=1)
            with transaction() as db_session:
                serve(db_session, event=db_session.scalars(select(Event)).one(), now=utcnow())
        entries = list(
            db.session.execute(
                select(WaitingEntry.id, WaitingEntry.offer_ends_at).where(WaitingEntry.state == WaitState.OFFERED)
            )
        )

    def placed(entry: int, ends_at: datetime) -> int:
        arguments = (entry, ["accept"], ends_at)
        got = race(answer_offer, naive, processes=PROCESSES, threads=THREADS, arguments=arguments, keep_failures=True)
        return sum(each == "placed" for each in got)

    assert any(placed(*entry) > 1 for entry in entries)
