"""First and further tables, badges with a ceiling, limits."""

import random
from datetime import date, timedelta

import pytest

from swapmeet.vendor_tables.pricing import (
    Ask,
    Change,
    Further,
    ListPrice,
    Tariff,
    badges,
    in_order,
    next_price,
    over_limit,
    price,
    prices,
)

APRIL, MAY = date(2027, 4, 20), date(2027, 5, 2)
LISTED = in_order([ListPrice(4500, until_on=date(2027, 5, 1)), ListPrice(6500, "at:corner")])
TABLE = Tariff(5500, listed=tuple(LISTED), further=(Further(3, Change(percent_off=10)),), member=Change(4000))


def cost(tariff: Tariff, count: int, owned: int = 0) -> list[int]:
    return prices([Ask("t", tariff)] * count, ["t"] * owned, today=APRIL)


def test_the_first_table_has_its_own_price() -> None:
    trade = Tariff(3000, first_price_minor=3500)
    assert cost(trade, 3) == [3500, 3000, 3000]
    assert cost(trade, 2, owned=1) == [3000, 3000]
    assert prices([Ask("t", trade), Ask("u", Tariff(100))], ["u"], today=APRIL) == [3500, 100]


def test_a_free_first_table_is_free() -> None:
    assert cost(Tariff(3000, first_price_minor=0), 2) == [0, 3000]


@pytest.mark.parametrize(
    ("today", "nth", "parts", "is_member", "minor", "follows"),
    [
        (APRIL, 1, (), False, 4500, (date(2027, 5, 1), 5500)),
        (date(2027, 5, 1), 2, (), False, 4500, (date(2027, 5, 1), 5500)),
        (APRIL, 3, (), False, 4050, (date(2027, 5, 1), 4950)),
        (MAY, 4, (), False, 4950, None),
        (MAY, 1, (), False, 5500, None),
        (APRIL, 1, ("at:corner", "row:A"), False, 6500, None),
        (APRIL, 3, ("at:corner",), False, 5850, None),
        (APRIL, 1, (), True, 4000, None),
        (APRIL, 3, (), True, 4000, None),
        (MAY, 1, ("at:corner",), True, 4000, None),
    ],
)  # the worked example of docs/algorithms/prices.md
def test_day_place_count_and_membership_make_the_price(
    today: date, nth: int, parts: tuple[str, ...], is_member: bool, minor: int, follows: tuple[date, int] | None
) -> None:
    ask = Ask("t", TABLE, parts)
    assert price(ask, nth=nth, today=today, is_member=is_member) == minor
    assert next_price(ask, nth=nth, today=today, is_member=is_member) == follows


def test_the_closest_part_of_the_floor_counts_and_in_it_the_earliest_day() -> None:
    rows = [
        ListPrice(1),
        ListPrice(2, "hall:main"),
        ListPrice(3, "at:wall"),
        ListPrice(4, "row:A"),
        ListPrice(5, "zone:Miniatures", date(2027, 6, 1)),
        ListPrice(6, "zone:Miniatures", date(2027, 5, 1)),
    ]
    assert [each.price_minor for each in in_order(rows)] == [6, 5, 4, 3, 2, 1]
    ask = Ask("t", Tariff(9, listed=tuple(in_order(rows))), ("zone:Miniatures", "row:A", "at:wall", "hall:main"))
    assert [price(ask, nth=1, today=day) for day in (APRIL, MAY, date(2027, 6, 2))] == [6, 5, 4]
    assert next_price(ask, nth=1, today=APRIL) == (date(2027, 5, 1), 5)


def test_a_members_price_never_makes_a_table_dearer() -> None:
    rng = random.Random(11)
    for _ in range(2000):
        change = Change(rng.randint(0, 9000)) if rng.random() < 0.5 else Change(percent_off=rng.randint(1, 100))
        tariff = Tariff(rng.randint(0, 9000), listed=TABLE.listed, further=TABLE.further, member=change)
        ask, nth = Ask("t", tariff), rng.randint(1, 5)
        today = APRIL + timedelta(days=rng.randint(0, 20))
        assert 0 <= price(ask, nth=nth, today=today, is_member=True) <= price(ask, nth=nth, today=today)


def test_badges_never_pass_the_allowance() -> None:
    assert badges([("t", Tariff(0, badges=1, first_badges=2, max_badges=4))] * 6) == [2, 1, 1, 0, 0, 0]
    rng = random.Random(7)
    for _ in range(3000):
        tariff = Tariff(
            0, badges=rng.randint(0, 4), first_badges=rng.choice([None, 0, 2]), max_badges=rng.randint(0, 9)
        )
        given = badges([("t", tariff)] * rng.randint(0, 12))
        assert sum(given) <= (tariff.max_badges or 0) and min(given, default=0) >= 0


def test_limits_count_what_one_has() -> None:
    assert over_limit(["demo", "demo"], [], {"demo": 1}) == ["demo"]
    assert over_limit(["demo"], ["demo"], {"demo": 1}) == ["demo"]
    assert over_limit(["demo", "sale"], ["sale"] * 9, {"demo": 1}) == []
