"""Random steps on everything that moves money leave the books balanced, quotas right, papers gapless, past days as they were."""

from flask import Flask

from tests.orders.money_walk import Walk

STEPS = 1000  # test_pure_money_walk.py does a hundred thousand without a database, benchmarks/money_walk.py the million with one


def test_a_random_walk_over_money_keeps_every_invariant(app: Flask) -> None:
    walk = Walk(app, seed=20261128, look_every=200)
    walk.run(STEPS)
    assert len(walk.said) > 3
    assert all(walk.done[deed.__name__] for _, deed in walk.steps), walk.done
    assert walk.refused, "some steps are against the rules, and are refused whole"
