"""The doctor finds nothing in a sound installation, and each violation that is planted."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders import doctor
from swapmeet.orders.services import quotas
from tests.cast import World
from tests.orders.conftest import Shop, fresh
from tests.orders.test_payments import cancel, refunds, settle
from tests.orders.wares import put_on_sale
from tests.support.databases import Databases, let_go, make_settings
from tests.support.plant import planted_app

LOOSE = ("ck_quota_not_oversold", "ck_refund_amount_positive", "uq_receipt_event_id_number", "uq_receipt_order_id")


@pytest.fixture(scope="module")
def shop_database(database: str, _databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A shop in a schema without the constraints that forbid what is planted; a few orders in every state. To be copied."""
    folder = tmp_path_factory.mktemp("shop")
    with planted_app(make_settings(address := _databases.empty(database, folder), folder / "instance"), *LOOSE) as app:
        shop = Shop(World(app), put_on_sale(app))
        with transaction() as db_session:
            event = shop.world.show()
            quota = quotas.create_quota(
                db_session, event=event, name="Weekend", capacity=20, by=Actor.job("test"), now=utcnow()
            )
            quota_id = quota.id
        shop.ware.prices[quota_id] = 1000
        shop.cart((quota_id, 1))
        paid, gone, unpaid = (shop.order((quota_id, 2)) for _ in range(3))
        for order in (paid, gone):
            shop.pay(order.id, 2000)
        cancel(shop, gone.id)
        settle(refunds()[0].id)
        assert unpaid.placed_at is not None
        let_go()
    return address


@pytest.fixture
def loose(shop_database: str, _databases: Databases, tmp_path: Path) -> Iterator[None]:
    """The application whose database a test may damage."""
    address = _databases.copy_of(shop_database, tmp_path)
    with create_app(make_settings(address, tmp_path / "instance")).app_context():
        yield
        db.session.remove()
        db.engine.dispose()
    _databases.drop(address)


def found(find: Callable[..., list[str]]) -> list[str]:
    fresh()
    return find(db.session(), utcnow())


def plant(*statements: str) -> None:
    """Rows no code would write: triggers off, straight into the database."""
    engine = db.engine
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in names:
                connection.execute(text(f'DROP TRIGGER "{name}"'))
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for statement in statements:
            connection.execute(text(statement))
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = DEFAULT"))


@pytest.mark.usefixtures("loose")
def test_a_sound_installation_has_no_findings() -> None:
    assert {query.name: found(query.find) for query in doctor.QUERIES} == {query.name: [] for query in doctor.QUERIES}


BOOKING = (
    "INSERT INTO ledger_entry (event_id, order_id, transaction_code, account, detail, amount_minor, currency, posted_at, memo) "
    "SELECT event_id, id, 'planted', '{account}', '', {amount}, 'USD', placed_at, '' FROM \"order\" WHERE state = 'placed'"
)
PLANTED: list[tuple[Any, str, list[str]]] = [
    (doctor.quotas_off, "counter ahead of its lines", ["UPDATE quota SET taken = taken + 1"]),
    (doctor.quotas_off, "sold above the capacity", ["UPDATE quota SET capacity = 1"]),
    (doctor.orders_damaged, "a sum that its lines do not have", ["UPDATE \"order\" SET total_minor = 1 WHERE state = 'confirmed'"]),
    (doctor.orders_damaged, "an open order without lines", ["UPDATE order_line SET released_at = created_at"]),
    (doctor.orders_damaged, "an order nobody can open", ["UPDATE \"order\" SET key_digest = NULL WHERE state = 'confirmed'"]),
    (doctor.orders_damaged, "an order whose link nobody can write", ["UPDATE \"order\" SET link_seal = NULL WHERE state = 'confirmed'"]),
    (doctor.orders_lost, "a confirmed order that is gone", ["UPDATE \"order\" SET state = 'placed' WHERE state = 'confirmed'"]),
    (
        doctor.orders_lost,
        "a key that leads nowhere",
        [
            "INSERT INTO idempotency_key (scope, key, request_digest, answer, created_at) "
            "SELECT 'checkout:1', 'planted', 'x', '999999', created_at FROM event"
        ],
    ),
    (doctor.books_unbalanced, "one side of a booking", [BOOKING.format(account="cash", amount=5)]),
    (
        doctor.books_differ,
        "money the order does not know of",
        [BOOKING.format(account="cash", amount=5), BOOKING.format(account="receivable", amount=-5)],
    ),
    (doctor.refunds_too_large, "a refund above what came in", ["UPDATE refund SET amount_minor = 999999"]),
    (doctor.money_booked_twice, "a payment of another sum", ["UPDATE payment SET amount_minor = amount_minor + 1"]),
    (doctor.money_booked_twice, "a refund that was never sent", ["UPDATE refund SET state = 'approved'"]),
    (doctor.units_of_nobody, "a closed order with live lines", ["UPDATE order_line SET released_at = NULL"]),
    (doctor.units_of_nobody, "units on a line given up", ["UPDATE order_line SET released_at = created_at"]),
    (doctor.gaps_and_repeats, "a gap in the receipts", ["UPDATE receipt SET number = number + 1"]),
    (doctor.gaps_and_repeats, "a repeated receipt", ["UPDATE receipt SET number = 1"]),
    (doctor.changes_without_audit, "a payment nobody recorded", ["DELETE FROM audit_entry WHERE verb = 'payment.recorded'"]),
    (doctor.changes_without_audit, "an order that was never placed", ["DELETE FROM audit_entry WHERE verb = 'order.placed'"]),
    (doctor.capacities_without_audit, "a capacity moved in secret", ["UPDATE quota SET capacity = 19"]),
    (doctor.capacities_without_audit, "a quota out of nowhere", ["DELETE FROM audit_entry WHERE verb = 'quota.created'"]),
]  # fmt: skip


@pytest.mark.parametrize(("find", "what", "statements"), PLANTED, ids=[what for _, what, _ in PLANTED])
@pytest.mark.usefixtures("loose")
def test_the_doctor_finds(find: Callable[..., list[str]], what: str, statements: list[str]) -> None:
    assert found(find) == []
    plant(*statements)
    assert found(find), what
