"""Questions as parts of a form: fields that check themselves, what depends on what, and the answers afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wtforms import BooleanField, Field, RadioField, SelectField
from wtforms.validators import StopValidation

from swapmeet.questions.kinds import (
    MOST_LONG,
    MOST_TEXT,
    Asked,
    QuestionKind,
    countries,
    is_asked,
    is_blank,
    read_answers,
    shown,
    typed_of,
)
from swapmeet.web.forms import BoxesField, LineField, ProseField

UNANSWERED = "not answered"
RADIOS_UP_TO = 6  # longer lists open
INPUTS = {
    QuestionKind.NUMBER: {"inputmode": "numeric"},
    QuestionKind.DATE: {"type": "date"},
    QuestionKind.TIME: {"type": "time"},
    QuestionKind.PHONE: {"type": "tel", "autocomplete": "off"},
    QuestionKind.EMAIL: {"type": "email", "autocomplete": "off"},
}


@dataclass(frozen=True)
class Drawn:
    """A field for the page, with what it depends on: the name of the other field, and the condition in words."""

    field: Any
    asked: Asked
    lead: str = ""
    condition: str = ""

    @property
    def hint(self) -> str:
        return " ".join(part for part in (self.condition, self.asked.help) if part)


@dataclass(frozen=True)
class Block:
    """Questions that are answered together, about one subject. `prefix` begins the names of its fields.

    `fixed` are keys of answers that may not change any more.
    """

    subject: str
    title: str
    prefix: str
    questions: Sequence[Asked]
    values: Mapping[str, Any] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    line_id: int | None = None
    seat: int = 0

    def name(self, question: Asked) -> str:
        return f"{self.prefix}{question.key}"

    def fields(self) -> dict[str, Any]:
        """Unbound fields by name, to be made part of a form class."""
        return {self.name(each): self._field(each) for each in self.questions if each.key not in self.fixed}

    def drawn(self, form: Any) -> list[Drawn]:
        """The bound fields for the page, in order."""
        by_key = {each.key: each for each in self.questions}
        found = []
        for each in self.questions:
            if self.name(each) not in form:
                continue
            lead = by_key.get(each.depends_on)
            words = f"Only if the answer to “{lead.label}” is “{each.depends_value}”." if lead else ""
            found.append(Drawn(form[self.name(each)], each, self.name(lead) if lead else "", words))
        return found

    def read(self, form: Any) -> tuple[dict[str, Any], dict[str, str]]:
        """(answers by key, faults by key) of a bound form. What is fixed stays as it is."""
        typed = {
            each.key: typed_of(self.values.get(each.key)) if each.key in self.fixed else _typed(form[self.name(each)])
            for each in self.questions
            if each.key in self.fixed or self.name(each) in form
        }
        return read_answers(self.questions, typed)

    def answers(self, form: Any) -> dict[str, Any]:
        return self.read(form)[0]

    def shown(self, *, with_health: bool = True) -> list[tuple[str, str]]:
        """(question, answer in words) of what is asked so far."""
        return [
            (each.label, self._said(each))
            for each in self.questions
            if is_asked(each, self.values) and (with_health or not each.is_health)
        ]

    def told(self) -> list[tuple[str, str]]:
        """The same without what nobody has answered and nobody has to."""
        return [
            (each.label, self._said(each))
            for each in self.questions
            if is_asked(each, self.values) and (each.is_required or not is_blank(self.values.get(each.key)))
        ]

    def about(self, values: Mapping[str, Any]) -> "Block":
        """The same questions with somebody else's answers."""
        return replace(self, values=values)

    def cells(self) -> list[str]:
        """The answers for a row of a spreadsheet, one for each question; "" for none."""
        return [shown(each.kind, self.values.get(each.key)) for each in self.questions]

    def closed(self) -> list[tuple[str, str]]:
        """The same of what may not change any more."""
        return [(each.label, self._said(each)) for each in self.questions if each.key in self.fixed]

    def _said(self, question: Asked) -> str:
        return shown(question.kind, self.values.get(question.key)) or UNANSWERED

    def _field(self, each: Asked) -> Any:
        make = _MAKERS.get(each.kind, _line)
        return make(each, [_Check(self, each)], self.values.get(each.key))


class _Check:
    """Hangs on a field what the whole block says about it: a condition may have decided that it is not asked."""

    def __init__(self, block: Block, question: Asked) -> None:
        self.block, self.question = block, question
        self.field_flags = {"required": True} if question.is_required else {}

    def __call__(self, form: Any, field: Any) -> None:
        answers, faults = self.block.read(form)
        if self.question.key in faults:
            raise StopValidation(None if field.errors else faults[self.question.key])
        if self.question.key not in answers:
            field.errors = []  # not asked, or left empty: what stands in it does no harm
            raise StopValidation()


def _typed(bound: Any) -> list[str]:
    data = bound.data
    if isinstance(data, bool):
        return ["yes"] if data else []
    return [str(each) for each in data] if isinstance(data, list) else [str(data or "")]


def _line(each: Asked, checks: list[Any], value: Any) -> Field:
    shown = "" if value is None else str(value)
    return LineField(
        each.label, checks, limit=MOST_TEXT, default=shown, description=each.help, render_kw=INPUTS.get(each.kind)
    )


def _prose(each: Asked, checks: list[Any], value: Any) -> Field:
    return ProseField(each.label, checks, limit=MOST_LONG, default=value or "", description=each.help)


def _yes_no(each: Asked, checks: list[Any], value: Any) -> Field:
    start = typed_of(value)
    return RadioField(
        each.label,
        checks,
        choices=[("yes", "Yes"), ("no", "No")],
        default=start[0] if start else None,
        description=each.help,
        validate_choice=False,
    )


def _one_of(each: Asked, checks: list[Any], value: Any) -> Field:
    is_short = len(each.options) <= RADIOS_UP_TO
    choices = [(word, word) for word in each.options]
    return (RadioField if is_short else SelectField)(
        each.label,
        checks,
        choices=choices if is_short else [("", "Please choose"), *choices],
        default=value,
        description=each.help,
        validate_choice=False,
    )


def _several_of(each: Asked, checks: list[Any], value: Any) -> Field:
    return BoxesField(
        each.label,
        checks,
        choices=[(word, word) for word in each.options],
        default=value or [],
        description=each.help,
        validate_choice=False,
    )


def _agreement(each: Asked, checks: list[Any], value: Any) -> Field:
    return BooleanField(each.label, checks, default=bool(value), description=each.help)


def _country(each: Asked, checks: list[Any], value: Any) -> Field:
    choices = [("", "Please choose"), *countries().items()]
    return SelectField(each.label, checks, choices=choices, default=value, description=each.help, validate_choice=False)


_MAKERS = {
    QuestionKind.LONG_TEXT: _prose,
    QuestionKind.YES_NO: _yes_no,
    QuestionKind.ONE_OF: _one_of,
    QuestionKind.SEVERAL_OF: _several_of,
    QuestionKind.AGREEMENT: _agreement,
    QuestionKind.COUNTRY: _country,
}
