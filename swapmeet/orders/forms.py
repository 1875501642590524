"""The shape of what buyers and treasurers type."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, ValidationError

from swapmeet.accounts.forms import AddressField
from swapmeet.kernel.numbers import whole
from swapmeet.orders.ledger import BY_HAND
from swapmeet.orders.models import OrderLine, PayMethod
from swapmeet.orders.sellables import CheckoutField
from swapmeet.orders.words import METHOD_WORDS, TENDER_WORDS
from swapmeet.web.forms import BoxesField, Form, KeyField, LineField, LocalTimeField, MoneyField, NotBlank, ProseField

BY_POST = frozenset({PayMethod.CHECK, PayMethod.TRANSFER})  # how an order that is paid in parts is paid
ALL_NOW = "all"


class ContactForm(Form):
    """Who an order belongs to."""

    buyer_name = LineField("Your name", [NotBlank("Write your name.")], limit=200)
    buyer_email = AddressField("Your e-mail address", description="Your order and tickets are sent there.")
    buyer_phone = LineField("Phone", limit=40, description="Only for questions about this order.")


class CheckoutForm(ContactForm):
    """The page that places an order; the fields of the lines are added by `checkout_form`."""

    note = ProseField("Note for the organizer", limit=1000)
    method = RadioField("How will you pay?", validators=[InputRequired("Choose how you will pay.")])
    invoice_address = ProseField(
        "Name and address on the invoice",
        limit=500,
        description="Only if you pay by invoice. Empty: your name alone. Add a tax number if you need it there.",
    )
    pay_in_parts = RadioField(
        "How much do you pay now?",
        default=ALL_NOW,
        validate_choice=False,
        description="Parts come by check or bank transfer, and you can send a later one sooner. Tickets come when all is paid.",
    )
    seen_total = HiddenField(default="0")
    key = KeyField()

    def validate_pay_in_parts(self, field: Any) -> None:
        if field.data not in [each.value for each in field.choices]:
            raise ValidationError("The parts or their dates have changed. Look at them once more and choose again.")
        if field.data != ALL_NOW and self.method.data not in BY_POST:
            raise ValidationError("Parts come by check or bank transfer: choose one of them, or pay all of it now.")

    def answers(self, fields: Mapping[int, Sequence[CheckoutField]]) -> dict[int, dict[str, str]]:
        """What was typed for the lines, by line id and field name."""
        return {
            line_id: {each.name: str(self[each.name].data or "") for each in group} for line_id, group in fields.items()
        }


class NamesForm(Form):
    """Names of an order that is placed already; its fields are added by `names_form`."""

    answers = CheckoutForm.answers


def _with_lines(form_class: type[Form], fields: Iterable[CheckoutField], extra: Mapping[str, Any] | None = None) -> Any:
    more = {**{each.name: _line_field(each) for each in fields}, **(extra or {})}
    return type(f"{form_class.__name__}WithLines", (form_class,), more)


def _line_field(each: CheckoutField) -> Any:
    needed = [NotBlank("Please fill this in.")] if each.required else []
    return LineField(each.label, needed, limit=each.limit, default=each.value, description=each.hint)


def all_fields(fields: Mapping[int, Sequence[CheckoutField]]) -> list[CheckoutField]:
    return [each for group in fields.values() for each in group]


def checkout_form(
    fields: Mapping[int, Sequence[CheckoutField]],
    *,
    methods: Sequence[PayMethod],
    seen_total_minor: int,
    parts: Sequence[tuple[str, str]] = (),
    invoice_words: str = "",
    extra: Mapping[str, Any] | None = None,
    posted: Any = None,
    **start: Any,
) -> Any:
    """The checkout form of one cart: contact, a way to pay (when there is something to pay), and what its lines ask.

    `parts` are the choices of paying all at once or in parts, if there are any; `invoice_words` that of an invoice.
    `extra` are further unbound fields by name, `posted` is what came in (None: the form is shown for the first time),
    `start` what it begins with.
    """
    form = _with_lines(CheckoutForm, all_fields(fields), extra)(formdata=posted, **start)
    if methods:
        form.method.choices = [
            SelectChoice(method.value, invoice_words or METHOD_WORDS[method])
            if method is PayMethod.INVOICE
            else SelectChoice(method.value, METHOD_WORDS[method])
            for method in methods
        ]
    else:
        del form.method
    if PayMethod.INVOICE not in methods:
        del form.invoice_address
    if parts:
        form.pay_in_parts.choices = [SelectChoice(value, words) for value, words in parts]
    else:
        del form.pay_in_parts
    if not form.is_submitted():
        form.seen_total.data = str(seen_total_minor)
    return form


def names_form(fields: Mapping[int, Sequence[CheckoutField]]) -> Any:
    return _with_lines(NamesForm, all_fields(fields))()


def fields_of_line(form: Form, line: OrderLine, fields: Mapping[int, Sequence[CheckoutField]]) -> list[Any]:
    """The bound fields of one line, for the page."""
    return [form[each.name] for each in fields.get(line.id, [])]


class CancelForm(Form):
    """The buyer's second look before canceling."""

    seen_back = HiddenField(validators=[InputRequired("Reload the page and look at the refund again.")])
    reason = LineField("Why? The organizer reads it.", limit=300)


