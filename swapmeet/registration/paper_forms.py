"""The form that looks like the one on paper: who sent it, up to eight people, the money."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired

from swapmeet.accounts.forms import OptionalAddress
from swapmeet.events.models import Event
from swapmeet.kernel.numbers import whole
from swapmeet.orders.ledger import BY_HAND
from swapmeet.orders.models import PayMethod
from swapmeet.orders.words import TENDER_WORDS
from swapmeet.registration.models import TicketType, TicketVariant
from swapmeet.registration.paper import Guest, Money, Paper
from swapmeet.registration.sellable import NAME_LIMIT, tidy_name
from swapmeet.registration.variants import Variants, title_of
from swapmeet.web.forms import (
    Form,
    KeyField,
    LineField,
    LocalTimeField,
    MoneyField,
    NotBlank,
    ProseField,
    add_fault,
    event_form,
    optional,
)

ROWS = 8
SAME = "The same as above"


class PaperForm(Form):
    """Fields that every show has; `paper_form` adds the rows of people and, for who may record money, the money."""

    buyer_name = LineField("Name", [NotBlank("Write the name of who sent the form.")], limit=200)
    buyer_email = OptionalAddress("E-mail address", description="Empty: nothing is mailed.")
    buyer_phone = LineField("Phone", limit=60)
    note = LineField("Note", limit=500, description="For the team: a wish on the form, the postal address.")
    is_known = BooleanField("It is another form. Enter it all the same.")
    key = KeyField()

    def row(self, number: int) -> dict[str, Any]:
        """The fields of one person by their short names; `age` only where a ticket asks for it."""
        return {name: self._fields.get(f"person_{number}_{name}") for name in ("name", "ticket", "age")}

    def guests(self) -> list[Guest]:
        """The rows that say something. A row without a ticket has that of the row above."""
        found: list[Guest] = []
        ticket: tuple[int, int | None] | None = None
        for number in range(ROWS):
            row = self.row(number)
            name, chosen = tidy_name(row["name"].data or ""), _chosen(row["ticket"].data or "")
            if number and not name and chosen is None:
                continue
            ticket = chosen if chosen is not None else ticket
            age = (row["age"].data or "").strip() if row["age"] is not None else ""
            if ticket is not None:
                found.append(Guest(ticket[0], name, age, ticket[1]))
        return found

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
        )


def _chosen(value: str) -> tuple[int, int | None] | None:
    """Ticket and choice of "7" or "7-12"."""
    first, _, second = value.partition("-")
    type_id = whole(first, 15)
    return (type_id, whole(second, 15)) if type_id is not None else None


class PaperMoneyForm(PaperForm):
    """With the money that was in the envelope."""

    amount = MoneyField("Sum that came with it", [optional()], low=1, high=10**9, description="Empty: nothing yet.")
    reference = LineField("Check number or bank reference", limit=100)
    received_at = LocalTimeField("Came in on", [InputRequired("Write the day and time it came in.")])

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field; money that came with the form is no invoice."""
        is_good = super().validate(extra_validators)
        if self["method"].data == PayMethod.INVOICE.value and self.amount.data:
            add_fault(self["method"], "There was money with the form: choose how it came.")
        return is_good and not self.errors


def _choices(kind: TicketType, variants: Sequence[TicketVariant]) -> list[tuple[str, str]]:
    """A type as it can be entered: by each of its choices, where it has any."""
    if not variants:
        return [(str(kind.id), kind.name)]
    return [(f"{kind.id}-{each.id}", title_of(kind.name, each.name)) for each in variants]


def paper_form(
    event: Event, types: Sequence[TicketType], variants: Variants, *, takes_money: bool, now: datetime, **kwargs: Any
) -> PaperForm:
    """The form with the tickets of the show. `types`: what can be entered; the first one stands in the first row."""
    tickets = [pair for each in types for pair in _choices(each, variants.get(each.id, ()))]
    fields: dict[str, Any] = {}
    for number in range(ROWS):
        who = f"Person {number + 1}"
        choices = tickets if number == 0 else [("", SAME), *tickets]
        fields[f"person_{number}_name"] = LineField(f"{who}: name", limit=NAME_LIMIT)
        fields[f"person_{number}_ticket"] = SelectField(f"{who}: ticket", choices=choices)
        if any(each.age is not None for each in types):
            fields[f"person_{number}_age"] = LineField(f"{who}: age", limit=3)
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
