"""What a question is made of, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from swapmeet.questions.kinds import QuestionKind
from swapmeet.questions.models import Scope


@dataclass(frozen=True)
class QuestionValues:
    """What the organizer's form says of one question."""

    label: str
    kind: QuestionKind
    scope: Scope
    help: str = ""
    options: Sequence[str] = ()
    is_required: bool = False
    is_health: bool = False
    needed_by_on: date | None = None
    purge_on: date | None = None
    depends_on_id: int | None = None
    depends_value: str | None = None
    product_ids: Sequence[int] = ()
