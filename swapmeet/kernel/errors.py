"""The errors a use case may raise. The web shell maps the five kinds to answers, once."""

from typing import ClassVar


class DomainError(Exception):
    """A fact that stops a use case, with a code for programs and a sentence for people.

    `field` names the form field the fault hangs on, where there is one. `facts` carries what a page needs to help
    (the lost places, the sum still free); values must be JSON-friendly.
    """

    kind: ClassVar[str] = "refused"
    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, field: str | None = None, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.facts = facts


class NotFound(DomainError):
    """The thing does not exist for this actor. Strangers cannot tell it from a thing that never was."""

    kind = "not_found"
    code = "not_found"


class Conflict(DomainError):
    """Somebody else was faster, or the thing has moved on since it was read."""

    kind = "conflict"
    code = "conflict"


class Refused(DomainError):
    """The rules forbid it."""

    kind = "refused"
    code = "refused"


class TooMuch(DomainError):
    """One asker wants more at a time than is good for the others."""

    kind = "too_much"
    code = "too_much"


class Invalid(DomainError):
    """What was sent cannot be understood or breaks a stated limit."""

    kind = "invalid"
    code = "invalid"
