"""The form that makes codes."""

import re
from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, DateField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from swapmeet.events.models import Event
from swapmeet.kernel.numbers import whole
from swapmeet.kernel.time import end_of_day
from swapmeet.orders.sellables import Product
from swapmeet.orders.vouchers.making import MOST, VoucherValues
from swapmeet.orders.vouchers.models import Effect
from swapmeet.web.forms import Form, LineField, MoneyField, NotBlank, ProseField, WholeField, add_fault, event_form

ADDRESS = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,190}\.[^@\s,;<>.]{1,60}")
KIND_WORDS = {"seat": "All seats in sessions", "table": "All tables", "ticket": "All tickets"}


class VoucherForm(Form):
    """One code by name, or many by chance, that do the same."""

    code = LineField("The code", limit=40, description="Letters, figures and dashes. Empty: made by chance.")
    count = WholeField("How many codes", [Optional()], low=1, high=MOST, default=1)
    emails = ProseField(
        "E-mail addresses",
        limit=500_000,
        description="One code is made for each address and mailed to it. May be empty.",
    )
    effect = RadioField(
        "What it does to the price",
        choices=[
            SelectChoice(Effect.NONE.value, "Nothing: it only opens or keeps something"),
            SelectChoice(Effect.PERCENT.value, "Takes a percentage off"),
            SelectChoice(Effect.AMOUNT.value, "Takes an amount off each piece"),
            SelectChoice(Effect.PRICE.value, "Sets the price of each piece"),
        ],
        default=Effect.PERCENT.value,
        validators=[InputRequired("Choose what it does.")],
    )
    percent = WholeField("Percent off", [Optional()], low=1, high=100)
    amount = MoneyField("Amount off, or the price")
    uses = WholeField("How many pieces it is good for", [NotBlank("Write how many.")], low=1, high=100_000, default=1)
    budget = MoneyField("At most so much off in all")
    scope = SelectField("Good for", validate_choice=False)
    opens_hidden = BooleanField("It also opens what is hidden")
    reserves = BooleanField(
        "Keep these places for the codes",
        description="The public cannot have them. Choose the one ticket or session above.",
    )
    valid_until = DateField("Last day", [Optional()], description="Empty: as long as the thing is sold.")
    batch = LineField("What these codes are for", limit=120, description="A name for you, such as Press.")

    products: Sequence[Product] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        is_good = super().validate(extra_validators)
        effect = self.effect.data
        if effect == Effect.PERCENT.value and self.percent.data is None and not self.percent.errors:
            add_fault(self.percent, "Write the percentage.")
        if effect in (Effect.AMOUNT.value, Effect.PRICE.value) and self.amount.data is None and not self.amount.errors:
            add_fault(self.amount, "Write the amount.")
        wrong = [text for text in self.addresses() if not ADDRESS.fullmatch(text)]
        if wrong:
            add_fault(self.emails, f"{len(wrong)} of these are no e-mail addresses, the first: {wrong[0][:80]}")
        if self.scope.data not in dict(self.scope.choices):
            add_fault(self.scope, "Choose one from the list.")
        if self.reserves.data and self._chosen() is None:
            add_fault(self.reserves, "Choose the one ticket or session whose places are kept.")
        return is_good and not self.errors

    def addresses(self) -> list[str]:
        """What was typed as addresses, each once, in order."""
        return list(dict.fromkeys(text for text in re.split(r"[\s,;]+", self.emails.data or "") if text))

    def _chosen(self) -> Product | None:
        found = [each for each in self.products if f"{each.kind}:{each.group_id}" == self.scope.data]
        return found[0] if found and found[0].quota_id is not None else None

    def values(self, event: Event) -> VoucherValues:
        """What was typed, as the service takes it."""
        effect = Effect(self.effect.data)
        kind, _, group = (self.scope.data or "").partition(":")
        chosen = self._chosen()
        until = self.valid_until.data
        value = (self.percent.data or 0) if effect is Effect.PERCENT else (self.amount.data or 0)
        return VoucherValues(
            effect=effect,
            value=0 if effect is Effect.NONE else value,
            uses=self.uses.data or 1,
            budget_minor=self.budget.data,
            scope_kind=kind,
            scope_id=whole(group, 15),
            opens_hidden=self.opens_hidden.data,
            valid_until=end_of_day(until, event.time_zone) if until else None,
            batch=self.batch.data or "",
            code=self.code.data or "",
            count=self.count.data or 1,
            emails=self.addresses(),
            reserve_quota_id=chosen.quota_id if self.reserves.data and chosen is not None else None,
        )


def voucher_form(event: Event, products: Sequence[Product]) -> Any:
    """The form in the show's currency, with what it sells to choose from."""
    form = event_form(VoucherForm, zone_name=event.time_zone, currency=event.currency)
    form.products = products
    kinds = sorted({each.kind for each in products})
    form.scope.choices = [
        ("", "Everything"),
        *((kind, KIND_WORDS.get(kind, kind)) for kind in kinds),
        *((f"{each.kind}:{each.group_id}", each.title + (" (hidden)" if each.is_hidden else "")) for each in products),
    ]
    return form
