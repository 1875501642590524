"""The shape of what treasurers send: statement files, and decisions about their lines."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from swapmeet.orders.taxes import percent_words
from swapmeet.web.forms import Form, LineField, MoneyField, NotBlank, ProseField, WholeField

DAY_ORDERS = {"": None, "day": True, "month": False}


class StatementForm(Form):
    """A file from the bank."""

    file = FileField(
        "Statement file",
        [FileRequired("Choose a file.")],
        description="CSV, CAMT.053 (XML) or MT940, as your bank offers them for download. At most 5 MB.",
    )
    day_order = RadioField(
        "Days such as 05/06 in the file are",
        choices=[
            SelectChoice("", "as usual in the show's country"),
            SelectChoice("day", "day first"),
            SelectChoice("month", "month first"),
        ],
        default="",
        description="Only asked where the file does not tell by itself.",
    )


class MatchForm(Form):
    """Which order a line pays."""

    code = LineField("Order", [NotBlank("Write the code of the order.")], limit=40)
    amount = MoneyField("Amount for this order", [InputRequired("Write the amount.")], low=1, high=10**9)
    second_code = LineField("A second order, if it pays two", limit=40, description="It gets the rest of the sum.")


class DepositForm(Form):
    """What goes to the bank. The checks are ticked in the list beside it."""

    counted = MoneyField(
        "Cash you counted",
        [Optional()],
        low=0,
        high=10**9,
        description="Leave it empty when only checks go to the bank.",
    )
    note = LineField("Note", limit=300, description="Who counted, say, or the number of the slip.")


class CreditForm(Form):
    """Until when a credit can be spent."""

    expires_on = DateField("Good until", [Optional()], description="Leave it empty for a credit without end.")


class SpendForm(Form):
    """A credit of an earlier show."""

    code = LineField("Code of the credit", [NotBlank("Write the code.")], limit=40)


class AsideForm(Form):
    """Why a line is about something else."""

    note = LineField("What is it?", [NotBlank("Write a word, so that others know.")], limit=300)


class AsideManyForm(Form):
    """The same for many lines together."""

    note = LineField("What are they?", [NotBlank("Write a word, so that others know.")], limit=300)


class InvoiceForm(Form):
    """Whom an invoice is for."""

    address = ProseField(
        "Name and address on the invoice",
        [NotBlank("Write the name and address.")],
        limit=500,
        description="And a tax number, if you need it there.",
    )


class InvoiceTermsForm(Form):
    """Whether a show takes orders on invoice, and how long they wait for their money."""

    days = WholeField(
        "Days to pay an invoice",
        [Optional()],
        low=1,
        high=365,
        description="Empty: nobody orders on invoice. No order waits longer than the show lasts.",
    )
    extra_days = WholeField(
        "Days more that the places are kept after that",
        [InputRequired("Write a number of days, or 0.")],
        low=0,
        high=90,
        description="One more reminder goes out in that time. Then the places go to others, as for every unpaid order.",
    )
    online = BooleanField(
        "Vendors and clubs can choose an invoice at checkout",
        description="When they are signed in. Otherwise only your team enters orders on invoice, under Posted forms.",
    )


PERCENT = re.compile(r"^\d{1,2}([.,]\d{1,2})?$")


class PercentField(LineField):
    """A percentage with two digits after the point at most; `basis_points` is what it says."""

    @property
    def basis_points(self) -> int:
        whole, _, rest = (self.data or "0").replace(",", ".").partition(".")
        return int(whole) * 100 + int(rest.ljust(2, "0") or "0")

    def pre_validate(self, form: Any) -> None:
        if self.data and not PERCENT.match(self.data):
            raise ValidationError("Write a percentage such as 7 or 8.25.")


class TaxesForm(Form):
    """The fields of the kinds are added by `tax_form`."""

    invoice_head = ProseField(
        "Who sells, as invoices print it",
        limit=1000,
        description="Name, address, tax number. Else the organizer's name.",
    )

    def rules(self) -> dict[str, Any]:
        """What shows keep: kind -> name, basis points, whether it is added. Kinds without a rate are left out."""
        kinds = [name.removeprefix("percent_") for name in self._fields if name.startswith("percent_")]
        return {
            kind: {
                "name": self[f"name_{kind}"].data or "Tax",
                "basis_points": self[f"percent_{kind}"].basis_points,
                "is_added": bool(self[f"added_{kind}"].data),
            }
            for kind in kinds
            if self[f"percent_{kind}"].basis_points
        }


def tax_form(kinds: Iterable[str], rules: Mapping[str, Any], head: str) -> Any:
    """One rate for each kind of thing on sale, filled in with what holds now."""
    fields: dict[str, Any] = {}
    for kind in kinds:
        rule = rules.get(kind, {})
        points = int(rule.get("basis_points", 0))
        percent = percent_words(points).removesuffix(" %") if points else ""
        fields[f"name_{kind}"] = LineField(
            "Name of the tax", limit=40, default=rule.get("name", ""), description="Sales tax, VAT …"
        )
        fields[f"percent_{kind}"] = PercentField("Percent", limit=6, default=percent)
        fields[f"added_{kind}"] = BooleanField("Comes on top of the price", default=bool(rule.get("is_added")))
    return type("TaxesOfKinds", (TaxesForm,), fields)(invoice_head=head)
