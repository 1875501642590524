"""Form fields of shows: days, choices, addresses."""

from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import get_currency_name
from wtforms import DateField, SelectField, StringField
from wtforms.validators import ValidationError

from swapmeet.events.slugs import is_slug

CURRENCIES = (
    "USD GBP EUR CAD AUD NZD CHF SEK NOK DKK ISK PLN CZK HUF RON BGN JPY KRW CNY HKD TWD SGD INR THB MYR PHP IDR VND ZAR ILS AED "
    "TRY MXN BRL ARS CLP COP PEN UYU"
).split()
LOCALES = (
    "en-US en-GB en-CA en-AU en-NZ en-IE en-ZA en-IN de-DE de-AT de-CH fr-FR fr-BE fr-CA fr-CH es-ES es-MX es-AR it-IT nl-NL nl-BE "
    "pt-PT pt-BR sv-SE da-DK nb-NO fi-FI is-IS pl-PL cs-CZ hu-HU ro-RO ja-JP ko-KR zh-TW he-IL"
).split()


class DayField(DateField):
    """A day of the calendar from 2000 to 2100."""

    def __init__(self, label: str | None = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        if not valuelist:
            return
        self.data = None
        if not text:
            return
        try:
            self.data = date.fromisoformat(text) if text.isascii() and len(text) == 10 else None
        except ValueError:
            self.data = None
        if self.data is None:
            raise ValueError("Write a day such as 2027-05-15.")
        if not 2000 <= self.data.year <= 2100:
            self.data = None
            raise ValueError("Write a year from 2000 to 2100.")


class ChoiceField(SelectField):
    """A choice from a list; anything else is refused in words."""

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except (ValidationError, ValueError, TypeError) as error:
            raise ValidationError("Choose one of the list.") from error

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Choose one of the list.") from error


class SlugField(StringField):
    """An address: small letters, digits and single dashes."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        self.data = str(valuelist[0]).strip().lower()
        if self.data and not is_slug(self.data):
            raise ValueError("Use small letters, digits and single dashes, such as spring-fair-2027.")


def whole_or_none(value: Any) -> int | None:
    """For choices of rows: "" is none of them."""
    return int(value) if value not in ("", None, "None") else None


@lru_cache(maxsize=1)
def zone_choices() -> list[tuple[str, str]]:
    """Areas and cities, by name; the old aliases without an area are left out."""
    names = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in sorted(names))]


@lru_cache(maxsize=1)
def currency_choices() -> list[tuple[str, str]]:
    return [(code, f"{code} · {get_currency_name(code, locale='en_US')}") for code in CURRENCIES]


@lru_cache(maxsize=1)
def locale_choices() -> list[tuple[str, str]]:
    named = [(tag, str(Locale.parse(tag.replace("-", "_")).get_display_name("en_US"))) for tag in LOCALES]
    return sorted(named, key=lambda pair: (not pair[0].startswith("en"), pair[1]))


def with_current(choices: list[tuple[str, str]], current: str) -> list[tuple[str, str]]:
    """The list, with a value that is set already but not on it in front."""
    return choices if any(key == current for key, _ in choices) else [(current, current), *choices]
