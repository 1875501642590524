"""What a demo step may use: the shows, the people, a seeded random source and one fixed "now"."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any


@dataclass
class Stage:
    """`events` are events.Event rows, `people` and `accounts` accounts.Person rows (typed Any: infra lies below them)."""

    now: datetime
    random: Random
    events: list[Any] = field(default_factory=list)
    people: list[Any] = field(default_factory=list)
    accounts: dict[str, Any] = field(default_factory=dict)
