"""Prices at an instant: the tiers in their order, then the type's own price."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swapmeet.registration.pricing import (
    NextPrice,
    SaleState,
    Tier,
    next_price,
    price_at,
    refunds_until,
    sale_state,
    sale_window,
    tier_end,
)

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)
SPRING = datetime(2027, 3, 1, tzinfo=UTC)


def test_the_first_tier_that_holds_sets_the_price():
    tiers = [Tier(1, 4000, ends_at=NOW - timedelta(days=1)), Tier(2, 4500, ends_at=SPRING)]
    assert price_at(5000, tiers, NOW).minor == 4500


def test_after_the_last_tier_the_own_price_holds():
    assert price_at(5000, [Tier(1, 4000, ends_at=NOW)], NOW).minor == 5000


def test_a_tier_of_the_first_fifty_ends_with_the_fiftieth():
    assert price_at(5000, [Tier(1, 4000, left=1)], NOW).left == 1
    assert price_at(5000, [Tier(1, 4000, left=0)], NOW).minor == 5000


def test_the_next_price_says_when_it_comes():
    assert next_price(5000, [Tier(1, 4000, ends_at=SPRING)], NOW) == NextPrice(5000, SPRING)


def test_the_next_price_by_count_has_no_instant():
    assert next_price(5000, [Tier(1, 4000, left=3)], NOW) == NextPrice(5000)


def test_a_change_to_the_same_sum_is_looked_through():
    later = SPRING + timedelta(days=30)
    tiers = [Tier(1, 4000, ends_at=SPRING), Tier(2, 4000, ends_at=later)]
    assert next_price(5000, tiers, NOW) == NextPrice(5000, later)


def test_a_price_that_stays_has_no_next():
    assert next_price(5000, [], NOW) is None


def test_a_last_day_ends_at_midnight_of_the_shows_clock():
    assert tier_end(date(2027, 2, 14), None, "America/New_York") == datetime(2027, 2, 15, 5, tzinfo=UTC)


def test_the_sale_ends_with_the_last_valid_day_by_itself():
    window = sale_window(
        starts_at=None, ends_at=None, valid_days=[date(2027, 5, 15)], last_day=date(2027, 5, 16), zone_name="UTC"
    )
    assert window.end == datetime(2027, 5, 16, tzinfo=UTC)


def test_sold_out_is_said_before_not_yet():
    window = sale_window(starts_at=SPRING, ends_at=None, valid_days=[], last_day=date(2027, 5, 16), zone_name="UTC")
    assert sale_state(window, NOW, left=0) is SaleState.SOLD_OUT
    assert sale_state(window, NOW, left=None) is SaleState.NOT_YET
    assert sale_state(window, SPRING, left=None) is SaleState.ON_SALE
    assert sale_state(window, datetime(2027, 6, 1, tzinfo=UTC), left=0) is SaleState.OVER


def test_refunds_end_with_the_last_step_that_brings_money_back():
    steps = [
        {"until_days_before": 60, "refund_percent": 100},
        {"until_days_before": 14, "refund_percent": 50},
        {"until_days_before": 0, "refund_percent": 0},
        {"until_days_before": 0, "refund_percent": 100, "only_if": "resold"},
    ]
    assert refunds_until(steps, date(2027, 5, 15)) == date(2027, 5, 1)
    assert refunds_until([], date(2027, 5, 15)) is None


calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
hours = st.integers(-100, 100)
tiers_strategy = st.lists(
    st.tuples(st.integers(0, 5), st.one_of(st.none(), hours), st.one_of(st.none(), st.integers(0, 2))), max_size=5
).map(
    lambda rows: [
        Tier(index, price, None if hour is None else NOW + timedelta(hours=hour), left)
        for index, (price, hour, left) in enumerate(rows)
        if hour is not None or left is not None
    ]
)


@calm
@given(tiers_strategy, st.integers(0, 5))
def test_the_next_price_comes_exactly_when_it_says(tiers, base):
    """Walking the clock hour by hour finds the same change that next_price announces."""
    present = price_at(base, tiers, NOW).minor
    walked = next(
        (
            (NOW + timedelta(hours=hour), price)
            for hour in range(1, 102)
            if (price := price_at(base, tiers, NOW + timedelta(hours=hour)).minor) != present
        ),
        None,
    )
    said = next_price(base, tiers, NOW)
    if walked is not None and said is not None and said.at is not None:
        assert (said.at, said.minor) == walked
    elif walked is not None:
        raise AssertionError(f"{walked} was not announced: {said}")
    else:
        assert said is None or said.at is None


@calm
@given(tiers_strategy, st.integers(0, 5), hours)
def test_the_price_is_always_one_that_was_set(tiers, base, hour):
    price = price_at(base, tiers, NOW + timedelta(hours=hour))
    assert price.minor in {base, *(tier.price_minor for tier in tiers)}
    assert price.left is None or price.left > 0
