"""The form that looks like the one on paper: who sent it, up to eight people, what else is on it, the money."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired

from swapmeet.accounts.forms import OptionalAddress
from swapmeet.events.models import Event
from swapmeet.orders.ledger import BY_HAND
from swapmeet.orders.models import PayMethod
from swapmeet.orders.sellables import VARIANT
from swapmeet.orders.vouchers.rules import tidy
from swapmeet.orders.words import TENDER_WORDS
from swapmeet.registration.paper import Further, Guest, Money, Paper
from swapmeet.registration.paper_goods import Good, Goods
from swapmeet.registration.sellable import NAME_LIMIT, tidy_name
from swapmeet.web.forms import (
    Form,
    KeyField,
    LineField,
    LocalTimeField,
    MoneyField,
    NotBlank,
    ProseField,
    WholeField,
    add_fault,
    event_form,
    optional,
)

ROWS = 8
FURTHER_ROWS = 6
SAME = "The same as above"
NOBODY = "Nobody: only what stands below"
NOTHING = "Nothing"


class PaperForm(Form):
    """Fields that every show has; `paper_form` adds the lines of people and of what else is sold, and, for who may record money,
    the money."""

    goods: Goods

    buyer_name = LineField("Name", [NotBlank("Write the name of who sent the form.")], limit=200)
    buyer_email = OptionalAddress("E-mail address")
    buyer_phone = LineField("Phone", limit=60)
    note = LineField("Note", limit=500)
    code = LineField("Discount code", limit=60)
    is_known = BooleanField("It is another form. Enter it all the same.")
    key = KeyField()

    def row(self, number: int) -> dict[str, Any]:
        """The fields of one person by their short names; `age` only where a ticket asks for it."""
        return self._row(f"person_{number}", ("name", "ticket", "age"))

    def further_row(self, number: int) -> dict[str, Any]:
        """The fields of one further line; `names` and `amount` only where something on sale asks for them."""
        return self._row(f"further_{number}", ("what", "count", "names", "amount"))

    def _row(self, begin: str, names: Sequence[str]) -> dict[str, Any]:
        return {name: self._fields.get(f"{begin}_{name}") for name in names}

    def guests(self) -> list[Guest]:
        """The lines of people that say something. One without a ticket has that of the line above."""
        found: list[Guest] = []
        good: Good | None = None
        for number in range(ROWS if self.goods.for_people else 0):
            row = self.row(number)
            name, chosen = tidy_name(row["name"].data or ""), self.goods.find(row["ticket"].data or "")
            if number and not name and chosen is None:
                continue
            good = chosen or good
            if good is not None:
                found.append(_guest(good, name, _text(row["age"]), f"person_{number}"))
        return found

    def further(self) -> list[Further]:
        """The further lines that say something."""
        rows = [(number, self.further_row(number)) for number in range(FURTHER_ROWS) if self.goods.further]
        return [
            _further(good, row, f"further_{number}")
            for number, row in rows
            if (good := self.goods.find(row["what"].data or "")) is not None
        ]

    def values(self) -> Paper:
        """What stands on the form."""
        amount = self["amount"].data if "amount" in self else None
        return Paper(
            name=self.buyer_name.data or "",
            email=self.buyer_email.data or "",
            phone=self.buyer_phone.data or "",
            note=self.note.data or "",
            guests=self.guests(),
            method=PayMethod(self["method"].data),
            invoice_address=self["invoice_address"].data or "" if "invoice_address" in self else "",
            money=Money(amount, self["reference"].data or "", self["received_at"].data) if amount else None,
            further=self.further(),
            code=self.code.data or "",
            member=_text(self._fields.get("member")),
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field, then line by line."""
        super().validate(extra_validators)
        self._check_people()
        for number in range(FURTHER_ROWS if self.goods.further else 0):
            self._check_further(self.further_row(number))
        if self.code.data and not tidy(self.code.data):
            add_fault(self.code, "A code has up to 40 letters, figures and dashes.")
        if not self.errors and not self.guests() and not self.further():
            self.form_errors.append("Choose a ticket for at least one person, or something else that is on the form.")
        return not self.errors

    def _check_people(self) -> None:
        ticket = ""
        for number in range(ROWS if self.goods.for_people else 0):
            row = self.row(number)
            ticket = row["ticket"].data or ticket
            if (row["name"].data or "").strip() and not ticket and not row["ticket"].errors:
                add_fault(row["ticket"], "Choose the ticket of this person.")

    def _check_further(self, row: dict[str, Any]) -> None:
        good = self.goods.find(row["what"].data or "")
        if good is None:
            if (_text(row["names"]) or _text(row["amount"])) and not row["what"].errors:
                add_fault(row["what"], "Choose what it is.")
        elif good.asks_amount and not _text(row["amount"]):
            add_fault(row["amount"], "Write the amount that stands on the form.")
        elif not good.asks_amount and _text(row["amount"]):
            add_fault(row["amount"], "This has a price of its own: leave the amount out.")


