"""PURE. Tax of one line: included in its price or added to it, rounded once a line, halves up.

docs/algorithms/rounding.md states the rule with worked numbers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from swapmeet.kernel.money import round_half_up

WHOLE = 10_000  # basis points: 825 is 8.25 percent


@dataclass(frozen=True)
class Tax:
    """A rate: its name on papers, basis points, and whether it comes on top of the price."""

    name: str
    basis_points: int
    is_added: bool


def tax_of(price_minor: int, basis_points: int, *, is_added: bool) -> int:
    """The tax on a price. Added: a share of the price. Included: the part of the price that is tax."""
    if is_added:
        return round_half_up(price_minor * basis_points, WHOLE)
    return round_half_up(price_minor * basis_points, WHOLE + basis_points)


def rule_for(rules: Mapping[str, Any], kind: str) -> Tax | None:
    """The rate of a kind of product by the show's rules, None where it has none."""
    rule = rules.get(kind)
    if not rule or not rule.get("basis_points"):
        return None
    return Tax(str(rule["name"]), int(rule["basis_points"]), bool(rule["is_added"]))


def added_words(rules: Mapping[str, Any], *kinds: str) -> str:
    """What pages say beside prices that a tax comes on top of, "" where none does."""
    found = [tax for tax in (rule_for(rules, kind) for kind in kinds) if tax is not None and tax.is_added]
    words = dict.fromkeys(f"{tax.name} {percent_words(tax.basis_points)}" for tax in found)
    return f"Plus {' or '.join(words)}." if words else ""


def percent_words(basis_points: int) -> str:
    """825 -> "8.25 %", 1900 -> "19 %"."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + " %"


class Taxed(Protocol):
    """What a line must have to be summed."""

    tax_name: str
    tax_bp: int
    tax_is_added: bool

    @property
    def tax_minor(self) -> int: ...

    @property
    def total_minor(self) -> int: ...


@dataclass(frozen=True)
class TaxSum:
    """All lines of one rate: their price without tax, and the tax. The sum of the rounded lines, not rounded again."""

    name: str
    basis_points: int
    is_added: bool
    net_minor: int
    tax_minor: int

    @property
    def words(self) -> str:
        how = "on top" if self.is_added else "included"
        return f"{self.name} {percent_words(self.basis_points)}, {how}"


def sum_taxes(lines: Iterable[Taxed]) -> list[TaxSum]:
    """By rate, the highest first; lines without tax are left out."""
    found: dict[tuple[str, int, bool], tuple[int, int]] = {}
    for line in lines:
        if line.tax_bp:
            key = (line.tax_name, line.tax_bp, line.tax_is_added)
            net, tax = found.get(key, (0, 0))
            found[key] = (net + line.total_minor - line.tax_minor, tax + line.tax_minor)
    return [
        TaxSum(name, points, is_added, net, tax)
        for (name, points, is_added), (net, tax) in sorted(found.items(), key=lambda each: (-each[0][1], each[0]))
    ]
