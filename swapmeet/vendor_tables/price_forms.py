"""The form of a table type with its price list: by place and last day, for further tables, for members."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import DateField, SelectField
from wtforms.validators import Optional

from swapmeet.events.models import Event
from swapmeet.vendor_tables.forms import TypeForm, floor_form
from swapmeet.vendor_tables.models import TableType
from swapmeet.vendor_tables.price_models import PriceKind, TablePrice
from swapmeet.vendor_tables.pricing import ListPrice, in_order
from swapmeet.web.forms import MoneyField, WholeField, add_fault, optional

MOST_LISTED, BLANK_LISTED = 40, 2
MOST_FURTHER, BLANK_FURTHER = 10, 1
LIST_NAMES, MORE_NAMES = ("price", "part", "until"), ("from", "price", "percent")


class PricedTypeForm(TypeForm):
    """A table type with rows of rules. Made by `type_form`, which adds the rows."""

    listed_count = 0
    further_count = 0
    member_price = MoneyField("Members pay")
    member_percent = WholeField("or so many percent less", [optional()], low=1, high=100)

    def listed(self, number: int) -> dict[str, Any]:
        """The fields of one row of the list by their short names."""
        return {name: self[f"list_{number}_{name}"] for name in LIST_NAMES}

    def further(self, number: int) -> dict[str, Any]:
        return {name: self[f"more_{number}_{name}"] for name in MORE_NAMES}

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field, then row by row."""
        is_good = super().validate(extra_validators)
        seen: set[Any] = set()
        for number in range(self.listed_count):
            self._check_listed(self.listed(number), seen)
        for number in range(self.further_count):
            self._check_further(self.further(number), seen)
        if self.member_price.data is not None and self.member_percent.data is not None:
            add_fault(self.member_percent, "Write a price or a percentage, not both.")
        return is_good and not self.errors

    def _check_listed(self, row: Mapping[str, Any], seen: set[Any]) -> None:
        price, part, until = (row[name] for name in LIST_NAMES)
        if price.data is None:
            if not price.errors and (part.data or until.data):
                add_fault(price, "Write the price, or empty the whole row.")
        elif not part.data and not until.data and not until.errors:
            add_fault(until, "Say until when or where this price holds. The price of all other tables stands above.")
        elif (part.data, until.data) in seen:
            add_fault(price, "There is a price for this place and day already.")
        else:
            seen.add((part.data, until.data))

    def _check_further(self, row: Mapping[str, Any], seen: set[Any]) -> None:
        count, price, percent = (row[name] for name in MORE_NAMES)
        says = price.data is not None or percent.data is not None
        if any(each.errors for each in row.values()) or (count.data is None and not says):
            return
        if count.data is None:
            add_fault(count, "Write from which table on this holds, or empty the whole row.")
        elif not says:
            add_fault(price, "Write a price or a percentage, or empty the whole row.")
        elif price.data is not None and percent.data is not None:
            add_fault(percent, "Write a price or a percentage, not both.")
        elif count.data in seen:
            add_fault(count, "There is a row for this table already.")
        else:
            seen.add(count.data)

    def rules(self) -> list[dict[str, Any]]:
        """Columns of the rules, in the order in which they are looked through."""
        rows = [self.listed(number) for number in range(self.listed_count)]
        listed = in_order(
            ListPrice(row["price"].data, row["part"].data or "", row["until"].data)
            for row in rows
            if row["price"].data is not None
        )
        found: list[dict[str, Any]] = [
            {"kind": PriceKind.LISTED, "part": each.part, "until_on": each.until_on, "price_minor": each.price_minor}
            for each in listed
        ]
        for row in (self.further(number) for number in range(self.further_count)):
            if row["from"].data is not None:
                change = {"price_minor": row["price"].data, "percent_off": row["percent"].data}
                found.append({"kind": PriceKind.FURTHER, "from_count": row["from"].data, **change})
        change = {"price_minor": self.member_price.data, "percent_off": self.member_percent.data}
        if any(value is not None for value in change.values()):
            found.append({"kind": PriceKind.MEMBER, **change})
        return found


def type_form(
    event: Event,
    *,
    table_type: TableType | None,
    rules: Sequence[TablePrice],
    parts: Sequence[tuple[str, str]],
    formdata: Any = None,
) -> Any:
    """For a new type, or for one that exists with its rules. `parts`: what a price can hang on, with words."""
    listed = [rule for rule in rules if rule.kind is PriceKind.LISTED]
    further = [rule for rule in rules if rule.kind is PriceKind.FURTHER]
    counts = {
        "listed_count": min(MOST_LISTED, max(len(listed), _sent(formdata, "list", MOST_LISTED)) + BLANK_LISTED),
        "further_count": min(MOST_FURTHER, max(len(further), _sent(formdata, "more", MOST_FURTHER)) + BLANK_FURTHER),
    }
    known = {value for value, _ in parts}
    gone = [(rule.part, f"{rule.part.partition(':')[2]} (not on the plan now)") for rule in listed if rule.part]
    choices = [("", "Everywhere"), *parts, *dict.fromkeys(each for each in gone if each[0] not in known)]
    fields = _list_fields(counts["listed_count"], choices) | _more_fields(counts["further_count"])
    form_class = type("RowsTypeForm", (PricedTypeForm,), {**counts, **fields})
    data = _data_of(table_type, listed, further, rules) if table_type is not None else None
    return floor_form(form_class, event=event, data=data)


def _sent(formdata: Any, stem: str, most: int) -> int:
    """How many rows a sent form has that something was typed into."""
    names = LIST_NAMES if stem == "list" else MORE_NAMES
    filled = [
        number + 1
        for number in range(most)
        if formdata and any(formdata.get(f"{stem}_{number}_{name}") for name in names)
    ]
    return max(filled, default=0)


def _list_fields(count: int, choices: Sequence[tuple[str, str]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for number in range(count):
        row = f"Price {number + 1}"  # for the summary of faults; beside the field its short name is enough
        fields |= {
            f"list_{number}_price": MoneyField(row),
            f"list_{number}_part": SelectField(f"{row}: where", choices=list(choices), default=""),
            f"list_{number}_until": DateField(f"{row}: last day", [Optional()]),
        }
    return fields


def _more_fields(count: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for number in range(count):
        row = f"Further tables {number + 1}"
        fields |= {
            f"more_{number}_from": WholeField(f"{row}: from which one on", [optional()], low=2, high=1000),
            f"more_{number}_price": MoneyField(f"{row}: price"),
            f"more_{number}_percent": WholeField(f"{row}: percent less", [optional()], low=1, high=100),
        }
    return fields


def _data_of(
    row: TableType, listed: Sequence[TablePrice], further: Sequence[TablePrice], rules: Sequence[TablePrice]
) -> dict[str, Any]:
    data = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    data["power"] = "yes" if row.has_power else "ask" if row.power_on_request else "no"
    data |= {"length": row.length_mm, "depth": row.depth_mm}
    for number, rule in enumerate(listed):
        data |= {f"list_{number}_price": rule.price_minor, f"list_{number}_part": rule.part}
        data[f"list_{number}_until"] = rule.until_on
    for number, rule in enumerate(further):
        data |= {f"more_{number}_from": rule.from_count, f"more_{number}_price": rule.price_minor}
        data[f"more_{number}_percent"] = rule.percent_off
    for rule in rules:
        if rule.kind is PriceKind.MEMBER:
            data |= {"member_price": rule.price_minor, "member_percent": rule.percent_off}
    return data