def _text(field: Any) -> str:
    return (field.data or "").strip() if field is not None else ""


def _guest(good: Good, name: str, age: str, row: str) -> Guest:
    return Guest(good.wish.product_id, name, age, good.wish.choice.get(VARIANT), good.is_hidden, row)


def _further(good: Good, row: dict[str, Any], begin: str) -> Further:
    return Further(
        good.wish.kind,
        good.wish.product_id,
        row["count"].data or 1,
        good.wish.choice.get(VARIANT),
        amount=_text(row["amount"]) if good.asks_amount else "",
        names=_text(row["names"]),
        is_hidden=good.is_hidden,
        row=begin,
    )


class PaperMoneyForm(PaperForm):
    """With the money that was in the envelope."""

    amount = MoneyField("Sum that came with it", [optional()], low=1, high=10**9)
    reference = LineField("Check number or bank reference", limit=100)
    received_at = LocalTimeField("Came in on", [InputRequired("Write the day and time it came in.")])

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field; money that came with the form is no invoice."""
        is_good = super().validate(extra_validators)
        if self["method"].data == PayMethod.INVOICE.value and self.amount.data:
            add_fault(self["method"], "There was money with the form: choose how it came.")
        return is_good and not self.errors


def paper_form(event: Event, goods: Goods, *, takes_money: bool, now: datetime, **kwargs: Any) -> PaperForm:
    """The form with what the show sells. The first ticket that can be had stands in the first line."""
    fields: dict[str, Any] = {"goods": goods, **_people_fields(goods), **_further_fields(goods)}
    if goods.has_members:
        fields["member"] = LineField("Membership number", limit=60)
    methods = [(each.value, TENDER_WORDS[each]) for each in BY_HAND]
    if event.invoice_days is not None:
        methods.append((PayMethod.INVOICE.value, "Nothing yet: send an invoice"))
        fields["invoice_address"] = ProseField(
            "Address on the invoice", limit=500, description="Empty: the name alone."
        )
    fields["method"] = SelectField("Paid by", choices=methods)
    base = PaperMoneyForm if takes_money else PaperForm
    form_class = type("PaperFormOfShow", (base,), fields)
    data = {"method": PayMethod.CHECK.value, "received_at": now}
    form: PaperForm = event_form(form_class, zone_name=event.time_zone, currency=event.currency, data=data, **kwargs)
    return form


def _people_fields(goods: Goods) -> dict[str, Any]:
    """None where the show sells no tickets of people."""
    tickets = [(each.value, each.label) for each in goods.for_people]
    first = next((each.value for each in goods.for_people if each.can_be_had), "")
    fields: dict[str, Any] = {}
    for number in range(ROWS if tickets else 0):
        who = f"Person {number + 1}"
        choices = [("", SAME), *tickets] if number else [*tickets, *([("", NOBODY)] if goods.further else [])]
        fields[f"person_{number}_name"] = LineField(f"{who}: name", limit=NAME_LIMIT)
        start = "" if number else first or choices[0][0]
        fields[f"person_{number}_ticket"] = SelectField(f"{who}: ticket", choices=choices, default=start)
        if goods.asks_age:
            fields[f"person_{number}_age"] = LineField(f"{who}: age", limit=3)
    return fields


def _further_fields(goods: Goods) -> dict[str, Any]:
    """None where the show sells tickets of people alone."""
    things = [("", NOTHING), *((each.value, each.label) for each in goods.further)]
    fields: dict[str, Any] = {}
    for number in range(FURTHER_ROWS if goods.further else 0):
        begin, line = f"further_{number}", f"Line {number + 1}"
        fields[f"{begin}_what"] = SelectField(f"{line}: what", choices=things, default="")
        fields[f"{begin}_count"] = WholeField(f"{line}: how many", [optional()], low=1, high=1000, default=1)
        if any(each.asks_names for each in goods.further):
            fields[f"{begin}_names"] = LineField(f"{line}: for whom", limit=500)
        if any(each.asks_amount for each in goods.further):
            fields[f"{begin}_amount"] = LineField(f"{line}: amount", limit=30)
    return fields
