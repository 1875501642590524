"""The shop of the tests of orders, and a treasurer."""

from collections.abc import Iterator

import pytest
from flask import Flask

from swapmeet.payments.providers.stripe_checkout import StripeCheckout
from tests.orders.conftest import shop, ware
from tests.support.stripe_fake import KEY, SECRET, StripeFake

__all__ = ["shop", "ware"]


@pytest.fixture
def stripe_fake(app: Flask) -> Iterator[StripeFake]:
    """The application takes cards at a stand-in for Stripe, whose clock is that of the test."""
    fake = StripeFake()
    fake.clock = lambda: app.extensions["swapmeet_clock"].now().timestamp()
    before = app.extensions["swapmeet_settings"]
    changed = before.with_values(stripe_key=KEY, stripe_webhook_secret=SECRET, stripe_address=fake.url)
    app.extensions["swapmeet_settings"] = changed
    provider = StripeCheckout(KEY, SECRET, address=fake.url)
    app.extensions["swapmeet_provider"] = provider
    yield fake
    app.extensions["swapmeet_settings"] = before
    app.extensions.pop("swapmeet_provider", None)
    fake.close()
