"""What each vendor reads about its place. The example is that of docs/algorithms/placing.md."""

import re
from pathlib import Path

import pytest

from swapmeet.vendor_tables.placing.bounding import Prices, bound, gains
from swapmeet.vendor_tables.placing.grid import lay_out
from swapmeet.vendor_tables.placing.jsonform import problem_from_json, problem_to_json
from swapmeet.vendor_tables.placing.problem import Faulty, Kept, Place, Problem, Vendor, Wish, check
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.placing.solving import place_vendors

PAGE = Path(__file__).parents[3] / "docs/algorithms/placing.md"


def wish(*labels, words=None, is_area=False):
    return Wish(words or labels[0], frozenset(labels), is_area)


def row(name, *numbers, **about):
    return tuple(Place(f"{name}-{number}", f"{name}-{number}", **about) for number in numbers)


EXAMPLE = Problem(
    places=row("B", 13, 14, 15),
    rows=(("B-13", "B-14", "B-15"),),
    vendors=(
        Vendor("Ann", points=20, applied=1, wishes=(wish("B-14"), wish("B-15"))),
        Vendor("Bob", points=80, applied=2, wishes=(wish("B-14"),)),
        Vendor("Cat", points=20, applied=3, wishes=(wish("B-15"),)),
    ),
)


def said(problem, key, rule=Rule.BEST_FIT, seed="s"):
    return " ".join(place_vendors(problem, rule, seed).reasons[key])


def test_the_example_of_the_page_is_what_happens():
    first = place_vendors(EXAMPLE, Rule.FIRST_COME, "s")
    assert {key: run[0] for key, run in first.given.items()} == {"Ann": "B-14", "Bob": "B-13", "Cat": "B-15"}
    assert first.welfare == 56_400
    assert place_vendors(EXAMPLE, Rule.DRAFT, "s").welfare in (58_800, 60_000)
    best = place_vendors(EXAMPLE, Rule.BEST_FIT, "s")
    assert (best.welfare, best.bound) == (60_000, 60_000)
    text = " ".join(PAGE.read_text().split())
    assert said(EXAMPLE, "Ann") in text


def test_the_prices_of_the_page_prove_the_bound():
    grid = lay_out(EXAMPLE)
    prices = Prices(grid.values[0] * 0, grid.values[0, :0])
    for label, price in (("B-13", 120), ("B-14", 192), ("B-15", 180)):
        prices.place[grid.keys.index(label)] = 100 * price
    assert bound(grid, prices, gains(grid, prices)) == 60_000


def test_first_come_speaks_of_dates_and_draft_of_points_and_lots():
    assert "went to a vendor who applied before you" in said(EXAMPLE, "Bob", Rule.FIRST_COME)
    assert "went to a vendor with 80 points; you have 20" in said(EXAMPLE, "Ann", Rule.DRAFT)
    for seed in ("a", "b", "c", "d"):
        both = said(EXAMPLE, "Ann", Rule.DRAFT, seed) + said(EXAMPLE, "Cat", Rule.DRAFT, seed)
        assert both.count("like you; the sealed lot decided") <= 1


@pytest.mark.parametrize(
    ("vendor", "words"),
    [
        (Vendor("v", wishes=(wish("B-99"),)), "B-99, is not on the plan any more"),
        (Vendor("v", wishes=(wish("B-1"),)), "B-1, was sold or kept before the placing"),
        (Vendor("v", amps=5, wishes=(wish("B-2"),)), "B-2, has no power for what you need"),
        (Vendor("v", tables=3, wishes=(wish("C-1"),)), "C-1, has no 3 places side by side"),
        (Vendor("v", kinds=frozenset({"eight"}), wishes=(wish("B-2"),)), "is not the kind of table you asked for"),
        (Vendor("v", height_mm=2500, wishes=(wish("C-1"),)), "does not allow a display as high as yours"),
        (Vendor("v", needs=frozenset({"step_free"}), wishes=(wish("B-2"),)), "cannot be reached without steps"),
        (
            Vendor("v", wishes=(wish("C-1", words="row C", is_area=True),)),
            "You got C-1, which meets your first wish, row C",
        ),
        (Vendor("v"), "you had no wish for a certain place"),
        (Vendor("v", tables=2, kinds=frozenset({"none"})), "no 2 free places side by side had what you need"),
        (Vendor("v", kinds=frozenset({"none"})), "With one table, no place was possible for you"),
        (Vendor("v", tables=2), "With 2 tables side by side, 2 places were possible for you"),
    ],
)
def test_each_reason_has_its_words(vendor, words):
    problem = Problem(
        places=(*row("B", 1, 2, 3, 4), Place("C-1", "C-1", circuit="z", most_height_mm=2000)),
        rows=(("B-1", "B-2", "B-3", "B-4"), ("C-1",)),
        vendors=(vendor,),
        kept=(Kept(("B-1",)),),
        circuits={"z": 10},
    )
    assert words in said(problem, "v")


def test_nobody_is_named_and_keeping_apart_is_not_told():
    problem = Problem(
        places=row("B", 1, 2),
        rows=(("B-1", "B-2"),),
        vendors=(Vendor("Zoe", wishes=(wish("B-1"),)), Vendor("Yan", wishes=(wish("B-2"),), points=5)),
        away=frozenset({("Yan", "Zoe")}),
    )
    outcome = place_vendors(problem, Rule.BEST_FIT, "s")
    assert list(outcome.given) == ["Yan"]
    told = " ".join(outcome.reasons["Zoe"])
    assert "Yan" not in told and "did not go together with what others need" in told


def test_near_wishes_are_told_to_both():
    problem = Problem(
        places=row("B", 1, 2, 3),
        rows=(("B-1", "B-2", "B-3"),),
        vendors=(Vendor("a", wishes=(wish("B-1"),)), Vendor("b")),
        near=frozenset({("a", "b")}),
    )
    assert "next to whom you asked for" in said(problem, "a") and "next to whom you asked for" in said(problem, "b")


def test_a_problem_comes_back_from_its_json_and_nonsense_is_refused():
    assert problem_from_json(problem_to_json(EXAMPLE)) == EXAMPLE
    document = problem_to_json(EXAMPLE)
    for change in ({"format": "x"}, {"rows": [["B-13"]]}, {"vendors": [{"key": 1}]}, {"near": [["b", "a"]]}):
        with pytest.raises(Faulty):
            problem_from_json({**document, **change})
    with pytest.raises(Faulty, match="twice"):
        check(Problem(EXAMPLE.places, EXAMPLE.rows, EXAMPLE.vendors[:1] * 2))
    assert not re.search(r"\d{3}", said(EXAMPLE, "Ann"))
