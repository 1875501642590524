"""Sums of one order that are due one after the other: what each comes to, what is left of it, which is next."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from swapmeet.orders.dues import Part, next_part, split_up, stand

MAY, JUNE, JULY = (datetime(2027, month, 1, tzinfo=UTC) for month in (5, 6, 7))
FIRST = Part("Deposit", 0, MAY)


def sums(parts: list[Part]) -> list[tuple[str, int]]:
    return [(each.name, each.amount_minor) for each in parts]


@pytest.mark.parametrize(
    ("laters", "expected"),
    [
        ([], []),
        ([Part("Balance", 7700, JUNE)], [("Deposit", 4300), ("Balance", 7700)]),
        ([Part("Balance", 7700, MAY)], []),
        ([Part("Balance", 0, JUNE)], []),
        (
            [Part("Third", 3000, JULY), Part("Second", 3000, JUNE)],
            [("Deposit", 6000), ("Second", 3000), ("Third", 3000)],
        ),
        ([Part("A", 3000, JUNE), Part("B", 2000, JUNE)], [("Deposit", 7000), ("B", 5000)]),
        ([Part("A", 12000, JUNE)], []),
        ([Part("A", 6000, JUNE), Part("B", 6000, JULY)], [("A", 6000), ("B", 6000)]),
    ],
)
def test_an_order_is_cut_into_what_is_due_when(laters: list[Part], expected: list[tuple[str, int]]) -> None:
    assert sums(split_up(12000, FIRST, laters)) == expected


@pytest.mark.parametrize(
    ("total", "paid", "amounts", "left", "following"),
    [
        (12000, 0, [4300, 7700], [4300, 7700], "Deposit"),
        (12000, 4300, [4300, 7700], [0, 7700], "Balance"),
        (12000, 5000, [4300, 7700], [0, 7000], "Balance"),
        (6500, 5000, [4300, 2200], [0, 1500], "Balance"),
        (13000, 4300, [4300, 8700], [0, 8700], "Balance"),
        (4000, 0, [4000, 0], [4000, 0], "Deposit"),
        (12000, 12500, [4300, 7700], [0, 0], None),
        (12000, -100, [4300, 7700], [4300, 7700], "Deposit"),
    ],
)  # with the worked example of docs/algorithms/prices.md
def test_money_covers_the_parts_in_their_order(
    total: int, paid: int, amounts: list[int], left: list[int], following: str | None
) -> None:
    found = stand(split_up(12000, FIRST, [Part("Balance", 7700, JUNE)]), total_minor=total, paid_minor=paid)
    assert [each.amount_minor for each in found] == amounts
    assert [each.left_minor for each in found] == left
    following_part = next_part(found)
    assert (following_part.part.name if following_part else None) == following


def test_parts_always_add_up_to_what_the_order_costs_now() -> None:
    rng = random.Random(5)
    for _ in range(2000):
        laters = [
            Part(str(number), rng.randint(0, 5000), MAY + timedelta(days=rng.randint(-5, 60)))
            for number in range(rng.randint(0, 4))
        ]
        at_first = sum(each.amount_minor for each in laters) + rng.randint(0, 5000)
        parts = split_up(at_first, FIRST, laters)
        assert not parts or sum(each.amount_minor for each in parts) == at_first
        assert [each.due_at for each in parts] == sorted({each.due_at for each in parts})
        total, paid = rng.randint(0, 20000), rng.randint(0, 20000)
        found = stand(parts, total_minor=total, paid_minor=paid)
        assert not found or sum(each.amount_minor for each in found) == total
        assert not found or sum(each.left_minor for each in found) == max(0, total - paid)
