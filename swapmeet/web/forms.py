"""The base form, and fields for what this field needs: money, local times, codes, text without control characters."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC
from typing import Any, ClassVar

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.core import UnboundField
from wtforms.validators import URL, Length, NumberRange, Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from swapmeet.infra.codes import link_key
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.money import parse_amount, plain_amount
from swapmeet.kernel.numbers import whole
from swapmeet.kernel.time import from_local, to_local
from swapmeet.web.controls import draw

MAX_INT = 2**31 - 1
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # Unicode's category Cc but for tabs and line ends


def clean_text(text: str) -> str:
    """Normalized (NFC) and trimmed, line ends as \\n. Raises ValueError for NUL, other control characters and lone surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("This has characters that cannot be stored.") from error
    cleaned = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if CONTROLS.search(cleaned):
        raise ValueError("This has control characters in it. Type it anew instead of pasting.")
    return cleaned


class _CleanMixin:
    """Cleans what was typed; a fault is told at the field and what was typed is kept."""

    data: str | None
    single_line = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        raw = str(valuelist[0])
        self.data = raw
        self.data = clean_text(raw)
        if self.single_line and self.data:
            self.data = " ".join(self.data.split())


class LineField(_CleanMixin, StringField):
    """One line of text, at most `limit` characters."""

    single_line = True

    def __init__(self, label: str | None = None, validators: Any = None, *, limit: int = 200, **kwargs: Any) -> None:
        super().__init__(
            label, [*(validators or []), Length(max=limit, message=f"At most {limit} characters.")], **kwargs
        )