class PaymentForm(Form):
    """Money that came in by hand."""

    method = SelectField(
        "Came in as",
        choices=[SelectChoice(method.value, TENDER_WORDS[method]) for method in BY_HAND],
        validators=[AnyOf([method.value for method in BY_HAND], "Choose cash, check or bank transfer.")],
        validate_choice=False,
    )
    amount = MoneyField("Amount", [InputRequired("Write the sum that came in.")], low=1, high=10**9)
    reference = LineField("Check number or bank reference", limit=100)
    received_at = LocalTimeField("Came in on", [InputRequired("Write the day and time it came in.")])
    is_extra = BooleanField("This is more money than is owed; record it all the same")
    key = KeyField()


class OrganizerCancelForm(CancelForm):
    """Canceling for a buyer; both sums were shown, the chosen one must still be right."""

    seen_full = HiddenField(validators=[InputRequired("Reload the page and look at the refund again.")])
    refund = RadioField(
        "What goes back?",
        choices=[SelectChoice("policy", "What the show's terms say"), SelectChoice("full", "All that was paid")],
        default="policy",
    )


def minor_of(raw: object) -> int:
    """Minor units from a hidden field; -1, which matches no sum, for anything else."""
    found = whole(str(raw or ""), 15)
    return -1 if found is None else found


class SettleForm(Form):
    """The treasurer sent a refund."""

    method = SelectField(
        "Sent as",
        choices=[SelectChoice(method.value, TENDER_WORDS[method]) for method in BY_HAND],
        validators=[AnyOf([method.value for method in BY_HAND], "Choose cash, check or bank transfer.")],
        validate_choice=False,
    )
    reference = LineField("Check number or bank reference", limit=100)
    key = KeyField()


class GiveBackPartForm(Form):
    """People and things that a buyer gives back; `seen_back` is the sum that was shown, "" before one was."""

    lines = BoxesField("Who or what will not come?", coerce=str, choices=[], validate_choice=False)
    reason = LineField("Why? The organizer reads it.", limit=300)
    seen_back = HiddenField(default="")
    again = HiddenField(default="")
    key = KeyField()


class PartForm(Form):
    """Lines, and pieces of lines, of an order that are given up while the rest of it stands."""

    lines = BoxesField("Give up", coerce=str)
    refund = RadioField(
        "What goes back?",
        choices=[SelectChoice("policy", "What the show's terms say"), SelectChoice("full", "All that was paid for it")],
        default="policy",
    )
    reason = LineField("Why? The buyer does not see it.", limit=300)
    seen_back = HiddenField(default="")


class GiveBackForm(Form):
    """Part of the price back, although the order stands."""

    amount = MoneyField("Amount to give back", [InputRequired("Write the amount.")], low=1, high=10**9)
    reason = LineField("Why?", [NotBlank("Write why, for the books.")], limit=300)
    key = KeyField()
