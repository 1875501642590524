"""What the organizer types about a question, and the form of a placed order's answers."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, DateField, RadioField, SelectField
from wtforms.validators import Optional

from swapmeet.kernel.numbers import whole
from swapmeet.questions.blocks import Block
from swapmeet.questions.kinds import CAN_LEAD, LABELS, MOST_TEXT, WITH_OPTIONS, QuestionKind
from swapmeet.questions.models import Question, Scope
from swapmeet.questions.values import QuestionValues
from swapmeet.web.forms import BoxesField, Form, LineField, NotBlank, ProseField

MOST_OPTIONS = 50
SCOPES = [
    (Scope.PERSON.value, "Each person, beside the name"),
    (Scope.ORDER.value, "Once for the whole order"),
    (Scope.VENDOR.value, "Vendors, on their application for a table"),
    (Scope.DOOR.value, "Each person with a ticket, at the door: whoever lets them in writes down the answer"),
]


class QuestionForm(Form):
    """One question. `question_form` fills in what can be chosen in this show."""

    label = LineField("Question", [NotBlank("Write the question.")], limit=200)
    help = ProseField(
        "Explanation", limit=2000, description="Stands under the question. For a statement: the words people agree to."
    )
    kind = SelectField("Kind of answer", choices=[(kind.value, words) for kind, words in LABELS.items()])
    options = ProseField(
        "Answers to choose from", limit=6000, description="For lists: one answer on each line, in this order."
    )
    scope = RadioField("Who is asked?", choices=SCOPES, default=Scope.PERSON.value)
    products = BoxesField("Only for these tickets", coerce=int, description="None ticked: for all.")
    condition = SelectField(
        "Asked", validate_choice=False, description="A question can follow from the answer to an earlier one."
    )
    is_required = BooleanField(
        "An answer is needed",
        description="At the door: nobody comes in before it is answered. Without the tick they are in at once, and it is asked then.",
    )
    needed_by_on = DateField(
        "Needed only by",
        [Optional()],
        description="Until this day it can be answered on the page of the order. Empty: with the order.",
    )
    is_health = BooleanField(
        "It is about health",
        description="Diet, allergies, help somebody needs. The team sees how many; names are shown to owners and managers only.",
    )
    purge_on = DateField("Delete these answers after", [Optional()], description="For questions about health.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field, then what belongs together."""
        is_good = super().validate(extra_validators)
        if self.is_health.data and self.purge_on.data is None and not self.purge_on.errors:
            self.purge_on.errors = ["Choose the day after which these answers are deleted."]
        if self.needed_by_on.data and not self.is_required.data:
            self.is_required.errors = ["Tick this too, or leave out the day by which an answer is needed."]
        lines = self.lines()
        if len(lines) > MOST_OPTIONS or any(len(line) > MOST_TEXT for line in lines):
            self.options.errors = [f"At most {MOST_OPTIONS} answers, each at most {MOST_TEXT} characters."]
        return is_good and not self.errors

    def lines(self) -> list[str]:
        """The answers to choose from, each once, as they were written."""
        return list(
            dict.fromkeys(" ".join(line.split()) for line in (self.options.data or "").split("\n") if line.strip())
        )

    def values(self) -> QuestionValues:
        kind, is_health = QuestionKind(self.kind.data), bool(self.is_health.data)
        lead_id, depends_value = _condition(self.condition.data)
        return QuestionValues(
            label=self.label.data or "",
            kind=kind,
            scope=Scope(self.scope.data),
            help=self.help.data or "",
            options=self.lines() if kind in WITH_OPTIONS else (),
            is_required=bool(self.is_required.data),
            is_health=is_health,
            needed_by_on=self.needed_by_on.data,
            purge_on=self.purge_on.data if is_health else None,
            depends_on_id=lead_id,
            depends_value=depends_value,
            product_ids=sorted(self.products.data or []),
        )


def question_form(
    questions: Sequence[Question], products: Sequence[tuple[int, str]], *, question: Question | None, formdata: Any
) -> QuestionForm:
    """The form of a new question or of one that is there. `products` are the tickets of the show."""
    start = _start(question) if question is not None else {}
    form = QuestionForm(formdata=formdata, **start)
    form.products.choices = list(products)
    form.condition.choices = [("", "Always"), *_conditions(questions, question)]
    return form


def _start(question: Question) -> dict[str, Any]:
    names = ("label", "help", "is_required", "needed_by_on", "is_health", "purge_on")
    return {
        **{name: getattr(question, name) for name in names},
        "kind": question.kind.value,
        "scope": question.scope.value,
        "options": "\n".join(str(each) for each in question.options),
        "products": [int(each) for each in question.product_ids],
        "condition": f"{question.depends_on_id}:{question.depends_value}" if question.depends_on_id else "",
    }


def _conditions(questions: Sequence[Question], question: Question | None) -> list[tuple[str, str]]:
    """Answers to earlier questions on which this one may depend."""
    return [
        (f"{each.id}:{value}", f"only if “{each.label}” is answered with “{value}”")
        for each in questions
        if each.kind in CAN_LEAD
        and (question is None or (each.id != question.id and each.position <= question.position))
        for value in (each.options or ["yes", "no"])
    ]


def _condition(text: str | None) -> tuple[int | None, str | None]:
    """(id, answer) out of the select; an unknown one is left for the service to refuse."""
    if not text:
        return None, None
    number, _, value = text.partition(":")
    return whole(number, 15) or 0, value[:MOST_TEXT]


class AnswersForm(Form):
    """Answers of an order that is placed; its fields are added by `answers_form`."""


def answers_form(blocks: Sequence[Block]) -> Any:
    extra = {name: each for block in blocks for name, each in block.fields().items()}
    return type("AnswersFormWithQuestions", (AnswersForm,), extra)()