class WebField(LineField):
    """The address of a web page. Without its beginning, as people write it ("www.example.org"), it gets https://."""

    def __init__(self, label: str | None = None, *, limit: int = 300, **kwargs: Any) -> None:
        whole = URL(require_tld=True, message="Write the whole address, such as https://example.org.")
        super().__init__(label, [Optional(), whole], limit=limit, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data and "." in self.data and "@" not in self.data and "://" not in self.data:
            self.data = f"https://{self.data}"


class ProseField(_CleanMixin, TextAreaField):
    """Several lines of text, at most `limit` characters."""

    def __init__(self, label: str | None = None, validators: Any = None, *, limit: int = 5000, **kwargs: Any) -> None:
        super().__init__(
            label, [*(validators or []), Length(max=limit, message=f"At most {limit:,} characters.")], **kwargs
        )


class WholeField(IntegerField):
    """A whole number from `low` to `high`, both fitting 32 bits. Decimals, signs in odd places and 10^20 are refused in words."""

    def __init__(
        self, label: str | None = None, validators: Any = None, *, low: int = 0, high: int = MAX_INT, **kwargs: Any
    ) -> None:
        span = NumberRange(low, high, message=f"Write a whole number from {low:,} to {high:,}.")
        super().__init__(label, [*(validators or []), span], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist or not str(valuelist[0]).strip():
            self.data = None
            return
        raw = str(valuelist[0]).strip()
        if len(raw) > 11 or not raw.lstrip("-").isascii() or not raw.lstrip("-").isdigit():
            self.data = None
            raise ValueError("Write a whole number, without point or spaces.")
        self.data = int(raw)


class MoneyField(StringField):
    """An amount in the show's currency; `data` is integer minor units. Set `currency` on the form before validating."""

    data: Any

    def __init__(
        self,
        label: str | None = None,
        validators: Any = None,
        *,
        currency: str = "USD",
        low: int = 0,
        high: int = 10**9,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.currency, self.low, self.high = currency, low, high

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else plain_amount(self.data, self.currency)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist or not str(valuelist[0]).strip():
            self.data = None
            return
        self.data = None
        minor = parse_amount(str(valuelist[0]), self.currency)
        if not self.low <= minor <= self.high:
            low, high = plain_amount(self.low, self.currency), plain_amount(self.high, self.currency)
            raise ValueError(f"Write an amount from {low} to {high}.")
        self.data = minor


class LocalTimeField(DateTimeLocalField):
    """A date and time on the show's own clock; `data` is the UTC instant. Set `zone_name` before validating and before rendering.

    A time that a spring change skips is refused in words; saving what was shown changes nothing, also in an autumn fold.
    """

    zone_name = "UTC"

    def __init__(
        self, label: str | None = None, validators: Any = None, *, zone_name: str = "UTC", **kwargs: Any
    ) -> None:
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)
        self.zone_name = zone_name

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(str(part) for part in self.raw_data)
        return to_local(self.data, self.zone_name).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist or not str(valuelist[0]).strip():
            self.data = None
            return
        before = self.object_data
        super().process_formdata(valuelist)
        naive: Any = self.data
        if not 1990 <= naive.year <= 2100:
            self.data = None
            raise ValueError("Write a year from 1990 to 2100.")
        moment = from_local(naive.date(), naive.time(), self.zone_name)
        if to_local(moment, self.zone_name).replace(tzinfo=None) != naive:
            self.data = None
            raise ValueError("The clocks change over that time; it does not exist on that day.")
        if (
            before is not None
            and to_local(before, self.zone_name).replace(tzinfo=None, second=0, microsecond=0) == naive
        ):
            moment = before.astimezone(UTC)  # the second pass of a fold stays the second pass
        self.data = moment


class BoxesField(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class KeyField(HiddenField):
    """The idempotency key of a form: new for each page shown, repeated by a double click or a retry."""

    def __init__(self, label: str | None = None, **kwargs: Any) -> None:
        super().__init__(label, [Length(max=100)], default=link_key, **kwargs)


class Form(FlaskForm):
    """Every form of Swapmeet. `hang(error)` puts a DomainError on the field it names, or on top of the form."""

    class Meta(FlaskForm.Meta):
        locales = False

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Any:
            return draw(field, render_kw)

    def hang(self, error: DomainError) -> None:
        """The fault of the error at its field. A `NotWhole` may tell of several."""
        several: Any = error.facts.get("by_field") or [(error.field, error.message)]
        self.hang_all(several)

    def hang_all(self, faults: Iterable[tuple[str | None, str]]) -> None:
        """Each (field, sentence) at its field, or on top where the form has no such field."""
        for name, words in faults:
            target: Field | None = self._fields.get(name) if name else None
            if target is None:
                self.form_errors.append(words)
            else:
                target.errors = [*target.errors, words]

    def zone(self, zone_name: str) -> None:
        """Tell every local-time field the show's zone. Call in `__init__`-time subclasses via `for_event`."""
        for field in self._fields.values():
            if isinstance(field, LocalTimeField):
                field.zone_name = zone_name

    def faults(self) -> dict[str, list[str]]:
        """All faults by field name; the key "" holds those of the form as a whole."""
        own = {name: [str(e) for e in field.errors] for name, field in self._fields.items() if field.errors}
        return {**own, "": [str(e) for e in self.form_errors]} if self.form_errors else own


def posted_ids(name: str) -> set[int]:
    """The ids that the posted form has under this name, of boxes that were ticked; what is no id is left out."""
    return {found for raw in request.form.getlist(name) if (found := whole(raw, 18)) is not None}


def form_with_options(form_class: type[Form], field_class: type[Field], **options: Any) -> type[Form]:
    """The same form, whose fields of one class have these options."""
    base: Any = form_class.Meta

    def bind_field(meta: Any, form: Any, unbound: Any, given: Any) -> Any:
        if issubclass(unbound.field_class, field_class):  # a copy, since all threads share the class
            kept = {**unbound.kwargs, **options}
            unbound = UnboundField(unbound.field_class, *unbound.args, name=unbound.name, **kept)
        return base.bind_field(meta, form, unbound, given)

    return type(form_class.__name__, (form_class,), {"Meta": type("Meta", (base,), {"bind_field": bind_field})})


def event_form(form_class: type[Form], *, zone_name: str, currency: str, **kwargs: Any) -> Any:
    """A form whose local-time and money fields speak the show's zone and currency from the first byte on."""
    adapted = form_with_options(form_class, LocalTimeField, zone_name=zone_name)
    return form_with_options(adapted, MoneyField, currency=currency)(**kwargs)


def add_fault(field: Any, words: str) -> None:
    """Say at a field what is wrong with it, beside what is said already."""
    field.errors = [*field.errors, words]


def optional() -> Optional:
    return Optional()


class NotBlank:
    """Needs some text, and says so with the sentence given."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __init__(self, message: str = "Please fill this in.") -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        if field.errors:
            raise StopValidation()
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()):
            field.errors = []
            raise StopValidation(self.message)


__all__ = [
    "Form",
    "KeyField",
    "LineField",
    "LocalTimeField",
    "MoneyField",
    "NotBlank",
    "ProseField",
    "ValidationError",
    "WholeField",
    "clean_text",
    "event_form",
    "form_with_options",
    "optional",
]
