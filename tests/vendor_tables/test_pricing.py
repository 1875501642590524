"""First and further tables, badges with a ceiling, limits."""

import random

from swapmeet.vendor_tables.pricing import Tariff, badges, over_limit, prices


def test_the_first_table_has_its_own_price() -> None:
    trade = Tariff(3000, first_price_minor=3500)
    assert prices([("t", trade)] * 3, []) == [3500, 3000, 3000]
    assert prices([("t", trade)] * 2, ["t"]) == [3000, 3000]
    assert prices([("t", trade), ("u", Tariff(100))], ["u"]) == [3500, 100]


def test_a_free_first_table_is_free() -> None:
    assert prices([("t", Tariff(3000, first_price_minor=0))] * 2, []) == [0, 3000]


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
