"""Part of an order is given up, or part of its price given back: sums, books, the way the money came."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.orders import books, doctor, ledger, statements
from swapmeet.orders.errors import LineGone, NotOnSale, RefundTooLarge, WrongAmount
from swapmeet.orders.manage.pages import VERB_WORDS
from swapmeet.orders.models import Account, LineQuota, Order, OrderLine, OrderState, PayMethod
from swapmeet.orders.pieces import Some, facts_of, read_tokens, token_of
from swapmeet.orders.services import parts
from tests.orders.conftest import Shop, fresh
from tests.orders.test_manage import text
from tests.orders.test_payments import TREASURER, cancel, owed, refunds, settle, sums
from tests.support.forms import fields_of, post


def give_up(shop: Shop, order_id: int, *places: int, full: bool = False) -> None:
    give_up_some(shop, order_id, ids=[shop.lines(order_id)[place].id for place in places], full=full)


def give_up_some(shop: Shop, order_id: int, *some: Some, ids: Sequence[int] = (), full: bool = False) -> None:
    with transaction() as db_session:
        parts.give_up_lines(
            db_session,
            event=shop.world.show(),
            order=db_session.get_one(Order, order_id),
            line_ids=ids,
            some=some,
            is_full=full,
            reason="",
            by=TREASURER,
            now=utcnow(),
        )


def give_back(order_id: int, amount: int) -> None:
    with transaction() as db_session:
        order = db_session.get_one(Order, order_id)
        parts.give_back(db_session, order=order, amount_minor=amount, reason="late start", by=TREASURER, now=utcnow())


def faults() -> list[str]:
    fresh()
    return [
        sentence
        for query in doctor.QUERIES
        if query.find not in (doctor.capacities_without_audit, doctor.changes_without_audit)
        for sentence in query.find(db.session(), utcnow())
    ]


@pytest.fixture
def pair(shop: Shop) -> int:
    """An order of a ticket for 100 and one for 50."""
    return shop.order((shop.quota(price=10000), 1), (shop.quota(price=5000, name="Day"), 1)).id


def test_a_part_of_a_paid_order_goes_back_by_the_terms_and_the_rest_stands(shop: Shop, pair: int) -> None:
    shop.pay(pair, 15000)
    give_up(shop, pair, 1)
    order = shop.read(pair)
    assert (order.state, order.total_minor, order.adjust_minor) == (OrderState.CONFIRMED, 10000, 500)
    assert [refund.amount_minor for refund in refunds()] == [4500], "50.00 less the fee of 5.00"
    assert (owed(pair), sums(pair).owed) == (0, 0)
    assert shop.taken(shop.lines(pair)[0].product_id) == 1
    assert faults() == []
    settle(refunds()[0].id)
    cancel(shop, pair)
    assert [refund.amount_minor for refund in refunds()] == [4500, 9500], "the fee that was kept stays kept"
    assert faults() == []


def test_a_part_with_everything_back_and_a_canceled_show_give_all_of_it(shop: Shop, pair: int) -> None:
    shop.pay(pair, 15000)
    give_up(shop, pair, 1)
    cancel(shop, pair, full=True)
    assert sum(refund.amount_minor for refund in refunds()) == 15000
    assert faults() == []
    assert ledger.balance_of(db.session(), shop.read(pair), account=Account.FEES_KEPT) == 0


def test_a_part_of_an_unpaid_order_only_lowers_what_is_owed(shop: Shop, pair: int) -> None:
    give_up(shop, pair, 0)
    assert (owed(pair), refunds()) == (5000, [])
    shop.pay(pair, 5000)
    assert shop.read(pair).state is OrderState.CONFIRMED
    assert faults() == []


def test_money_counts_for_what_stays_first_and_may_confirm_it(shop: Shop, pair: int) -> None:
    shop.pay(pair, 11000)
    give_up(shop, pair, 1)
    order = shop.read(pair)
    assert (order.state, owed(pair)) == (OrderState.CONFIRMED, 0)
    assert [refund.amount_minor for refund in refunds()] == [1000]
    assert faults() == []


def test_not_all_lines_not_none_and_none_twice(shop: Shop, pair: int) -> None:
    ids = [line.id for line in shop.lines(pair)]
    with pytest.raises(WrongAmount):
        give_up(shop, pair)
    with pytest.raises(WrongAmount):
        give_up(shop, pair, 0, 1)
    give_up(shop, pair, 0)
    with transaction() as db_session, pytest.raises(LineGone):
        parts.preview_part(
            db_session,
            event=shop.world.show(),
            order=db_session.get_one(Order, pair),
            line_ids=ids[:1],
            now=utcnow(),
            is_full=True,
        )
    cancel(shop, pair)
    with transaction() as db_session, pytest.raises(NotOnSale):
        parts.give_up_lines(
            db_session,
            event=shop.world.show(),
            order=db_session.get_one(Order, pair),
            line_ids=ids[1:],
            is_full=False,
            reason="",
            by=TREASURER,
            now=utcnow(),
        )


def test_part_of_the_price_back_never_above_what_was_paid(shop: Shop, pair: int) -> None:
    with pytest.raises(RefundTooLarge):
        give_back(pair, 1)
    shop.pay(pair, 15000)
    give_back(pair, 2000)
    with pytest.raises(RefundTooLarge):
        give_back(pair, 13001)
    with pytest.raises(WrongAmount):
        give_back(pair, 0)
    assert (owed(pair), sums(pair).owed, shop.read(pair).state) == (0, 0, OrderState.CONFIRMED)
    assert faults() == []
    cancel(shop, pair, full=True)
    assert [refund.amount_minor for refund in refunds()] == [2000, 13000]
    assert faults() == []
    with pytest.raises(NotOnSale):
        give_back(pair, 1)


def test_refunds_go_the_way_the_money_came_the_newest_first(shop: Shop, pair: int) -> None:
    shop.pay(pair, 9000, PayMethod.CASH)
    shop.pay(pair, 4000, PayMethod.TRANSFER)
    shop.pay(pair, 2000, PayMethod.CHECK)
    give_back(pair, 1500)
    cancel(shop, pair, full=True)
    found = [(refund.method, refund.amount_minor) for refund in refunds()]
    assert found == [
        (PayMethod.CHECK, 1500),
        (PayMethod.CHECK, 500),
        (PayMethod.TRANSFER, 4000),
        (PayMethod.CASH, 9000),
    ]


def test_the_pages_show_the_sum_first_and_act_once(shop: Shop, pair: int) -> None:
    shop.pay(pair, 15000)
    order, client = shop.read(pair), shop.world.client("olga")
    base = f"/manage/shows/{shop.world.slug}/orders/{order.code}"
    line = shop.lines(pair)[1]
    data = {"lines": [str(line.id)], "refund": "policy", "reason": "ill"}
    assert post(client, f"{base}/parts", {"refund": "policy"}).status_code == 409
    assert post(client, f"{base}/parts", {**data, "lines": ["999"]}).status_code == 422
    page = text(post(client, f"{base}/parts", data))
    assert "$45.00" in page and refunds() == []
    seen = fields_of(page, "")["seen_back"]
    assert post(client, f"{base}/parts", {**data, "seen_back": "1"}).status_code == 200, "another sum is shown again"
    assert post(client, f"{base}/parts", {**data, "seen_back": seen}).status_code == 303
    assert len(refunds()) == 1
    treasurer, url = shop.world.client("trudy"), f"{base}/giving-back"
    key = fields_of(text(treasurer.get(url)), "")["key"]
    sent: dict[str, Any] = {"amount": "10.00", "reason": "late start", "key": key}
    assert post(treasurer, url, {**sent, "amount": "1000"}).status_code == 409
    assert [post(treasurer, url, sent).status_code for _ in range(2)] == [303, 303]
    assert [refund.amount_minor for refund in refunds()] == [4500, 1000]
    assert "Given back" in text(treasurer.get(base)) or "given back" in text(treasurer.get(base))


def test_boxes_name_a_line_or_a_piece_of_what_it_held_and_nonsense_is_left_out() -> None:
    assert (token_of(7), token_of(7, quantity=3, number=2)) == ("7", "7.3.2")
    found = read_tokens(["7", "8.3.2", "8.3.1", "9.2.2", "x", "1.2", "-1", "5.³.1", "9" * 30])
    assert found == ([7], [Some(8, 3, frozenset({1, 2})), Some(9, 2, frozenset({2}))])
    facts = {"names": ["Ann", "Bo"], "tier_id": 4}
    assert facts_of(facts, ("names", "ages"), {2: 1, 3: 2}) == {"names": ["Bo", ""], "tier_id": 4}


def test_past_days_of_a_statement_say_what_they_said_and_a_table_goes_as_a_whole(shop: Shop, clock: Any) -> None:
    order_id = shop.order((shop.quota(price=3333), 3)).id
    before = utcnow()
    clock.advance(days=1)
    line = shop.lines(order_id)[0]
    registry().dividers.pop("ticket")
    with pytest.raises(WrongAmount, match="as a whole only"):
        give_up_some(shop, order_id, Some(line.id, 3, frozenset({1})))
    registry().dividers["ticket"] = shop.ware
    give_up_some(shop, order_id, Some(line.id, 3, frozenset({1, 3})))
    event = shop.world.show()
    found = {
        as_of: [(each.item.pieces, each.item.total_minor) for each in lines if each.item.is_held]
        for as_of in (before, utcnow())
        for lines in statements.read_lines(db.session(), event, as_of=as_of).values()
    }
    assert list(found.values()) == [[(1, 3333), (2, 6666)], [(1, 3333)]]
    shop.pay(order_id, 3333)
    assert shop.read(order_id).state is OrderState.CONFIRMED
    assert faults() == []


def test_the_worked_numbers_of_one_ticket_of_three_with_a_tax_and_a_fee(shop: Shop) -> None:
    with transaction() as db_session:
        tax = {"name": "Sales tax", "basis_points": 825, "is_added": True}
        db_session.get_one(Event, shop.world.event_id).taxes = {"ticket": tax}
    quota, shared = shop.quota(price=1500, name="Day"), shop.quota(name="Hall")
    shop.ware.also[quota] = [shared]
    order_id = shop.order((quota, 3)).id
    shop.pay(order_id, 4871)
    for of, back in ((3, 1123), (2, 1124)):
        give_up_some(shop, order_id, Some(shop.lines(order_id)[0].id, of, frozenset({1})))
        assert refunds()[-1].amount_minor == back
    assert (shop.taken(quota), shop.taken(shared), shop.read(order_id).adjust_minor) == (1, 1, 1000)
    assert [line.tax_minor for line in shop.read(order_id).lines] == [124, 123, 124]
    held = books.read_books(db.session(), shop.world.show())
    assert (held.sold, held.tax) == (1500, 124)
    assert faults() == []
    other = shop.order((quota, 3)).id
    shop.pay(other, 4871)
    give_up_some(shop, other, Some(shop.lines(other)[0].id, 3, frozenset({1, 3})))
    assert refunds()[-1].amount_minor == 2747


def test_the_doctor_finds_a_line_whose_units_or_parts_do_not_fit(shop: Shop) -> None:
    order_id = shop.order((shop.quota(price=1500), 3)).id
    give_up_some(shop, order_id, Some(shop.lines(order_id)[0].id, 3, frozenset({1})))
    assert doctor.lines_unevenly_divided(db.session(), utcnow()) == []
    kept, gone = shop.read(order_id).lines
    with transaction() as db_session:
        db_session.get_one(LineQuota, (kept.id, kept.product_id)).quantity = 3
        db_session.get_one(OrderLine, gone.id).part_of_id = gone.id + 1
    fresh()
    assert doctor.lines_unevenly_divided(db.session(), utcnow()) == [
        f"line {kept.id} holds 3 units for 2 pieces",
        f"line {gone.id} is a part of no line, or was not given up",
    ]


def test_every_verb_in_the_history_of_an_order_has_words() -> None:
    source = "".join(path.read_text() for path in Path(parts.__file__).parents[2].rglob("*.py"))
    verbs = set(re.findall(r'verb="((?:order|payment|refund)\.\w+)"', source)) | {"news.wanted", "news.stopped"}
    assert len(verbs) > 20 and verbs <= VERB_WORDS.keys()


def test_what_was_given_back_before_counts_against_a_part_that_is_given_up(shop: Shop, pair: int) -> None:
    """Found by a random walk: nothing may go back that did not come in."""
    shop.pay(pair, 14000)
    give_back(pair, 14000)
    give_up(shop, pair, 1)
    assert sum(refund.amount_minor for refund in refunds()) == 14000
    assert owed(pair) >= 0
    assert faults() == []
