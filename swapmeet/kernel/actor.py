"""Who acts: a person, an API token, a job, the command line, or a guest with a link."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    PERSON = "person"
    GUEST = "guest"
    TOKEN = "token"
    JOB = "job"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts, as written into the audit log. `person_id` is set for people and for tokens (their owner)."""

    kind: ActorKind
    person_id: int | None = None
    token_id: int | None = None
    label: str = ""

    @classmethod
    def person(cls, person_id: int, label: str = "") -> "Actor":
        return cls(ActorKind.PERSON, person_id=person_id, label=label)

    @classmethod
    def guest(cls, label: str = "guest") -> "Actor":
        return cls(ActorKind.GUEST, label=label)

    @classmethod
    def job(cls, kind: str) -> "Actor":
        return cls(ActorKind.JOB, label=kind)

    @classmethod
    def command(cls, name: str) -> "Actor":
        return cls(ActorKind.COMMAND, label=name)
