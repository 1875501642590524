"""Checks and cash go to the bank: slips, the cash difference, the bank line that shows the arrival."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders import books
from swapmeet.orders import doctor as orders_doctor
from swapmeet.orders.models import Account, Payment, PayMethod
from swapmeet.payments import doctor
from swapmeet.payments.errors import CheckDeposited, LineDecided, NothingToDeposit, PartsDiffer
from swapmeet.payments.models import Deposit, LineState
from swapmeet.payments.services import depositing
from tests.orders.conftest import Shop, fresh
from tests.payments.files import american_csv
from tests.payments.test_statements import TREASURER, bring, lines
from tests.support.forms import fields_of, post


def deposit(shop: Shop, checks: list[int], counted: int | None) -> Deposit:
    with transaction() as db_session:
        return depositing.make_deposit(
            db_session,
            event=shop.world.show(),
            check_ids=checks,
            counted_minor=counted,
            note="",
            by=TREASURER,
            now=utcnow(),
        )


def paid(shop: Shop, method: PayMethod, amount: int) -> int:
    """The id of a payment for an order of that sum."""
    order = shop.order((shop.quota(price=amount, capacity=None), 1))
    shop.pay(order.id, amount, method)
    return int(db.session.scalars(select(Payment.id).order_by(Payment.id.desc())).first() or 0)


def balances(shop: Shop) -> dict[Account, int]:
    fresh()
    found = books.read_books(db.session(), shop.world.show()).balances
    return {account: sum_ for account, sum_ in found.items() if sum_}


def faults() -> list[str]:
    fresh()
    queries = (*doctor.QUERIES, *orders_doctor.QUERIES)
    return [each for query in queries if "entries" not in query.name for each in query.find(db.session(), utcnow())]


def test_checks_and_cash_move_to_the_bank_and_a_difference_is_booked(shop: Shop, clock: Any) -> None:
    first, second = paid(shop, PayMethod.CHECK, 3000), paid(shop, PayMethod.CHECK, 500)
    paid(shop, PayMethod.CASH, 2000)
    clock.advance(days=1)
    made = deposit(shop, [first], 1950)
    assert (made.number, made.total_minor, made.difference_minor) == (1, 4950, -50)
    assert balances(shop) == {
        Account.SALES: -5500,
        Account.CHECKS: 500,
        Account.BANK: 4950,
        Account.CASH_DIFFERENCE: 50,
    }
    assert faults() == []
    days = books.list_money_days(db.session(), shop.world.show())
    assert [(row.total, row.went_back) for row in days] == [(5500, 0)], "moving money is no income"
    with pytest.raises(CheckDeposited):
        deposit(shop, [first, second], None)
    with pytest.raises(NothingToDeposit):
        deposit(shop, [], 0)
    with pytest.raises(NothingToDeposit):
        deposit(shop, [], None)
    assert deposit(shop, [second], None).number == 2
    past = books.read_books(
        db.session(), shop.world.show(), as_of=books.last_instant(shop.world.show(), date(2026, 11, 25))
    )
    assert past.of(Account.CASH) == 2000


def test_a_bank_line_shows_that_a_deposit_has_arrived(shop: Shop) -> None:
    made = deposit(shop, [paid(shop, PayMethod.CHECK, 3000)], None)
    bring(shop, american_csv([(date(2026, 11, 26), 3000, "Counter", "Deposit"), (date(2026, 11, 26), 2999, "x", "y")]))
    line, other = lines()
    base, client = f"/manage/shows/{shop.world.slug}/money/bank-lines", shop.world.client("trudy")
    assert "It is deposit 1" in client.get(f"{base}/{line.id}").get_data(as_text=True)
    assert "It is deposit" not in client.get(f"{base}/{other.id}").get_data(as_text=True)
    assert post(client, f"{base}/{line.id}/deposits/{made.id}").status_code == 303
    assert lines()[0].state is LineState.RECORDED
    assert faults() == []
    for wrong, error in ((line.id, LineDecided), (other.id, LineDecided)):
        with transaction() as db_session, pytest.raises(error):
            depositing.recognize_deposit(
                db_session, event=shop.world.show(), line_id=wrong, deposit_id=made.id, by=TREASURER, now=utcnow()
            )
    second = deposit(shop, [paid(shop, PayMethod.CHECK, 100)], None)
    with transaction() as db_session, pytest.raises(PartsDiffer):
        depositing.recognize_deposit(
            db_session, event=shop.world.show(), line_id=other.id, deposit_id=second.id, by=TREASURER, now=utcnow()
        )


def test_the_pages_of_deposits(shop: Shop) -> None:
    client, url = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}/money/deposits"
    assert "Nothing is in hand" in client.get(url).get_data(as_text=True)
    check = paid(shop, PayMethod.CHECK, 3000)
    paid(shop, PayMethod.CASH, 2000)
    assert fields_of(client.get(url).get_data(as_text=True), "")["check"] == str(check)
    assert post(client, url, {"counted": "ten"}).status_code == 422
    assert post(client, url, {}).status_code == 409
    assert post(client, url, {"check": "999", "counted": "20"}).status_code == 409
    answer = post(client, url, {"check": str(check), "counted": "20.00", "note": "Trudy and Olga"})
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    assert "$50.00" in page and "Trudy and Olga" in page and "differs" not in page
