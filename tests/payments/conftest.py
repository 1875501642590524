"""The shop of the tests of orders, and a treasurer."""

from tests.orders.conftest import shop, ware

__all__ = ["shop", "ware"]
