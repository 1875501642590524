"""The numbers of a table type as prices see them, and the words in an order line's facts that fix a price beforehand."""

from collections.abc import Iterable, Mapping
from typing import Any

from swapmeet.vendor_tables import pricing
from swapmeet.vendor_tables.models import TableType
from swapmeet.vendor_tables.price_models import PriceKind, TablePrice

STAFF = "by_staff"  # in a wish's choice: the team places a vendor, so windows and limits do not bind
STAFF_PRICE = "staff_price_minor"
OFFER = "offer_kind"  # the vendor takes up an offer of this kind of reservation: bound by the offer's end alone
OFFER_PRICE = "offer_price_minor"
OFFER_UNTIL = "offer_until"
OFFER_VENDOR = "offer_vendor_id"


def tariff_of(table_type: TableType, rules: Iterable[TablePrice] = ()) -> pricing.Tariff:
    """Without `rules`: what the type itself says."""
    kept = list(rules)
    listed = [
        pricing.ListPrice(rule.price_minor or 0, rule.part or "", rule.until_on)
        for rule in kept
        if rule.kind is PriceKind.LISTED
    ]
    return pricing.Tariff(
        price_minor=table_type.price_minor,
        first_price_minor=table_type.first_price_minor,
        badges=table_type.badges_included,
        first_badges=table_type.first_badges,
        max_badges=table_type.max_badges,
        listed=tuple(pricing.in_order(listed)),
        further=tuple(
            pricing.Further(rule.from_count, _change(rule))
            for rule in sorted(kept, key=lambda rule: rule.from_count or 0)
            if rule.from_count is not None
        ),
        member=next((_change(rule) for rule in kept if rule.kind is PriceKind.MEMBER), None),
    )


def _change(rule: TablePrice) -> pricing.Change:
    return pricing.Change(rule.price_minor, rule.percent_off)


def fixed_price(choice: Mapping[str, Any]) -> int | None:
    """The price that was promised, if one was; None: the price list of the moment."""
    for key in (STAFF_PRICE, OFFER_PRICE):
        if key in choice:
            return int(choice[key])
    return None
